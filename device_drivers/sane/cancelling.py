"""Who may call sane_cancel, and when.

The standard (4.3.11) lets sane_cancel come at any time, from any thread, while another call is under way. Measured,
libsane 1.2.1, that is where processes die: back ends built on sanei_thread (SANE's `test` and many real ones) kill their
reader thread with asynchronous cancellation and join it. Two things go wrong. A reader killed inside malloc or free
leaves the heap locked and never ends, so the join never returns. And a sane_cancel beside a sane_read that is just
reaching its end joins the same thread twice, which is undefined behaviour.

So, the discipline:

1. All native calls come from one thread, the driver's. A cancel from another thread only sets a flag.
2. The driver's thread looks at the flag before and after each start and read, and calls sane_cancel itself, between
   native calls. This is the normal case: back ends give data at least every few hundred milliseconds.
3. Only if one native start or read has not come back `grace` seconds after the request, the asynchronous sane_cancel is
   made after all, from a helper thread: a device that gives nothing for so long would otherwise not be cancelled at
   all. The driver's thread does not go on before that call has returned.
4. Even on the driver's thread the reader can be hit inside malloc; `readerthread` keeps away from that.

What is left is a hang in C. Python cannot end it; the host's deadline ends the process.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

GRACE_SECONDS = 1.0
"""How long one native call may go on after a cancel request before sane_cancel comes from the side. SANE's `test` back
end blocks for 0.2 s at most, so there it never does."""


class CancelRequestedError(Exception):
    """The call was not made, since a cancellation is requested."""


class _Timer(Protocol):
    daemon: bool

    def start(self) -> None: ...

    def cancel(self) -> None: ...


class CancelGate:
    """The flag, and the watch over the one native call that may be under way.

    Args:
        native_cancel: The asynchronous sane_cancel; called from a helper thread, rarely.
        grace: See rule 3; seconds.
        timer: `threading.Timer`, or a stand-in.
    """

    def __init__(
        self,
        native_cancel: Callable[[], None],
        grace: float = GRACE_SECONDS,
        timer: Callable[..., Any] = threading.Timer,
    ) -> None:
        self._native_cancel = native_cancel
        self._grace = grace
        self._make_timer = timer
        self._state = threading.Condition()
        self._requested = False
        self._call = 0  # grows with each native call
        self._under_way = False
        self._from_the_side = False
        self._timer: _Timer | None = None

    @property
    def requested(self) -> bool:
        """Whether a cancellation was requested since the last `rearm`."""
        return self._requested

    def rearm(self) -> None:
        """Forget a past request; when a new scan begins."""
        with self._state:
            self._requested = False

    def request(self) -> None:
        """Ask for a cancellation; from any thread, never blocks, never raises, repeatable."""
        with self._state:
            self._requested = True
            if self._under_way and self._timer is None:
                self._timer = self._make_timer(self._grace, self._overdue, (self._call,))
                self._timer.daemon = True
                self._timer.start()

    @contextmanager
    def native_call(self) -> Iterator[None]:
        """Around a native start or read.

        Raises:
            CancelRequestedError: Before the call: it must not be made.
        """
        with self._state:
            if self._requested:
                raise CancelRequestedError
            self._call += 1
            self._under_way = True
        try:
            yield
        finally:
            with self._state:
                self._under_way = False
                if self._timer is not None:
                    self._timer.cancel()
                    self._timer = None
                while self._from_the_side:  # rule 3: nothing else until sane_cancel has returned
                    self._state.wait()

    def _overdue(self, call: int) -> None:
        with self._state:
            if not self._under_way or self._call != call:
                return
            self._from_the_side = True
        try:
            self._native_cancel()
        finally:
            with self._state:
                self._from_the_side = False
                self._state.notify_all()
