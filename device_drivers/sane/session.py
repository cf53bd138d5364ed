"""An open SANE device in the blocking form of the device protocol. All verbs on the driver's thread, `cancel` on any."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from device_drivers.sane.capsmap import find_caps
from device_drivers.sane.errors import SaneBindingError
from device_drivers.sane.frames import Layout, layout_of
from device_drivers.sane.handle import Handle
from device_drivers.sane.job import Reader, SaneJob
from device_drivers.sane.optionsession import OptionSession
from device_drivers.sane.optiontable import OptionTable
from device_drivers.sane.pagereader import PageReader
from device_drivers.sane.statuses import device_error
from device_protocol.capabilities import Colour
from device_protocol.codes import Code
from device_protocol.errors import DeviceError, Phase
from device_protocol.options import RESOLUTION, X_RESOLUTION, Y_RESOLUTION
from device_protocol.pages import PageParams, Polarity
from device_protocol.settings import ALL, Settings, check_page_target
from device_protocol.states import JobHandle, PageHandle, SessionState, Verb
from device_protocol.values import Value
from device_protocol.vocabularies.sane_abi import LINES_UNKNOWN, Frame, Parameters

RUNNING: Final = frozenset(
    {SessionState.ARMED, SessionState.TRANSFERRING, SessionState.PAGE_GAP, SessionState.DRAINING}
)


class SaneSession(OptionSession):
    """An open device.

    Args:
        handle: The open SANE handle.
        defaults: Values of earlier sessions of this process; see `optiontable`.
        deterministic: Whether the same settings give the same bytes (the lab does).
        later: Hands a call to the driver's thread; None if there is no loop.
        read_ahead: See `SaneJob`.
        closed: Called once, at close.
    """

    def __init__(
        self,
        handle: Handle,
        defaults: dict[str, Value],
        *,
        deterministic: bool = False,
        later: Callable[[Callable[[], None]], None] | None = None,
        read_ahead: bool = False,
        closed: Callable[[], None] = lambda: None,
    ) -> None:
        table = OptionTable(handle, defaults)
        table.restore(dict(defaults))
        caps = find_caps(table, deterministic=deterministic)
        super().__init__(table, replace(caps, scan_ahead=int(read_ahead)))
        self.handle = handle
        self._later = later
        self._read_ahead = read_ahead
        self._closed = closed
        self._thread = threading.get_ident()
        self._job: SaneJob | None = None
        self._starting = False
        self._estimated: PageParams | None = None

    # -- reading ------------------------------------------------------------------------------------------------------

    def params(self) -> PageParams:
        """An estimate for the next page with the present options; pages carry their own.

        While a scan runs, that of its start: SANE then tells of the current frame, and `test` of a wrong one at its end.
        """
        self._enter(Verb.PARAMS)
        return self._estimate() if self._estimated is None else self._estimated

    def _estimate(self) -> PageParams:
        try:
            parameters = self.handle.get_parameters()
            return self._page_params(layout_of(_plausible(parameters)), final=False)
        except SaneBindingError as error:
            raise device_error(error, Phase.OPTIONS) from error

    # -- scanning -----------------------------------------------------------------------------------------------------

    def start(self, settings: Settings | None = None, pages: int | str = ALL) -> SaneJob:
        """Apply *settings* and start a scan; returns when the first bytes of the first page are there.

        Raises:
            DeviceError: NO_MEDIA and what else SANE reports, here and not later; the session is then IDLE.
        """
        self._enter(Verb.START)
        check_page_target(pages)
        if settings is not None:
            self.apply(settings)
        self._refuse_empty_area()
        kind = self._source_kind()
        self._estimated = self._estimate()
        self._table.freeze()
        self.handle.rearm()
        self._starting = True
        try:
            reader = self.begin_page()
        except SaneBindingError as error:
            self._starting = False
            self.handle.cancel()
            self.scan_ended()
            raise device_error(error, Phase.START) from error
        target = pages if isinstance(pages, int) else None
        job = SaneJob(self, reader, kind, target, read_ahead=self._read_ahead)
        with self.keeper.lock:  # a cancel comes before this, or finds the job
            self._starting = False
            cancelled = self.handle.cancel_requested
            if not cancelled:
                self._job = job
                job.move(JobHandle.ARMED, SessionState.ARMED)
        if cancelled:
            self.handle.cancel()
            self.scan_ended()
            raise DeviceError(Code.CANCELLED, phase=Phase.START)
        return job

    def cancel(self) -> None:
        """Initiate a cancellation of the current job, if any; from any thread.

        Raises:
            DeviceError: CLOSED, and nothing else.
        """
        with self.keeper.lock:
            if self.keeper.state is SessionState.CLOSED:
                raise DeviceError(Code.CLOSED, phase=Phase.CANCEL)
            if self.keeper.state in RUNNING and self._job is not None:
                self._job.move(JobHandle.CANCELLING, SessionState.CANCELLING)
                if self._job.page is not None and self._job.page.state in {PageHandle.READING, PageHandle.AT_END}:
                    self._job.page.state = PageHandle.CANCELLED
            elif not self._starting:
                return
            self.handle.request_cancel()
        if threading.get_ident() == self._thread:
            self.settle()
        else:
            self.later(self.settle)

    def close(self) -> None:
        """End any job and close the device; idempotent."""
        if self.keeper.state is SessionState.CLOSED:
            return
        self.keeper.move(SessionState.CLOSED)
        self._closed()
        self.handle.close()

    # -- for the job --------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Bring a requested cancellation to its end; on the driver's thread, where no native call is under way."""
        job = self._job
        if self.keeper.state is SessionState.CANCELLING and job is not None:
            job.end_scan(JobHandle.CANCELED)

    def scan_ended(self) -> None:
        """No scan runs any more: options answer for themselves again."""
        self._table.thaw()
        self._estimated = None

    def begin_page(self) -> PageReader:
        """Start a page.

        Raises:
            SaneBindingError: What the back end says.
        """
        return PageReader(self.handle)

    def stop_scan(self) -> None:
        """No page follows: sane_cancel, as the standard wants it after every scan (4.3.11)."""
        self.handle.cancel()

    def later(self, call: Callable[[], None]) -> None:
        """Make a call on the driver's thread, when nothing else waits; without a loop there is no later."""
        if self._later is not None:
            self._later(call)

    def page_params(self, reader: Reader) -> PageParams:
        """The parameters of a page that has begun."""
        return self._page_params(reader.layout, final=reader.layout.height is not None)

    def _reported(self) -> SaneJob | None:
        return self._job

    # -- below --------------------------------------------------------------------------------------------------------

    def _page_params(self, layout: Layout, *, final: bool) -> PageParams:
        both = self._table.number(RESOLUTION)
        grey = Colour.LINEART if layout.depth == 1 else Colour.GRAY
        white = layout.depth == 1 and not layout.one_is_black
        return PageParams(
            width=layout.width,
            height=layout.height,
            stride=layout.stride,
            depth=layout.depth,
            channels=layout.channels,
            colour=grey if layout.channels == 1 else Colour.COLOR,
            dpi_x=self._table.number(X_RESOLUTION) or both,
            dpi_y=self._table.number(Y_RESOLUTION) or both,
            polarity=Polarity.ONE_IS_WHITE if white else Polarity.ONE_IS_BLACK,
            final=final,
        )


def _plausible(parameters: Parameters) -> Parameters:
    """An estimate may be nonsense; say "unknown" instead.

    Measured: 0 lines with fuzzy-parameters of `test`; rows of 0 pixels and 0 bytes by sane-airscan 0.99.27, while the area is empty.
    """
    lines = parameters.lines if parameters.lines > 0 else LINES_UNKNOWN
    if parameters.pixels_per_line >= 1:
        return replace(parameters, lines=lines)
    samples = 3 if parameters.format == Frame.RGB else 1
    return replace(parameters, lines=lines, pixels_per_line=1, bytes_per_line=samples * max(1, parameters.depth // 8))
