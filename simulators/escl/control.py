"""Control of the door's machines over HTTP, as the service has it on its status port: ``/control``, with a token of its own."""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from device_protocol import Code, DeviceError, control
from device_protocol.aio import Backend, Control
from simulators.escl.points import Answer
from simulators.escl.routes import Request
from simulators.escl.scanner import Scanner

ROOT = "/control"
TOKEN_BYTES = 24
MAX_BODY = 64 * 1024
_STATUS = {Code.NOT_FOUND: 404, Code.UNSUPPORTED: 400, Code.INVALID_VALUE: 400, Code.BUSY: 409, Code.WRONG_STATE: 409}
"""Statuses of refusals, as on the status port; everything else is a failure, 500."""


class _RefusedError(Exception):
    """A request that is answered with a status and a sentence."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class ControlDesk:
    """Answers what is below :data:`ROOT`, and passes on the rest.

    Args:
        scanners: by name.
        backend: the lab behind them.
        rest: answers everything else.

    Attributes:
        token: who has it, controls.
    """

    def __init__(
        self, scanners: Mapping[str, Scanner], backend: Backend, rest: Callable[[Request], Awaitable[Answer]]
    ) -> None:
        self._scanners = scanners
        self._backend = backend
        self._rest = rest
        self.token = secrets.token_urlsafe(TOKEN_BYTES)

    async def answer(self, request: Request) -> Answer:
        """The answer to a request."""
        try:
            path = urlsplit(request.target).path
        except ValueError:
            return await self._rest(request)
        parts = [unquote(part) for part in path.split("/")[1:]]
        if not parts or f"/{parts[0]}" != ROOT:  # `*`, and what CONNECT asks for, have no slash
            return await self._rest(request)
        try:
            self._check_token(request)
            return _json(200, await self._do(request, parts[1:]))
        except _RefusedError as refused:
            return _json(refused.status, {"message": str(refused)})
        except DeviceError as error:
            return _json(_STATUS.get(error.code, 500), {"message": error.message})

    def _check_token(self, request: Request) -> None:
        scheme, _, given = request.authorization.partition(" ")
        if scheme.lower() != "bearer" or not secrets.compare_digest(given.strip().encode(), self.token.encode()):
            raise _RefusedError(401, "Control needs the token of the ready file, as Authorization: Bearer TOKEN.")

    async def _do(self, request: Request, parts: list[str]) -> Any:
        match request.method, parts:
            case "GET", ["devices"]:
                there = {device.id for device in (await self._backend.devices()).devices}
                return [{"id": name, "virtual": True, "there": name in there} for name in self._scanners]
            case "GET", ["devices", name]:
                device = await self._backend.control(self._known(name))
                caps = await device.caps()
                return {
                    "id": name,
                    "actions": sorted(caps.actions),
                    "faults": sorted(kind.value for kind in caps.faults),
                    "state": dict(await device.perform(control.REPORT)),
                }
            case "POST", ["devices", name, action]:
                arguments = _arguments(request.body)
                device = await self._backend.control(self._known(name))
                return {"device": name, "action": action, "state": dict(await device.perform(action, arguments))}
            case "POST", ["time"]:
                return dict(await (await self._with_manual_time()).perform(control.ADVANCE, _arguments(request.body)))
            case "POST", ["reset"]:
                if _arguments(request.body):
                    raise _RefusedError(400, "A reset takes no arguments.")
                return {"devices": await self._reset()}
        raise _RefusedError(
            404,
            f"Here are GET {ROOT}/devices, GET {ROOT}/devices/NAME, POST {ROOT}/devices/NAME/ACTION, POST {ROOT}/time, POST {ROOT}/reset.",
        )

    async def _with_manual_time(self) -> Control:
        device = await self._backend.control(next(iter(self._scanners)))
        if control.ADVANCE not in (await device.caps()).actions:
            raise _RefusedError(409, 'No device has manual time here; time = "manual" in the devices file gives it.')
        return device

    def _known(self, name: str) -> str:
        if name not in self._scanners:
            raise _RefusedError(404, f"There is no device {name[:200]!r}; GET {ROOT}/devices lists them.")
        return name

    async def _reset(self) -> list[str]:
        """Every machine as at the start, and no job left of anybody."""
        for name, scanner in self._scanners.items():
            await scanner.end()
            await (await self._backend.control(name)).perform(control.RESET)
        return list(self._scanners)


def _arguments(body: bytes) -> dict[str, Any]:
    """The arguments in a body; an empty one has none."""
    if len(body) > MAX_BODY:
        raise _RefusedError(413, f"The body has at most {MAX_BODY} bytes.")
    if not body.strip():
        return {}
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _RefusedError(400, f"The body is no JSON: {error}.") from None
    if not isinstance(data, dict):
        raise _RefusedError(400, "The body must be a JSON object with the action's arguments.")
    return data


def _json(status: int, data: Any) -> Answer:
    return Answer(status, json.dumps(data).encode(), "application/json")
