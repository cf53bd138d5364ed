"""The shrinker: the same failure, a sub-list, nothing more to leave out, the same every time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import trio
from hypothesis import given
from hypothesis import strategies as st

from conformance.programs.shrink import Shrunk, candidates, shrink

items = st.lists(st.integers(0, 9), max_size=24)


def is_sublist(short: Sequence[int], long: Sequence[int]) -> bool:
    """Whether *short* is *long* with some items left out."""
    rest = iter(long)
    return all(item in rest for item in short)


def solve(full: Sequence[int], fails: Callable[[Sequence[int]], bool]) -> tuple[int, ...]:
    """Drive the search without any device."""
    search = candidates(full)
    try:
        candidate = next(search)
        while True:
            candidate = search.send(fails(candidate))
    except StopIteration as end:
        found: tuple[int, ...] = end.value
        return found


@given(items, st.lists(st.integers(0, 9), max_size=4))
def test_result_fails_is_a_sublist_and_is_minimal(full: list[int], core: list[int]) -> None:
    """Whatever sub-sequence the failure needs: the result shows it, comes from the input in order, and cannot lose any one item."""

    def fails(candidate: Sequence[int]) -> bool:
        return is_sublist(core, candidate)

    program = full + core
    found = solve(program, fails)
    assert fails(found)
    assert is_sublist(found, program)
    assert not any(fails(found[:index] + found[index + 1 :]) for index in range(len(found)))


@given(items, st.sets(st.integers(0, 9), max_size=3), st.integers(0, 3))
def test_failures_that_are_not_monotone(full: list[int], needed: set[int], parity: int) -> None:
    """A failure that some longer sub-lists lack is shrunk all the same: to one that fails and is 1-minimal."""

    def fails(candidate: Sequence[int]) -> bool:
        return needed <= set(candidate) and (len(candidate) % 2 == parity % 2 or len(candidate) < 3)

    program = [*full, *sorted(needed)]
    if not fails(program):
        return
    found = solve(program, fails)
    assert fails(found)
    assert not any(fails(found[:index] + found[index + 1 :]) for index in range(len(found)))


def run_shrink(full: Sequence[int], fails: Callable[[Sequence[int]], bool], runs: int = 400) -> tuple[Shrunk[int], int]:
    """Shrink on trio; also how often the failure was asked for."""
    asked: list[tuple[int, ...]] = []

    async def still_fails(candidate: tuple[int, ...]) -> bool:
        await trio.lowlevel.checkpoint()
        asked.append(candidate)
        return fails(candidate)

    async def main() -> Shrunk[int]:
        return await shrink(full, still_fails, runs=runs)

    result = trio.run(main)
    assert len(asked) == len(set(asked)) == result.runs
    return result, len(asked)


def test_runs_are_bounded() -> None:
    """When the runs are spent, the shortest failing list so far is given, and said not to be minimal."""
    result, asked = run_shrink(range(100), lambda candidate: {3, 97} <= set(candidate), runs=7)
    assert asked == 7
    assert not result.minimal
    assert {3, 97} <= set(result.items)
    assert len(result.items) < 100


def test_same_answers_same_result() -> None:
    """The search draws no dice, and asks nothing twice."""
    results = [run_shrink(range(40), lambda candidate: {7, 8, 30} <= set(candidate)) for _ in range(2)]
    assert results[0] == results[1]
    assert results[0][0] == Shrunk((7, 8, 30), results[0][1], minimal=True)


def test_nothing_to_shrink() -> None:
    """An empty program, and one whose failure needs nothing, become empty."""
    assert run_shrink([], lambda candidate: True)[0].items == ()
    assert run_shrink([1, 2, 3], lambda candidate: True)[0].items == ()
