"""A blind set: the mutants of a subject, from the choice to the results."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from conformance.selftest.mutants.candidates import Mutant, candidates
from conformance.selftest.mutants.choice import SEED, choose
from conformance.selftest.mutants.covering import Covered, cover, files
from conformance.selftest.mutants.devices import Devices
from conformance.selftest.mutants.ground import Ground
from conformance.selftest.mutants.judging import Fate, Outcome, judge, trials
from conformance.selftest.mutants.results import FOLDER, Result, Results, load, store
from conformance.selftest.mutants.services import Services

GROUNDS: dict[str, Callable[[], Ground]] = {"device": Devices, "service": Services}
"""The subjects, in the order of the page."""

COUNTS = {"device": 200, "service": 100}
"""Mutants to draw."""

STALE_SHARE = 0.05
"""How many of the results may be about lines that are no more, before somebody has to run the blind set again."""

Progress = Callable[[str], None]


class NotCleanError(Exception):
    """The suite has something against what is not mutated, so nothing that it says of mutants would mean anything."""


class StaleError(Exception):
    """The results are about code that is no more, or a name means nothing."""


class BlindSet:
    """One subject's.

    Args:
        ground: the subject.
        cache: a folder for what is slow to find out.
        progress: gets lines for people.
        folder: where the results are.
    """

    def __init__(self, ground: Ground, *, cache: Path, progress: Progress, folder: Path = FOLDER) -> None:
        self.ground = ground
        ground.load()
        self._cache = cache
        self._progress = progress
        self._folder = folder

    def all(self) -> list[Mutant]:
        """Every candidate, in covered lines or not."""
        return [
            mutant
            for path, module in files(self.ground).items()
            for mutant in candidates(module, Path(path).read_text())
        ]

    def run(self, *, only: Collection[str] = (), again: str | None = None, by: Collection[str] = ()) -> Results:
        """Choose, judge what is not judged yet, and write each result at once.

        Args:
            only: ids of mutants and names of modules; empty: all that are chosen. An id need not be among the chosen ones; its result is shown and not kept.
            again: "survivors" or "all", to judge these once more.
            by: checks to judge them by, on all targets; empty: all that run their lines. Those that live through these alone keep their result.

        Raises:
            NotCleanError: what is not mutated does not pass.
            StaleError: *only* names something that is not there.
        """
        ran = cover(self.ground, self._cache, self._progress)
        self._clean(by)
        possible = [item for item in self.all() if not ran.get(item.module, {}).keys().isdisjoint(item.lines)]
        chosen = choose(possible, COUNTS[self.ground.name])
        results = load(self.ground.name, self._folder)
        results.seed = SEED
        results.candidates = {
            name: sum(item.module == name for item in possible) for name in {item.module for item in possible}
        }
        results.keep(chosen)
        due = [item for item in chosen if _is_due(results.results.get(item.id), again)]
        wanted = self._named(only, possible, chosen) if only else due
        for number, mutant in enumerate(wanted, 1):
            fate = self._judge(mutant, ran, by)
            self._progress(f"{number}/{len(wanted)} {mutant.id} {mutant.place}: {mutant.diff}: {_said(fate)}")
            if mutant in chosen and not (by and fate.outcome is Outcome.SURVIVED):
                results.put(mutant, fate)
                results.keep(chosen)
                store(results, self._folder)
        if not only:
            store(results, self._folder)
        return results

    def sample(self, count: int) -> list[Result]:
        """Judge *count* of the killed again, each by the check that killed it; gives those that live now.

        Raises:
            StaleError: too many of the results are about lines that are no more.
        """
        results = load(self.ground.name, self._folder)
        if not results.results:
            raise StaleError(f"There are no results; run `python -m conformance.selftest.mutants {self.ground.name}`.")
        there = self.check(results)
        killed = [
            item for item in results.results.values() if item.fate.outcome is Outcome.KILLED and item.mutant.id in there
        ]
        alive = []
        for item in random.Random(SEED).sample(killed, min(count, len(killed))):  # noqa: S311  # a fixed sample
            fate = judge(self.ground, there[item.mutant.id], {item.fate.on: [item.fate.by]})
            self._progress(f"{item.mutant.id} {item.mutant.place}: {item.mutant.diff}: {_said(fate)}")
            if not fate.outcome.dead:
                alive.append(item)
        return alive

    def check(self, results: Results) -> dict[str, Mutant]:
        """The mutants of *results* that are still there, by id.

        Raises:
            StaleError: too many are not; or a survivor is not, whose judgement would speak of nothing.
        """
        there = {mutant.id: mutant for mutant in self.all()}
        gone = [item for item in results.results.values() if item.mutant.id not in there]
        if len(gone) > STALE_SHARE * len(results.results) or any(not item.fate.outcome.dead for item in gone):
            lines = "\n".join(f"  {item.mutant.place}: {item.mutant.diff}" for item in gone)
            raise StaleError(
                f"These lines are no more; run `python -m conformance.selftest.mutants {results.ground}`, which draws others for them:\n{lines}"
            )
        return {name: there[name] for name in results.results if name in there}

    def _judge(self, mutant: Mutant, ran: Covered, by: Collection[str]) -> Fate:
        wanted = {target: list(by) for target in self.ground.targets} if by else trials(self.ground, mutant, ran)
        return judge(self.ground, mutant, wanted)

    def _clean(self, by: Collection[str]) -> None:
        self._progress(f"what is not mutated, on {', '.join(self.ground.targets)}")
        fate = judge(self.ground, None, {target: list(by or self.ground.names()) for target in self.ground.targets})
        if fate.outcome is not Outcome.SURVIVED or fate.evidence:
            raise NotCleanError(f"not mutated, and yet: {_said(fate)} {fate.evidence}")

    def _named(self, only: Collection[str], possible: Iterable[Mutant], chosen: Collection[Mutant]) -> list[Mutant]:
        modules, found = {item.module for item in chosen}, {item.id: item for item in possible}
        unknown = [name for name in only if name not in modules and name not in found]
        if unknown:
            raise StaleError(f"neither a mutant nor a module that has one: {', '.join(unknown)}")
        ids = {item.id for item in chosen if item.module in only} | {name for name in only if name in found}
        return [found[name] for name in found if name in ids]


def _is_due(result: Result | None, again: str | None) -> bool:
    return result is None or again == "all" or (again == "survivors" and not result.fate.outcome.dead)


def _said(fate: Fate) -> str:
    by = " ".join(filter(None, (f"by {fate.by}" if fate.by else "", f"on {fate.on}" if fate.on else "")))
    return f"{fate.outcome.value} {by} ({fate.seconds:.1f} s)" if by else f"{fate.outcome.value} ({fate.seconds:.1f} s)"
