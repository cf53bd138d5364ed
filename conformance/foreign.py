"""What a driver raises, told from what trio or a person raises; and where a call stood when it was given up."""

from __future__ import annotations

import traceback
from pathlib import Path
from types import TracebackType

import outcome
import trio

_TRIO = Path(trio.__file__).parent
_OUTCOME = Path(outcome.__file__).parent
_OURS = Path(__file__).parent
_BENCH = (_OURS / "bench", _OURS / "programs", _OURS / "runner", _OURS / "checks")
MOST_FRAMES = 12
"""Of a stack in a report: the innermost ones."""


def foreign(error: BaseException) -> bool:
    """Whether *error* was raised by a driver: a cancellation, an interruption and the end of a coroutine begin inside trio or in no code at all."""
    if isinstance(error, BaseExceptionGroup):
        return any(foreign(item) for item in error.exceptions)
    if isinstance(error, trio.Cancelled):
        return False
    if not isinstance(error, KeyboardInterrupt | GeneratorExit):
        return True
    last = _last(error.__traceback__)
    return last is not None and _TRIO not in Path(last.tb_frame.f_code.co_filename).parents


def _last(trace: TracebackType | None) -> TracebackType | None:
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace


def waiting_at(trace: TracebackType | None) -> tuple[str, ...]:
    """Where a call stood when it was cancelled: the frames of the driver and of what it waits in, outermost first, without ours."""
    frames = [item for item in traceback.extract_tb(trace) if not own(item.filename)]
    return framed(frames)


def framed(frames: list[traceback.FrameSummary]) -> tuple[str, ...]:
    """Frames as lines for a report; of a deep stack the innermost ones."""
    lines = tuple(
        f"{_short(item.filename)}:{item.lineno} in {item.name}: {item.line}" for item in frames[-MOST_FRAMES:]
    )
    left = len(frames) - len(lines)
    return (f"({left} more)", *lines) if left else lines


def own(file: str) -> bool:
    """Whether a frame of that file is trio's, the tester's, or of what starts them."""
    parents = Path(file).parents
    return _TRIO in parents or _OUTCOME in parents or any(room in parents for room in _BENCH)


def _short(file: str) -> str:
    """The last two parts of a path: enough to find it, and the same on every machine."""
    return "/".join(Path(file).parts[-2:])
