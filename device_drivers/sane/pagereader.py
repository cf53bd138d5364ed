"""One page of a scan: its frames are started, read and assembled, and what is left of it can be thrown away.

The first bytes are read before the page is handed out. Some back ends feed the sheet at sane_start, others (sane-airscan,
measured) only at the first sane_read, and say NO_DOCS there; so an empty feeder is always told by `begin`, and the end of
a stack is never an error in the middle of a page that does not exist.
"""

from __future__ import annotations

import contextlib
import fcntl
import sys
import time
from collections.abc import Callable
from typing import Final

from device_drivers.sane.errors import SaneBindingError
from device_drivers.sane.frames import Layout, PageAssembler, PageEnding
from device_drivers.sane.handle import READ_LIMIT, Handle

GATHER_SECONDS: Final = 0.01
"""How long small portions are gathered into one answer."""
PORTION: Final = 1 << 18
"""Bytes that are worth an answer of their own: joining large portions would only copy them once more."""
EMPTY_READ_PAUSE: Final = 0.002
"""Seconds between reads of a back end that answers "nothing yet" though it was not asked to."""


PIPE_BYTES: Final = 1 << 20
"""What an unprivileged process may ask for (/proc/sys/fs/pipe-max-size)."""


def widen(handle: Handle) -> None:
    """Let the back end's reader run further ahead, where it writes into a pipe that it shows (4.3.13).

    A pipe holds 64 KiB. The reader then sleeps and wakes 400 times for A4 at 300 dpi in colour, and on a machine that is idle
    otherwise that takes longer than everything else (measured: 65 to 170 ms a page; 20 ms with 1 MiB).
    """
    if sys.platform == "linux":
        with contextlib.suppress(
            SaneBindingError, OSError
        ):  # most back ends have no such descriptor, or it is a socket
            fcntl.fcntl(handle.get_select_fd(), fcntl.F_SETPIPE_SZ, PIPE_BYTES)


class PageReader:
    """The page that is being transferred; made by `begin`."""

    def __init__(
        self,
        handle: Handle,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._handle = handle
        self._sleep = sleep
        self._clock = clock
        self._failed: SaneBindingError | None = None
        self._ended = False
        handle.start()
        widen(handle)
        first = handle.get_parameters()
        self.assembler = PageAssembler(first)
        self.assembler.begin(first)
        self._fetch(READ_LIMIT)

    @property
    def layout(self) -> Layout:
        """What its pixels are, as announced."""
        return self.assembler.layout

    @property
    def progress(self) -> float | None:
        """How much of the page has come, 0 to 1; None where the height is not known."""
        layout = self.layout
        return None if layout.height is None else self.ending().received / (layout.height * layout.stride)

    def read(self, max_bytes: int) -> bytes:
        """Up to *max_bytes* bytes; `b""` at the end of the page.

        Back ends give little at a time (64 KiB, or a byte if `test` is told so), and each call of ours may cross a
        process border: so portions are gathered, for a short time.

        Raises:
            SaneError: The back end refuses, or the scan was cancelled.
            FrameError: The frames make no page.
        """
        parts: list[bytes] = []
        wanted = max_bytes
        until = self._clock() + GATHER_SECONDS
        while wanted:
            data = self.assembler.take(wanted)
            if data:
                parts.append(data)
                wanted -= len(data)
                continue
            if self._ended or (parts and (max_bytes - wanted >= PORTION or self._clock() >= until)):
                break
            if self._failed is not None:
                if parts:
                    break
                raise self._failed
            try:
                self._fetch(wanted)
            except SaneBindingError as error:
                self._failed = error  # what came before it comes first
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def at_end(self) -> bool:
        """Whether nothing is left to read; may have to ask the back end once.

        Raises:
            SaneError: As `read`.
        """
        if not self._ended and self.ending().missing == 0:
            self._fetch(1)
        return self._ended and not self.assembler.take(1)

    def drain(self) -> None:
        """Read what is left and throw it away, so that the next page can be started.

        Raises:
            SaneError: As `read`.
        """
        while self.read(READ_LIMIT):
            pass

    def ending(self) -> PageEnding:
        """The account of the page so far."""
        return self.assembler.ending()

    def _fetch(self, max_bytes: int) -> None:
        """One portion of bytes, or the end of a frame and the beginning of the next."""
        while (data := self._handle.read(max_bytes)) == b"":
            self._sleep(EMPTY_READ_PAUSE)
        if data is not None:
            self.assembler.feed(data)
            return
        self._ended = self.assembler.end_frame()
        if not self._ended:
            self._handle.start()
            widen(self._handle)
            self.assembler.begin(self._handle.get_parameters())
