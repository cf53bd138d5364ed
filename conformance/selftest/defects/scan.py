"""Defects of starting a scan, and of what it is a scan of."""

from __future__ import annotations

import math
from dataclasses import replace

import trio

from conformance.programs import Command, Do
from conformance.selftest.build import FINE
from conformance.selftest.defects.defect import (
    NEXT,
    OPEN,
    PAGE,
    STATUS,
    act,
    defect,
    put,
    read,
    start,
    steps,
)
from conformance.selftest.job import ZooJob
from conformance.selftest.machine import Machine
from conformance.selftest.page import ZooPage
from conformance.selftest.session import ZooSession
from conformance.selftest.store import Store
from device_protocol import (
    ALL,
    Code,
    Colour,
    DeviceError,
    PageInfo,
    PageParams,
    Phase,
    SessionState,
    SourceCaps,
    SourceKind,
)
from device_protocol.states import Verb

EMPTY = act("unload")


class Restarts(ZooSession):
    """start during a job begins anew."""

    def refuse(self, verb: Verb) -> None:
        """See the contract."""
        if verb is not Verb.START or self.state in {SessionState.CLOSED, SessionState.LOST, SessionState.CANCELLING}:
            super().refuse(verb)


class BusyButRestarts(ZooSession):
    """start during a job is refused, and the page begins anew."""

    def refuse(self, verb: Verb) -> None:
        """See the contract."""
        if verb is Verb.START and self.job is not None and self.job.page is not None:
            self.job.page.position = 0
        super().refuse(verb)


class EmptyIsIoError(ZooSession):
    """An empty feeder is an unknown error."""

    def standing(self, phase: Phase, page: int | None = None) -> None:
        """See the contract."""
        try:
            super().standing(phase, page)
        except DeviceError as error:
            code = Code.OTHER if error.code is Code.NO_MEDIA else error.code
            raise DeviceError(code, phase=phase, page=page) from None


class FlatbedNeedsPaper(Machine):
    """A flatbed reports NO_MEDIA when nothing lies on it."""

    def standing(self, source: SourceCaps) -> Code | None:
        """See the contract."""
        if source.kind is SourceKind.FLATBED and not self.glass:
            return Code.NO_MEDIA
        return super().standing(source)


class Varies(ZooSession):
    """Every other time, an empty feeder is noticed at the first page only."""

    starts = 0

    async def ready(self) -> None:
        """See the contract."""
        if self.store.source.kind.feeds and not self.machine.hopper:
            self.starts += 1
            if self.starts % 2 == 0:
                return
        await super().ready()


class GhostJob(ZooSession):
    """A failed start leaves a job behind."""

    async def ready(self) -> None:
        """See the contract."""
        try:
            await super().ready()
        except DeviceError:
            self.job = self.build.job(self, ALL)
            self.enter(SessionState.ARMED)
            raise


class OneMore(ZooJob):
    """Gives one page more than the target."""

    def wanted(self) -> bool:
        """See the contract."""
        return super().wanted() or self.begun == self.target


class ZeroIsAll(ZooSession):
    """Takes a target of 0 for all."""

    def check_target(self, pages: int | str) -> None:
        """See the contract."""
        if pages != 0:
            super().check_target(pages)


class StopsEarly(ZooJob):
    """ALL is two pages at most."""

    def wanted(self) -> bool:
        """See the contract."""
        return super().wanted() and (self.target != ALL or self.begun + len(self.waiting) < 2)


class EndlessFlatbed(ZooJob):
    """The glass is scanned again and again."""

    def glass(self) -> ZooPage | None:
        """See the contract."""
        if self.begun > 40:
            return None
        begun, self.begun = self.begun, 0
        page = super().glass() if self.target == ALL or self.target > begun else None  # type: ignore[operator]  # a count
        self.begun = begun
        if page is not None:
            page._info = replace(page.info, number=begun + 1)  # noqa: SLF001  # a defect knows its parts
        return page


class ChangesMidPage(ZooPage):
    """The parameters change while the page is read."""

    @property
    def info(self) -> PageInfo:
        """See the contract."""
        info = super().info
        if self.position:
            return replace(info, params=replace(info.params, width=info.params.width - 1))
        return info


class IgnoresArea(Store):
    """Scans the whole glass whatever the area."""

    def area(self) -> tuple[float, float, float, float]:
        """See the contract."""
        return 0.0, 0.0, self.source.width_mm, self.source.height_mm


class GrayForColour(Store):
    """Delivers gray for colour."""

    def params(self, paper_mm: float | None = None) -> PageParams:
        """See the contract."""
        params = super().params(paper_mm)
        if params.colour is not Colour.COLOR:
            return params
        return replace(params, colour=Colour.GRAY, channels=1, stride=params.stride // 3)


class OtherResolution(Store):
    """Scans with half the resolution, and says so."""

    def params(self, paper_mm: float | None = None) -> PageParams:
        """See the contract."""
        before = self.values["resolution"]
        if paper_mm is None or not isinstance(before, int | float) or before < 50:
            return super().params(paper_mm)
        self.values["resolution"] = 20
        params = super().params(paper_mm)
        self.values["resolution"] = before
        return params


class FinestIsAClaim(Store):
    """Scans with 75 dpi at most, and says that it was more."""

    def params(self, paper_mm: float | None = None) -> PageParams:
        """See the contract."""
        asked = self.values["resolution"]
        if paper_mm is None or not isinstance(asked, int | float) or asked <= 75:
            return super().params(paper_mm)
        self.values["resolution"] = 75
        params = super().params(paper_mm)
        self.values["resolution"] = asked
        return replace(params, dpi_x=asked, dpi_y=asked)


class WarmingIsAnError(Machine):
    """A cold lamp is an error."""

    async def warm_up(self, wake: trio.Event) -> None:
        """See the contract."""
        del wake
        seconds, self.cold_s = self.cold_s, 0.0
        if seconds:
            raise DeviceError(Code.WARMING_UP, phase=Phase.PAGE)


class NeverWarm(Machine):
    """A cold lamp never gets warm."""

    async def warm_up(self, wake: trio.Event) -> None:
        """See the contract."""
        self.cold_s = self.cold_s and math.inf
        await super().warm_up(wake)


class WarmForShow(Machine):
    """Goes on saying that it warms up."""

    def warm(self) -> None:
        """See the contract."""


COLD = act("cool-lamp", seconds=2)

DEFECTS = (
    defect("restarts", "SCAN-01", "start during a job begins anew", steps(OPEN, start(), start()), session=Restarts),
    defect(
        "busy-but-restarts",
        "SCAN-01",
        "a refused start rewinds the page",
        steps(OPEN, start(), NEXT, read(10), start(), PAGE[1]),
        session=BusyButRestarts,
    ),
    defect(
        "empty-is-io-error",
        "SCAN-02",
        "an empty feeder is an unknown error",
        steps(EMPTY, OPEN, start("Feeder")),
        session=EmptyIsIoError,
    ),
    defect(
        "flatbed-needs-paper",
        "SCAN-02",
        "an empty glass is NO_MEDIA",
        steps(act("remove-sheet"), OPEN, start()),
        machine=FlatbedNeedsPaper,
    ),
    defect(
        "varies",
        "SCAN-03",
        "an empty feeder is noticed now here, now there",
        steps(EMPTY, OPEN, start("Feeder"), start("Feeder")),
        session=Varies,
    ),
    defect(
        "ghost-job",
        "SCAN-04",
        "a failed start leaves a job",
        steps(EMPTY, OPEN, start("Feeder"), STATUS),
        session=GhostJob,
    ),
    defect(
        "one-more",
        "SCAN-05",
        "gives one page more than the target",
        steps(OPEN, start("Feeder", 1), PAGE, NEXT),
        job=OneMore,
    ),
    defect("zero-is-all", "SCAN-05", "takes a target of 0", steps(OPEN, start(pages=0)), session=ZeroIsAll),
    defect(
        "stops-early", "SCAN-05", "ALL is two pages", steps(OPEN, start("Feeder"), PAGE, PAGE, NEXT), job=StopsEarly
    ),
    defect("endless-flatbed", "SCAN-06", "the glass has no end", steps(OPEN, start(), PAGE, NEXT), job=EndlessFlatbed),
    defect(
        "changes-mid-page",
        "SCAN-07",
        "parameters change while a page is read",
        steps(OPEN, start(), NEXT, read(10), Command(Do.INFO)),
        page=ChangesMidPage,
    ),
    defect(
        "ignores-area",
        "SCAN-08",
        "scans everything whatever the area",
        steps(OPEN, put("br-x", 50.0), start(), NEXT),
        store=IgnoresArea,
    ),
    defect(
        "finest-is-a-claim",
        "SCAN-08",
        "advertises a resolution that it does not have",
        steps(OPEN, put("resolution", 100), start(), NEXT),
        base=FINE,
        store=FinestIsAClaim,
    ),
    defect("gray-for-colour", "SCAN-09", "delivers gray for colour", steps(OPEN, start(), NEXT), store=GrayForColour),
    defect(
        "other-resolution",
        "SCAN-09",
        "scans with another resolution",
        steps(OPEN, put("resolution", 50), start(), NEXT),
        store=OtherResolution,
    ),
    defect(
        "warming-is-an-error",
        "SCAN-10",
        "fails while its lamp is cold",
        steps(COLD, OPEN, start(), NEXT),
        machine=WarmingIsAnError,
    ),
    defect("never-warm", "SCAN-10", "waits for its lamp for ever", steps(COLD, OPEN, start(), NEXT), machine=NeverWarm),
    defect(
        "warm-for-show",
        "SCAN-10",
        "says that it warms up when it is warm",
        steps(COLD, OPEN, start(), PAGE, STATUS),
        machine=WarmForShow,
    ),
)
