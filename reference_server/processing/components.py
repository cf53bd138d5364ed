"""Connected components of a black-and-white picture, in numpy alone: their bounding boxes, which is all that blemishes are judged by.

A picture is cut into horizontal runs of set pixels; runs of neighbouring rows that touch, corners included, are joined. Joining is by labels that sink to
the least of their neighbours: each round at least halves the number of components that are still apart, so there are few rounds, each a handful of
array operations over the runs. Time and memory go with the number of runs, not of pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Mask: TypeAlias = npt.NDArray[np.bool_]
Ints: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Boxes:
    """Bounding boxes, one entry for each component; ends are one past the last pixel."""

    top: Ints
    bottom: Ints
    left: Ints
    right: Ints

    @property
    def heights(self) -> Ints:
        """Rows that each component reaches over."""
        return self.bottom - self.top

    def __len__(self) -> int:
        return len(self.top)


@dataclass(frozen=True)
class Runs:
    """Horizontal runs in reading order; *end* is one past the last pixel."""

    row: Ints
    start: Ints
    end: Ints
    width: int

    def __len__(self) -> int:
        return len(self.row)


def runs_of(mask: Mask) -> Runs:
    """The runs of set pixels."""
    height, width = mask.shape
    padded = np.zeros((height, width + 2), np.int8)
    padded[:, 1:-1] = mask
    change = np.diff(padded, axis=1).ravel()
    starts, ends = np.flatnonzero(change == 1), np.flatnonzero(change == -1)
    stride = width + 1
    return Runs(starts // stride, starts % stride, ends % stride, width)


def components(mask: Mask) -> Boxes:
    """The boxes of all 8-connected components of *mask*."""
    return boxes_of(runs_of(mask))


def boxes_of(runs: Runs) -> Boxes:
    """The same from its runs."""
    label = _join(len(runs), *_touching(runs))
    _, component = np.unique(label, return_inverse=True)
    count = int(component.max()) + 1 if len(runs) else 0
    top, left = np.full(count, np.iinfo(np.int64).max), np.full(count, np.iinfo(np.int64).max)
    bottom, right = np.zeros(count, np.int64), np.zeros(count, np.int64)
    np.minimum.at(top, component, runs.row)
    np.maximum.at(bottom, component, runs.row + 1)
    np.minimum.at(left, component, runs.start)
    np.maximum.at(right, component, runs.end)
    return Boxes(top, bottom, left, right)


def _touching(runs: Runs) -> tuple[Ints, Ints]:
    """Pairs of runs in neighbouring rows that share a side or a corner: upper and lower ones, by number."""
    stride = runs.width + 2
    # In the row below, those touch whose end reaches the start of the upper one, and whose start is not beyond its end; they lie side by side.
    below = (runs.row + 1) * stride
    first = np.searchsorted(runs.row * stride + runs.end, below + runs.start, side="left")
    after = np.searchsorted(runs.row * stride + runs.start, below + runs.end, side="right")
    count = np.maximum(after - first, 0)
    upper = np.repeat(np.arange(len(runs)), count)
    before = np.cumsum(count) - count
    lower = np.arange(len(upper)) - np.repeat(before - first, count)
    return upper, lower


def _join(count: int, one: Ints, other: Ints) -> Ints:
    """For each of *count* items the least item that it hangs together with, by the pairs of *one* and *other*."""
    label = np.arange(count)
    while len(one):
        low, high = np.minimum(label[one], label[other]), np.maximum(label[one], label[other])
        apart = low != high
        one, other, low, high = one[apart], other[apart], low[apart], high[apart]
        np.minimum.at(label, high, low)
        while True:  # every label points at the least one that is known
            shorter = label[label]
            if np.array_equal(shorter, label):
                break
            label = shorter
    return label
