"""The judge of the suite: does each seeded defect die by its own id, and is the legal family left in peace?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from conformance import Verdict, run_checks
from conformance.bench import OpenBackend
from conformance.programs import Found, find_failure, observe
from conformance.requirements import REQUIREMENTS
from conformance.selftest.defects import DEFECTS, Defect
from conformance.selftest.family import EVERYBODY
from conformance.selftest.profile import SCANNER
from device_protocol.testing import Jumper, run

ALARMS = frozenset({Verdict.FAIL, Verdict.WARN, Verdict.UNTESTABLE, Verdict.HARNESS_ERROR})
"""Verdicts that a legal device must never get."""

PROGRAMS = 60
"""Random programs for a defect: most that programs can kill die within the first twenty."""


@dataclass(frozen=True, slots=True)
class Kill:
    """What the suite made of a defect.

    Attributes:
        defect: the defect.
        verdict: on its own requirement.
        before: the verdict on the same requirement of the legal device that it was made from.
        others: further requirements that its check run broke, if they were run.
        found: what random programs found, if they were run.
        differs: whether its proof shows a difference from the device it was made from.
    """

    defect: Defect
    verdict: Verdict
    before: Verdict = Verdict.PASS
    others: tuple[str, ...] = ()
    found: Found | None = None
    differs: bool = True

    @property
    def killed(self) -> bool:
        """Whether a check that passes on the original broke it by its own id: FAIL, or WARN for a SHOULD."""
        return self.before is Verdict.PASS and self.verdict in {Verdict.FAIL, Verdict.WARN}


@dataclass(frozen=True, slots=True)
class Alarm:
    """A legal device that the suite complains about."""

    device: str
    requirement: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Judged:
    """The judge's findings."""

    kills: tuple[Kill, ...]
    alarms: tuple[Alarm, ...] = field(default=())

    @property
    def survivors(self) -> tuple[Defect, ...]:
        """Defects that no check has killed by their own id."""
        return tuple(kill.defect for kill in self.kills if not kill.killed)

    @property
    def unguarded(self) -> tuple[str, ...]:
        """Checked requirements that no defect died by: their check could be removed and nobody would notice."""
        killing = {kill.defect.requirement for kill in self.kills if kill.killed}
        return tuple(row.id for row in REQUIREMENTS.values() if row.status.value == "active" and row.id not in killing)

    def table(self, *, whole: bool = True) -> str:
        """The findings for people: one line for each defect, then the alarms; requirements without a kill if this is the *whole* zoo."""
        width = max((len(kill.defect.name) for kill in self.kills), default=4)
        lines = [f"{'defect':<{width}}  must die by  check     programs"]
        for kill in self.kills:
            found = kill.found
            by = "-" if found is None else f"{found.failure.requirement} ({len(found.program)} commands)"
            state = kill.verdict.value if kill.killed else f"SURVIVES ({kill.verdict.value}, was {kill.before.value})"
            also = f"  also {', '.join(kill.others)}" if kill.others else ""
            lines.append(f"{kill.defect.name:<{width}}  {kill.defect.requirement:<11}  {state:<8}  {by}{also}")
        lines += [f"false alarm: {alarm.requirement} {alarm.verdict} on {alarm.device}" for alarm in self.alarms]
        lines += [f"nothing dies by {name}" for name in self.unguarded if whole]
        dead = sum(kill.killed for kill in self.kills)
        lines.append(f"{dead} of {len(self.kills)} defects killed, {len(self.alarms)} false alarms")
        return "\n".join(lines)


def differs(defect: Defect) -> bool:
    """Whether the defect's proof shows something else on it than on the device it was made from."""
    return trace(defect.build, defect) != trace(defect.base, defect)


def trace(build: OpenBackend, defect: Defect) -> tuple[str, ...]:
    """What the proof of *defect* shows on *build*."""
    return run(lambda: observe(defect.proof, build, SCANNER), clock=Jumper())


def check_base(defect: Defect) -> Verdict:
    """The verdict on the defect's requirement for the device that it was made from."""
    verdicts = run(lambda: run_checks(defect.base, SCANNER, [defect.requirement]), clock=Jumper())
    return verdicts[defect.requirement]


def check_defect(defect: Defect, *, everything: bool = False) -> tuple[Verdict, tuple[str, ...]]:
    """The verdict on the defect's own requirement; with *everything*, also which others broke."""
    only = None if everything else [defect.requirement]
    verdicts = run(lambda: run_checks(defect.build, SCANNER, only), clock=Jumper())
    broken = tuple(name for name, verdict in verdicts.items() if verdict in ALARMS and name != defect.requirement)
    return verdicts[defect.requirement], broken


def hunt(build: OpenBackend, *, seed: int = 0, count: int = PROGRAMS, time_budget: float = 20.0) -> Found | None:
    """What random programs find on a device."""
    return run(lambda: find_failure(build, SCANNER, seed=seed, count=count, time_budget=time_budget), clock=Jumper())


def alarms(name: str, build: OpenBackend, *, programs: int = 0) -> tuple[Alarm, ...]:
    """What the suite has to say against a legal device."""
    verdicts = run(lambda: run_checks(build, SCANNER), clock=Jumper())
    found = [Alarm(name, row, verdict.value) for row, verdict in verdicts.items() if verdict in ALARMS]
    if programs and (failure := hunt(build, count=programs)) is not None:
        found.append(Alarm(name, failure.failure.requirement, f"programs: {failure.failure}"))
    return tuple(found)


def judge(
    defects: Sequence[Defect] = DEFECTS,
    family: Iterable[str] = tuple(EVERYBODY),
    *,
    everything: bool = False,
    programs: int = 0,
) -> Judged:
    """Judge the suite.

    Args:
        defects: which defects it has to kill.
        family: names of the legal devices about which it has to be silent.
        everything: run all checks on each defect, not only its own (minutes).
        programs: random programs to run on each device beside the checks.
    """
    kills = []
    for item in defects:
        verdict, others = check_defect(item, everything=everything)
        found = hunt(item.build, count=programs) if programs else None
        kills.append(Kill(item, verdict, check_base(item), others, found, differs(item)))
    complaints = [alarm for name in family for alarm in alarms(name, EVERYBODY[name], programs=programs)]
    return Judged(tuple(kills), tuple(complaints))
