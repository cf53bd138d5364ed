"""A driver in this process may block it: no limit in trio's time can end that. A thread notices, has the verdict told with the stack, and ends the process.

Two ways to be stuck. A task step that does not come back (``time.sleep``, a busy loop, native code) blocks the loop; a call that shields itself from its
cancellation leaves the loop idle for good. In both a call of the driver must be under way, or the fault is the tester's. What cannot be cancelled cannot be
cleaned up either, so the process ends; ``--hosted`` costs a worker instead.
"""

from __future__ import annotations

import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

import trio

from conformance.foreign import framed, own

LOOK_EVERY_S = 0.2
QUIET_FACTOR = 3.0
"""An idle loop may be waiting for hardware: it gets this many times as long as a blocked one."""


@dataclass(frozen=True, slots=True)
class Stuck:
    """What the watchdog saw.

    Attributes:
        what: in a sentence.
        stack: where it stands, outermost frame first.
        driver: whether the innermost frames are those of a driver, and not ours.
    """

    what: str
    stack: tuple[str, ...]
    driver: bool

    @property
    def evidence(self) -> str:
        """For the verdict."""
        return f"{self.what}; it stands in " + " < ".join(reversed(self.stack))


class Watchdog(trio.abc.Instrument):
    """Watches the trio run in which it is made.

    Args:
        bark: told once, from another thread, while the run is stuck; it must not return if the process is to end.
        busy: whether a call of the driver is under way.
        blocked_s: real seconds that one step may take.
    """

    def __init__(self, bark: Callable[[Stuck], object], busy: Callable[[], bool], blocked_s: float) -> None:
        self._bark = bark
        self._busy = busy
        self._blocked_s = blocked_s
        self._main = threading.get_ident()
        self._root = trio.lowlevel.current_root_task()
        self._stepping = True
        self._since = time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def before_task_step(self, task: trio.lowlevel.Task) -> None:
        """See trio: some task goes on."""
        del task
        self._stepping, self._since = True, time.monotonic()

    def after_task_step(self, task: trio.lowlevel.Task) -> None:
        """See trio: it waits again."""
        del task
        self._stepping, self._since = False, time.monotonic()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch as long as the block lasts."""
        trio.lowlevel.add_instrument(self)
        self._thread.start()
        try:
            yield
        finally:
            self._over.set()
            trio.lowlevel.remove_instrument(self)

    def _watch(self) -> None:
        while not self._over.wait(LOOK_EVERY_S):
            stuck = self._look()
            if stuck is not None:
                self._bark(stuck)
                return

    def _look(self) -> Stuck | None:
        took = time.monotonic() - self._since
        if not self._busy():
            return None
        if self._stepping and took > self._blocked_s:
            stack, driver = _running(sys._current_frames().get(self._main))  # noqa: SLF001  # the documented way to another thread's stack
            return Stuck(f"the driver has blocked the whole process for {self._blocked_s:g} s", stack, driver)
        if not self._stepping and took > QUIET_FACTOR * self._blocked_s:
            return Stuck(
                f"a call cannot be cancelled: nothing has moved for {QUIET_FACTOR * self._blocked_s:g} s",
                _waiting(self._root),
                driver=True,
            )
        return None


def _running(frame: FrameType | None) -> tuple[tuple[str, ...], bool]:
    """The stack below the last frame of ours, and whether there is any."""
    frames = traceback.extract_stack(frame) if frame is not None else []
    ours = max((index for index, item in enumerate(frames) if own(item.filename)), default=-1)
    driver = frames[ours + 1 :]
    return framed(list(driver or frames)), bool(driver)


def _waiting(root: trio.lowlevel.Task | None) -> tuple[str, ...]:
    """Where tasks wait: that of the driver's frames which is the deepest."""
    deepest: list[traceback.FrameSummary] = []
    tasks = [root] if root is not None else []
    while tasks:
        task = tasks.pop()
        tasks += [child for nursery in task.child_nurseries for child in nursery.child_tasks]
        frames = [
            traceback.FrameSummary(frame.f_code.co_filename, line, frame.f_code.co_name)
            for frame, line in task.iter_await_frames()
            if not own(frame.f_code.co_filename)
        ]
        if len(frames) > len(deepest):
            deepest = frames
    return framed(deepest)
