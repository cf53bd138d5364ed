"""The choice: so many of all candidates, the same number from each module as far as it has them, drawn by a fixed seed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from conformance.selftest.mutants.candidates import Mutant

SEED = 20_251_125
"""Of every choice; fixed before the first mutant ran (docs/decisions/0049)."""


def rank(mutant: Mutant, seed: int = SEED) -> str:
    """The mutant's lot. It hangs on nothing but its name, so that a change of the code replaces the mutants of the lines that changed and no others."""
    return hashlib.sha256(f"{seed}/{mutant.id}".encode()).hexdigest()


def choose(mutants: Iterable[Mutant], count: int, seed: int = SEED) -> list[Mutant]:
    """*count* of *mutants*, in rounds: each module gives the one whose lot is lowest, then the next, until there are enough."""
    modules: dict[str, list[Mutant]] = {}
    for mutant in mutants:
        modules.setdefault(mutant.module, []).append(mutant)
    waiting = {
        name: sorted(items, key=lambda item: rank(item, seed), reverse=True) for name, items in sorted(modules.items())
    }
    chosen: list[Mutant] = []
    while len(chosen) < count and any(waiting.values()):
        chosen += [items.pop() for items in waiting.values() if items][: count - len(chosen)]
    return chosen
