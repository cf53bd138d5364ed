"""Defects of the kinds that the blind set brought to light: mutants that lived until the checks were made to see them (docs/decisions/0049)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.selftest.control import ZooControl
from conformance.selftest.defects.defect import NEXT, OPEN, READ_ALL, STATUS, act, defect, put, read, start, steps
from conformance.selftest.page import ZooPage
from conformance.selftest.session import ZooSession
from device_protocol import Code, DeviceError, Phase, SessionState, Status
from device_protocol.control import OPEN_COVER


class DeadBrightness(ZooPage):
    """Takes a brightness, says that it took it, and draws what it always draws."""

    def render(self) -> bytes:
        """See the legal one."""
        self._brightness = 0
        return super().render()


class StandsStill(ZooPage):
    """Tells no progress until the page is done."""

    def progress(self) -> float:
        """See the legal one."""
        return 0.0


class NoConditions(ZooSession):
    """Reports a jam by its code, and keeps status free of it."""

    def snapshot(self) -> Status:
        """See the legal one."""
        return replace(super().snapshot(), conditions=frozenset())


class KeepsPages(ZooSession):
    """Tells of buffered pages when the machine that had them is gone."""

    def snapshot(self) -> Status:
        """See the legal one."""
        seen = super().snapshot()
        return replace(seen, buffered=1) if seen.state is SessionState.LOST else seen


class OffersInVain(ZooControl):
    """Offers to open the cover, and cannot."""

    def act(self, action: str, arguments: dict[str, Any]) -> None:
        """See the legal one."""
        if action == OPEN_COVER:
            raise DeviceError(Code.UNSUPPORTED, "There is no cover.", phase=Phase.CONTROL)
        super().act(action, arguments)


DEFECTS = (
    defect(
        "dead-brightness",
        "CAPS-14",
        "offers a brightness that changes nothing",
        steps(OPEN, put("brightness", 100), start(), NEXT, READ_ALL),
        page=DeadBrightness,
    ),
    defect(
        "stands-still",
        "STAT-05",
        "tells a progress that never moves",
        steps(OPEN, start(), NEXT, read(1000), STATUS),
        page=StandsStill,
    ),
    defect(
        "no-conditions",
        "ERR-02",
        "never tells in its status what stands in the way",
        steps(OPEN, act("open-cover"), STATUS),
        session=NoConditions,
    ),
    defect(
        "keeps-pages",
        "ERR-03",
        "tells of buffered pages after it was unplugged",
        steps(OPEN, act("unplug"), STATUS),
        session=KeepsPages,
    ),
    defect(
        "offers-in-vain",
        "CAPS-14",
        "has a control that refuses what it offers",
        steps(OPEN, act("open-cover"), STATUS),
        control=OffersInVain,
    ),
)
