"""A stream as the camera carries it out: frames at their time, those that nobody fetched lost and counted."""

from __future__ import annotations

from device_protocol import DeviceError, FaultKind, Phase, SourceCaps
from simulators.cameras.shot import Shot
from simulators.cameras.timeline import Timeline
from simulators.machine import Machine
from simulators.messages import Plan, Request
from simulators.run import Run
from simulators.scenarios.kinds import HALFWAY, NEXT_PAGE, READ

_AT_FRAME = (
    FaultKind.SLOW,
    FaultKind.HANG,
    FaultKind.CRASH,
    FaultKind.UNPLUGGED,
    FaultKind.CANCELLED,
    FaultKind.ERROR,
)


class CameraRun(Run):
    """See :class:`simulators.run.Run`; each page is a frame, and there is always one more."""

    def __init__(self, machine: Machine, request: Request, source: SourceCaps) -> None:
        super().__init__(machine, request, source)
        camera = machine.profile.camera
        assert camera is not None
        self._habits = camera.habits
        self._last = -1
        self._dropped = 0
        self._picture = (0, 0)
        self._frozen_until = 0.0
        self._timeline = Timeline(
            camera.habits, request.rate, machine.spec.seed, machine.clock.now() + camera.habits.start_s
        )

    async def feed(self, number: int) -> Plan | None:
        """Frame *number*; a caller who comes too late gets the oldest one that is still there."""
        if self._shown is not None and self._shown.number == number:
            return self._shown
        self._raise()
        if self.ended:
            return None
        if self._limit is not None and number > self._limit:
            self._end()
            return None
        await self._strike(NEXT_PAGE, Plan(number, None, False, None), _AT_FRAME)
        self._look_through()
        machine, timeline = self._machine, self._timeline
        frame = max(self._last + 1, timeline.newest(machine.clock.now()) - self._habits.buffers + 1)
        while timeline.lost(frame) or machine.faults.take(NEXT_PAGE, FaultKind.DROPPED, None, (number,)):
            frame += 1
        await machine.clock.sleep(timeline.due(frame) - machine.clock.now())
        self._raise()
        if self._over:
            return None
        self._look_through()
        self._shown = self._plan(number, frame)
        machine.report.pages += 1
        self._tell()
        return self._shown

    def _plan(self, number: int, frame: int) -> Plan:
        machine, faults = self._machine, self._machine.faults
        now = self._timeline.due(frame)
        stamp = round((now - machine.born) * 1000)
        frozen = faults.take(NEXT_PAGE, FaultKind.FROZEN, None, (number,))
        if frozen is not None:
            self._frozen_until = now + frozen.seconds
        again = faults.take(NEXT_PAGE, FaultKind.REPEATED, None, (number,)) or self._timeline.repeated(frame)
        before = self._picture if self._last >= 0 else (frame, stamp)
        picture = before if again or now < self._frozen_until else (frame, stamp)
        tear = faults.take(READ, FaultKind.TORN, None, (number,))
        torn_at = self._timeline.torn(frame) if tear is None else tear.at or HALFWAY
        slow = faults.take(READ, FaultKind.SLOW, None, (number,))
        self._dropped += frame - self._last - 1
        self._last, self._picture = frame, picture
        shot = Shot(frame, stamp, *picture, *before, torn_at, machine.shutter_closed, self._dropped)
        return Plan(
            number=number,
            sheet_number=None,
            back=False,
            sheet=None,
            duration=0.0 if slow is None else slow.seconds,
            stops=faults.stops(None, number),
            shot=shot,
        )

    @property
    def _over(self) -> bool:
        """Whether somebody has stopped the stream meanwhile."""
        return self.ended

    def _look_through(self) -> None:
        try:
            self._machine.look_through(Phase.PAGE)
        except DeviceError as error:
            raise self._fail(error) from None
