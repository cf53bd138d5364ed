"""A device that lies about types, values and errors gets a verdict, never a crash of the suite, and in bounded time and memory."""

from __future__ import annotations

import dataclasses
import itertools
import json
from typing import Any

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.programs import Command, Do, Failure, Program, Rules, execute, saved_from
from conformance.programs.find import one, search
from conformance.programs.replay import dumps
from conformance.selftest import LEGAL, SCANNER, Build
from conformance.selftest.build import ZooBackend
from conformance.selftest.page import ZooPage
from conformance.selftest.session import ZooSession
from conformance.selftest.store import Store
from conformance.shapes import flaw, shown, worded
from device_protocol import Event, Option, PageEnd, PageInfo, PageParams, Range, Status, Value, ValueType
from device_protocol.aio import EventStream
from device_protocol.testing import Jumper, run
from tests.conformance_programs.liars import Abyss, Evil, EvilError, EvilText, Lie, lies, lying

READ_ALL = Command(Do.READ_TO_END, value=[4096])
EVERY_VERB: Program = (
    Command(Do.DEVICES),
    Command(Do.CONTROL, "load", {"count": 2}),
    Command(Do.OPEN),
    Command(Do.LISTEN),
    *(Command(do) for do in (Do.CAPS, Do.OPTIONS, Do.PARAMS, Do.STATUS)),
    Command(Do.SET, "resolution", 10),
    Command(Do.SET, "brightness", {"current": True}),
    Command(Do.APPLY, value={"mode": "Gray"}),
    Command(Do.GET, "lamp"),
    Command(Do.START, value={"settings": {"source": "Feeder"}}),
    Command(Do.NEXT_PAGE),
    Command(Do.INFO),
    Command(Do.READ, value=10),
    READ_ALL,
    Command(Do.END),
    Command(Do.NEXT_PAGE),
    Command(Do.CANCEL_DURING, "read"),
    Command(Do.SETTLED),
    Command(Do.RESET),
    Command(Do.HEAR),
    Command(Do.START),
    Command(Do.CANCEL_JOB),
    Command(Do.ABANDON, "start", 1),
    Command(Do.OPEN),
    Command(Do.CLOSE),
    Command(Do.STATUS),
)


def verdict(opens: Any, program: Program = EVERY_VERB) -> Failure | None:
    """What the model makes of a device; whatever it is can be written down."""
    failure = run(lambda: execute(program, opens, SCANNER), clock=Jumper())
    if failure is not None:
        str(failure).encode()
        json.loads(dumps(saved_from(program, failure, SCANNER)))
    return failure


@given(lies)
@settings(max_examples=120, deadline=None)
def test_every_lie_gets_a_verdict(lie: Lie) -> None:
    """Whatever any verb gives or raises, the program comes to its end or to a verdict, and the verdict can be written down."""
    verdict(lying(lie))


@given(lies, st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_generated_programs_survive_lies(lie: Lie, seed: int) -> None:
    """The generator looks at what a device declares, and is not led astray by it either."""
    run(lambda: one(lying(lie), SCANNER, seed), clock=Jumper())


def test_the_proxy_alone_tells_no_lie() -> None:
    """Behind the proxy the scanner is as legal as before, so that what the tests above find is the lie."""
    assert verdict(lying(Lie("nothing", 1, lambda true: true))) is None


@pytest.mark.parametrize("error", [Abyss("deep"), SystemExit(3), EvilError(), BaseExceptionGroup("g", [Abyss()])])
def test_what_is_no_exception_is_a_verdict(error: BaseException) -> None:
    """A driver that raises something beyond Exception breaks ERR-01; the suite goes on."""

    def twist(_: Any) -> Any:
        raise error

    failure = verdict(lying(Lie("apply", 1, twist)))
    assert failure is not None
    assert (failure.requirement, failure.phase) == ("ERR-01", "apply")


def test_wrong_type_is_named() -> None:
    """The verdict says what came in place of what, and where in it."""
    failure = verdict(lying(Lie("status", 1, lambda true: dataclasses.replace(true, revision=float("nan")))))
    assert failure is not None
    assert failure.requirement == "ERR-01"
    assert "Status with revision: nan instead of int" in failure.got


class EndlessPage(ZooPage):
    """A page that never ends, without a pause."""

    async def read(self, max_bytes: int) -> bytes:
        """Give, and give."""
        return b"\0" * min(max_bytes, 4096)


def test_endless_page_is_a_verdict() -> None:
    """A page that gives bytes for ever is broken soon after the bytes that it declares (DATA-04)."""
    failure = verdict(Build(page=EndlessPage))
    assert failure is not None
    assert (failure.requirement, failure.phase) == ("DATA-04", "read-to-end")


class EndlessStream(EventStream):
    """A stream in which an event always waits."""

    def receive_nowait(self) -> Event:
        """The same one."""
        return Event("state", 1)  # type: ignore[arg-type]  # that is the lie


class Flooding(ZooSession):
    """A session with such a stream."""

    def events(self) -> EventStream:
        """Give it."""
        return EndlessStream()


def test_flood_of_events_is_a_verdict() -> None:
    """A stream that never runs dry is read to its bound; what is no event breaks STAT-03."""
    failure = verdict(Build(session=Flooding))
    assert failure is not None
    assert (failure.requirement, failure.phase) == ("STAT-03", "events-in-order")


class OddRanges(Store):
    """Ranges in which no value can be found by walking."""

    odd = Range(0, 1e18, 1e-300)

    def describe(self) -> tuple[Option, ...]:
        """With one more option."""
        return (*super().describe(), Option("odd", ValueType.FIXED, constraint=self.odd, default=0.0))


@pytest.mark.parametrize(
    "odd", [Range(0, 1e18, 1e-300), Range(5, 1, 1), Range(0, 10, -1), Range(1e18, -1e18, 1e-9), Range(0, 1, 1e18)]
)
def test_ranges_without_end(odd: Range) -> None:
    """No step that a device declares makes the suite walk for ever."""

    class Store_(OddRanges):  # noqa: N801  # made here for its range
        pass

    Store_.odd = odd
    run(lambda: search(Build(store=Store_), SCANNER, count=15), clock=Jumper())


class StartsAlways(ZooSession):
    """A session that gives a job whenever it is asked, and lets it work after close."""

    def refuse(self, verb: Any) -> None:
        """Refuse nothing about jobs."""
        if verb.value != "start":
            super().refuse(verb)


def test_handles_that_contradict_get_a_verdict() -> None:
    """A job that a device gave when it had to refuse is a handle of which nothing is known: it is named when it works after close, and is no crash."""
    start = Command(Do.START)
    program = (Command(Do.OPEN), start, start, Command(Do.NEXT_PAGE), Command(Do.CLOSE), Command(Do.NEXT_PAGE))
    rules = Rules(known={"SCAN-01", "STAT-02", "LIFE-06"})
    assert run(lambda: execute(program, Build(session=StartsAlways), SCANNER, rules=rules), clock=Jumper()) is None
    rules = Rules(known={"SCAN-01", "STAT-02"})

    class JobWorks(StartsAlways):
        """And whose jobs work after close."""

        async def start(self, *arguments: Any, **more: Any) -> Any:
            """Give one."""
            job = await super().start(*arguments, **more)
            job.refuse = lambda verb: None  # type: ignore[method-assign]  # that is the lie
            return job

    failure = run(lambda: execute(program, Build(session=JobWorks), SCANNER, rules=rules), clock=Jumper())
    assert failure is not None
    assert failure.requirement == "LIFE-06"
    assert "job 2 of session 1 of scanner" in failure.expected


class HangsAtCancel(ZooBackend):
    """A backend whose open pretends to have been cancelled."""

    async def open(self, device_id: str) -> ZooSession:
        """Raise what only trio may raise."""
        with trio.CancelScope() as scope:
            scope.cancel()
            try:
                await trio.lowlevel.checkpoint()
            except trio.Cancelled as error:
                kept = error
        raise kept


def test_a_forged_cancellation_is_a_verdict() -> None:
    """A driver that lets a cancellation of its own escape is blamed; it does not end the suite."""
    failure = verdict(Build(backend=HangsAtCancel), (Command(Do.OPEN),))
    assert failure is not None
    assert (failure.requirement, failure.phase) == ("ERR-01", "open")


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (Evil(), Status),
        (EvilText("a"), str),
        (True, int),
        (1, bool),
        ("1", int),
        (float("nan"), float),
        (10**30, int),
        ("\udfff", str),
        ([1], tuple[int, ...]),
        ((1, "a"), tuple[int, ...]),
        ((1, "a"), Value),
        (object.__new__(PageInfo), PageInfo),
        (PageEnd(1, None, 3), PageEnd),  # type: ignore[arg-type]  # that is the flaw
        (PageParams(1, 2, 3, colour="color"), PageParams),  # type: ignore[arg-type]  # the same
        (tuple(range(20_000)), tuple[int, ...]),
    ],
    ids=itertools.count(),
)
def test_flaws(value: object, hint: Any) -> None:
    """What is not exactly of its type is told, in words that any encoding can carry."""
    problem = flaw(value, hint)
    assert problem is not None
    problem.encode()


def test_sound_values_have_no_flaw() -> None:
    """What the legal scanner gives is sound; whole numbers may stand for others."""
    assert flaw(1, float) is None
    assert flaw((1.5, 2), Value) is None
    assert flaw(None, int | None) is None
    assert LEGAL.profile.caps is not None
    assert flaw(LEGAL.profile.caps, type(LEGAL.profile.caps)) is None


def test_words_for_what_has_none() -> None:
    """Objects and exceptions whose own words fail are told by their type."""
    assert shown(Evil()) == "<Evil that cannot be shown>"
    assert worded(EvilError()) == "EvilError that cannot be shown"
