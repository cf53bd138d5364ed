"""Executing programs: any sub-list runs, and the model says what is wrong and by which requirement."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
import trio

from conformance.programs import Command, Do, Program, execute, observe
from conformance.programs.find import one
from conformance.selftest import LEGAL, SCANNER, Build
from conformance.selftest.build import ZooBackend
from conformance.selftest.control import ZooControl
from conformance.selftest.page import ZooPage
from conformance.selftest.session import ZooSession
from conformance.selftest.store import Store
from device_protocol import Code, DeviceError, Option, PageParams, Status
from device_protocol.states import PageHandle
from device_protocol.testing import Jumper, run

OPEN, START, NEXT, CLOSE = Command(Do.OPEN), Command(Do.START), Command(Do.NEXT_PAGE), Command(Do.CLOSE)


def check(program: Program, build: Build = LEGAL) -> tuple[str, str] | None:
    """The signature of the failure of *program*."""
    failure = run(lambda: execute(program, build, SCANNER), clock=Jumper())
    return None if failure is None else failure.signature


@pytest.mark.parametrize("seed", range(12))
def test_any_sublist_runs(seed: int) -> None:
    """Whatever is left out of a program, the rest runs and agrees with the model on a legal device."""
    program, _ = run(lambda: one(LEGAL, SCANNER, seed), clock=Jumper())
    dice = random.Random(seed)
    for _ in range(5):
        part = tuple(item for item in program if dice.random() < 0.6)
        assert check(part) is None


def test_missing_handles_are_no_ops() -> None:
    """Commands on sessions, jobs and pages that are not there do nothing."""
    every = tuple(Command(do, "lamp", {} if do is Do.APPLY else None, on=on) for do in Do for on in (0, 1))
    harmless = tuple(
        item for item in every if item.do not in {Do.OPEN, Do.OPEN_UNKNOWN, Do.CONTROL, Do.DEVICES, Do.TOGETHER}
    )
    lines = run(lambda: observe(harmless, LEGAL, SCANNER), clock=Jumper())
    assert all(line.endswith(": skipped None") for line in lines)


class Hangs(ZooSession):
    """A session whose status hangs."""

    async def status(self) -> None:  # type: ignore[override]  # it never returns
        """Hang."""
        await trio.sleep_forever()


class Crashes(ZooSession):
    """A session whose status raises what the contract does not know."""

    async def status(self) -> Status:
        """Raise."""
        await trio.lowlevel.checkpoint()
        raise RuntimeError("segfault, so to speak")


def test_hang_is_a_failure() -> None:
    """A call that does not return is ERR-08, and the program's devices are still closed."""
    assert check((OPEN, Command(Do.STATUS)), Build(session=Hangs)) == ("ERR-08", "reads-are-answered")


def test_foreign_exception_is_a_failure() -> None:
    """An exception that is no DeviceError is ERR-01."""
    assert check((OPEN, Command(Do.STATUS)), Build(session=Crashes)) == ("ERR-01", "reads-are-answered")


class BreaksOpen(ZooBackend):
    """A backend whose open crashes."""

    async def open(self, device_id: str) -> ZooSession:
        """Raise."""
        raise ValueError(device_id)


def test_open_that_crashes() -> None:
    """A crash in open is a failure too, not an error of the suite."""
    assert check((OPEN,), Build(backend=BreaksOpen)) == ("ERR-01", "open")


def test_settled_is_not_asked_of_a_running_job() -> None:
    """Nobody waits for the end of a job that nobody drives."""
    lines = run(lambda: execute((OPEN, START, Command(Do.SETTLED), CLOSE), LEGAL, SCANNER), clock=Jumper())
    assert lines is None


def test_observation_is_the_same_each_time() -> None:
    """What a program shows carries no addresses and no class names: two runs, one text."""
    program = (OPEN, START, NEXT, Command(Do.READ_TO_END, value=[1000]), Command(Do.END), CLOSE, Command(Do.STATUS))
    first = run(lambda: observe(program, LEGAL, SCANNER), clock=Jumper())
    assert first == run(lambda: observe(program, LEGAL, SCANNER), clock=Jumper())
    assert not any("Zoo" in line or " at 0x" in line for line in first)
    assert len(first) == len(program)


class RefusesAtStart(Store):
    """Options that take crossing corners one by one, as SANE's do, and refuse the scan."""

    def settle(self, option: Option) -> None:
        """Nothing follows."""


class RefusingSession(ZooSession):
    """The session that refuses the scan."""

    async def ready(self) -> None:
        """Refuse an area without an inside."""
        left, top, right, bottom = self.store.area()
        if right <= left or bottom <= top:
            raise DeviceError(Code.INVALID_VALUE, option="br-x")
        await super().ready()


def test_crossing_corners_may_be_refused_at_start() -> None:
    """A device may take each corner and refuse the scan of an area without an inside: no alarm."""
    odd = Build(store=RefusesAtStart, session=RefusingSession)
    program = (OPEN, Command(Do.SET, "br-x", 20.0), Command(Do.SET, "tl-x", 100.0), START, Command(Do.RESET), START)
    assert check(program, odd) is None


def test_failure_in_words() -> None:
    """A failure names the requirement, the command, what was expected and what came."""
    failure = run(lambda: execute((OPEN, Command(Do.STATUS)), Build(session=Hangs), SCANNER), clock=Jumper())
    assert str(failure) == "ERR-08 at command 1 (reads-are-answered): expected status to return; got no answer"


class OldPagesStay(ZooPage):
    """A page of an earlier job does not notice that its session is closed."""

    @property
    def state(self) -> PageHandle:
        """See the zoo."""
        return self.own if self.job.session.job is not self.job else super().state


def test_an_old_page_may_answer_after_close() -> None:
    """The end of a page of an earlier job, once more, after close: nothing is concluded from it about the session."""
    page = (START, NEXT, Command(Do.END), NEXT)
    program = (OPEN, *page, START, CLOSE, Command(Do.END), Command(Do.STATUS), OPEN, START, NEXT)
    assert check(program, Build(page=OldPagesStay)) is None
    assert check(program) is None


@pytest.mark.parametrize("times", [1, 2])
def test_a_fault_that_is_armed_twice_strikes_twice(times: int) -> None:
    """What was armed more than once may strike as often, and no more."""
    busy = Command(Do.CONTROL, "fault", {"kind": "busy", "times": times})
    assert check((busy, busy, *(OPEN,) * (2 * times + 1), START)) is None


class CoverEndsJobs(ZooControl):
    """Whoever opens the cover ends the job at once, and not at the next call."""

    def act(self, action: str, arguments: dict[str, Any]) -> None:
        """See the zoo."""
        super().act(action, arguments)
        job = None if self.machine.session is None else self.machine.session.job
        if action == "open-cover" and job is not None:
            job.abort(DeviceError(Code.COVER_OPEN))


def test_a_cover_may_end_a_job_between_two_calls() -> None:
    """A job that was disturbed may have ended by itself: the session is idle, a new job can start, and the old one tells its error again."""
    feed = Command(Do.START, value={"settings": {"source": "Feeder"}})
    touch = tuple(Command(Do.CONTROL, name) for name in ("open-cover", "close-cover"))
    program = (OPEN, feed, NEXT, *touch, Command(Do.STATUS), NEXT, START, NEXT, Command(Do.READ, value=9))
    assert check(program, Build(control=CoverEndsJobs)) is None


class SizesItself(Store):
    """With its switch on, the device makes out a smaller page by itself."""

    def params(self, paper_mm: float | None = None) -> PageParams:
        """See the zoo."""
        found = super().params(paper_mm)
        return replace(found, width=found.width // 2) if self.values["lamp"] is False else found


def test_a_switch_may_make_pages_smaller() -> None:
    """A vendor's switch that is on may find the size by itself; the same size without it is SCAN-08."""
    assert check((OPEN, Command(Do.SET, "lamp", False), START, NEXT), Build(store=SizesItself)) is None
    smaller = type(
        "Smaller", (SizesItself,), {"params": lambda self, mm=None: replace(Store.params(self, mm), width=9)}
    )
    found = check((OPEN, START, NEXT), Build(store=smaller))
    assert found is not None
    assert found[0] == "SCAN-08"
