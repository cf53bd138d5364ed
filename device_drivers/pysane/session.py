"""An open device of python-sane in the blocking form of the device protocol."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from device_drivers.pysane.job import PythonSaneJob, SnappedPage
from device_drivers.pysane.scanner import Scanner, Shape
from device_drivers.sane.capsmap import find_caps
from device_drivers.sane.errors import SaneBindingError
from device_drivers.sane.job import Reader
from device_drivers.sane.optionsession import OptionSession
from device_drivers.sane.optiontable import OptionTable
from device_drivers.sane.statuses import device_error
from device_protocol.capabilities import Colour, SourceKind
from device_protocol.codes import Code
from device_protocol.errors import DeviceError, Phase
from device_protocol.options import RESOLUTION, X_RESOLUTION, Y_RESOLUTION
from device_protocol.pages import PageParams
from device_protocol.settings import ALL, Settings, check_page_target
from device_protocol.states import JobHandle, SessionState, Verb
from device_protocol.values import Value

BUSY_STATES: Final = frozenset({SessionState.ARMED, SessionState.TRANSFERRING, SessionState.PAGE_GAP})


class PythonSaneSession(OptionSession):
    """An open device.

    Args:
        handle: The open device.
        defaults: Values of earlier sessions of this process; see `optiontable`.
        deterministic: Whether the same settings give the same bytes (the lab does).
        later: Hands a call to the driver's thread; not needed, since a page is taken in one call.
        read_ahead: Not offered.
        closed: Called once, at close.
    """

    def __init__(
        self,
        handle: Scanner,
        defaults: dict[str, Value],
        *,
        deterministic: bool = False,
        later: Callable[[Callable[[], None]], None] | None = None,
        read_ahead: bool = False,
        closed: Callable[[], None] = lambda: None,
    ) -> None:
        del later, read_ahead
        table = OptionTable(handle, defaults)
        table.restore(dict(defaults))
        super().__init__(table, find_caps(table, deterministic=deterministic))
        self._scanner = handle
        self._closed = closed
        self._job: PythonSaneJob | None = None
        self._kind = SourceKind.FLATBED
        self._announced: Shape | None = None
        self._first: SnappedPage | None = None
        self._within = False  # a call of python-sane that scans

    # -- verbs --------------------------------------------------------------------------------------------------------

    def params(self) -> PageParams:
        """What get_parameters tells; while a scan runs, that of its start."""
        self._enter(Verb.PARAMS)
        return self._params(self._announced or self._told(Phase.OPTIONS), final=False)

    def start(self, settings: Settings | None = None, pages: int | str = ALL) -> PythonSaneJob:
        """Apply *settings* and start a scan. From a feeder its first page is taken, since only that shows whether there is one.

        Raises:
            DeviceError: What python-sane makes of what SANE says; the session is then IDLE.
        """
        self._enter(Verb.START)
        check_page_target(pages)
        if settings is not None:
            self.apply(settings)
        self._refuse_empty_area()
        self._kind = self._source_kind()
        self._announced = self._told(Phase.START)
        self._table.freeze()
        try:
            first = self._begin()
        except SaneBindingError as error:
            self.scan_ended()
            raise device_error(error, Phase.START) from error
        job = PythonSaneJob(self, first, self._kind, pages if isinstance(pages, int) else None)
        with self.keeper.lock:
            self._job = job
            job.move(JobHandle.ARMED, SessionState.ARMED)
        return job

    def cancel(self) -> None:
        """Cancel, as a program's button does: from whatever thread, at once. What a page under way becomes, python-sane decides.

        Raises:
            DeviceError: CLOSED; what python-sane says.
        """
        with self.keeper.lock:
            if self.keeper.state is SessionState.CLOSED:
                raise DeviceError(Code.CLOSED, phase=Phase.CANCEL)
            job, running = self._job, self.keeper.state in BUSY_STATES
            if not running and not self._within:
                return
            if job is not None and running:
                job.cancelled = True
                if not self._within:
                    job.end_cancelled()
        try:
            self._scanner.cancel()
        except SaneBindingError as error:
            raise device_error(error, Phase.CANCEL) from error

    def close(self) -> None:
        """End any job and close the device; idempotent."""
        if self.keeper.state is SessionState.CLOSED:
            return
        self.keeper.move(SessionState.CLOSED)
        self._closed()
        self._scanner.close()

    # -- for the job --------------------------------------------------------------------------------------------------

    def begin_page(self) -> SnappedPage:
        """Take the next page, the whole of it.

        Raises:
            SaneBindingError: What python-sane says.
        """
        self._within = True
        try:
            if self._kind.feeds:
                return SnappedPage(self._scanner.next_of_feeder(), self._shape())
            return SnappedPage(self._scanner.snap(), self._shape())
        finally:
            self._within = False

    def stop_scan(self) -> None:
        """No page follows. `snap` has cancelled by itself, and so does the iterator over a feeder when it is dropped."""
        self._scanner.leave_feeder()

    def scan_ended(self) -> None:
        """No scan runs any more: options answer for themselves again."""
        self._table.thaw()
        self._announced = None

    def later(self, call: Callable[[], None]) -> None:
        """Nothing is done later."""
        del call

    def page_params(self, reader: Reader) -> PageParams:
        """The parameters of a page, as they were announced; what came may differ."""
        assert isinstance(reader, SnappedPage)
        return self._params(reader.announced, final=reader.announced.height is not None)

    # -- below --------------------------------------------------------------------------------------------------------

    def _reported(self) -> PythonSaneJob | None:
        return self._job

    def _begin(self) -> SnappedPage | None:
        """Start: of a feeder the first page, else None, and the page is taken when it is asked for."""
        if self._kind.feeds:
            return self.begin_page()
        self._within = True
        try:
            self._scanner.start()
        finally:
            self._within = False
        self._announced = self._scanner.get_parameters()
        return None

    def _shape(self) -> Shape:
        assert self._announced is not None
        return self._announced

    def _told(self, phase: Phase) -> Shape:
        try:
            return self._scanner.get_parameters()
        except SaneBindingError as error:
            raise device_error(error, phase) from error

    def _params(self, shape: Shape, *, final: bool) -> PageParams:
        both = self._table.number(RESOLUTION)
        return PageParams(
            width=max(1, shape.width),
            height=shape.height,
            stride=max(1, shape.stride),
            depth=shape.depth,
            channels=shape.channels,
            colour=Colour.GRAY if shape.channels == 1 else Colour.COLOR,
            dpi_x=self._table.number(X_RESOLUTION) or both,
            dpi_y=self._table.number(Y_RESOLUTION) or both,
            final=final,
        )
