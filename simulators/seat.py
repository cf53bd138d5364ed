"""The lab's side of a session: the machine's one seat. It is the in-process :class:`simulators.link.MachineLink`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, nullcontext

import trio

from device_protocol import Code, DeviceError, FaultKind, Phase, ReportPoint, Value
from simulators.cameras.run import CameraRun
from simulators.duties import Duty
from simulators.journal.record import Kind
from simulators.link import Listener
from simulators.machine import Machine
from simulators.messages import Changed, Lease, Lost, Notice, Plan, Request, Stop, View
from simulators.run import Run
from simulators.scenarios.kinds import OPEN, START
from simulators.strikes import strike


class Seat:
    """Exclusive use of a machine, from open to release.

    Calls are carried out one at a time; ``stop`` and ``release`` end the one that is under way.
    """

    def __init__(self, machine: Machine, listener: Listener) -> None:
        self._machine = machine
        self._listener = listener
        self._turn = trio.Lock()
        self._call: trio.CancelScope | None = None
        self._lost: DeviceError | None = None
        self._view: View | None = None
        self._request: Request | None = None
        self._given = 0
        self._departed = False
        self._journal = machine.journal
        self._number = machine.journal.sessions
        self._name = f"session {self._number}"

    @classmethod
    async def take(cls, machine: Machine, listener: Listener) -> tuple[Seat, Lease]:
        """Open a session on *machine*.

        Raises:
            DeviceError: NOT_FOUND while unplugged, BUSY, or what a fault makes of it.
        """
        machine.journal.sessions += 1
        with machine.journal.call("open", client=machine.journal.sessions):
            try:
                return await cls._take(machine, listener)
            except DeviceError as error:
                machine.attendant.reported(error.code)
                raise

    @classmethod
    async def _take(cls, machine: Machine, listener: Listener) -> tuple[Seat, Lease]:
        if not machine.plugged:
            raise machine.error(Code.NOT_FOUND, "The device is not connected.", phase=Phase.OPEN)
        defects = machine.profile.defects
        if defects.offline_s:
            await machine.clock.sleep(defects.offline_s)
            raise machine.error(Code.DEVICE_LOST, "The device does not answer; it is switched off.", phase=Phase.OPEN)
        if machine.seat is not None or machine.busy:
            raise machine.error(Code.BUSY, "The device is in use.", phase=Phase.OPEN)
        seat = cls(machine, listener)
        machine.seat = seat
        machine.faults.session_opens()
        try:
            async with seat._in_turn():
                for kind in FaultKind:
                    fault = machine.faults.take(OPEN, kind)
                    if fault is not None:
                        await strike(machine, fault, phase=Phase.OPEN)
                machine.look_through(Phase.OPEN)
                await machine.clock.sleep(machine.profile.timing.open_s)
                machine.crash(OPEN)
        except BaseException:
            seat._leave()
            machine.attendant.closed()
            raise
        machine.operator_comes()
        machine.report.opened += 1
        pressed = tuple(machine.pressed)
        machine.pressed.clear()
        values = {} if defects.forgets_values else dict(machine.remembered)
        lease = Lease(machine.profile.data, machine.spec.serial, machine.view(), values, pressed)
        return seat, lease

    # -- the machine's side

    def tell(self, notice: Notice) -> None:
        """Pass a notice on, unless it says nothing new."""
        if isinstance(notice, Changed):
            if notice.view == self._view:
                return
            self._view = notice.view
        self._listener.tell(notice)

    async def heard(self) -> None:
        """Wait until the session has taken all notices so far."""
        await self._listener.heard()

    def lose(self, error: DeviceError) -> None:
        """The machine is gone, because of *error*."""
        self._lost = error
        if self._call is not None:
            self._call.cancel()
        self.tell(Lost())

    def drop(self) -> None:
        """The client is gone without a word: its job ends, the paper stays where it is."""
        if self._machine.seat is self:
            report = self._machine.report
            report.note(Duty.SESSION_LEFT_OPEN, client=self._name)
            self._journal.write(Kind.CALL, "gone", "the client went away without close", client=self._number)
            run = self._machine.run
            if run is not None and not run.ended:
                report.note(Duty.CANCEL_FORGOTTEN, "the client went away", self._name)
                run.abandon()
        self._depart()

    # -- the session's side (MachineLink)

    @property
    def clock(self) -> None:
        """See :class:`simulators.link.MachineLink`."""
        return None

    async def start(self, request: Request) -> None:
        """See :class:`simulators.link.MachineLink`."""
        pages = "all" if request.pages is None else request.pages
        async with self._calling("start", f"{request.source}, {request.dpi:g} dpi, pages: {pages}"):
            self._request, self._given = request, 0
            machine = self._machine
            if machine.run is not None:
                await machine.run.stop()  # of a start whose caller was cancelled
            machine.faults.job_starts()
            for kind in FaultKind:
                fault = machine.faults.take(START, kind)
                if fault is not None:
                    await strike(machine, fault, phase=Phase.START)
            machine.crash(START)
            asked = machine.profile.source(request.source)
            assert asked is not None
            source = machine.profile.used_source(asked, paper=bool(machine.paper.hopper))
            feeds = source.kind.feeds
            if source.conditions_at is ReportPoint.START:
                problem = machine.problem(feeding=feeds)
                if problem is None and feeds and not machine.paper.hopper:
                    problem = machine.error(Code.NO_MEDIA, "There is no paper in the feeder.")
                if problem is not None:
                    problem.phase = Phase.START
                    raise problem
            machine.look_through(Phase.START)
            machine.run = (Run if machine.profile.camera is None else CameraRun)(machine, request, source)

    async def feed(self, number: int) -> Plan | None:
        """See :class:`simulators.link.MachineLink`."""
        async with self._calling("next_page", f"page {number}"):
            assert self._machine.run is not None
            plan = await self._machine.run.feed(number)
        if plan is not None and plan.number > self._given:  # and not the last one again
            self._given = plan.number
            self._journal.given(plan, None if self._request is None else self._request.look, self._number)
        return plan

    async def reach(self, number: int, stop: Stop) -> None:
        """See :class:`simulators.link.MachineLink`."""
        async with self._calling():
            assert self._machine.run is not None
            await self._machine.run.reach(number, stop)

    async def stop(self) -> None:
        """See :class:`simulators.link.MachineLink`."""
        await self._stop("cancel")

    async def calibrate(self) -> None:
        """See :class:`simulators.link.MachineLink`."""
        async with self._calling("calibrate"):
            await self._machine.clock.sleep(self._machine.profile.timing.calibrate_s)

    async def remember(self, values: Mapping[str, Value]) -> None:
        """See :class:`simulators.link.MachineLink`."""
        await trio.lowlevel.checkpoint()
        self._machine.remembered = dict(values)

    async def note(self, duty: Duty, detail: str) -> None:
        """See :class:`simulators.link.MachineLink`."""
        await trio.lowlevel.checkpoint()
        self._machine.report.note(duty, detail, self._name)

    async def release(self) -> None:
        """See :class:`simulators.link.MachineLink`."""
        try:
            if self._machine.seat is self:
                await self._stop("close")
        finally:
            self._depart()

    async def _stop(self, verb: str) -> None:
        if self._call is not None:
            self._call.cancel()
        async with self._calling(verb):
            if self._machine.run is not None:
                await self._machine.run.stop()

    def _leave(self) -> None:
        if self._machine.seat is self:
            self._machine.seat = None
            self._machine.run = None
            self._machine.lamp_off()

    def _depart(self) -> None:
        """The client is gone; once, whatever became of the machine before."""
        self._leave()
        if not self._departed:
            self._departed = True
            self._machine.attendant.closed()

    def _check(self) -> None:
        if self._lost is not None:
            raise self._lost

    @asynccontextmanager
    async def _calling(self, verb: str = "", detail: str = "") -> AsyncIterator[None]:
        """As :meth:`_in_turn`, and the attendant hears of errors."""
        try:
            async with self._in_turn(verb, detail):
                yield
        except DeviceError as error:
            self._machine.attendant.reported(error.code)
            raise

    @asynccontextmanager
    async def _in_turn(self, verb: str = "", detail: str = "") -> AsyncIterator[None]:
        """Wait for one's turn; end when ``stop`` or a pulled plug says so. With a *verb*, the call is in the journal."""
        async with self._turn:
            self._check()
            with self._journal.call(verb, detail, self._number) if verb else nullcontext():
                with trio.CancelScope() as scope:
                    self._call = scope
                    try:
                        yield
                    finally:
                        self._call = None
                self._check()
                if scope.cancel_called:
                    raise self._machine.error(Code.CANCELLED, "The scan was cancelled.")
