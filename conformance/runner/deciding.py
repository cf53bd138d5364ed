"""From how a check ended to the verdict on its requirement, for every subject."""

from __future__ import annotations

import traceback

from conformance.bench import Log
from conformance.outcomes import (
    Broken,
    DeviceCrashed,
    DeviceHung,
    NeedsOperator,
    NotApplicable,
    OverBudget,
    Untestable,
)
from conformance.requirements import Requirement, Status
from conformance.verdicts import Judgement, Level, Verdict
from device_protocol import DeviceError


def verdict_of(row: Requirement, error: BaseException, log: Log) -> Judgement:
    """The verdict on *row* when its check raised *error*."""
    match error:
        case Broken():
            return decided(row, failure(row), error.evidence, log, error.point)
        case DeviceHung():
            return decided(row, failure(row), error.evidence, log, "hang")
        case NotApplicable():
            return decided(row, Verdict.NOT_APPLICABLE, error.evidence, log)
        case NeedsOperator():
            return decided(row, Verdict.NEEDS_OPERATOR, error.evidence, log)
        case OverBudget():
            return decided(row, Verdict.NOT_CHECKED, error.evidence, log)
        case Untestable() | DeviceCrashed():
            return decided(row, Verdict.UNTESTABLE, error.evidence, log, "prerequisite")
        case DeviceError():
            last = log.last
            where = f"{last.call}: " if last is not None else ""
            return decided(row, Verdict.UNTESTABLE, f"{where}{error}", log, f"prerequisite {error.code}")
    lines = traceback.format_exception(error)
    return decided(row, Verdict.HARNESS_ERROR, "".join(lines[-3:]).strip(), log)


def failure(row: Requirement) -> Verdict:
    """What a broken requirement counts as."""
    return Verdict.FAIL if row.level is Level.MUST and row.status is Status.ACTIVE else Verdict.WARN


def decided(row: Requirement, verdict: Verdict, evidence: str, log: Log, point: str = "") -> Judgement:
    """A verdict with its text, its steps if it is bad, and its signature."""
    if verdict is Verdict.UNTESTABLE and row.status is Status.PROVISIONAL:
        verdict = Verdict.WARN  # a provisional requirement never makes a run fail
    bad = verdict in {Verdict.FAIL, Verdict.WARN, Verdict.UNTESTABLE, Verdict.HARNESS_ERROR}
    return Judgement(
        row.id,
        row.level,
        verdict,
        evidence,
        row.text,
        row.clause,
        log.steps() if bad else (),
        f"{row.id}/{point or 'requirement'}" if bad else "",
    )
