"""The application behind the status doors: the same way in as the API's, but for its own origin only, and never with CORS (design 6)."""

from __future__ import annotations

from device_protocol.vocabularies.rest import RestCode
from reference_server.access import decide, refusal
from reference_server.application import Application
from reference_server.delivery import Answer
from reference_server.endpoints.call import Service, json_answer
from reference_server.errors import RestError, bad_method, unknown_path
from reference_server.exchange import Exchange
from reference_server.facts import FactFinder
from reference_server.routes import Target
from reference_server.status.figures import StatusSource

STATUS_JSON = "/status.json"


class StatusApplication(Application):
    """The status doors as an ASGI application.

    Args:
        service: behind the endpoints.
        facts: for the access table.
        source: of the figures.
    """

    def __init__(self, service: Service, facts: FactFinder, source: StatusSource) -> None:
        super().__init__(service, facts)
        self._source = source

    async def _answer(self, exchange: Exchange, target: Target) -> Answer:  # noqa: ARG002  # there is one path, and it is not in the table
        row = decide(self._facts(exchange))
        host, origin = exchange.headers.get("host", ""), exchange.headers.get("origin")
        if not row.allow:
            raise refusal(row, host, origin or "")
        if origin is not None and origin != exchange.base_url:
            raise RestError(403, RestCode.ACCESS, f"Pages of {origin[:200]!r} may not use the status port.")
        path = exchange.scope["path"]
        if path != STATUS_JSON:
            raise unknown_path(path)
        if exchange.method != "GET":
            raise bad_method(("GET",))
        return json_answer(self._source.figures())
