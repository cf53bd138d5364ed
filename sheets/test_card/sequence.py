"""Judges a sequence of frames: what was dropped, repeated, torn, late or out of order."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Iterable
from dataclasses import dataclass

from sheets.test_card.marks import NUMBERS, STAMPS
from sheets.test_card.reading import FrameReading


@dataclass(frozen=True, slots=True)
class Seen:
    """A frame, and when it arrived: seconds on the clock of the stamps where latency is wanted; None: not known."""

    reading: FrameReading
    arrived_s: float | None = None


@dataclass(frozen=True, slots=True)
class Sequence:
    """What became of a stream.

    Attributes:
        frames: that arrived.
        drops: numbers that are missing between the first frame and the last.
        repeats: frames with the number of the one before.
        backwards: frames with a smaller number than the one before.
        torn, black, unreadable: such frames.
        rate: frames a second as the stamps say, repeats left out; None with less than two.
        longest_gap_s: between the stamps of two frames that follow each other.
        arrival_rate: frames a second as they arrived.
        longest_wait_s: between two arrivals.
        latency_s: median from stamp to arrival; None where arrivals are not known, or not on the clock of the stamps.
        worst_latency_s: the longest one.
    """

    frames: int = 0
    drops: int = 0
    repeats: int = 0
    backwards: int = 0
    torn: int = 0
    black: int = 0
    unreadable: int = 0
    rate: float | None = None
    longest_gap_s: float | None = None
    arrival_rate: float | None = None
    longest_wait_s: float | None = None
    latency_s: float | None = None
    worst_latency_s: float | None = None

    @property
    def clean(self) -> bool:
        """Whether every frame came once, whole and in order."""
        return not (self.drops or self.repeats or self.backwards or self.torn or self.black or self.unreadable)


def judge(sequence: Iterable[Seen]) -> Sequence:
    """What became of the frames, in the order in which they arrived; memory grows with their number."""
    frames = list(sequence)
    readings = [item.reading for item in frames]
    known = [item for item in frames if item.reading.number is not None]
    steps = [
        _signed((after.reading.number or 0) - (before.reading.number or 0), NUMBERS)
        for before, after in itertools.pairwise(known)
    ]
    fresh = known[:1] + [item for item, step in zip(known[1:], steps, strict=True) if step > 0]
    stamps = _unrolled([item.reading.stamp_ms or 0 for item in fresh])
    gaps = [(after - before) / 1000 for before, after in itertools.pairwise(stamps)]
    arrivals = [item.arrived_s for item in frames if item.arrived_s is not None]
    waits = [after - before for before, after in itertools.pairwise(arrivals)]
    latencies = [item.arrived_s - (item.reading.stamp_ms or 0) / 1000 for item in known if item.arrived_s is not None]
    return Sequence(
        frames=len(frames),
        drops=_missing(known),
        repeats=steps.count(0),
        backwards=sum(step < 0 for step in steps),
        torn=sum(reading.torn for reading in readings),
        black=sum(reading.black for reading in readings),
        unreadable=sum(reading.number is None and not reading.black for reading in readings),
        rate=len(gaps) / sum(gaps) if sum(gaps) > 0 else None,
        longest_gap_s=max(gaps, default=None),
        arrival_rate=len(waits) / sum(waits) if sum(waits) > 0 else None,
        longest_wait_s=max(waits, default=None),
        latency_s=statistics.median(latencies) if latencies else None,
        worst_latency_s=max(latencies, default=None),
    )


def _missing(known: list[Seen]) -> int:
    """Numbers between the smallest and the largest that no frame has."""
    if not known:
        return 0
    first = known[0].reading.number or 0
    offsets = {_signed((item.reading.number or 0) - first, NUMBERS) for item in known}
    return max(offsets) - min(offsets) + 1 - len(offsets)


def _signed(difference: int, modulus: int) -> int:
    """The shortest way from one number to another on the circle of *modulus*."""
    return (difference + modulus // 2) % modulus - modulus // 2


def _unrolled(stamps: list[int]) -> list[int]:
    """Stamps that go on where they began again."""
    found: list[int] = []
    for stamp in stamps:
        found.append(stamp if not found else found[-1] + _signed(stamp - found[-1] % STAMPS, STAMPS))
    return found
