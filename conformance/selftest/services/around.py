"""What is put around a service to make it answer otherwise: a request is taken whole, passed on or not, and answered whole."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias
from urllib.parse import quote

from starlette.datastructures import QueryParams
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference_server.application import normal_path

JSON = "application/json"
WHOLE = 1 << 20
"""Bytes of a body that are taken whole."""
Meet: TypeAlias = "Callable[[Asked], Awaitable[Reply]]"


@dataclass(frozen=True)
class Reply:
    """A whole answer.

    Attributes:
        status: 0 if there was none, because the client left.
        headers: names in lower case.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Any:
        """The body; None if it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def but(self, status: int | None = None, **headers: str | None) -> Reply:
        """The same with another status and other headers, written with underscores; None takes one away."""
        changed = {name.replace("_", "-"): value for name, value in headers.items()}
        kept = {name: value for name, value in self.headers.items() if name not in changed}
        given = {name: value for name, value in changed.items() if value is not None}
        return Reply(self.status if status is None else status, {**kept, **given}, self.body)

    def with_body(self, body: bytes, content_type: str | None = None) -> Reply:
        """The same with another body."""
        kind = {} if content_type is None else {"content-type": content_type}
        return replace(self, headers={**self.headers, **kind}, body=body)

    def with_json(self, value: Any) -> Reply:
        """The same with another JSON body."""
        return self.with_body(json.dumps(value).encode(), JSON)


def error(status: int, code: int, message: str = "Refused.") -> Reply:
    """An error as the service would tell it."""
    return Reply(status).with_json({"code": code, "message": message, "statusCode": status})


@dataclass(frozen=True)
class Asked:
    """A whole request.

    Attributes:
        path: in its normal form.
        headers: names in lower case; the first of each.
        words: what the pattern of its path found.
    """

    scope: Scope
    path: str
    body: bytes
    words: Mapping[str, str]
    app: ASGIApp
    receive: Receive

    @property
    def method(self) -> str:
        """In upper case."""
        return str(self.scope["method"])

    @property
    def headers(self) -> Mapping[str, str]:
        """See the class."""
        return {name.decode().lower(): value.decode("latin-1") for name, value in reversed(self.scope["headers"])}

    @property
    def query(self) -> dict[str, str]:
        """The last of each key."""
        return dict(QueryParams(self.scope["query_string"]))

    def json(self) -> dict[str, Any]:
        """The body; empty if it is no object."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}

    async def pass_on(
        self,
        *,
        method: str | None = None,
        path: str | None = None,
        query: Mapping[str, str] | str | None = None,
        body: bytes | dict[str, Any] | None = None,
        headers: Mapping[str, str | None] | None = None,
    ) -> Reply:
        """What the service says to this request, or to another one in its place.

        Args:
            method: instead of the request's.
            path: the same.
            query: the same.
            body: the same; an object becomes JSON.
            headers: those that are other; None takes one away.
        """
        data = self.body if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        other = {name.encode(): value for name, value in (headers or {}).items()}
        if body is not None:
            other |= {b"content-length": str(len(data)), b"transfer-encoding": None}
        lines = [(name, value) for name, value in self.scope["headers"] if name.lower() not in other]
        lines += [(name, value.encode("latin-1")) for name, value in other.items() if value is not None]
        scope = {**self.scope, "method": method or self.method, "headers": lines}
        if path is not None:
            scope |= {"path": path, "raw_path": quote(path).encode()}
        if query is not None:
            text = (
                query if isinstance(query, str) else "&".join(f"{key}={quote(value)}" for key, value in query.items())
            )
            scope["query_string"] = text.encode()
        elif path is not None:
            scope["query_string"] = b""
        return await _call(self.app, scope, self.receive, data)


async def _call(app: ASGIApp, scope: Scope, receive: Receive, body: bytes) -> Reply:
    first = [{"type": "http.request", "body": body, "more_body": False}]
    status, headers, parts = 0, {}, []

    async def take() -> Message:
        return first.pop() if first else await receive()

    async def keep(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status = message["status"]
            headers = {name.decode(): value.decode("latin-1") for name, value in message["headers"]}
        else:
            parts.append(message.get("body", b""))

    await app(scope, take, keep)
    return Reply(status, headers, b"".join(parts))


class Around:
    """An ASGI application around another one. A subclass says which requests it meets, and how; state of its own begins anew with each service.

    Attributes:
        method: that it meets; empty for every one.
        path: pattern of the whole path, in its normal form.
    """

    method = ""
    path = ".*"

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.start()

    def start(self) -> None:
        """Make the state."""

    async def meet(self, asked: Asked) -> Reply:
        """The answer."""
        return await asked.pass_on()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        match = re.fullmatch(self.path, normal_path(scope), re.DOTALL) if scope["type"] == "http" else None
        if match is None or self.method not in {"", scope["method"]}:
            await self.app(scope, receive, send)
            return
        parts: list[bytes] = []
        more, size = True, 0
        while more and size <= WHOLE:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            more = message.get("more_body", False)
        if more:
            await self.app(
                scope, _replay(parts, receive), send
            )  # too long for anything but a limit, which is not met here
            return
        asked = Asked(scope, match[0], b"".join(parts), match.groupdict(), self.app, receive)
        await _send(await self.meet(asked), send)


def _replay(parts: list[bytes], receive: Receive) -> Receive:
    """What was taken, and then the rest."""
    taken = iter(parts)

    async def again() -> Message:
        part = next(taken, None)
        return await receive() if part is None else {"type": "http.request", "body": part, "more_body": True}

    return again


async def _send(reply: Reply, send: Send) -> None:
    if reply.status:
        bodiless = reply.status in {204, 304}
        headers = {name: value for name, value in reply.headers.items() if name != "content-length"}
        if not bodiless:
            headers["content-length"] = str(len(reply.body))
        lines = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": reply.status, "headers": lines})
        await send({"type": "http.response.body", "body": b"" if bodiless else reply.body, "more_body": False})


def meets(method: str, path: str, meet: Meet) -> type[Around]:
    """Something around the service without a state of its own: requests of *method* (empty: all) to paths like *path* are met by *meet*."""
    way, pattern = method, path

    class Meeting(Around):
        method = way
        path = pattern

        async def meet(self, asked: Asked) -> Reply:
            return await meet(asked)

    return Meeting


def replies(method: str, path: str, edit: Callable[[Reply], Reply]) -> type[Around]:
    """The same where only the answer is another one."""

    async def meet(asked: Asked) -> Reply:
        return edit(await asked.pass_on())

    return meets(method, path, meet)


def says(method: str, path: str, edit: Callable[[Any], Any], status: int | None = None) -> type[Around]:
    """The same where only the JSON of a good answer is another one, or its status too."""

    def change(reply: Reply) -> Reply:
        good = 200 <= reply.status < 300 and reply.headers.get("content-type") == JSON
        return reply.with_json(edit(reply.json())).but(status) if good else reply

    return replies(method, path, change)


def turns(method: str, path: str, before: int, after: Reply | int) -> type[Around]:
    """The same where one status becomes another answer; a mere number is a bare status."""

    def change(reply: Reply) -> Reply:
        return reply if reply.status != before else after if isinstance(after, Reply) else Reply(after)

    return replies(method, path, change)


def asks(method: str, path: str, edit: Callable[[dict[str, Any]], dict[str, Any]]) -> type[Around]:
    """The same where the JSON object of the request is another one."""

    async def meet(asked: Asked) -> Reply:
        wish = asked.json()
        return await (asked.pass_on(body=edit(wish)) if wish or not asked.body else asked.pass_on())

    return meets(method, path, meet)


async def state_of(asked: Asked) -> str:
    """The state of the job that the path names; empty if there is none."""
    end = len(JOBS) + 1 + 36
    found = (await asked.pass_on(method="GET", path=asked.path[:end], body=b"")).json()
    return str(found.get("status", ""))


SERVER, SCANNERS, JOBS = "/api/server", "/api/device/scanners", "/api/device/scanners/jobs"
JOB = f"{JOBS}/(?P<job>[^/]+)"
DOCUMENTS = "/api/storage/documents"
DOCUMENT = f"{DOCUMENTS}/(?P<document>[^/]+)"
BELOW_JOB = f"{JOB}(/.*)?"
LEGACY_JOBS = "/DWTAPI/ScanJobs"
LEGACY_JOB = f"{LEGACY_JOBS}/(?P<job>[^/]+)"
