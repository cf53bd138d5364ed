"""A scan by python-sane: pages that are whole when they are given out, or what python-sane calls whole."""

from __future__ import annotations

from device_drivers.pysane.scanner import Picture, Shape
from device_drivers.sane.frames import Layout, PageEnding
from device_drivers.sane.job import SaneJob, SanePage, Scanning
from device_protocol.capabilities import SourceKind
from device_protocol.codes import Code
from device_protocol.errors import DeviceError, Phase
from device_protocol.states import JobHandle, JobState, PageHandle, SessionState


class SnappedPage:
    """A picture, given out as bytes.

    Args:
        picture: What python-sane gave.
        announced: What get_parameters said of it.
    """

    def __init__(self, picture: Picture, announced: Shape) -> None:
        self.announced = announced
        self._picture = picture
        self._given = 0

    @property
    def layout(self) -> Layout:
        """Of the picture."""
        shape = self._picture.shape
        return Layout(shape.width, shape.height, shape.stride, shape.depth, shape.channels)

    @property
    def progress(self) -> float | None:
        """How much has been given out, 0 to 1."""
        return self._given / len(self._picture.data) if self._picture.data else None

    def read(self, max_bytes: int) -> bytes:
        """Up to *max_bytes* bytes; `b""` at the end."""
        data = self._picture.data[self._given : self._given + max_bytes]
        self._given += len(data)
        return data

    def at_end(self) -> bool:
        """Whether nothing is left."""
        return self._given == len(self._picture.data)

    def drain(self) -> None:
        """Throw away what is left."""
        self._given = len(self._picture.data)

    def ending(self) -> PageEnding:
        """As python-sane has it: a picture is a success, of whatever size. Applications have nothing to compare it with."""
        return PageEnding(self.layout, received=len(self._picture.data), missing=0, ragged=0, ended=True)


class PythonSaneJob(SaneJob):
    """A scan under way.

    Attributes:
        cancelled: Whether a cancel has come. A page that python-sane gives nevertheless is given out, and can be read: it says that it is whole.
    """

    def __init__(self, session: Scanning, first: SnappedPage | None, kind: SourceKind, target: int | None) -> None:
        super().__init__(session, first, kind, target)
        self.cancelled = False
        self._kept = False

    def next_page(self) -> SanePage | None:
        """The next page; None at the end.

        Raises:
            DeviceError: What ended the job.
        """
        if self.cancelled and not self.closed:
            self.end_cancelled()
        if self.state is JobHandle.CANCELED and not self.closed:
            raise DeviceError(Code.CANCELLED, phase=Phase.PAGE)
        page = super().next_page()
        self._kept = self.cancelled and page is not None
        return page

    def settled(self) -> JobState:
        """Bring a cancellation to its end; without one, tell where the job stands."""
        if self.cancelled and not self.closed:
            self.end_cancelled()
        return super().settled()

    def page_ended(self) -> None:
        """A page was left."""
        if not self.job_state.terminal:
            super().page_ended()

    def end_cancelled(self) -> None:
        """The scan is over by a cancel, unless it was over before."""
        if self.job_state.terminal:
            return
        if self.page is not None and not self._kept and self.page.state in {PageHandle.READING, PageHandle.AT_END}:
            self.page.state = PageHandle.CANCELLED
        self._session.stop_scan()
        self._session.scan_ended()
        self.move(JobHandle.CANCELED, SessionState.IDLE)
