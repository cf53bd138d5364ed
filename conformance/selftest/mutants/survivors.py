"""What people have found out about the mutants that live: each is equivalent, with the reason, or a gap, with what no requirement sees.

The file is ``survivors.toml``, one ``[[survivor]]`` for each, with ``id``, ``where`` and ``change`` (as the run prints them) and either ``equivalent``
or ``gap``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from conformance.selftest.mutants.candidates import Mutant

FILE = Path(__file__).with_name("survivors.toml")
LEAST_WORDS = 4
_KEYS = {"id", "where", "change"}


class SurvivorError(ValueError):
    """The file and the results do not fit together; one line for each entry, with what to do."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """About one survivor."""

    equivalent: bool
    reason: str

    def __str__(self) -> str:
        return f"{'equivalent' if self.equivalent else 'gap'}: {self.reason}"


def load(survivors: Iterable[Mutant], file: Path = FILE) -> dict[str, Judgement]:
    """The judgements, by the mutant's id: one for each survivor and none for anything else.

    Raises:
        SurvivorError: an entry is missing, stale, twice there or not as it should be.
    """
    wanted = {mutant.id: mutant for mutant in survivors}
    found: dict[str, Judgement] = {}
    wrong: list[str] = []
    for entry in tomllib.loads(file.read_text()).get("survivor", []):
        name = str(entry.get("id", ""))
        kinds = [kind for kind in ("equivalent", "gap") if kind in entry]
        if len(kinds) != 1 or entry.keys() - _KEYS - {*kinds} or _KEYS - entry.keys():
            wrong.append(f"{name or 'an entry'}: wants id, where, change and one of equivalent and gap")
            continue
        reason = str(entry[kinds[0]])
        if len(reason.split()) < LEAST_WORDS:
            wrong.append(f"{name}: {reason!r} is no reason")
        if name in found:
            wrong.append(f"{name}: is there twice")
        found[name] = Judgement(kinds[0] == "equivalent", reason)
        mutant = wanted.get(name)
        if mutant is None:
            wrong.append(f"{name}: no such mutant survives; take the entry out")
        elif (entry["where"], entry["change"]) != (mutant.place, mutant.diff):
            wrong.append(f"{name}: is {mutant.place}, {mutant.diff}; the entry says something else")
    wrong += [
        f"{name}: survives and has no entry; add\n{template(mutant)}"
        for name, mutant in wanted.items()
        if name not in found
    ]
    if wrong:
        raise SurvivorError("\n".join([f"{file.name}:", *wrong]))
    return found


def template(mutant: Mutant) -> str:
    """An entry to fill in."""
    return f"[[survivor]]\nid = '{mutant.id}'\nwhere = '{mutant.place}'\nchange = '''{mutant.diff}'''\ngap = ''\n"
