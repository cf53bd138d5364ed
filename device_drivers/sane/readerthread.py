"""Care for back ends that read in a thread of their own (sanei_thread) and kill it at the end of each frame.

Measured with `test` of libsane 1.2.1 (2 cores): the thread is killed by asynchronous cancellation, also at the natural
end of a frame, inside the sane_read that gives the last bytes. Killed inside malloc or free it leaves the heap locked,
and the join that follows never returns. Small grey pages in a loop, six processes, up to 30,000 pages each: four hung,
one within 500 pages. Waiting 2 ms before touching the thread helps only while the machine is idle: under load one of two
processes still hung, after 18,000 pages.

So the thread is touched only when the kernel says that it rests (blocked in its write to the pipe, or asleep) or is
gone: before sane_cancel, and before the last byte of a frame, which is left in the pipe until then. Waiting for a lock is
no rest. This reads two or three small files of /proc for each frame. With a `patience` of 0 nothing of this happens; that
is the rule for real devices. (The first end of a thread in a process has a trap of its own: see `native.load_unwinder`.)
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

LAB_PATIENCE_SECONDS: Final = 3.0
"""How long to wait for the thread at most; an idle machine needs a fraction of a millisecond, a starved one much more."""
POLL_SECONDS: Final = 0.0002
TASKS: Final = Path("/proc/self/task")
FUTEX: Final = {"x86_64": b"202", "aarch64": b"98", "armv7l": b"240", "i686": b"240", "riscv64": b"98"}.get(
    platform.machine(), b""
)
"""The number of the system call in which a thread waits for a lock."""


def task_ids() -> frozenset[int]:
    """The threads of this process, those of C included; empty where there is no such /proc."""
    try:
        return frozenset(int(name) for name in os.listdir(TASKS))  # noqa: PTH208  # names only, three times as fast
    except OSError:
        return frozenset()


def rests(task: int) -> bool:
    """Whether a thread is gone, or blocked in a system call that is no wait for a lock: then it holds none either."""
    folder = TASKS / str(task)
    try:
        if not _asleep((folder / "stat").read_bytes()):
            return False
        call = (folder / "syscall").read_bytes()
    except OSError:  # gone; or the system hides the call, then being asleep has to do
        return True
    number = call.split(maxsplit=1)[0]
    return number not in {b"running", b"-1", FUTEX}


def _asleep(stat: bytes) -> bool:
    return stat.rpartition(b")")[2].split()[0] not in {b"R", b"D"}


class ReaderThreadCare:
    """Knows how far the frame is and which threads read it.

    Args:
        patience: Seconds to wait for a thread at most; 0 switches everything off.
        sleep, clock, tasks, resting: Stand-ins for tests.
    """

    def __init__(
        self,
        patience: float,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        tasks: Callable[[], frozenset[int]] = task_ids,
        resting: Callable[[int], bool] = rests,
    ) -> None:
        self.patience = patience
        self._sleep = sleep
        self._clock = clock
        self._tasks = tasks
        self._resting = resting
        self._before: frozenset[int] = frozenset()
        self._readers: frozenset[int] = frozenset()
        self._remaining: int | None = None

    def starting(self) -> None:
        """Sane_start is next."""
        if self.patience:
            self._before = self._tasks()

    def started(self, announced: int | None) -> None:
        """A frame of so many bytes has begun; None if nobody knows."""
        if self.patience:
            self._readers = self._tasks() - self._before
            self._remaining = announced

    def allow(self, wanted: int) -> int:
        """How many of *wanted* bytes the next read may ask for; may wait for the thread."""
        if self._remaining is None or self._remaining < 1:
            return wanted
        if self._remaining == 1:
            self.wait()
            return wanted
        return min(wanted, self._remaining - 1)

    def got(self, count: int) -> None:
        """A read gave so many bytes."""
        if self._remaining is not None:
            self._remaining -= count

    def ended(self) -> None:
        """The frame is at its end, or was cancelled: there is no thread any more."""
        self._readers = frozenset()
        self._remaining = None

    def wait(self) -> None:
        """Until all reader threads rest, or patience is at its end."""
        if not self._readers:
            return
        deadline = self._clock() + self.patience
        while not all(self._resting(task) for task in self._readers) and self._clock() < deadline:
            self._sleep(POLL_SECONDS)
