"""A scan and its pages, on the driver's thread; only `cancel` comes from elsewhere (see `cancelling`).

The states are those of the contract's table, and so are the refusals. Whatever ends a scan, sane_cancel is called once
it is known that no page follows: the standard wants it after every scan (4.3.11), and it is what parks a lamp.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

from device_drivers.sane.errors import SaneBindingError
from device_drivers.sane.frames import Layout, PageEnding
from device_drivers.sane.handle import READ_LIMIT
from device_drivers.sane.keeper import StateKeeper
from device_drivers.sane.statuses import device_error
from device_protocol.capabilities import SourceKind
from device_protocol.codes import Code
from device_protocol.errors import DeviceError, Phase
from device_protocol.pages import PageEnd, PageInfo, PageParams, Side
from device_protocol.states import (
    JobHandle,
    JobState,
    Outcome,
    PageHandle,
    SessionState,
    Verb,
    cell,
)

STATES = {
    JobHandle.ARMED: JobState.PENDING,
    JobHandle.COMPLETED: JobState.COMPLETED,
    JobHandle.CANCELED: JobState.CANCELED,
    JobHandle.ABORTED: JobState.ABORTED,
}
"""What `status` reports; every other state is PROCESSING."""


class Reader(Protocol):
    """One page of a scan, being transferred."""

    @property
    def layout(self) -> Layout:
        """What its pixels are, as announced."""
        ...

    @property
    def progress(self) -> float | None:
        """How much of it has come, 0 to 1; None where the height is not known."""
        ...

    def read(self, max_bytes: int) -> bytes:
        """Up to *max_bytes* bytes; `b""` at the end of the page."""
        ...

    def at_end(self) -> bool:
        """Whether nothing is left to read."""
        ...

    def drain(self) -> None:
        """Throw away what is left."""
        ...

    def ending(self) -> PageEnding:
        """The account of the page so far."""
        ...


class Scanning(Protocol):
    """What a job needs of its session."""

    keeper: StateKeeper

    def begin_page(self) -> Reader:
        """Start a page.

        Raises:
            SaneBindingError: What the back end says.
        """
        ...

    def stop_scan(self) -> None:
        """Tell the back end that no page follows."""
        ...

    def settle(self) -> None:
        """Bring a requested cancellation to its end; on the driver's thread."""
        ...

    def cancel(self) -> None:
        """Initiate a cancellation; from any thread."""
        ...

    def scan_ended(self) -> None:
        """No scan runs any more."""
        ...

    def page_params(self, reader: Reader) -> PageParams:
        """The parameters of a page that has begun."""
        ...

    def later(self, call: Callable[[], None]) -> None:
        """Make a call on the driver's thread, when nothing else waits; without a loop there is no later."""
        ...


class SaneJob:
    """A scan under way.

    Args:
        session: Where it runs.
        reader: The first page, begun already.
        kind: The source it comes from.
        target: How many pages at most; None for all.
        read_ahead: Whether the next page is started as soon as one has ended, and not when it is asked for.
    """

    def __init__(
        self,
        session: Scanning,
        reader: Reader | None,
        kind: SourceKind,
        target: int | None,
        *,
        read_ahead: bool = False,
    ) -> None:
        self.state = JobHandle.ARMED
        self.pages = 0
        self.error: DeviceError | None = None
        self.page: SanePage | None = None
        self.kind = kind
        self.target = target if kind.feeds else 1  # SCAN-06: `test` would give pages of a flatbed without end
        self._session = session
        self._reader: Reader | None = reader
        self._ahead: SaneBindingError | None = None  # what starting the next page ahead of time led to
        self._read_ahead = read_ahead

    @property
    def job_state(self) -> JobState:
        """As `status` reports it."""
        return STATES.get(self.state, JobState.PROCESSING)

    @property
    def closed(self) -> bool:
        """Whether the session was closed; that goes for every job and page that it ever had."""
        return self._session.keeper.state is SessionState.CLOSED

    @property
    def more(self) -> bool:
        """Whether another page may follow."""
        return self.target is None or self.pages < self.target

    @property
    def buffered(self) -> int:
        """Pages that have been started and not asked for."""
        return int(self._reader is not None and self.pages > 0)

    def next_page(self) -> SanePage | None:
        """The next page; None at the end, as often as one asks.

        Raises:
            DeviceError: What ended the job, the same again on later calls.
        """
        self._enter(Phase.PAGE)
        answer = cell(Verb.NEXT_PAGE, self.state)
        if answer.outcome is Outcome.AGAIN:
            if self.error is not None:
                raise self.error
            return None
        if answer.code is not None:
            raise DeviceError(answer.code, phase=Phase.PAGE)
        if not self.more:
            self.end_scan(JobHandle.COMPLETED)
            return None
        reader, self._reader = self._reader, None
        try:
            if self._ahead is not None:
                raise self._ahead
            reader = reader or self._session.begin_page()
        except SaneBindingError as error:
            failure = device_error(error, Phase.PAGE, page=self.pages + 1)
            if failure.code is Code.NO_MEDIA:
                self.end_scan(JobHandle.COMPLETED)
                return None
            raise self.fail(failure) from error
        with self._session.keeper.lock:
            if self.state is not JobHandle.CANCELLING:
                self.pages += 1
                self.page = SanePage(self, self._session, reader)
                self.move(JobHandle.TRANSFERRING, SessionState.TRANSFERRING)
                return self.page
        self._session.settle()
        raise _cancelled(Phase.PAGE, self.pages + 1)

    def cancel(self) -> None:
        """Initiate a cancellation; from any thread. A job that is over is left alone.

        Raises:
            DeviceError: CLOSED, and nothing else.
        """
        if self.closed:
            raise DeviceError(Code.CLOSED, phase=Phase.CANCEL)
        if not self.job_state.terminal:
            self._session.cancel()

    def settled(self) -> JobState:
        """Bring a cancellation to its end; without one, tell where the job stands."""
        self._enter(Phase.CANCEL)
        return self.job_state

    def _enter(self, phase: Phase) -> None:
        self._session.settle()
        if self.closed:
            raise DeviceError(Code.CLOSED, phase=phase)

    # -- for the page and the session ---------------------------------------------------------------------------------

    def move(self, job: JobHandle, session: SessionState) -> None:
        """Job and session go together."""
        with self._session.keeper.lock:
            self.state = job
            self._session.keeper.move(session)

    def page_ended(self) -> None:
        """A page was left; another may be asked for."""
        if not self.more:
            self._session.stop_scan()
        elif self._read_ahead:
            self._session.later(self._start_ahead)
        self.move(JobHandle.PAGE_GAP, SessionState.PAGE_GAP)

    def _start_ahead(self) -> None:
        if self.state is not JobHandle.PAGE_GAP or self._reader is not None or self._ahead is not None:
            return
        try:
            self._reader = self._session.begin_page()
        except SaneBindingError as error:
            self._ahead = error

    def end_scan(self, state: JobHandle) -> None:
        """The scan is over: tell the back end, and go to a terminal state."""
        self._reader = None
        self._session.stop_scan()
        self._session.scan_ended()
        self.move(state, SessionState.IDLE)

    def fail(self, failure: DeviceError) -> DeviceError:
        """What happened ends the job; gives the error to raise."""
        with self._session.keeper.lock:
            cancelling = self.state is JobHandle.CANCELLING
        if cancelling:
            self._session.settle()
            return _cancelled(failure.phase or Phase.READ, failure.page)
        self.error = failure
        if self.page is not None and self.page.state in {PageHandle.READING, PageHandle.AT_END}:
            self.page.state = PageHandle.FAILED
        self.end_scan(JobHandle.ABORTED)
        return failure


class SanePage:
    """A page whose bytes are pulled."""

    def __init__(self, job: SaneJob, session: Scanning, reader: Reader) -> None:
        self.state = PageHandle.READING
        number = job.pages
        duplex = job.kind is SourceKind.FEEDER_DUPLEX
        self.info = PageInfo(
            number=number,
            params=session.page_params(reader),
            # Back ends with a duplex source send front and back in turn; SANE itself says nothing about it.
            side=Side.BACK if duplex and number % 2 == 0 else Side.FRONT,
            sheet=None if not job.kind.feeds else (number + 1) // 2 if duplex else number,
        )
        self._job = job
        self._session = session
        self._reader = reader
        self._bytes = 0
        self._end: PageEnd | None = None

    @property
    def progress(self) -> float | None:
        """How much of it has been given out: what the back end gave ahead of that is not the reader's yet (STAT-05)."""
        total = self.info.params.total
        return self._reader.progress if total is None else min(1.0, self._bytes / total)

    def read(self, max_bytes: int) -> bytes:
        """1 to *max_bytes* bytes, or `b""` once at the end (DATA-01, DATA-03).

        Raises:
            DeviceError: What ended the page; CANCELLED after a cancel; INVALID_VALUE for *max_bytes* below 1.
        """
        self._enter(Verb.READ)
        if type(max_bytes) is not int or max_bytes < 1:
            raise DeviceError(Code.INVALID_VALUE, f"{max_bytes!r} bytes cannot be read.", phase=Phase.READ)
        data = self._native(self._reader.read, min(max_bytes, READ_LIMIT))
        self._bytes += len(data)
        self._session.keeper.touch()
        if not data:
            self.state = PageHandle.AT_END
        return bytes(data)

    def end(self) -> PageEnd:
        """Leave the page; what was not read is lost. A second call gives the same again.

        Raises:
            DeviceError: What ended the page before.
        """
        self._enter(Verb.END)
        if self._end is not None:
            return self._end
        whole = self._native(self._reader.at_end)
        if not whole and self._job.more:
            self._native(self._reader.drain)  # only the end of a page leads to the next
        ending = self._reader.ending()
        params = replace(self.info.params, height=ending.layout.height, final=True)
        self._end = PageEnd(
            number=self.info.number,
            params=params,
            bytes=self._bytes,
            incomplete=not (whole and ending.complete and self._bytes == ending.received),
        )
        self.state = PageHandle.ENDED
        self._job.page_ended()
        return self._end

    def _enter(self, verb: Verb) -> None:
        self._session.settle()
        if self._job.closed:
            raise DeviceError(Code.CLOSED, phase=Phase.READ, page=self.info.number)
        answer = cell(verb, self.state)
        if answer.outcome is Outcome.AGAIN and self._job.error is not None and self.state is PageHandle.FAILED:
            raise self._job.error
        if answer.code is not None:
            raise DeviceError(answer.code, phase=Phase.READ, page=self.info.number)

    def _native(self, call: Any, *arguments: Any) -> Any:
        """A call below; its failure ends the job, and a cancellation meanwhile leaves no bytes."""
        number = self.info.number
        try:
            result = call(*arguments)
        except SaneBindingError as error:
            raise self._job.fail(device_error(error, Phase.READ, page=number)) from error
        if self._job.state is JobHandle.CANCELLING:
            self._session.settle()
            raise _cancelled(Phase.READ, number)
        return result


def _cancelled(phase: Phase, page: int | None) -> DeviceError:
    return DeviceError(Code.CANCELLED, phase=phase, page=page)
