"""What a handler is given: the exchange, the words of the path, and the service behind it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol, TypeAlias, TypeVar

from pydantic import BaseModel, TypeAdapter
from starlette.types import Send

from device_protocol import DeviceInfo
from reference_server.access.audit import Audit
from reference_server.access.consent import ConsentDesk, denied
from reference_server.access.table import may_use_job
from reference_server.compat import Rules, rules_for
from reference_server.config import ServerConfig
from reference_server.documents.store import DocumentStore
from reference_server.host import Host
from reference_server.jobs.job import Job
from reference_server.jobs.registry import JobRegistry
from reference_server.log import LogLevel
from reference_server.models import Body, parse_body
from reference_server.modes import LicenceMode
from reference_server.pages.buffer import PageBuffer
from reference_server.policy import visible
from reference_server.wire.delivery import Answer
from reference_server.wire.exchange import Exchange

M = TypeVar("M", bound=Body)

JSON = "application/json"
_ANYTHING: TypeAdapter[object] = TypeAdapter(object)


class ServiceFaults(Protocol):
    """What the service asks about itself while it has a fault (lab mode only; the locked mode imports no such thing)."""

    def __bool__(self) -> bool:
        """Whether there is any."""
        ...

    def names(self) -> Sequence[str]:
        """Which there are."""
        ...

    async def before(self, exchange: Exchange) -> None:
        """Let a request wait, or end its connection."""
        ...

    def sender(self, exchange: Exchange, send: Send) -> Send:
        """What sends the answer."""
        ...

    def version(self) -> Mapping[str, Any] | None:
        """Untruths about the version."""
        ...

    def licence_refused(self) -> bool:
        """Whether a product key is refused."""
        ...

    def consent_denied(self) -> bool:
        """Whether a person says no."""
        ...


@dataclass
class Service:
    """Everything behind the endpoints.

    Attributes:
        processing: pages that are being looked at now, or wait for it (rest-api.md 7).
    """

    config: ServerConfig
    host: Host
    registry: JobRegistry
    buffer: PageBuffer
    log_level: LogLevel
    consent: ConsentDesk
    audit: Audit
    documents: DocumentStore
    faults: ServiceFaults | None = None
    processing: int = 0

    @property
    def rules(self) -> Rules:
        """Which side of the contradictions register this service takes."""
        return rules_for(self.config.compat)

    @property
    def licence(self) -> LicenceMode:
        """What a licence key is worth now."""
        return LicenceMode.REJECT if self.faults and self.faults.licence_refused() else self.config.licence

    def devices(self) -> Sequence[DeviceInfo]:
        """The devices that clients may use now."""
        return visible(self.config, self.host.devices().devices)


@dataclass
class Call:
    """One request, on its way through a handler."""

    exchange: Exchange
    service: Service
    words: dict[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> bytes | None:
        """The origin of the client, as it said it."""
        return self.exchange.origin

    async def consent(self) -> None:
        """Wait until a person has allowed this client to use a scanner.

        Raises:
            RestError: 403 -1032 if the answer is no, or none; 503.
            ClientGoneError: the client did not wait.
        """
        if self.service.faults and self.service.faults.consent_denied():
            raise denied()
        await self.exchange.while_there(partial(self.service.consent.ask, self.origin))

    async def body(self, model: type[M]) -> M:
        """The body, validated.

        Raises:
            RestError: 400, 408, 413.
        """
        return parse_body(model, await self.exchange.body(), self.service.rules)

    def job(self) -> Job:
        """The job that the path names, if this client may use it.

        Raises:
            RestError: 403, 404, 410.
        """
        job = self.service.registry.find(self.words["jobuid"])
        may_use_job(job.request.origin, self.exchange)
        return job


def json_answer(value: BaseModel | object, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    """*value* as a JSON answer."""
    body = value.model_dump_json() if isinstance(value, BaseModel) else _ANYTHING.dump_json(value)
    data = body.encode() if isinstance(body, str) else body
    return Answer(status, data, media_type=JSON, headers=headers or {})


Handler: TypeAlias = Callable[[Call], Awaitable[Answer]]
