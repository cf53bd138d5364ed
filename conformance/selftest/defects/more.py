"""A second defect for requirements that had one: the other way in which drivers get the same thing wrong."""

from __future__ import annotations

from dataclasses import replace

from conformance.programs import Command, Do
from conformance.selftest.build import LEGAL
from conformance.selftest.defects.defect import (
    CANCEL,
    NEXT,
    OPEN,
    PAGE,
    SETTLED,
    defect,
    fault,
    get,
    put,
    reset,
    start,
    steps,
)
from conformance.selftest.job import ZooJob
from conformance.selftest.page import ZooPage
from conformance.selftest.session import ZooSession
from conformance.selftest.store import Store
from device_protocol import (
    ApplyResult,
    Auto,
    Code,
    DeviceError,
    Option,
    Phase,
    SetResult,
    Value,
)


class NeedsReread(ZooSession):
    """Refuses to set an option that has changed until somebody has looked at the options (device-models 9, E3)."""

    unread: frozenset[str] = frozenset()

    async def options(self) -> tuple[Option, ...]:
        """See the legal one."""
        found = await super().options()
        self.unread = frozenset()
        return found

    async def set(self, name: str, value: Value | Auto) -> SetResult:
        """See the legal one."""
        if name in self.unread:
            raise DeviceError(Code.INVALID_VALUE, "not loaded", phase=Phase.OPTIONS, option=name, value=value)
        result = await super().set(name, value)
        self.unread |= set(result.changed)
        return result


class CrashIsOther(ZooSession):
    """Calls a crash of the driver by the code for everything that it does not know."""

    def crash(self, phase: Phase) -> DeviceError:
        """See the legal one."""
        super().crash(phase)
        return DeviceError(Code.OTHER, "Something went wrong.", phase=phase)


class EndIsNoMedia(ZooJob):
    """Takes the end of the stack for an error."""

    def complete(self) -> None:
        """See the legal one."""
        if self.source.kind.feeds and self.begun:
            error = DeviceError(Code.NO_MEDIA, phase=Phase.PAGE, page=self.begun + 1)
            self.abort(error)
            raise error
        super().complete()


class GlassGivesNothing(ZooJob):
    """Looks for paper in the feeder when it shall scan the glass, and finds none of its job."""

    def glass(self) -> ZooPage | None:
        """See the legal one."""
        return super().glass() if self.target == 1 else None


class RepeatsAtBorders(ZooPage):
    """The last byte of a strip comes again at the beginning of the next one."""

    def strip(self, max_bytes: int) -> bytes:
        """See the legal one."""
        if self.position and self.position < len(self.data):
            self.position -= 1 if self.reads % 2 == 0 and max_bytes > 1 else 0
        return super().strip(max_bytes)


class ResetsAllButOne(Store):
    """A reset of everything leaves out the last option."""

    def reset(self, names: tuple[str, ...] | None) -> ApplyResult:
        """See the legal one."""
        kept = self.values.get("gamma")
        result = super().reset(names)
        if names is None and kept is not None:
            self.values["gamma"] = kept
        return result


LATE_S = 9.0
"""A cancellation that takes longer than the 5 s that are declared."""

DEFECTS = (
    defect(
        "needs-reread",
        "CAPS-07",
        "refuses to set an option that has changed until somebody looks",
        steps(OPEN, put("mode", "Lineart"), put("depth", 1)),
        session=NeedsReread,
    ),
    defect(
        "completes-late",
        "CANC-04",
        "a cancellation takes longer than is declared",
        steps(OPEN, start(), CANCEL, Command(Do.STATUS)),
        profile=replace(LEGAL.profile, cancel_s=LATE_S),
    ),
    defect(
        "crash-is-other",
        "ERR-08",
        "a crash of the driver is an unknown error",
        steps(fault("crash"), OPEN, start(), NEXT, Command(Do.READ, value=10)),
        session=CrashIsOther,
    ),
    defect(
        "end-is-no-media",
        "PAGE-02",
        "after the last sheet comes NO_MEDIA",
        steps(OPEN, start("Feeder", 3), PAGE, PAGE, PAGE, NEXT),
        job=EndIsNoMedia,
    ),
    defect(
        "glass-gives-nothing",
        "SCAN-06",
        "a job of all pages on the glass has none",
        steps(OPEN, start(), NEXT, SETTLED),
        job=GlassGivesNothing,
    ),
    defect(
        "repeats-at-borders",
        "DATA-02",
        "repeats a byte between two reads",
        steps(OPEN, start(), NEXT, Command(Do.READ_TO_END, value=[100])),
        page=RepeatsAtBorders,
    ),
    defect(
        "resets-all-but-one",
        "SET-08",
        "a reset of everything leaves one option as it is",
        steps(OPEN, put("gamma", [1, 2, 3, 4]), reset(), get("gamma")),
        store=ResetsAllButOne,
    ),
)
