"""Defects of the kinds that the blind set brought to light: mutants that lived until the checks were made to see them (docs/decisions/0049)."""

from __future__ import annotations

from dataclasses import replace

from conformance.selftest.defects.defect import NEXT, OPEN, READ_ALL, STATUS, act, defect, put, read, start, steps
from conformance.selftest.page import ZooPage
from conformance.selftest.session import ZooSession
from device_protocol import Status


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
)
