"""Holds: "do not move the clock now".

A wait for a thread, a process or a socket looks to trio like idleness, and a virtual clock that jumps whenever everything is idle would fire deadlines
during it (measured). So each such wait takes a hold; the jumper of ``device_protocol.testing`` moves its clock only while no hold is open. Without a jumper
a hold costs one increment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

_open = 0
_listeners: list[Callable[[], None]] = []


def open_holds() -> int:
    """How many holds are open in this process."""
    return _open


@contextmanager
def hold() -> Iterator[None]:
    """Keep virtual clocks where they are for the length of the block."""
    global _open  # noqa: PLW0603  # one counter for the process: a clock may be asked from any task
    _open += 1
    try:
        yield
    finally:
        _open -= 1
        if not _open:
            for listener in tuple(_listeners):
                listener()


@contextmanager
def on_release(listener: Callable[[], None]) -> Iterator[None]:
    """Have *listener* called whenever the last hold is released."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)
