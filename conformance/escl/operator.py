"""The operator: who loads paper, jams it and clears it. Simulated (our door's control API), a person who is asked, or nobody."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote, unquote, urlsplit

from conformance.bench import Log
from conformance.escl import limits
from conformance.outcomes import NeedsOperator, Untestable
from conformance.wire import Connect, WireClient
from device_protocol.control import CLEAR_JAM, CLOSE_COVER, FAULT, LOAD, OPEN_COVER, RESET, UNLOAD, FaultKind


class Operator(Protocol):
    """Does what a person does. Each act may raise NeedsOperator, if nobody can do it.

    Attributes:
        controls: whether it knows what lies in the feeder, because it has put it there.
        tireless: whether it may be asked as often as one likes.
    """

    controls: bool
    tireless: bool

    async def load(self, sheets: int) -> None:
        """Have exactly so many sheets in the feeder, the first ones of the deck; none: take all out."""
        ...

    async def jam(self, sheet: int) -> None:
        """Have that sheet jam, counted from 1."""
        ...

    async def clear_jam(self) -> None:
        """Take the jammed sheet out."""
        ...

    async def open_cover(self) -> None:
        """Open the cover of the feeder."""
        ...

    async def close_cover(self) -> None:
        """Close it."""
        ...

    async def restore(self) -> None:
        """As it was found, if anything was done."""
        ...


class Nobody:
    """There is no operator."""

    controls = False
    tireless = False

    async def load(self, sheets: int) -> None:
        """See :class:`Operator`."""
        raise NeedsOperator(f"somebody has to put {sheets} sheets into the feeder" if sheets else EMPTY_IT)

    async def jam(self, sheet: int) -> None:
        """See :class:`Operator`."""
        raise NeedsOperator(f"somebody has to make sheet {sheet} jam")

    async def clear_jam(self) -> None:
        """See :class:`Operator`."""
        raise NeedsOperator("somebody has to clear the jam")

    async def open_cover(self) -> None:
        """See :class:`Operator`."""
        raise NeedsOperator("somebody has to open the cover of the feeder")

    async def close_cover(self) -> None:
        """See :class:`Operator`."""
        raise NeedsOperator("somebody has to close the cover of the feeder")

    async def restore(self) -> None:
        """See :class:`Operator`."""


EMPTY_IT = "somebody has to take all paper out of the feeder"

Ask = Callable[[str], Awaitable[bool]]
"""Asks a person to do something; True: it is done, False: it cannot be done."""


class Person:
    """Somebody stands before the scanner.

    Args:
        ask: asks them.
    """

    controls = True
    tireless = False

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._open = False

    async def load(self, sheets: int) -> None:
        """See :class:`Operator`."""
        await self._need(
            f"Put exactly {sheets} sheets into the feeder" if sheets else "Take all paper out of the feeder"
        )

    async def jam(self, sheet: int) -> None:
        """See :class:`Operator`."""
        await self._need(f"Prepare sheet {sheet} so that it jams (fold its front edge over, or hold it)")

    async def clear_jam(self) -> None:
        """See :class:`Operator`."""
        await self._need("Clear the jam")

    async def open_cover(self) -> None:
        """See :class:`Operator`."""
        await self._need("Open the cover of the feeder")
        self._open = True

    async def close_cover(self) -> None:
        """See :class:`Operator`."""
        await self._need("Close the cover of the feeder")
        self._open = False

    async def restore(self) -> None:
        """See :class:`Operator`."""
        if self._open:
            await self.close_cover()

    async def _need(self, what: str) -> None:
        if not await self._ask(what):
            raise NeedsOperator(f"nobody could do this: {what}")


@dataclass(frozen=True, slots=True)
class ControlAddress:
    """Where the control API of a door is.

    Attributes:
        host, port: of its address.
        secure: whether it is https.
        path: of the API.
        token: who has it, controls.
        device: the machine that the scanner's own path names, if it does; where there is none of that name it is the first one.
    """

    host: str
    port: int
    secure: bool
    path: str
    token: str
    device: str = ""

    @classmethod
    def parse(cls, url: str, root: str = "") -> ControlAddress:
        """The address as a ready file has it: ``http://127.0.0.1:8290/control#TOKEN``.

        Args:
            url: the address.
            root: path of the scanner, whose first part may name the machine.

        Raises:
            ValueError: it is none.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or not parts.fragment:
            raise ValueError(
                f"{url!r} is no address of a control API; `flatbed simulate escl --json` says it as `control`"
            )
        names = [unquote(part) for part in root.strip("/").split("/")]
        secure = parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
        device = names[0] if len(names) > 1 else ""
        return cls(parts.hostname, port, secure, parts.path.rstrip("/"), parts.fragment, device)


class Simulated:
    """The control API of our door.

    Args:
        connect: gives connections to it.
        address: of the API.
        log: gets what is done.
    """

    controls = True
    tireless = True

    def __init__(self, connect: Connect, address: ControlAddress, log: Log) -> None:
        authority = f"[{address.host}]" if ":" in address.host else address.host
        self._client = WireClient(
            connect, f"{authority}:{address.port}", Log(), limits.DOCUMENTS
        )  # a log of its own: these are no steps
        self._address = address
        self._known = ""
        self._log = log
        self._touched = False

    async def load(self, sheets: int) -> None:
        """See :class:`Operator`."""
        await self._perform(UNLOAD)
        if sheets:
            await self._perform(LOAD, count=sheets)

    async def jam(self, sheet: int) -> None:
        """See :class:`Operator`."""
        await self._perform(FAULT, kind=FaultKind.JAM.value, sheet=sheet)

    async def clear_jam(self) -> None:
        """See :class:`Operator`."""
        await self._perform(CLEAR_JAM)

    async def open_cover(self) -> None:
        """See :class:`Operator`."""
        await self._perform(OPEN_COVER)

    async def close_cover(self) -> None:
        """See :class:`Operator`."""
        await self._perform(CLOSE_COVER)

    async def restore(self) -> None:
        """See :class:`Operator`."""
        if self._touched:
            self._touched = False
            await self._perform(RESET)
            self._touched = False

    async def _perform(self, action: str, **arguments: object) -> None:
        self._touched = True
        shown = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
        command = self._log.begin("operator", action, shown)
        try:
            await self._post(f"devices/{quote(await self._machine(), safe='')}/{action}", arguments)
        except NeedsOperator as error:
            self._log.finish(command, error=error.evidence)
            raise
        self._log.finish(command, "done")

    async def _machine(self) -> str:
        if not self._known:
            listed = await self._call("GET", "devices")
            names = [item.get("id") for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
            if not names or not isinstance(names[0], str):
                raise Untestable("the control API lists no device")
            self._known = self._address.device if self._address.device in names else names[0]
        return self._known

    async def _post(self, path: str, arguments: dict[str, object]) -> None:
        await self._call("POST", path, json.dumps(arguments).encode())

    async def _call(self, method: str, path: str, body: bytes = b"") -> Any:
        fields = [("Authorization", f"Bearer {self._address.token}")]
        answer = await self._client.request(method, f"{self._address.path}/{path}", fields, body)
        try:
            data = json.loads(answer.body)
        except (ValueError, RecursionError):
            data = None
        if answer.status != 200:
            said = data.get("message") if isinstance(data, dict) else None
            raise NeedsOperator(f"the control API cannot do it ({answer.status}): {said or 'no reason given'}")
        return data
