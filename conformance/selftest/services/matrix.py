"""One line of the matrix for each service of the zoo: plain data, so that several processes can share the work."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.selftest.services.defects import DEFECTS
from conformance.selftest.services.family import FAMILY
from conformance.selftest.services.judge import KILLS, alarms, judgements
from conformance.selftest.services.proof import show
from conformance.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Row:
    """A defect.

    Attributes:
        name, requirement, what: of the defect.
        base: the verdict on its requirement for the service that it was made from.
        verdict: the same for the defect.
        others: further requirements that broke, if they were checked.
        differs: whether its proof shows something else than on the service that it was made from.
    """

    name: str
    requirement: str
    what: str
    base: str
    verdict: str
    others: tuple[str, ...] = ()
    differs: bool = True

    @property
    def killed(self) -> bool:
        """Whether the check of its requirement passes on the original and breaks on the defect."""
        return self.base == Verdict.PASS.value and self.verdict in {verdict.value for verdict in KILLS}


@dataclass(frozen=True, slots=True)
class Peace:
    """A legal service.

    Attributes:
        name, what, leaves: of the service.
        passed, not_applicable: how many requirements.
        alarms: what the suite said against it.
    """

    name: str
    what: str
    passed: int
    not_applicable: int
    alarms: tuple[str, ...]
    leaves: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JudgeDefect:
    """Gives the row of a defect; *everything* runs all checks on it."""

    everything: bool = False

    def __call__(self, name: str) -> Row:
        """The row of the defect called *name*."""
        defect = next(item for item in DEFECTS if item.name == name)
        own = defect.requirement
        judged = judgements(defect.build, None if self.everything else [own])
        others = tuple(key for key, item in judged.items() if item.verdict in KILLS and key != own)
        base = judgements(defect.base, [own])[own].verdict
        differs = show(defect.build, defect.proof) != show(defect.base, defect.proof)
        return Row(name, own, defect.what, base.value, judged[own].verdict.value, others, differs)


@dataclass(frozen=True, slots=True)
class JudgeLegal:
    """Gives the line of a legal service; without *everything* only what shows its oddity is checked."""

    everything: bool = False

    def __call__(self, name: str) -> Peace:
        """The line of the service called *name*."""
        legal = FAMILY[name]
        judged = judgements(legal.build, None if self.everything else legal.shows)
        found = tuple(f"{item.id} {item.verdict.value}: {item.evidence}" for item in alarms(judged, legal))
        count = [item.verdict for item in judged.values()].count
        passed, not_applicable = count(Verdict.PASS), count(Verdict.NOT_APPLICABLE)
        return Peace(name, legal.what, passed, not_applicable, found, legal.leaves)
