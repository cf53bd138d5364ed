"""Ways to be odd that are more than data: parts of machines that keep every clause, and which one does not expect."""

from __future__ import annotations

from dataclasses import replace

import trio

from conformance.selftest.build import ZooBackend
from conformance.selftest.machine import Machine
from conformance.selftest.page import ZooPage
from conformance.selftest.session import ZooSession
from conformance.selftest.store import Store
from device_protocol import (
    Event,
    EventKind,
    Option,
    PageParams,
    Status,
    Unit,
    ValueType,
)
from device_protocol.options import AREA_NAMES, BR_X, BR_Y, TL_X, TL_Y, Access
from device_protocol.pages import packed_row

SLOW_OPEN_S = 3.0
SLOW_CLOSE_S = 1.5
LEAP = 1000
EIGHT = 8


class OpensSlowly(ZooBackend):
    """Looks for its lamp, its carriage and its firmware at each open."""

    async def open(self, device_id: str) -> ZooSession:
        """See the contract."""
        self.check_free(self.find(device_id))
        await trio.sleep(SLOW_OPEN_S)
        return await super().open(device_id)


class ClosesSlowly(ZooSession):
    """Parks its carriage at close."""

    async def close(self) -> None:
        """See the contract."""
        if self.job is not None:
            self.end_job()
        with trio.CancelScope(shield=True):
            await trio.sleep(SLOW_CLOSE_S)
        await super().close()


class Leaps(Machine):
    """Its revision is a time stamp."""

    def tell(self, kind: EventKind, detail: str = "") -> None:
        """See the contract."""
        self.revision += LEAP - 1
        super().tell(kind, detail)


class Restless(ZooSession):
    """Every look at its status is a new revision, although nothing has changed."""

    def snapshot(self) -> Status:
        """See the contract."""
        self.machine.revision += 1
        return super().snapshot()


class Talkative(ZooSession):
    """Says everything that it does by events about nothing in particular."""

    def hear(self, event: Event) -> None:
        """See the contract."""
        super().hear(event)
        self.machine.revision += 1
        super().hear(Event(EventKind.CONDITION, self.machine.revision, f"fan {self.machine.revision}"))


class Silent(ZooSession):
    """Has no events but the end of the stream."""

    def hear(self, event: Event) -> None:
        """See the contract."""


class Noisy(ZooPage):
    """No two scans of a sheet are the same, as it declares."""

    scans = 0

    def render(self) -> bytes:
        """See the contract."""
        Noisy.scans += 1
        data = bytearray(super().render())
        if self.params.depth == 8:
            for index in range(Noisy.scans % 7, len(data), 7):
                data[index] ^= 1
        return bytes(data)


class InEights(Store):
    """Delivers rows of whole bytes in every mode: the width is rounded down to eight pixels."""

    def params(self, paper_mm: float | None = None) -> PageParams:
        """See the contract."""
        params = super().params(paper_mm)
        width = max(EIGHT, params.width // EIGHT * EIGHT)
        row = packed_row(width, params.channels, params.depth)
        return replace(params, width=width, stride=row + self.profile.padding)


class NoArea(Store):
    """Scans the whole of its source always: there are no corners to set."""

    def describe(self) -> tuple[Option, ...]:
        """See the contract."""
        return tuple(
            replace(item, affects=tuple(name for name in item.affects if name not in AREA_NAMES))
            for item in super().describe()
            if item.name not in AREA_NAMES
        )

    def restore_all(self) -> None:
        """See the contract."""
        super().restore_all()
        self._whole()

    def settle(self, option: Option) -> None:
        """See the contract."""
        self._whole()
        super().settle(option)
        self._whole()

    def _whole(self) -> None:
        source = self.source
        self.values |= {TL_X: 0.0, TL_Y: 0.0, BR_X: source.width_mm, BR_Y: source.height_mm}


def many(count: int) -> tuple[Option, ...]:
    """*count* options of the vendor: most of them counters and sensors, and now and then one of another type."""
    made = []
    for number in range(count):
        name, group = f"x-{number}", f"Page {number // 20 + 1}"
        match number % 50:
            case 0:
                made.append(Option(name, ValueType.BOOL, default=False, vendor=True, group=group))
            case 1:
                made.append(Option(name, ValueType.STRING, default="", vendor=True, group=group))
            case 2:
                made.append(Option(name, ValueType.FIXED, unit=Unit.MM, default=0.0, vendor=True, group=group))
            case 3:
                made.append(Option(name, ValueType.ACTION, access=Access.WRITE, vendor=True, group=group))
            case _:
                made.append(Option(name, ValueType.INT, default=number, access=Access.READ, vendor=True, group=group))
    return tuple(made)
