"""One mutant, one verdict: the suite runs over it in a child, check after check, until one kills it."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import spec_from_file_location
from types import CodeType
from typing import Any

from conformance.selftest.mutants.candidates import Mutant, mutate
from conformance.selftest.mutants.covering import Covered
from conformance.selftest.mutants.forks import Say, Told, in_child
from conformance.selftest.mutants.ground import Ground, Watcher
from conformance.selftest.mutants.swapping import swap

KILLING = frozenset({"fail", "warn", "untestable"})
"""Verdicts that kill. A harness error does not: the tester broke, and said nothing about the mutant."""

MOST_TARGETS = 2
"""On so many targets a check judges a mutant: a third has hardly ever told more, and takes half as long again."""

CPU_SECONDS, SECONDS = 50, 900.0
"""For one mutant; the whole run over one that lives takes about a fifth of that."""


class Outcome(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    """By a requirement."""
    STILLBORN = "stillborn"
    """It could not be imported, or did not get as far as to say what it is."""
    HUNG = "hung"
    """It had to be stopped, or took the process down."""
    SURVIVED = "survived"

    @property
    def dead(self) -> bool:
        """Whether the suite would have told."""
        return self is not Outcome.SURVIVED


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a mutant, and by what.

    Attributes:
        outcome: see :class:`Outcome`.
        by: the requirement whose check killed it, or "programs"; of those that hung, the check that ran.
        on: the target on which it was.
        seconds: of real time.
        evidence: what the check said.
    """

    outcome: Outcome
    by: str = ""
    on: str = ""
    seconds: float = 0.0
    evidence: str = ""


class _Mutated(SourceFileLoader):
    """Loads a module with a change made."""

    def __init__(self, mutant: Mutant, path: str) -> None:
        super().__init__(mutant.module, path)
        self._mutant = mutant

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002  # as the import system calls it
        """The changed code; never from a cache, never into one."""
        return compile(mutate(self._mutant, self.get_data(self.path).decode()), self.path, "exec")


class _Finder:
    """Finds the changed module before anything else does."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: object = None) -> ModuleSpec | None:
        """See :class:`importlib.abc.MetaPathFinder`."""
        del target
        if name != self._mutant.module:
            return None
        found = PathFinder.find_spec(name, path)
        assert found is not None
        assert found.origin is not None
        return spec_from_file_location(name, found.origin, loader=_Mutated(self._mutant, found.origin))


class _Judge(Watcher):
    """Reports verdicts home, and ends the run at the first that kills."""

    def __init__(self, say: Say) -> None:
        self._say = say

    def contact(self, target: str) -> None:
        self._say({"contact": target})

    def begins(self, name: str) -> None:
        self._say({"begins": name})

    def judged(self, target: str, name: str, verdict: str, evidence: str) -> None:
        self._say({"on": target, "by": name, "verdict": str(verdict), "evidence": evidence[:500]})
        self.enough = self.enough or verdict in KILLING


def forget(packages: Sequence[str]) -> None:
    """Drop all modules of *packages*, so that the next import makes them anew."""
    inside = tuple(f"{name}." for name in packages)
    for name in [name for name in sys.modules if name in packages or name.startswith(inside)]:
        del sys.modules[name]


def trials(ground: Ground, mutant: Mutant, covered: Covered) -> dict[str, list[str]]:
    """Target -> the checks that run the lines that were changed, in their order; each on the first targets on which it does so."""
    order = {name: index for index, name in enumerate(ground.names())}
    found: dict[str, set[str]] = {}
    lines = covered.get(mutant.module, {})
    for line in mutant.lines:
        for target, names in lines.get(line, {}).items():
            found.setdefault(target, set()).update(names)
    ran: Counter[str] = Counter()
    wanted = {}
    for target in ground.targets:
        names = [name for name in found.get(target, ()) if name in order and ran[name] < MOST_TARGETS]
        ran.update(names)
        if names:
            wanted[target] = spread(sorted(names, key=order.__getitem__), ground.most_checks)
    return wanted


def spread(names: list[str], most: int) -> list[str]:
    """At most *most* of *names*, evenly from the first to the last."""
    return [names[index * len(names) // most] for index in range(most)] if len(names) > most else names


def judge(ground: Ground, mutant: Mutant | None, wanted: dict[str, list[str]]) -> Fate:
    """Judge a mutant, or with None what is not mutated, by the checks that *wanted* has for each target."""

    def work(say: Say) -> None:
        if mutant is not None and not swap(mutant):
            forget(ground.renewed)
            sys.meta_path.insert(0, _Finder(mutant))
        watcher = _Judge(say)
        for target, names in wanted.items():
            say({"target": target})
            ground.run(target, names, watcher)
            if watcher.enough:
                return

    return _fate(in_child(work, cpu_seconds=CPU_SECONDS, seconds=SECONDS))


def _fate(told: Told) -> Fate:
    last: dict[str, Any] = {}
    for message in told.messages:
        if message.get("verdict") in KILLING:
            return Fate(Outcome.KILLED, message["by"], message["on"], told.seconds, message["evidence"])
        if "target" in message:
            last = {"on": message["target"]}
        last |= {key: message[key] for key in ("contact", "begins", "raised") if key in message}
    on, by, raised = last.get("on", ""), last.get("begins", ""), last.get("raised", "")
    if told.ending == "done":
        broken = [message for message in told.messages if message.get("verdict") == "harness-error"]
        evidence = "; ".join(f"harness error in {message['by']}: {message['evidence']}" for message in broken)
        return Fate(Outcome.SURVIVED, seconds=told.seconds, evidence=evidence)
    if "contact" not in last:
        return Fate(Outcome.STILLBORN, "", on, told.seconds, raised)
    if raised:
        return Fate(Outcome.SURVIVED, by, on, told.seconds, f"harness error: {raised}")
    return Fate(Outcome.HUNG, by, on, told.seconds, told.ending)
