"""Run an async function with reproducible scheduling.

Trio runs the tasks that are ready in random order, on purpose. Under a fixed seed ten runs give one trace (device-models.md 9, E2), which replay needs.
The switch is private to trio; this is the only place that touches it, and a test pins it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import trio
import trio.abc
from trio._core import _run  # the scheduling switch has no public name

from device_protocol.testing.jumper import Jumper

T = TypeVar("T")


def reseed(seed: int) -> None:
    """Begin the scheduler's dice anew, so that what follows runs as it would run alone; without reproducible scheduling nothing happens.

    A program of the suite does so at its start: it has the same order of tasks alone as after a hundred others.
    """
    if _run._ALLOW_DETERMINISTIC_SCHEDULING:  # noqa: SLF001  # see the module's docstring
        _run._r.seed(seed)  # noqa: SLF001  # the same


def run(
    fn: Callable[[], Awaitable[T]],
    *,
    seed: int = 0,
    clock: trio.abc.Clock | None = None,
    instruments: tuple[trio.abc.Instrument, ...] = (),
) -> T:
    """Run ``fn()`` on trio; same *seed*, same order of tasks.

    Args:
        fn: async function without arguments.
        seed: of the scheduler.
        clock: for example a :class:`Jumper`; None for real time.
        instruments: passed to trio.

    Returns:
        What *fn* returned.
    """

    async def start() -> T:
        if isinstance(clock, Jumper):
            clock.attach()
        return await fn()

    before = _run._ALLOW_DETERMINISTIC_SCHEDULING  # noqa: SLF001  # see the module's docstring
    state = _run._r.getstate()  # noqa: SLF001
    _run._ALLOW_DETERMINISTIC_SCHEDULING = True  # type: ignore[misc]  # noqa: SLF001
    _run._r.seed(seed)  # noqa: SLF001
    try:
        return trio.run(start, clock=clock, instruments=instruments)
    finally:
        _run._ALLOW_DETERMINISTIC_SCHEDULING = before  # type: ignore[misc]  # noqa: SLF001
        _run._r.setstate(state)  # noqa: SLF001
