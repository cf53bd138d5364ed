"""The results of the last runs: one file for each subject, kept in the repository, written after each mutant so that a run can be taken up again."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conformance.selftest.mutants.candidates import Mutant
from conformance.selftest.mutants.choice import SEED
from conformance.selftest.mutants.judging import Fate, Outcome
from conformance.selftest.mutants.operators import Operator

FOLDER = Path(__file__).with_name("results")
SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Result:
    """A mutant and its fate."""

    mutant: Mutant
    fate: Fate


@dataclass(slots=True)
class Results:
    """All results for a subject.

    Attributes:
        ground: ``device`` or ``service``.
        seed: of the choice.
        date: when the last mutant was judged; ISO.
        candidates: by module, how many mutants there were to choose from.
        results: by the mutant's id, in the order of the choice.
    """

    ground: str
    seed: int = SEED
    date: str = ""
    candidates: dict[str, int] = field(default_factory=dict)
    results: dict[str, Result] = field(default_factory=dict)

    def put(self, mutant: Mutant, fate: Fate) -> None:
        """Note a fate."""
        self.results[mutant.id] = Result(mutant, fate)
        self.date = dt.datetime.now(dt.UTC).date().isoformat()

    def keep(self, mutants: Iterable[Mutant]) -> None:
        """Forget all but *mutants*, and take up their order and lines."""
        self.results = {
            item.id: Result(item, self.results[item.id].fate) for item in mutants if item.id in self.results
        }

    @property
    def survivors(self) -> list[Result]:
        """Those that live."""
        return [item for item in self.results.values() if not item.fate.outcome.dead]


def load(ground: str, folder: Path = FOLDER) -> Results:
    """The results for *ground*; empty if there are none.

    Raises:
        ValueError: the file is of another schema.
    """
    path = folder / f"{ground}.json"
    if not path.exists():
        return Results(ground)
    plain = json.loads(path.read_text())
    if plain.get("schema") != SCHEMA:
        raise ValueError(f"{path} has schema {plain.get('schema')!r}; delete it and run again")
    results = Results(ground, plain["seed"], plain["date"], plain["candidates"])
    for row in plain["mutants"]:
        found = _result(row)
        results.results[found.mutant.id] = found
    return results


def store(results: Results, folder: Path = FOLDER) -> None:
    """Write the file, whole or not at all."""
    plain = {
        "schema": SCHEMA,
        "ground": results.ground,
        "seed": results.seed,
        "date": results.date,
        "candidates": dict(sorted(results.candidates.items())),
    }
    rows = ",\n".join(f"  {json.dumps(_row(item), ensure_ascii=False)}" for item in results.results.values())
    head = json.dumps(plain, indent=1).removesuffix("\n}")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{results.ground}.json"
    fresh = path.with_suffix(".new")
    fresh.write_text(f'{head},\n "mutants": [\n{rows}\n ]\n}}\n')
    os.replace(fresh, path)  # noqa: PTH105  # over what is there, in one step


def _row(item: Result) -> dict[str, Any]:
    mutant, fate = item.mutant, item.fate
    row = {
        "id": mutant.id,
        "module": mutant.module,
        "function": mutant.function,
        "operator": mutant.operator.value,
        "before": mutant.before,
        "after": mutant.after,
        "occurrence": mutant.occurrence,
        "line": mutant.line,
        "last": mutant.last,
        "outcome": fate.outcome.value,
        "by": fate.by,
        "on": fate.on,
        "seconds": round(fate.seconds, 1),
    }
    return row | ({"evidence": fate.evidence} if fate.evidence and not fate.outcome.dead else {})


def _result(row: dict[str, Any]) -> Result:
    mutant = Mutant(
        row["module"],
        row["function"],
        Operator(row["operator"]),
        row["before"],
        row["after"],
        row["occurrence"],
        row["line"],
        row["last"],
    )
    fate = Fate(Outcome(row["outcome"]), row["by"], row["on"], row["seconds"], row.get("evidence", ""))
    return Result(mutant, fate)
