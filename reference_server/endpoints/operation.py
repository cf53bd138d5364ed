"""What an endpoint is, as data: its path, and for each method the handler, the models and the statuses."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel

from reference_server.compat import Rules
from reference_server.endpoints.call import Handler
from reference_server.models import Body


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of a path.

    Attributes:
        method: in upper case.
        handler: see :class:`reference_server.endpoints.call.Call`.
        summary: what it does, in a few words.
        success: statuses of success.
        errors: statuses of error bodies that it can answer, besides 403 and 503 which all can.
        request: model of the body.
        form: names of the parts of a form that may be sent instead; the last one is a picture.
        answer: model of the JSON answer; None where it is an image, or nothing.
        many: whether the answer is a list of those.
        media_types: of answers that are not JSON.
        query: names of query parameters.
        rule: field of the rules (:mod:`reference_server.compat`) without which there is no such operation; empty: there always is.
        headers: names of request headers, old names included (:mod:`reference_server.header_names`).
        quick: whether it never waits for anything but its own body. Such requests are answered even when the service takes no others, so that a client
            can see what is the matter and make room.
    """

    method: str
    handler: Handler
    summary: str
    success: tuple[int, ...] = (200,)
    errors: tuple[int, ...] = ()
    request: type[Body] | None = None
    form: tuple[str, ...] = ()
    answer: type[BaseModel] | None = None
    many: bool = False
    media_types: tuple[str, ...] = ()
    query: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    rule: str = ""
    quick: bool = False

    @property
    def safe(self) -> bool:
        """Whether it may be abandoned when its client leaves."""
        return self.method == "GET"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A path and its methods."""

    path: str
    operations: tuple[Operation, ...]

    def under(self, rules: Rules) -> Endpoint:
        """The endpoint with the operations that *rules* know."""
        known = (operation for operation in self.operations if not operation.rule or getattr(rules, operation.rule))
        return Endpoint(self.path, tuple(known))

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that there are."""
        return tuple(operation.method for operation in self.operations)

    def operation(self, method: str) -> Operation | None:
        """The operation of *method*, if there is one."""
        return next((operation for operation in self.operations if operation.method == method), None)
