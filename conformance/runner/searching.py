"""Generated programs as part of a run: each new failure is counted against the requirement that the model names."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace

from conformance.bench import OpenBackend
from conformance.programs import Found, search
from conformance.requirements import REQUIREMENTS, Status
from conformance.runner.deciding import failure as failing
from conformance.verdicts import Judgement, Verdict
from device_protocol.aio import Backend

MOST_FAILURES = 8

_BROKEN = {Verdict.FAIL, Verdict.WARN, Verdict.UNTESTABLE, Verdict.KNOWN}


@dataclass(slots=True)
class Hunt:
    """What a search has found.

    Attributes:
        programs, commands: how many ran.
        found: one failure for each requirement that no check had found broken.
    """

    programs: int = 0
    commands: int = 0
    found: tuple[Found, ...] = ()


async def hunt(
    open_backend: OpenBackend,
    device_id: str,
    judged: Mapping[str, Judgement],
    *,
    seed: int,
    count: int,
    seconds: float,
    deadline: float,
) -> Hunt:
    """Run up to *count* programs, going on after each failure; requirements that are known to be broken are not looked for.

    Args:
        open_backend: for the programs, one after the other.
        device_id: native id.
        judged: the verdicts so far.
        seed: of the first program; each has the next one.
        count: programs at most.
        seconds: real time for all of them; making a failing one short may take longer.
        deadline: for a single verb.
    """
    broken = {name for name, judgement in judged.items() if judgement.verdict in _BROKEN}
    result = Hunt()
    found: list[Found] = []

    until = time.monotonic() + seconds
    while count > result.programs and len(found) < MOST_FAILURES and time.monotonic() < until:
        searched = await search(
            open_backend,
            device_id,
            seed=seed + result.programs,
            count=count - result.programs,
            time_budget=until - time.monotonic(),
            deadline=deadline,
            known=frozenset(broken),
        )
        result.programs += searched.programs
        result.commands += searched.commands
        if searched.found is None:
            break
        found.append(searched.found)
        broken.add(searched.found.failure.requirement)
    result.found = tuple(found)
    return result


def judgement_of(found: Found, before: Judgement | None) -> Judgement:
    """What a failing program makes of a requirement."""
    failure = found.failure
    row = REQUIREMENTS[failure.requirement]
    verdict = failing(row) if row.status is not Status.PLANNED else Verdict.WARN
    how = f"shrunk from {found.original} commands" if found.repeatable else "it did not come again when run alone"
    evidence = f"a generated program expected {failure.expected}; got {failure.got} ({how})"
    steps = tuple(f"{number}. {command}" for number, command in enumerate(found.program, 1))
    base = before or Judgement(row.id, row.level, verdict, text=row.text, clause=row.clause)
    return replace(
        base,
        verdict=verdict,
        evidence=evidence,
        steps=steps,
        signature="/".join(("program", *failure.signature)),
    )


def reusing(backend: Backend) -> OpenBackend:
    """Programs on one backend, where opening another is dear (a worker, real hardware)."""

    @asynccontextmanager
    async def reuse() -> AsyncIterator[Backend]:
        yield backend

    def opened() -> AbstractAsyncContextManager[Backend]:
        return reuse()

    return opened
