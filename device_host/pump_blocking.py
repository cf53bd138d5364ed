"""The encoding stage above a job of the blocking form. Standard library only.

The pump is a chain of calls in the driver's own inbox, one a strip, so that whatever else waits there (a status, another verb) runs between two strips.
"""

from __future__ import annotations

from collections.abc import Callable

from device_host.filepage import FilePage
from device_host.messages import as_device_error
from device_host.stage import EncodedPage, Encoder, Stage, Taken, encode_with_codecs, outcome_of
from device_protocol.blocking import BlockingJob, BlockingPage, Inbox
from device_protocol.delivery import Encode
from device_protocol.errors import DeviceError, Phase
from device_protocol.states import JobState

STRIP = 1 << 20


class StagedBlockingJob:
    """A job whose pages are files.

    Args:
        inner: the driver's job.
        wish: what was asked for.
        inbox: of the driver.
        on_end: called in the driver's thread when the device has done its part, or has been told to stop.
        on_outcome: called in the driver's thread when the job has ended for its reader.
        encoder: makes the files.

    Attributes:
        outcome: how the job has ended for its reader; None while pages may wait to be taken.
    """

    def __init__(
        self,
        inner: BlockingJob,
        wish: Encode,
        inbox: Inbox,
        on_end: Callable[[], None],
        on_outcome: Callable[[], None],
        encoder: Encoder = encode_with_codecs,
    ) -> None:
        self.inner = inner
        self.stage = Stage(wish, encoder)
        self.outcome: JobState | None = None
        self._on_end = on_end
        self._on_outcome = on_outcome
        self._inbox = inbox
        self._reading: BlockingPage | None = None
        self._page: FilePage | None = None
        self._stopped = False
        inbox.put(self._step)

    def take(self, taker: Callable[[FilePage | DeviceError | None], None]) -> None:
        """Have *taker* called, from any thread, with the next page, the error that ended the job, or None for its end."""

        def arrived(taken: Taken) -> None:
            if isinstance(taken, EncodedPage):
                self._page = FilePage(taken)
                taker(self._page)
            else:
                taker(taken)
                self._end_as(outcome_of(taken))

        self.stage.take(arrived)

    def stop(self, error: DeviceError | None = None) -> None:
        """Drop what is held; from any thread."""
        self._stopped = True
        self._end_as(JobState.CANCELED)
        self.stage.stop(error)
        if self._page is not None:
            self._page.cancel()

    def _end_as(self, state: JobState) -> None:
        if self.outcome is None:
            self.outcome = state
            self._inbox.put(self._on_outcome)

    def _step(self) -> None:
        """Do one thing on the driver's thread, and come back for the next."""
        if self._stopped:
            return
        try:
            if self.stage.over:  # a page could not be encoded: nobody wants the rest
                self._stopped = True
                self.inner.cancel()
                self._on_end()
            else:
                self._move()
        except DeviceError as error:
            self._finish(error)
        except (Exception, SystemExit) as error:  # noqa: BLE001  # a failing driver ends this job, not the host (ERR-08)
            self._finish(as_device_error(error, Phase.READ))

    def _move(self) -> None:
        page = self._reading
        if page is None:
            page = self.inner.next_page()
            if page is None:
                self._finish(None)
                return
            self.stage.begin(page.info)
            self._reading = page
        elif strip := page.read(STRIP):
            self.stage.strip(strip)
        else:
            self._reading = None
            self.stage.finish(page.end())
            self._inbox.put(self._step)
            return
        if self.stage.may_read(lambda: self._inbox.put(self._step)):
            self._inbox.put(self._step)

    def _finish(self, error: DeviceError | None) -> None:
        self.stage.finish_input(error)
        self._on_end()
