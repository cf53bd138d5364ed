"""A person before a device that has no control of its own: does by hand what the control of a virtual device does.

To the checks a person is a control like any other, which offers what hands can do between two calls. Faults in the middle of a call are not among it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from conformance.bench import OpenBackend
from conformance.outcomes import NeedsOperator
from device_protocol import ControlCaps, DeviceError, DeviceList
from device_protocol.aio import Backend, Control, Session
from device_protocol.control import (
    CLEAR_JAM,
    CLOSE_COVER,
    LOAD,
    OPEN_COVER,
    REMOVE_SHEET,
    REPLUG,
    UNLOAD,
    UNPLUG,
)

Ask = Callable[[str], Awaitable[bool]]
"""Asks a person to do something; True: it is done, False: it cannot be done."""

HANDS: Mapping[str, str] = {
    UNLOAD: "Take all paper out of the feeder",
    CLEAR_JAM: "Take the jammed sheet out",
    OPEN_COVER: "Open the cover of the feeder",
    CLOSE_COVER: "Close the cover",
    UNPLUG: "Pull the device's plug (or its cable)",
    REPLUG: "Put it back, and wait until the device is ready",
    REMOVE_SHEET: "Take everything off the glass",
}
"""What is asked for. Sheets are those of ``flatbed sheets``, if they are at hand; any others do."""


def words(action: str, arguments: Mapping[str, Any]) -> str:
    """What to ask for.

    Raises:
        KeyError: hands cannot do that.
    """
    if action != LOAD:
        return HANDS[action]
    count, size = arguments.get("count", 1), arguments.get("size")
    which = "sheet 1" if count == 1 else f"sheets 1 to {count}"
    return f"Put {which} of the deck (flatbed sheets) into the feeder" + (f", on {size} paper" if size else "")


class Person:
    """Somebody who can be asked, as the control of a device.

    Args:
        ask: asks them.
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def caps(self) -> ControlCaps:
        """What hands can do."""
        return ControlCaps(frozenset({LOAD, *HANDS}))

    async def perform(self, action: str, arguments: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """Ask for *action*.

        Raises:
            NeedsOperator: it cannot be done.
        """
        wanted = words(action, arguments or {}) if action == LOAD or action in HANDS else ""
        if not wanted or not await self._ask(wanted):
            raise NeedsOperator(f"nobody could do this: {wanted or action}")
        return {}


class AttendedBackend:
    """A backend beside which somebody stands; a device's own control goes first."""

    def __init__(self, inner: Backend, ask: Ask) -> None:
        self._inner = inner
        self._person = Person(ask)

    async def devices(self) -> DeviceList:
        """See the contract."""
        return await self._inner.devices()

    async def open(self, device_id: str) -> Session:
        """See the contract."""
        return await self._inner.open(device_id)

    async def control(self, device_id: str) -> Control:
        """The device's own, or the person."""
        try:
            return await self._inner.control(device_id)
        except DeviceError:
            return self._person


def attended(opener: OpenBackend, ask: Ask) -> OpenBackend:
    """Backends of *opener* with a person beside them."""

    @asynccontextmanager
    async def opening() -> AsyncIterator[Backend]:
        async with opener() as backend:
            yield AttendedBackend(backend, ask)

    def opened() -> AbstractAsyncContextManager[Backend]:
        return opening()

    return opened
