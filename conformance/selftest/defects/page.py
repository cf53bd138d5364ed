"""Defects of feeding."""

from __future__ import annotations

from dataclasses import replace

from conformance.selftest.defects.defect import (
    END,
    NEXT,
    OPEN,
    PAGE,
    STATUS,
    act,
    defect,
    fault,
    start,
    steps,
)
from conformance.selftest.job import ZooJob
from conformance.selftest.machine import Machine, Paper
from conformance.selftest.page import ZooPage
from conformance.selftest.session import ZooSession
from device_protocol import Code, DeviceError, Fault, FaultKind, FeederState, PageEnd, Phase, Side, SourceKind


class SwapsPages(ZooJob):
    """Pages 2 and 3 come in the other order."""

    def pick(self) -> bool:
        """See the contract."""
        if self.sheets == 1 and len(self.machine.hopper) > 1:
            second, third, *rest = self.machine.hopper
            self.machine.hopper = [third, second, *rest]
        return super().pick()


class NumbersFromZero(ZooJob):
    """Pages are numbered from 0."""

    def make(self, paper: Paper, side: Side, sheet: int, *, multifeed: bool = False) -> ZooPage:
        """See the contract."""
        page = super().make(paper, side, sheet, multifeed=multifeed)
        page._info = replace(page.info, number=page.info.number - 1)  # noqa: SLF001  # a defect knows its parts
        return page


class JamAtEnd(ZooJob):
    """The end of the stack is a jam."""

    def complete(self) -> None:
        """See the contract."""
        if self.source.kind.feeds and not self.machine.hopper:
            error = DeviceError(Code.JAM, phase=Phase.PAGE, page=self.begun + 1)
            self.abort(error)
            raise error
        super().complete()


class BackFirst(ZooJob):
    """The back comes before the front, marked as such, though the caps declare it the other way."""

    def sides(self) -> tuple[Side, ...]:
        """See the contract."""
        return tuple(reversed(super().sides()))


class BackUnmarked(ZooJob):
    """Both sides say that they are the front."""

    def make(self, paper: Paper, side: Side, sheet: int, *, multifeed: bool = False) -> ZooPage:
        """See the contract."""
        page = super().make(paper, side, sheet, multifeed=multifeed)
        page._info = replace(page.info, side=Side.FRONT)  # noqa: SLF001  # a defect knows its parts
        return page


class EarlierPageLost(ZooJob):
    """A jam takes the page before it along."""

    def fails(self, fault: Fault) -> DeviceError | None:
        """See the contract."""
        error = super().fails(fault)
        if error is not None and self.page is not None and error.code is Code.JAM:
            self.begun -= 1
        return error

    def make(self, paper: Paper, side: Side, sheet: int, *, multifeed: bool = False) -> ZooPage:
        """See the contract."""
        page = super().make(paper, side, sheet, multifeed=multifeed)
        if any(item.kind is FaultKind.JAM and item.sheet == sheet + 1 for item in self.machine.faults):
            page.cut = len(page.data) // 2
        return page


class StickyJam(ZooSession):
    """A session that has seen a jam sees it for ever."""

    code = Code.JAM

    async def ready(self) -> None:
        """See the contract."""
        if self.job is not None and self.job.error is not None and self.job.error.code is Code.JAM:
            raise DeviceError(self.code, phase=Phase.START)
        await super().ready()


class BusyAfterJam(StickyJam):
    """After a jam every start is BUSY."""

    code = Code.BUSY


class EarlyEndIsWhole(ZooPage):
    """A page that was ended early claims to be whole."""

    def finals(self, *, early: bool) -> PageEnd:
        """See the contract."""
        return replace(super().finals(early=early), incomplete=self.cut is not None)


class DoubleFeedIgnored(ZooJob):
    """A double feed that it declares to notice goes through."""

    def fails(self, fault: Fault) -> DeviceError | None:
        """See the contract."""
        if fault.kind is FaultKind.MULTIFEED:
            if self.machine.hopper:
                self.machine.hopper.pop(0)
            return None
        return super().fails(fault)


class DoubleFeedPageless(ZooJob):
    """A double feed is reported on another page."""

    def fails(self, fault: Fault) -> DeviceError | None:
        """See the contract."""
        error = super().fails(fault)
        if error is not None and error.code is Code.MULTIFEED:
            return DeviceError(Code.MULTIFEED, phase=Phase.PAGE, page=(error.page or 0) + 1)
        return error


class AlwaysLoaded(Machine):
    """The paper sensor always sees paper."""

    def feeder(self) -> FeederState:
        """See the contract."""
        found = super().feeder()
        return FeederState.LOADED if found is FeederState.EMPTY else found


class AlwaysEmpty(Machine):
    """The paper sensor never sees paper."""

    def feeder(self) -> FeederState:
        """See the contract."""
        found = super().feeder()
        return FeederState.EMPTY if found is FeederState.LOADED else found


class RepeatsPage(ZooJob):
    """A page that was ended early comes again."""

    repeat: ZooPage | None = None

    def ended(self, *, early: bool) -> None:
        """See the contract."""
        super().ended(early=early)
        if early and self.page is not None and self.source.kind.feeds:
            self.repeat = self.page

    async def feed(self) -> ZooPage | None:
        """See the contract."""
        if self.repeat is None:
            return await super().feed()
        old, self.repeat = self.repeat, None
        info = replace(old.info, number=self.begun + 1)
        return self.session.build.page(self, info, old.view)


class EarlyEndEndsAll(ZooJob):
    """A page that was ended early ends the job, though next-page is declared."""

    def ended(self, *, early: bool) -> None:
        """See the contract."""
        if early:
            self.target = self.begun
            self.waiting.clear()
        super().ended(early=early)


class FirstPagesParams(ZooJob):
    """All pages have the parameters of the first."""

    def make(self, paper: Paper, side: Side, sheet: int, *, multifeed: bool = False) -> ZooPage:
        """See the contract."""
        page = super().make(paper, side, sheet, multifeed=multifeed)
        if self.page is not None and self.source.kind is not SourceKind.FLATBED:
            first = self.page.info.params
            page._info = replace(page.info, params=first)  # noqa: SLF001  # a defect knows its parts
            page.data  # noqa: B018  # the picture is made with its own parameters
            page.params = first
        return page


JAM_SECOND = (act("unload"), act("load", count=3), fault("jam", sheet=2), OPEN, start("Feeder"))

DEFECTS = (
    defect(
        "swaps-pages",
        "PAGE-01",
        "pages 2 and 3 come in the other order",
        steps(OPEN, start("Feeder"), PAGE, PAGE),
        job=SwapsPages,
    ),
    defect("numbers-from-zero", "PAGE-01", "numbers pages from 0", steps(OPEN, start(), NEXT), job=NumbersFromZero),
    defect(
        "jam-at-end",
        "PAGE-02",
        "the end of the stack is a jam",
        steps(act("unload"), act("load", count=1), OPEN, start("Feeder"), PAGE, NEXT),
        job=JamAtEnd,
    ),
    defect("back-first", "PAGE-03", "the back comes first", steps(OPEN, start("Duplex"), NEXT), job=BackFirst),
    defect(
        "back-unmarked", "PAGE-03", "both sides say front", steps(OPEN, start("Duplex"), PAGE, NEXT), job=BackUnmarked
    ),
    defect(
        "earlier-page-lost",
        "PAGE-04",
        "a jam takes the page before it along",
        steps(JAM_SECOND, PAGE),
        job=EarlierPageLost,
    ),
    defect(
        "sticky-jam",
        "PAGE-05",
        "a jam stays after it was cleared",
        steps(JAM_SECOND, PAGE, NEXT, start("Feeder"), act("clear-jam"), start("Feeder")),
        session=StickyJam,
    ),
    defect(
        "busy-after-jam",
        "PAGE-05",
        "after a jam no start works",
        steps(JAM_SECOND, PAGE, NEXT, act("clear-jam"), start("Feeder")),
        session=BusyAfterJam,
    ),
    defect(
        "double-feed-ignored",
        "PAGE-06",
        "a double feed goes through",
        steps(fault("multifeed", sheet=1), OPEN, start("Feeder"), NEXT),
        job=DoubleFeedIgnored,
    ),
    defect(
        "double-feed-elsewhere",
        "PAGE-06",
        "a double feed is reported on another page",
        steps(fault("multifeed", sheet=1), OPEN, start("Feeder"), NEXT),
        job=DoubleFeedPageless,
    ),
    defect("always-loaded", "PAGE-07", "always sees paper", steps(act("unload"), OPEN, STATUS), machine=AlwaysLoaded),
    defect("always-empty", "PAGE-07", "never sees paper", steps(OPEN, STATUS), machine=AlwaysEmpty),
    defect(
        "repeats-page",
        "PAGE-08",
        "a page that was ended early comes again",
        steps(OPEN, start("Feeder"), NEXT, END, NEXT),
        job=RepeatsPage,
    ),
    defect(
        "early-end-is-whole",
        "PAGE-08",
        "a page that was ended early claims to be whole",
        steps(OPEN, start("Feeder"), NEXT, END),
        page=EarlyEndIsWhole,
    ),
    defect(
        "early-end-ends-all",
        "PAGE-08",
        "ending a page early ends the job, undeclared",
        steps(OPEN, start("Feeder"), NEXT, END, NEXT),
        job=EarlyEndEndsAll,
    ),
    defect(
        "first-pages-params",
        "PAGE-09",
        "all pages have the first one's parameters",
        steps(
            act("unload"),
            act("load", count=1, size="A4"),
            act("load", count=1, size="A5"),
            OPEN,
            start("Feeder"),
            PAGE,
            NEXT,
        ),
        job=FirstPagesParams,
    ),
)
