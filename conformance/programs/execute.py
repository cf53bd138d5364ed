"""Running a program against a backend and the model: the first disagreement is the failure."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Callable, Collection, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import TypeAlias

from conformance.programs.actor import Actor
from conformance.programs.beliefs import Disagrees
from conformance.programs.callers import perform
from conformance.programs.calls import DEADLINE_S, Kind, Pair, Seen
from conformance.programs.commands import Command, Program
from conformance.programs.invariants import INVARIANTS, Invariant
from conformance.programs.model import Broken, Model
from conformance.shapes import printable, shown
from device_protocol.aio import Backend
from device_protocol.testing import reseed

MOST_LINE = 400
"""Characters of a line of a trace."""

OpenBackend: TypeAlias = Callable[[], AbstractAsyncContextManager[Backend]]


@dataclass(frozen=True, slots=True)
class Failure:
    """A device and the model disagree.

    Attributes:
        requirement: the one that is broken.
        phase: the command that was answered wrongly, or the name of the invariant that does not hold after one.
        step: the index of that command.
        expected, got: for people.
    """

    requirement: str
    phase: str
    step: int
    expected: str
    got: str

    @property
    def signature(self) -> tuple[str, str]:
        """What stays the same while the program is shrunk, and what a replay must reproduce."""
        return self.requirement, self.phase

    def __str__(self) -> str:
        return f"{self.requirement} at command {self.step + 1} ({self.phase}): expected {self.expected}; got {self.got}"


@dataclass(frozen=True, slots=True)
class Rules:
    """How a program is judged.

    Attributes:
        deadline: seconds after which a call counts as hung.
        known: requirements that are known to be broken, and do not count.
        invariants: what has to hold after every step.
    """

    deadline: float = DEADLINE_S
    known: Collection[str] = ()
    invariants: Collection[Invariant] = INVARIANTS


class Run:
    """A program under way: one command after the other, until the model disagrees about a requirement that is not *known* to be broken.

    Attributes:
        done: the commands so far.
        failure: the disagreement, once there is one.
        skipped: the last command had nothing to act on.
        trace: what came of each command and what was read after it, a line each; None if nobody wants it.
    """

    def __init__(
        self, backend: Backend, device_ids: tuple[str, ...], rules: Rules | None = None, *, traced: bool = False
    ) -> None:
        self.rules = rules or Rules()
        self.actor = Actor(backend, device_ids, self.rules.deadline)
        self.model = Model(self.actor)
        self.done: list[Command] = []
        self.failure: Failure | None = None
        self.skipped = False
        self.trace: list[str] | None = [] if traced else None

    async def step(self, command: Command) -> Seen:
        """Carry out one command and judge it; :attr:`failure` says whether that was the last one."""
        self.done.append(command)
        self.skipped = not self.model.ready(command)
        if self.skipped:
            self._tell(lambda: f"{len(self.done)}. {command}: not now")
            return Seen(Kind.SKIPPED)
        seen = await perform(self.actor, command)
        self.skipped = seen.kind is Kind.SKIPPED
        self._tell(lambda: f"{len(self.done)}. {command}: {_line(seen)}")
        try:
            await self._judge(command, seen)
            self.actor.pinned = {}
        except Broken as error:
            self._fail(error, error.name)
        except Disagrees as error:
            self._fail(error, command.do.value)
        return seen

    async def _judge(self, command: Command, seen: Seen) -> None:
        try:
            await self.model.judge(command, seen)
        except Disagrees as error:
            if error.requirement not in self.rules.known:
                raise
            self.model.excuse(command)
        if seen.kind is not Kind.SKIPPED:
            for found in await self.model.look(command, seen):
                self._tell(lambda found=found: f"   {found}")  # type: ignore[misc]  # a default binds it
                self.model.hold(found, self.rules.invariants, self.rules.known)

    def _tell(self, line: Callable[[], str]) -> None:
        if self.trace is not None:
            self.trace.append(printable(line(), MOST_LINE))

    def _fail(self, error: Disagrees, phase: str) -> None:
        self.failure = Failure(
            error.requirement, phase, len(self.done) - 1, printable(error.expected), printable(error.got)
        )


@asynccontextmanager
async def running(
    open_backend: OpenBackend,
    device_id: str,
    rules: Rules | None = None,
    *,
    seed: int = 0,
    traced: bool = False,
) -> AsyncIterator[Run]:
    """A run on a backend of its own; whatever is still open at the end is closed. *seed* is of the order of tasks."""
    reseed(seed)
    async with open_backend() as backend:
        run = Run(backend, (device_id,), rules, traced=traced)
        try:
            yield run
        finally:
            await run.actor.tidy()


async def execute(
    program: Iterable[Command],
    open_backend: OpenBackend,
    device_id: str,
    *,
    rules: Rules | None = None,
    seed: int = 0,
) -> Failure | None:
    """Run *program* on a fresh backend; the first disagreement, or None.

    A device of another backend than the one the program was made for may lack options or sources; its refusals are no disagreements.
    """
    return (await trace(program, open_backend, device_id, rules=rules, seed=seed, traced=False)).failure


@dataclass(frozen=True, slots=True)
class Traced:
    """What came of a program.

    Attributes:
        failure: the first disagreement, or None.
        lines: what came of each command and what was read after it; the same bytes each time, where the device is in this process.
        reached: the last command had something to act on.
    """

    failure: Failure | None
    lines: tuple[str, ...]
    reached: bool


async def trace(
    program: Iterable[Command],
    open_backend: OpenBackend,
    device_id: str,
    *,
    rules: Rules | None = None,
    seed: int = 0,
    traced: bool = True,
) -> Traced:
    """As :func:`execute`, with everything that was seen."""
    async with running(open_backend, device_id, rules, seed=seed, traced=traced) as run:
        for command in program:
            await run.step(command)
            if run.failure is not None:
                break
    return Traced(run.failure, tuple(run.trace or ()), not run.skipped)


async def observe(program: Program, open_backend: OpenBackend, device_id: str) -> tuple[str, ...]:
    """What *program* shows on a device, without any judgement: one line for each command. Two devices differ if these do."""
    lines: list[str] = []
    async with running(open_backend, device_id) as run:
        for command in program:
            seen = await perform(run.actor, command)
            lines.append(f"{command}: {_line(seen)}")
    return tuple(lines)


def _line(seen: Seen) -> str:
    if seen.error is not None:
        return f"{seen.error!r}, retryable {seen.error.retryable}, survives {seen.error.survives}"
    value = seen.value
    if hasattr(value, "info"):
        return f"page {value.info}"
    if hasattr(value, "data") and hasattr(value, "biggest_ask"):
        return f"{value.count} bytes, {zlib.crc32(value.data):08x}, overlong {value.overlong}"
    if isinstance(value, Pair):
        return " | ".join(_line(item) for _, item in value.calls)
    if hasattr(value, "call") and hasattr(value, "after"):
        return f"{_line(value.call)} / {_line(value.after)}"
    text = shown(value, 1 << 16)
    return f"{seen.kind.value} {'a handle' if ' at 0x' in text else text}"
