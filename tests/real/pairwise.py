"""Tables in which each value of a factor meets each value of each other one, in far fewer rows than there are combinations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

Row = dict[str, Any]


def pairwise(factors: Mapping[str, Sequence[Any]]) -> list[Row]:
    """The rows, always the same for the same factors: each takes, factor by factor, the value that meets most pairs which are still to be met."""
    names = list(factors)
    open_pairs = {
        (one, first, other, second)
        for one, other in combinations(range(len(names)), 2)
        for first in range(len(factors[names[one]]))
        for second in range(len(factors[names[other]]))
    }
    rows: list[Row] = []
    while open_pairs:
        one, first, other, second = min(open_pairs)
        chosen = {one: first, other: second}
        for place, name in enumerate(names):
            if place not in chosen:
                scores = [
                    sum(_pair(place, value, *item) in open_pairs for item in chosen.items())
                    for value in range(len(factors[name]))
                ]
                chosen[place] = scores.index(max(scores))
        open_pairs -= {_pair(left, chosen[left], right, chosen[right]) for left, right in combinations(chosen, 2)}
        rows.append({name: factors[name][chosen[place]] for place, name in enumerate(names)})
    return rows


def _pair(one: int, first: int, other: int, second: int) -> tuple[int, int, int, int]:
    return (one, first, other, second) if one < other else (other, second, one, first)
