"""The engine: each way in which a check can end becomes the right verdict, and the device is left as it was found."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
import trio

from conformance import Budget, Unreachable, Verdict, judge
from conformance.bench import Bench, OpenBackend
from conformance.checks import CHECKS, Check
from conformance.outcomes import NeedsOperator, NotApplicable, OverBudget, Untestable
from conformance.requirements import EVERY, REQUIREMENTS, Status
from conformance.runner.events import CheckFinished, CheckStarted, Evidence, PageSeen, RunEvent
from conformance.selftest import SCANNER, legal_backend
from conformance.verdicts import Judgement
from device_protocol import Code, DeviceError
from device_protocol.testing import Jumper, run
from tests.conformance.zoo_drivers import FOREIGN, HANGING, LATE_FOREIGN, OFF_BY_ONE, REFUSING, breaks_down

Body = Callable[[Bench], Awaitable[None]]


def judged(requirement: str, opener: OpenBackend = legal_backend, budget: Budget | None = None) -> Judgement:
    """Judge one requirement of a device of the zoo, in virtual time."""
    result: dict[str, Judgement] = run(lambda: judge(opener, SCANNER, {requirement}, budget=budget), clock=Jumper())
    return result[requirement]


def replace_check(monkeypatch: pytest.MonkeyPatch, requirement: str, body: Body, *, sheets: int = 0) -> None:
    """Put *body* in the place of the check of *requirement*."""
    monkeypatch.setitem(CHECKS, requirement, Check(requirement, body, feeder_sheets=sheets))


def test_a_check_that_returns_is_a_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """And a pass carries no steps and no signature."""

    async def fine(bench: Bench) -> None:
        async with bench.session() as session:
            await session.status()

    replace_check(monkeypatch, "SET-01", fine)
    verdict = judged("SET-01")
    assert (verdict.verdict, verdict.steps, verdict.signature) == (Verdict.PASS, (), "")


@pytest.mark.parametrize(
    ("requirement", "status", "expected"),
    [
        ("SET-01", Status.ACTIVE, Verdict.FAIL),
        ("SET-13", Status.ACTIVE, Verdict.WARN),
        ("SET-01", Status.PROVISIONAL, Verdict.WARN),
    ],
)
def test_broken_is_a_failure_of_the_level(
    monkeypatch: pytest.MonkeyPatch, requirement: str, status: Status, expected: Verdict
) -> None:
    """MUST fails, SHOULD warns, provisional never fails; evidence, clause and steps come with it."""

    async def broken(bench: Bench) -> None:
        async with bench.session() as session:
            await session.get("mode")
            raise bench.broken("it is broken", "here")

    replace_check(monkeypatch, requirement, broken)
    monkeypatch.setitem(REQUIREMENTS, requirement, replace(REQUIREMENTS[requirement], status=status))
    verdict = judged(requirement)
    assert expected is verdict.verdict
    assert (verdict.evidence, verdict.signature) == ("it is broken", f"{requirement}/here")
    assert verdict.clause == REQUIREMENTS[requirement].clause
    assert any("get('mode')" in step for step in verdict.steps)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (NotApplicable("it says no"), Verdict.NOT_APPLICABLE),
        (NeedsOperator("load paper"), Verdict.NEEDS_OPERATOR),
        (Untestable("it went away"), Verdict.UNTESTABLE),
        (OverBudget("no sheets left"), Verdict.NOT_CHECKED),
        (DeviceError(Code.JAM), Verdict.UNTESTABLE),
        (ZeroDivisionError("ours"), Verdict.HARNESS_ERROR),
        (AssertionError("ours"), Verdict.HARNESS_ERROR),
    ],
)
def test_each_way_to_end(monkeypatch: pytest.MonkeyPatch, error: Exception, expected: Verdict) -> None:
    """An unexpected error of the device is a lost prerequisite; an unexpected exception of a check is ours."""

    async def ends(bench: Bench) -> None:
        raise error

    replace_check(monkeypatch, "SET-01", ends)
    verdict = judged("SET-01")
    assert expected is verdict.verdict
    assert str(error) in verdict.evidence


def test_outcomes_are_found_in_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a check says inside a nursery counts, not the group around it."""

    async def grouped(bench: Bench) -> None:
        async def inner() -> None:
            raise bench.broken("from a task")

        async with trio.open_nursery() as nursery:
            nursery.start_soon(inner)

    replace_check(monkeypatch, "SET-01", grouped)
    assert (judged("SET-01").verdict, judged("SET-01").evidence) == (Verdict.FAIL, "from a task")


def test_planned_is_not_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """And says what is missing."""
    row = replace(REQUIREMENTS["DISC-04"], status=Status.PLANNED, why_planned="needs two transports")
    monkeypatch.setitem(EVERY, "DISC-04", row)
    verdict = judged("DISC-04")
    assert (verdict.verdict, verdict.evidence) == (Verdict.NOT_CHECKED, "needs two transports")


def test_not_applicable_quotes_the_declaration() -> None:
    """The reader sees which declaration excludes the requirement."""
    verdict = judged("CAM-01")
    assert verdict.verdict is Verdict.NOT_APPLICABLE
    assert "a camera" in verdict.evidence
    assert "kind: scanner" in verdict.evidence


def test_a_hanging_device_fails() -> None:
    """A verb that does not return is the device's failure, within the limit, and the run goes on."""
    verdict = judged("SET-01", HANGING)
    assert verdict.verdict is Verdict.FAIL
    assert "did not return within" in verdict.evidence
    assert verdict.signature == "SET-01/hang"


def test_all_checks_survive_a_hanging_device() -> None:
    """No check turns a device that hangs into an error of ours, and none waits for ever."""
    verdicts = run(lambda: judge(HANGING, SCANNER, {"SET", "CAPS", "DISC"}), clock=Jumper())
    assert not [item.id for item in verdicts.values() if item.verdict is Verdict.HARNESS_ERROR]
    assert verdicts["CAPS-04"].verdict is Verdict.FAIL
    assert verdicts["DISC-01"].verdict is Verdict.PASS


def test_a_foreign_exception_is_the_devices() -> None:
    """An exception that is no DeviceError makes checks untestable, and breaks what promises errors of the taxonomy."""
    assert judged("SET-01", LATE_FOREIGN).verdict is Verdict.UNTESTABLE
    assert judged("SET-08", LATE_FOREIGN).verdict is Verdict.UNTESTABLE
    assert "ZeroDivisionError" in judged("SET-01", LATE_FOREIGN).evidence


def test_unreachable() -> None:
    """A device that does not open, or fails with something foreign at once, is not judged at all."""
    for opener, words in ((REFUSING, "Not for you"), (FOREIGN, "KeyError")):
        with pytest.raises(Unreachable, match=words):
            judged("SET-01", opener)


def test_a_backend_that_breaks_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """A backend that fails by itself makes the requirement untestable; the run goes on to the next one."""
    opened = 0

    def opener() -> object:
        nonlocal opened
        opened += 1
        return breaks_down() if opened == 2 else legal_backend()

    verdicts = run(lambda: judge(opener, SCANNER, {"LIFE-01", "LIFE-05"}), clock=Jumper())  # type: ignore[arg-type]  # either is a context manager of a backend
    assert verdicts["LIFE-01"].verdict is Verdict.UNTESTABLE
    assert "the bus is gone" in verdicts["LIFE-01"].evidence
    assert verdicts["LIFE-05"].verdict is Verdict.PASS


def test_defective_device_dies_by_its_requirement() -> None:
    """End to end: a device that stores another number than it says."""
    verdict = judged("SET-01", OFF_BY_ONE)
    assert verdict.verdict is Verdict.FAIL
    assert "panel-light was set to 10, reported as exact, and reads back 9" in verdict.evidence


def test_each_check_begins_and_ends_in_the_stream() -> None:
    """Events come in order, with what a check notes in between."""
    events: list[RunEvent] = []
    run(lambda: judge(legal_backend, SCANNER, {"DATA-11"}, emit=events.append), clock=Jumper())
    kinds = [type(event) for event in events]
    assert kinds[0] is CheckStarted
    assert not [event for event in events if isinstance(event, CheckFinished)], "judge() gives verdicts by its result"
    assert all(isinstance(event, CheckStarted | Evidence | PageSeen) for event in events)


def test_budget_of_sheets_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that would need more sheets than are left is not begun, and says so."""
    ran: list[str] = []

    async def feeds(bench: Bench) -> None:
        ran.append(bench.requirement.id)

    replace_check(monkeypatch, "PAGE-01", feeds, sheets=3)
    replace_check(monkeypatch, "PAGE-02", feeds, sheets=3)
    verdicts = run(
        lambda: judge(legal_backend, SCANNER, {"PAGE-01", "PAGE-02"}, budget=Budget(sheets=5)), clock=Jumper()
    )
    assert ran == ["PAGE-01"]
    assert verdicts["PAGE-02"].verdict is Verdict.NOT_CHECKED
    assert "2 of 5 are left" in verdicts["PAGE-02"].evidence


def test_same_seed_same_verdicts() -> None:
    """Two runs give the same evidence, word by word."""
    first, second = (run(lambda: judge(OFF_BY_ONE, SCANNER, {"SET"}, seed=3), clock=Jumper()) for _ in range(2))
    strip = [replace(item, seconds=0.0) for item in first.values()]
    assert strip == [replace(item, seconds=0.0) for item in second.values()]
