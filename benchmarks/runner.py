"""Measuring pairs: A B A B, medians, so that a busy machine is busy for both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    Attributes:
        what: was measured, with its size.
        ours: median of ours.
        unit: of both; of ``pages/s`` more is better, of all others less.
        beside: what it is compared with; empty where there is nothing.
        theirs: its median, from the same run.
        wanted: what the project aims at, for people.
        note: what one has to know to read it.
    """

    what: str
    ours: float
    unit: str
    beside: str = ""
    theirs: float | None = None
    wanted: str = ""
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times as good as the other one ours is: as fast, or as small."""
        if self.theirs is None or not self.ours or not self.theirs:
            return None
        return self.ours / self.theirs if self.unit == "pages/s" else self.theirs / self.ours

    def plain(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self) | {"ratio": self.ratio}


def interleaved(contenders: Mapping[str, Callable[[], object]], rounds: int = 7) -> dict[str, float]:
    """Median seconds of each contender: each runs once to warm up, then they take turns.

    Args:
        contenders: by name.
        rounds: how often each is timed.
    """
    for contender in contenders.values():
        contender()
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, contender in contenders.items():
            start = time.perf_counter()
            contender()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def table(figures: list[Figure]) -> str:
    """The figures as text."""
    head = ("what", "ours", "beside", "theirs", "ratio", "wanted")
    rows = [
        (
            figure.what,
            _number(figure.ours, figure.unit),
            figure.beside,
            "" if figure.theirs is None else _number(figure.theirs, figure.unit),
            "" if figure.ratio is None else f"{figure.ratio:.2f} x",
            figure.wanted,
        )
        for figure in figures
    ]
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    right = {1, 3, 4}

    def line(cells: tuple[str, ...]) -> str:
        return "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ).rstrip()

    lines = [line(head), line(tuple("-" * width for width in widths))]
    for figure, row in zip(figures, rows, strict=True):
        lines.append(line(row))
        lines += [f"    {part}" for part in figure.note.splitlines()]
    return "\n".join(lines)


def _number(value: float, unit: str) -> str:
    return f"{value:.{0 if value >= 100 else 1 if value >= 10 else 2}f} {unit}"
