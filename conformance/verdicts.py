"""Verdicts and exit statuses, as data (design section 7; device-models.md 7b)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Level(StrEnum):
    """How binding a requirement is."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


class Verdict(StrEnum):
    """What became of one requirement on one device."""

    PASS = "pass"  # noqa: S105  # a verdict, no word to enter with
    FAIL = "fail"
    """A MUST is broken."""
    WARN = "warn"
    """A SHOULD is broken, or a requirement that is still provisional."""
    NOT_APPLICABLE = "not-applicable"
    """The device's own declaration excludes it; the evidence quotes it."""
    UNTESTABLE = "untestable"
    """A prerequisite that was promised broke during the run; counts as a failure."""
    NEEDS_OPERATOR = "needs-operator"
    """Somebody, or a robot, would have to do something; never green, a failure only with ``--require-operator``."""
    KNOWN = "known"
    """A failure that the baseline lists with its reason."""
    STALE = "stale"
    """The baseline lists a failure that did not happen; counts as a failure."""
    HARNESS_ERROR = "harness-error"
    """The check itself broke: our fault, never the device's."""
    NOT_CHECKED = "not-checked"
    """No check yet (the requirement is planned), or the budget did not reach."""

    @property
    def broken(self) -> bool:
        """Whether this alone makes a run fail."""
        return self in {Verdict.FAIL, Verdict.UNTESTABLE, Verdict.STALE}


class Exit(IntEnum):
    """Exit statuses of ``flatbed check`` and ``flatbed replay``."""

    CLEAN = 0
    FAILURES = 1
    USAGE = 2
    HARNESS = 3
    UNREACHABLE = 4


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on one requirement, with what it rests on.

    Attributes:
        id, level, clause, text: of the requirement.
        verdict: see :class:`Verdict`.
        evidence: one or two sentences: what was seen, or what the declaration says.
        steps: the commands that led there, the shortest sequence known first to last; empty for a pass.
        signature: requirement and phase; what a replay has to reproduce.
        replay: path of the replay file; empty when there is none.
        seconds: how long the check took, in real time.
    """

    id: str
    level: Level
    verdict: Verdict
    evidence: str = ""
    text: str = ""
    clause: str = ""
    steps: tuple[str, ...] = ()
    signature: str = ""
    replay: str = ""
    seconds: float = 0.0


def exit_of(verdicts: Iterable[Verdict], *, require_operator: bool = False, strict: bool = False) -> Exit:
    """The exit status of a run with these verdicts.

    Args:
        verdicts: of all requirements.
        require_operator: what needs a person counts as a failure.
        strict: warnings do.
    """
    seen = set(verdicts)
    if Verdict.HARNESS_ERROR in seen:
        return Exit.HARNESS
    if any(verdict.broken for verdict in seen) or (require_operator and Verdict.NEEDS_OPERATOR in seen):
        return Exit.FAILURES
    if strict and Verdict.WARN in seen:
        return Exit.FAILURES
    return Exit.CLEAN
