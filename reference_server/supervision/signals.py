"""Signals of the monitor: they wake it up and are taken as numbers; its child begins without any of that."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

ENDING = (signal.SIGTERM, signal.SIGINT)
WATCHED = (*ENDING, signal.SIGCHLD)


class Signals:
    """See the module; a context manager's work is done by :func:`watched_signals`.

    Attributes:
        read_end: becomes readable when there is one.
    """

    def __init__(self) -> None:
        self.read_end, self._write_end = os.pipe()
        os.set_blocking(self.read_end, False)
        os.set_blocking(self._write_end, False)
        self._wakeup = signal.set_wakeup_fd(self._write_end, warn_on_full_buffer=False)
        self._before = {number: signal.signal(number, _nothing) for number in WATCHED}

    def take(self) -> signal.Signals | None:
        """The first signal to end that has come since the last call."""
        with suppress(BlockingIOError):
            for number in os.read(self.read_end, 1024):
                if number in ENDING:
                    return signal.Signals(number)
        return None

    @contextmanager
    def held(self) -> Iterator[None]:
        """None comes in this block, so that a child which is made in it loses none."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def leave_to_child(self) -> None:
        """In the child: as in a process that was just started. Signals that were held come now."""
        signal.set_wakeup_fd(-1)
        for number in WATCHED:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
        os.close(self.read_end)
        os.close(self._write_end)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)

    def close(self) -> None:
        """Everything as it was before."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup)
        os.close(self.read_end)
        os.close(self._write_end)


@contextmanager
def watched_signals() -> Iterator[Signals]:
    """Watch them for the length of the block, which is in the main thread."""
    signals = Signals()
    try:
        yield signals
    finally:
        signals.close()


def _nothing(_number: int, _frame: object) -> None:
    """The wake-up is enough."""
