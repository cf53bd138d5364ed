"""Connected components, against a flood fill that is as plain as can be."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from reference_server.processing.components import components, runs_of

Box = tuple[int, int, int, int]


def flood(mask: npt.NDArray[np.bool_]) -> list[Box]:
    """Top, bottom, left, right of each component, sorted."""
    left = {(int(row), int(column)) for row, column in np.argwhere(mask)}
    boxes = []
    while left:
        todo = [left.pop()]
        seen = list(todo)
        while todo:
            row, column = todo.pop()
            around = {(row + down, column + across) for down in (-1, 0, 1) for across in (-1, 0, 1)} & left
            left -= around
            todo += around
            seen += around
        rows, columns = [row for row, _ in seen], [column for _, column in seen]
        boxes.append((min(rows), max(rows) + 1, min(columns), max(columns) + 1))
    return sorted(boxes)


def found(mask: npt.NDArray[np.bool_]) -> list[Box]:
    """The same by the module."""
    boxes = components(mask)
    return sorted(
        (int(top), int(bottom), int(left), int(right))
        for top, bottom, left, right in zip(boxes.top, boxes.bottom, boxes.left, boxes.right, strict=True)
    )


@given(st.tuples(st.integers(1, 24), st.integers(1, 24)).flatmap(lambda shape: arrays(np.bool_, shape)))
def test_any_picture(mask: npt.NDArray[np.bool_]) -> None:
    """Each component of any picture has the box that a flood fill gives it, corners joining."""
    assert found(mask) == flood(mask)


@pytest.mark.parametrize("density", [0.1, 0.35, 0.5, 0.65, 0.9])
def test_larger_pictures(density: float) -> None:
    """Around the density at which everything begins to hang together, labels sink through long chains; the boxes are right there too."""
    mask = np.random.default_rng(7).random((150, 200)) < density
    assert found(mask) == flood(mask)


def test_a_spiral() -> None:
    """One component that winds through the whole picture is one: the worst case for labels that sink."""
    mask = np.zeros((101, 101), np.bool_)
    for ring in range(0, 50, 4):
        mask[ring, ring : 101 - ring] = mask[100 - ring, ring : 101 - ring] = True
        mask[ring : 101 - ring, 100 - ring] = mask[ring + 4 : 101 - ring, ring] = True
        mask[ring + 4, ring : ring + 5] = True
    assert found(mask) == flood(mask)
    assert len(components(mask)) == 1


def test_runs() -> None:
    """Runs end at the edge of the picture, and do not flow into the next row."""
    runs = runs_of(np.array([[1, 1, 0, 1], [1, 0, 0, 0], [0, 0, 0, 0]], np.bool_))
    assert list(zip(runs.row, runs.start, runs.end, strict=True)) == [(0, 0, 2), (0, 3, 4), (1, 0, 1)]


def test_nothing() -> None:
    """An empty picture has no components, of any shape."""
    for shape in ((1, 1), (5, 7), (0, 4)):
        assert len(components(np.zeros(shape, np.bool_))) == 0
