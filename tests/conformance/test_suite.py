"""The suite runner: what becomes of each requirement of a target that is no device, and what is told of it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest
import trio

from conformance.bench import Log
from conformance.checking import Check, Checks
from conformance.outcomes import Broken, NeedsOperator, NotApplicable, Untestable
from conformance.requirements import EVERY, Gate, Requirement, Status, Subject, of
from conformance.runner import suites
from conformance.runner.events import (
    CheckFinished,
    CheckStarted,
    CommandDone,
    Evidence,
    PlanMade,
    RunEvent,
    RunFinished,
)
from conformance.runner.facts import Unreachable
from conformance.runner.replay import replay_file
from conformance.runner.suite import CHECK_LIMIT, Contact, Suite, SuiteOptions, judge_suite
from conformance.runner.targets import UsageError
from conformance.verdicts import Exit, Judgement, Level, Verdict
from device_protocol.testing import Jumper, run

NAME = "WIRE-02"


class Desk:
    """What the toy's checks have in their hands."""

    def __init__(self, row: Requirement, log: Log, note: Callable[[str], None]) -> None:
        self.row, self.log, self.note = row, log, note
        self.left = False


class Toy:
    """A target whose one check does what a test says."""

    subject = Subject.ESCL
    baseline_for = "escl"
    name = "toy:target"

    def __init__(self, check: Callable[[Desk], Any] | None = None, *, there: bool = True) -> None:
        self.checks = {} if check is None else {NAME: Check(NAME, check)}
        self.there = there
        self.desks: list[Desk] = []

    async def contact(self, log: Log) -> Contact[str]:
        """See the runner."""
        log.finish(log.begin("toy", "contact", ""), "there")
        if not self.there:
            raise Unreachable("toy:target: nobody is there")
        return Contact("facts", "Maker Model")

    @asynccontextmanager
    async def desk(
        self, row: Requirement, facts: str, *, log: Log, seed: int, note: Callable[[str], None]
    ) -> AsyncIterator[Desk]:
        """See the runner."""
        assert (facts, seed) == ("facts", 3)
        desk = Desk(row, log, note)
        self.desks.append(desk)
        try:
            yield desk
        finally:
            desk.left = True

    def as_data(self) -> dict[str, Any]:
        """See the runner."""
        return {"url": "toy"}


def judged(toy: Toy, events: list[RunEvent] | None = None, **options: Any) -> tuple[Judgement, Exit]:
    """The one verdict, and the exit status."""
    asked = SuiteOptions(**{"only": (NAME,), "seed": 3, "replay_dir": None, **options})
    result = run(
        lambda: judge_suite(cast("Suite[str, Desk]", toy), asked, [] if events is None else [events.append]),
        clock=Jumper(),
    )
    return result.judgements[0], result.exit


async def holds(desk: Desk) -> None:
    """A check that passes, with a word on its way."""
    desk.log.finish(desk.log.begin("toy", "ask", "x"), "y")
    desk.note("looked")


async def breaks(desk: Desk) -> None:
    """A check that fails."""
    desk.log.finish(desk.log.begin("toy", "ask", "x"), "z")
    raise Broken(desk.row.id, "x gave z", "there")


async def hangs(_desk: Desk) -> None:
    """A check that never ends."""
    await trio.sleep_forever()


def raising(error: BaseException) -> Callable[[Desk], Any]:
    """A check that ends so."""

    async def check(_desk: Desk) -> None:
        raise error

    return check


@pytest.mark.parametrize(
    ("check", "verdict", "words", "exit_"),
    [
        (holds, Verdict.PASS, "", Exit.CLEAN),
        (breaks, Verdict.FAIL, "x gave z", Exit.FAILURES),
        (hangs, Verdict.UNTESTABLE, f"not finished after {CHECK_LIMIT:g} s", Exit.FAILURES),
        (raising(Untestable("gone")), Verdict.UNTESTABLE, "gone", Exit.FAILURES),
        (raising(NotApplicable("says no")), Verdict.NOT_APPLICABLE, "says no", Exit.CLEAN),
        (raising(NeedsOperator("load")), Verdict.NEEDS_OPERATOR, "load", Exit.CLEAN),
        (raising(ZeroDivisionError("ours")), Verdict.HARNESS_ERROR, "ZeroDivisionError: ours", Exit.HARNESS),
        (
            raising(ExceptionGroup("", [ValueError("x"), Untestable("the cause")])),
            Verdict.UNTESTABLE,
            "the cause",
            Exit.FAILURES,
        ),
        (None, Verdict.NOT_CHECKED, "no check judges escl targets by it", Exit.CLEAN),
    ],
)
def test_each_end_of_a_check_has_its_verdict(check: Any, verdict: Verdict, words: str, exit_: Exit) -> None:
    """Whoever is to blame; and the desk is always left."""
    toy = Toy(check)
    judgement, status = judged(toy)
    assert (judgement.verdict, status) == (verdict, exit_)
    assert words in judgement.evidence
    assert all(desk.left for desk in toy.desks)


def test_the_stream_of_events_is_that_of_a_device() -> None:
    """Start with the subject, plan, check, command, evidence, verdict, end: every report works as it is."""
    events: list[RunEvent] = []
    judged(Toy(holds), events)
    kinds = [type(event) for event in events]
    assert kinds[-6:] == [PlanMade, CheckStarted, CommandDone, Evidence, CheckFinished, RunFinished]
    assert getattr(events[1], "subject", None) is Subject.ESCL
    assert getattr(events[1], "environment", {})["python"]


def test_a_failure_has_its_steps_and_signature() -> None:
    """The signature is stable, so that a replay can say whether it failed in the same way."""
    judgement, _ = judged(Toy(breaks))
    assert (judgement.signature, judgement.steps) == (f"{NAME}/there", ("toy.ask(x)  -> z",))


def test_a_gate_excludes_by_what_the_target_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check does not run, and the verdict quotes the declaration."""
    gate = Gate("a feeder", lambda facts: f"facts: {facts}")
    row = EVERY[NAME]
    monkeypatch.setitem(
        EVERY, NAME, Requirement(NAME, row.level, row.text, row.sources, row.kills, gate, subjects=row.subjects)
    )
    toy = Toy(breaks)
    judgement, _ = judged(toy)
    assert judgement.verdict is Verdict.NOT_APPLICABLE
    assert judgement.evidence == "needs a feeder; the target declares facts: facts"
    assert not toy.desks


def test_nobody_there_is_no_verdict() -> None:
    """Nothing can be judged: the exit status is that of an unreachable target."""
    with pytest.raises(Unreachable):
        judged(Toy(holds, there=False))


def test_a_spent_budget_checks_nothing_more() -> None:
    """And says so."""
    from conformance.bench import Budget  # noqa: PLC0415  # only here

    judgement, _ = judged(Toy(holds), budget=Budget(seconds=1e-9))
    assert judgement.verdict is Verdict.NOT_CHECKED
    assert "budget" in judgement.evidence


def test_baselines_are_for_suites_too(tmp_path: Path) -> None:
    """Picked by kind and model; a known failure is known, one that passes is stale."""
    (tmp_path / "toy.toml").write_text(
        'schema = 1\ndrivers = ["escl"]\nmodels = ["Maker*"]\n'
        f'[[known]]\nrequirement = "{NAME}"\nreason = "since ever"\nevidence = "gave z"\ntrace = "ask"\n'
    )
    assert judged(Toy(breaks), baselines=tmp_path)[0].verdict is Verdict.KNOWN
    assert judged(Toy(holds), baselines=tmp_path)[0].verdict is Verdict.STALE


def test_a_failure_is_replayed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the file alone: the suite is made again from its data, and the signature compared."""
    judgement, _ = judged(Toy(breaks), replay_dir=tmp_path)
    data = json.loads(Path(judgement.replay).read_text())
    assert data["target"] == {"subject": "escl", "url": "toy"}
    made: list[Any] = []

    def again(data: Any) -> Toy:
        made.append(dict(data))
        return Toy(breaks)

    monkeypatch.setattr("conformance.escl.suite.from_data", again)
    replayed = replay_file(Path(judgement.replay))
    assert made == [{"url": "toy"}]
    assert (replayed.judgement.signature, replayed.signature) == (f"{NAME}/there", f"{NAME}/there")


@pytest.mark.parametrize("target", [{"subject": "printer"}, {"subject": "device"}, {"subject": 3}, {}])
def test_a_target_that_no_suite_judges_is_refused(target: dict[str, Any]) -> None:
    """A replay file can say anything."""
    with pytest.raises(UsageError):
        suites.suite_from_data(target)


def test_checks_register_for_their_subject_alone() -> None:
    """An unknown row, a planned one, one of another subject and a second check are refused when they are written."""
    checks: Checks[Desk] = Checks(Subject.ESCL)
    with pytest.raises(ValueError, match="unknown"):
        checks.check("ESCL-999")
    with pytest.raises(ValueError, match="is not for escl targets"):
        checks.check("SET-01")
    name = next(row.id for row in of(Subject.ESCL).values() if row.status is Status.ACTIVE)
    checks.check(name)(holds)
    with pytest.raises(ValueError, match="has a check already: holds"):
        checks.check(name)(breaks)
    assert checks[name].name == "holds"
    assert EVERY[name].level in Level
