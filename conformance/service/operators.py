"""The operator: what a person beside the scanner would do, where HTTP cannot. Absent unless there is a control API or a person."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Protocol
from urllib.parse import quote

import trio

from conformance.bench import Log
from conformance.outcomes import NeedsOperator
from conformance.requirements.rest.facts import ScannerFacts
from conformance.wire import Connect, WireClient


class Operator(Protocol):
    """Somebody, or something, beside the scanner. Every deed raises :class:`NeedsOperator` where it cannot be done."""

    async def load(self, scanner: ScannerFacts, sheets: int) -> None:
        """Put so many sheets into its feeder."""
        ...

    async def jam(self, scanner: ScannerFacts, sheet: int) -> None:
        """See to it that the sheet with this number (from 1) jams."""
        ...

    async def hang(self, scanner: ScannerFacts) -> None:
        """See to it that the scanner stops getting on in the next scan."""
        ...

    async def clear(self, scanner: ScannerFacts) -> None:
        """Make it good again."""
        ...


class Absent:
    """Nobody is there."""

    async def load(self, scanner: ScannerFacts, sheets: int) -> None:
        """See :class:`Operator`."""
        raise NeedsOperator(f"put {sheets} sheets into the feeder of {scanner.name}")

    async def jam(self, scanner: ScannerFacts, sheet: int) -> None:
        """See :class:`Operator`."""
        raise NeedsOperator(f"let sheet {sheet} jam in {scanner.name}")

    async def hang(self, scanner: ScannerFacts) -> None:
        """See :class:`Operator`."""
        raise NeedsOperator(f"stop {scanner.name} in the middle of a scan")

    async def clear(self, scanner: ScannerFacts) -> None:
        """Nothing was done, so nothing is to be undone."""


class Person:
    """Somebody who reads what is to be done and says when it is.

    Args:
        ask: shows a text and returns whether it was done.
    """

    def __init__(self, ask: Callable[[str], Awaitable[bool]]) -> None:
        self._ask = ask

    async def _please(self, text: str) -> None:
        if not await self._ask(text):
            raise NeedsOperator(text)

    async def load(self, scanner: ScannerFacts, sheets: int) -> None:
        """See :class:`Operator`."""
        await self._please(f"Put exactly {sheets} sheets into the feeder of {scanner.name}")

    async def jam(self, scanner: ScannerFacts, sheet: int) -> None:
        """See :class:`Operator`."""
        await self._please(f"Prepare the feeder of {scanner.name} so that sheet {sheet} jams (fold it)")

    async def hang(self, scanner: ScannerFacts) -> None:
        """See :class:`Operator`."""
        raise NeedsOperator(f"stop {scanner.name} in the middle of a scan")  # nobody can do this by hand, in time

    async def clear(self, scanner: ScannerFacts) -> None:
        """See :class:`Operator`."""
        await self._please(f"Put {scanner.name} in order: nothing jammed, paper in its feeder")


class Controlled:
    """The control API of our own service, for its virtual scanners.

    Args:
        connect: to its status port.
        host: for ``Host``.
        root: path of the control API.
        token: for it.
        log: gets each exchange.
    """

    def __init__(self, connect: Connect, host: str, root: str, token: str, log: Log) -> None:
        self._wire = WireClient(connect, host, log)
        self._root = root.rstrip("/")
        self._token = token

    async def load(self, scanner: ScannerFacts, sheets: int) -> None:
        """See :class:`Operator`."""
        await self._do(scanner, "unload")
        await self._do(scanner, "load", count=sheets)

    async def jam(self, scanner: ScannerFacts, sheet: int) -> None:
        """See :class:`Operator`."""
        await self._do(scanner, "fault", kind="jam", sheet=sheet)

    async def hang(self, scanner: ScannerFacts) -> None:
        """See :class:`Operator`."""
        await self._do(scanner, "fault", kind="hang")

    async def clear(self, scanner: ScannerFacts) -> None:
        """See :class:`Operator`."""
        with trio.CancelScope(shield=True):
            await self._do(scanner, "reset")

    async def _do(self, scanner: ScannerFacts, action: str, **arguments: object) -> None:
        device = device_id(scanner)
        if device is None:
            raise NeedsOperator(f"{action}: {scanner.name} is no device of the control API")
        fields = (("Authorization", f"Bearer {self._token}"), ("Content-Type", "application/json"))
        path = f"{self._root}/devices/{quote(device, safe=':')}/{action}"
        answer = await self._wire.request("POST", path, fields, json.dumps(arguments).encode())
        if answer.status >= 400:
            said = answer.body[:200].decode("utf-8", "replace")
            raise NeedsOperator(f"{action}: the control API answered {answer.status}: {said}")


def device_id(scanner: ScannerFacts) -> str | None:
    """The id that our own service puts into the ``device`` text."""
    try:
        found = json.loads(scanner.device)["deviceInfo"]["id"]
    except (ValueError, KeyError, TypeError):
        return None
    return found if isinstance(found, str) else None
