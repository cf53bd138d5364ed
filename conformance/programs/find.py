"""Looking for a failure: random programs until one disagrees, made short."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

from conformance.programs.calls import DEADLINE_S, Kind, call
from conformance.programs.commands import Command, Program
from conformance.programs.execute import Failure, OpenBackend, Rules, execute, running
from conformance.programs.generate import Generator, Style
from conformance.programs.invariants import INVARIANTS, Invariant
from conformance.programs.shrink import DEFAULT_RUNS, shrink
from conformance.shapes import check_of
from device_protocol import ControlCaps
from device_protocol.aio import Backend

DEFAULT_COUNT = 500
"""Programs for a profile: in the experiments 1 to 78 sufficed for a kill (device-models.md 9)."""


@dataclass(frozen=True, slots=True)
class Found:
    """A failure and the shortest program known that shows it.

    Attributes:
        failure: of the short program.
        program: the short program.
        seed: of the random program it came from.
        original: how many commands that one had.
        runs: how often programs were run to make it short.
        repeatable: the failure came again when the program was run alone; if not, *program* is the original.
    """

    failure: Failure
    program: Program
    seed: int
    original: int
    runs: int
    repeatable: bool = True


@dataclass(frozen=True, slots=True)
class Searched:
    """What a search has done: for a report, and for a test that wants to know that it did anything."""

    programs: int
    commands: int
    found: Found | None = None


async def search(
    open_backend: OpenBackend,
    device_id: str,
    *,
    seed: int = 0,
    count: int = DEFAULT_COUNT,
    time_budget: float = 60.0,
    style: Style | None = None,
    deadline: float = DEADLINE_S,
    known: Collection[str] = (),
    shrink_runs: int = DEFAULT_RUNS,
    skip: Callable[[Failure], bool] | None = None,
    invariants: Collection[Invariant] = INVARIANTS,
) -> Searched:
    """Run up to *count* programs made from *seed*, *seed* + 1, ...

    It stops at the first failure that is not to be skipped, or after *time_budget* real seconds. Requirements *known* to be broken (a baseline) do not
    end a program; of the session concerned nothing is expected from there on. A failure that *skip* wants skipped ends its program.
    """
    rules = Rules(deadline, known, invariants)
    started = time.monotonic()
    commands = 0
    for index in range(count):
        if time.monotonic() - started > time_budget:
            return Searched(index, commands)
        program, failure = await one(open_backend, device_id, seed + index, style=style, rules=rules)
        commands += len(program)
        if failure is not None and not (skip is not None and skip(failure)):
            found = await _shorten(open_backend, device_id, program, failure, seed + index, rules, shrink_runs)
            return Searched(index + 1, commands, found)
    return Searched(count, commands)


async def find_failure(
    open_backend: OpenBackend,
    device_id: str,
    *,
    seed: int = 0,
    count: int = DEFAULT_COUNT,
    time_budget: float = 60.0,
    style: Style | None = None,
    deadline: float = DEADLINE_S,
    known: Collection[str] = (),
) -> Found | None:
    """The first failure among *count* random programs, with a short program; None if all agree with the model."""
    searched = await search(
        open_backend,
        device_id,
        seed=seed,
        count=count,
        time_budget=time_budget,
        style=style,
        deadline=deadline,
        known=known,
    )
    return searched.found


async def one(
    open_backend: OpenBackend,
    device_id: str,
    seed: int,
    *,
    style: Style | None = None,
    rules: Rules | None = None,
) -> tuple[Program, Failure | None]:
    """Make and run one random program."""
    async with running(open_backend, device_id, rules, seed=seed) as run:
        generator = Generator(seed, await control_caps(run.actor.backend, device_id, run.rules.deadline), style)
        while len(run.done) < generator.length and run.failure is None:
            await run.step(generator.next(run.model, generator.length - len(run.done)))
        return tuple(run.done), run.failure


async def control_caps(backend: Backend, device_id: str, deadline: float) -> ControlCaps | None:
    """What can be done to the device; None if nothing can, or it cannot say."""

    async def ask() -> ControlCaps:
        control = await backend.control(device_id)
        return await control.caps()

    seen = await call(ask, check_of(ControlCaps), deadline)
    return seen.value if seen.kind is Kind.VALUE else None


async def _shorten(
    open_backend: OpenBackend,
    device_id: str,
    program: Program,
    failure: Failure,
    seed: int,
    rules: Rules,
    runs: int,
) -> Found:
    async def still_fails(candidate: tuple[Command, ...]) -> bool:
        again = await execute(candidate, open_backend, device_id, rules=rules, seed=seed)
        return again is not None and again.signature == failure.signature

    if not await still_fails(program):
        return Found(failure, program, seed, len(program), 1, repeatable=False)
    short = await shrink(program, still_fails, runs=runs)
    last = await execute(short.items, open_backend, device_id, rules=rules, seed=seed)
    return Found(last or failure, short.items, seed, len(program), short.runs)
