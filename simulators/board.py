"""What a session shows of itself: status, revision, events."""

from __future__ import annotations

import weakref

from device_protocol import Event, EventKind, FeederState, JobStatus, SessionState, Status
from device_protocol.aio import EventStream
from simulators.messages import View


class Board:
    """State, conditions and job of a session. Every visible change makes the revision grow (STAT-04).

    Args:
        view: what the machine shows at the start.
        scan_ahead: of the machine.
        pressed: buttons that were pressed before; the first stream of events begins with them.
    """

    def __init__(self, view: View, scan_ahead: int, pressed: tuple[str, ...] = ()) -> None:
        self.state = SessionState.IDLE
        self.view = view
        self.job: JobStatus | None = None
        self.revision = 1
        self._scan_ahead = scan_ahead
        self._pressed = pressed
        self._streams: weakref.WeakSet[EventStream] = weakref.WeakSet()

    def status(self) -> Status:
        """A snapshot."""
        lost = self.state is SessionState.LOST
        return Status(
            state=self.state,
            feeder=FeederState.UNKNOWN if lost and self.view.feeder is not FeederState.NONE else self.view.feeder,
            conditions=frozenset() if lost else self.view.conditions,
            job=self.job,
            revision=self.revision,
            scan_ahead=self._scan_ahead,
            buffered=0 if lost else self.view.buffered,
        )

    def stream(self) -> EventStream:
        """A new stream of the events from now on."""
        stream = EventStream()
        for button in self._pressed:
            stream.put(Event(EventKind.BUTTON, self.revision, button))
        self._pressed = ()
        self._streams.add(stream)
        return stream

    def enter(self, state: SessionState) -> None:
        """The session is in another state."""
        if state is not self.state:
            self.state = state
            self.tell(EventKind.LOST if state is SessionState.LOST else EventKind.STATE, state.value)

    def see(self, view: View) -> None:
        """The machine's sensors say something else."""
        if view == self.view:
            return
        changed = view.conditions ^ self.view.conditions
        self.view = view
        self.revision += 1
        for code in sorted(changed):
            self.tell(EventKind.CONDITION, code.value)

    def show_job(self, job: JobStatus) -> None:
        """The job has gone on."""
        if job != self.job:
            self.job = job
            self.revision += 1

    def tell(self, kind: EventKind, detail: str) -> None:
        """Something happened."""
        self.revision += 1
        for stream in list(self._streams):
            if stream.closed:
                self._streams.discard(stream)
            else:
                stream.put(Event(kind, self.revision, detail))

    def close(self) -> None:
        """Nothing more will happen."""
        self.state = SessionState.CLOSED
        for stream in list(self._streams):
            stream.close()
        self._streams.clear()
