"""A job as the machine carries it out: picks sheets, brings them to the scan bar, and says what the session will find there."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import trio

from device_protocol import Code, DeviceError, FaultKind, Phase, SourceCaps
from sheets import Overlap, Sheet, Side
from simulators.machine import Machine
from simulators.messages import CrashError, Plan, Request, Stop
from simulators.scenarios.kinds import FLAWS, NEXT_PAGE, READ, point_of
from simulators.strikes import strike

_AT_BAR = (
    FaultKind.SLOW,
    FaultKind.HANG,
    FaultKind.CRASH,
    FaultKind.COVER_OPEN,
    FaultKind.UNPLUGGED,
    FaultKind.JAM,
    FaultKind.CANCELLED,
    FaultKind.ERROR,
)
_WITHIN = tuple(kind for kind in FaultKind if kind not in FLAWS)
_FLAWS = (FaultKind.SLOW, FaultKind.CORRUPTED, FaultKind.HALF_RESOLUTION)
_STOP, _IGNORE = "stop", "ignore"
_BEGINNING = Stop()
_SIDES = (Side.FRONT, Side.BACK)


class Run:
    """One job.

    A caller may be cancelled within any call and call again: nothing that the paper did is forgotten.

    Attributes:
        ended: whether the machine is done with it.
        error: what ended it, if something did.
    """

    def __init__(self, machine: Machine, request: Request, source: SourceCaps) -> None:
        self._machine = machine
        self._request = request
        self._source = source
        self._limit = None if source.kind.feeds and machine.profile.defects.ignores_page_count else request.pages
        self._page_s = machine.profile.timing.page(request.dpi) * request.passes
        self._ahead = machine.profile.scan_ahead if source.kind.feeds else 0
        self._ready: deque[Plan | DeviceError] = deque()
        self._shown: Plan | None = None
        self._picked: tuple[Sheet | None, Sheet | None] | None = None
        self._at_bar = 0.0
        self._paused = True
        self._doubled = False
        self._sheets = 0
        self._pages = 0
        self._input_over = False
        self._reader_waits = False
        self._news = trio.Event()
        self._feeding = trio.CancelScope()
        self.ended = False
        self.error: DeviceError | None = None
        machine.report.jobs += 1
        if self._ahead:
            machine.spawn(self._feed_ahead)

    @property
    def page(self) -> int:
        """The number of the page that the session has got last, or of the first."""
        return 1 if self._shown is None else self._shown.number

    @property
    def buffered(self) -> int:
        """Pages that were fed ahead of the reader."""
        return sum(isinstance(item, Plan) for item in self._ready) if self._ahead else 0

    @property
    def draining(self) -> bool:
        """Whether no more paper will be fed, and pages are left in the memory."""
        stopped = self._input_over or (self._picked is None and not self._machine.paper.hopper)
        return stopped and any(isinstance(item, Plan) for item in self._ready)

    @property
    def scanning(self) -> bool:
        """Whether the page that the session has got last is read off the paper now, and not from memory."""
        return not self.ended and self._shown is not None and not self._ahead and not self._shown.back

    async def feed(self, number: int) -> Plan | None:
        """Page *number*, which is the next one or the last one again; None when there are no more.

        Raises:
            DeviceError: what ended the job.
        """
        if self._shown is not None and self._shown.number == number:
            return self._shown
        self._raise()
        if self.ended:
            return None
        while not self._ready and not self._input_over:
            await self._wait_for_sheet()
            self._raise()
        if not self._ready:
            code = self._machine.profile.defects.end_code
            if code:
                raise self._fail(self._machine.error(Code(code), "The job was ended.", page=self._pages + 1))
            self._end()
            return None
        self._machine.crash(NEXT_PAGE)
        item = self._ready[0]
        if isinstance(item, DeviceError):
            raise self._fail(item)
        await self._strike(NEXT_PAGE, item, _AT_BAR)
        self._ready.popleft()
        self._shown = item
        self._machine.report.pages += 1
        self._tell()
        return self._shown

    async def reach(self, number: int, stop: Stop) -> None:
        """The session has read page *number* up to one of its stops.

        Raises:
            DeviceError: what happens there and ends the job.
            CrashError: the worker shall die there.
        """
        self._raise()
        shown = self._shown
        if shown is not None and shown.number == number:
            await self._strike(READ, shown, _WITHIN, stop)

    async def stop(self) -> None:
        """Cancel: come to rest, put out what lies in the path."""
        moving = not self.ended
        self._end()
        if moving:
            await self._machine.clock.sleep(self._machine.profile.timing.cancel_s)

    def interrupt(self, error: DeviceError) -> None:
        """Something from outside ends the page at the scan bar, and with it the job."""
        self._machine.interrupted(self._fail(error))

    def abandon(self, error: DeviceError | None = None) -> None:
        """Nobody is there any more, or no current: everything stays where it is."""
        self.error = error
        self.ended = True
        self._feeding.cancel()
        self._tell()

    # -- feeding

    async def _wait_for_sheet(self) -> None:
        if not self._ahead:
            await self._bring_sheet()
            return
        self._reader_waits = True
        self._tell()
        await self._news.wait()

    async def _feed_ahead(self) -> None:
        with self._feeding:
            while not self.ended and not self._input_over:
                if self._room():
                    await self._bring_sheet()
                    self._reader_waits = False
                    self._tell()
                else:
                    self._paused = True
                    await self._news.wait()

    def _room(self) -> bool:
        """Whether another sheet may be fed ahead. What waits to go wrong with a page goes wrong before the next sheet moves."""
        plans = [item for item in (self._shown, *self._ready) if isinstance(item, Plan)]
        if self._reader_waits:
            return True
        return len(self._ready) + len(self._source.sides) <= self._ahead and not any(plan.stops for plan in plans)

    async def _bring_sheet(self) -> None:
        """Bring the next sheet to the scan bar, and behind it if the machine scans ahead; may be called again after a cancellation."""
        machine = self._machine
        timing = machine.profile.timing
        if self._picked is None:
            if not self._pick():
                self._tell()
                await trio.lowlevel.checkpoint()
                return
            # a motor that runs does not wait for whoever watches: being late with one sheet is no reason to be later with the next
            begun = machine.clock.now() if self._paused or not self._ahead else self._at_bar
            self._paused = False
            self._at_bar = begun + machine.warm_up() + timing.feed_s
            if self._ahead:
                self._at_bar += self._page_s
        await machine.clock.sleep(self._at_bar - machine.clock.now())
        if self.ended:
            return
        problem = machine.problem(feeding=self._source.kind.feeds)
        if problem is not None:  # the cover was opened while the sheet was on its way; it stays in the path
            self._picked = None
            self._no_more(problem)
        else:
            self._plan_pages()

    def _pick(self) -> bool:
        """Take the next sheet from hopper or glass; False when there is none or something went wrong."""
        machine, paper = self._machine, self._machine.paper
        problem = machine.problem(feeding=self._source.kind.feeds)
        if problem is not None:
            return self._no_more(problem)
        if not self._source.kind.feeds:
            if self._sheets and not machine.profile.defects.endless_flatbed:
                return self._no_more()
            self._sheets = 1
            self._picked = (paper.glass, paper.glass)
            return True
        paper.put_out()
        number = self._sheets + 1
        pages = range(self._pages + 1, self._pages + 1 + len(self._source.sides))
        if machine.faults.take(NEXT_PAGE, FaultKind.EMPTY, number, pages) is not None:
            machine.empty_hopper()
        if not paper.hopper:
            empty = machine.error(Code.NO_MEDIA, "There is no paper in the feeder.", page=1)
            return self._no_more(None if self._sheets else empty)
        if machine.faults.take(NEXT_PAGE, FaultKind.JAM, number, (pages[0],)) is not None:
            machine.jam()
            return self._no_more(machine.error(Code.JAM, f"Sheet {number} is stuck.", page=pages[0]))
        self._doubled = (
            len(paper.hopper) > 1 and machine.faults.take(NEXT_PAGE, FaultKind.MULTIFEED, number, pages) is not None
        )
        sheets = paper.pick(2 if self._doubled else 1)
        if self._doubled and self._watches and self._request.on_multifeed == _STOP:
            paper.put_out()
            return self._no_more(
                machine.error(Code.MULTIFEED, f"Two sheets were picked at sheet {number}.", page=pages[0])
            )
        self._sheets = number
        seen = sheets[0]
        if self._doubled:
            seen = replace(seen, overlap=Overlap(sheets[1], seen.lap_mm))
        self._picked = (seen, seen)
        self._tell()
        return True

    @property
    def _watches(self) -> bool:
        """Whether a double feed is noticed at all."""
        feeder = self._machine.profile.feeder
        return (
            self._source.kind.feeds
            and feeder is not None
            and feeder.multifeed_sensor
            and self._request.on_multifeed != _IGNORE
        )

    def _no_more(self, error: DeviceError | None = None) -> bool:
        self._input_over = True
        if error is not None:
            self._ready.append(error)
        return False

    def _plan_pages(self) -> None:
        assert self._picked is not None
        machine = self._machine
        feeds = self._source.kind.feeds
        for index, sheet in enumerate(self._picked[: len(self._source.sides)]):
            number = self._pages + 1
            if self._limit is not None and number > self._limit:
                break
            if feeds and self._request.discard_blank and (sheet is None or sheet.shows_nothing(_SIDES[index])):
                continue
            sheet_number = self._sheets if feeds else None
            live = index == 0 and not self._ahead
            slow, wrong, half = (machine.faults.take(READ, kind, self._sheets or 1, (number,)) for kind in _FLAWS)
            self._pages = number
            self._ready.append(
                Plan(
                    number=number,
                    sheet_number=sheet_number,
                    back=index == 1,
                    sheet=machine.see(sheet, feeding=feeds),
                    duration=(self._page_s if live else 0.0) + (slow.seconds if slow is not None else 0.0),
                    stops=machine.faults.stops(self._sheets or 1, number),
                    wrong_from=None if wrong is None else point_of(wrong),
                    half=half is not None,
                    multifeed=self._doubled if self._watches else None,
                )
            )
        self._picked = None
        if (not feeds and not machine.profile.defects.endless_flatbed) or self._pages == self._limit:
            self._input_over = True

    # -- ending

    async def _strike(self, verb: str, plan: Plan, kinds: tuple[FaultKind, ...], stop: Stop = _BEGINNING) -> None:
        """Let the faults of that moment happen, each kind once."""
        faults = self._machine.faults
        sheet = plan.sheet_number or 1
        for kind in kinds:
            at_stop = verb == READ
            fault = (
                faults.take_at(kind, sheet, plan.number, stop)
                if at_stop
                else faults.take(verb, kind, sheet, (plan.number,))
            )
            if fault is None:
                continue
            try:
                await strike(self._machine, fault, plan.number, phase=Phase.READ if at_stop else Phase.PAGE)
            except DeviceError as error:
                raise self._fail(error) from None
            except CrashError:
                self.abandon()
                raise
            self._raise()

    def _raise(self) -> None:
        if self.error is not None:
            raise self.error

    def _fail(self, error: DeviceError) -> DeviceError:
        if self.error is None:
            self.error = error
            self._end()
        return self.error

    def _end(self) -> None:
        if self.ended:
            return
        self.ended = True
        self._ready.clear()
        self._feeding.cancel()
        if not self._machine.cover_open:
            self._machine.paper.put_out()
        self._tell()

    def _tell(self) -> None:
        """Wake whoever waits for this job, and tell the session what the sensors say."""
        self._news.set()
        self._news = trio.Event()
        self._machine.changed()
