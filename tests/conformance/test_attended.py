"""A person beside a device without a control: asked in words, in the order of the checks, and free to say no."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from conformance.outcomes import NeedsOperator
from conformance.runner.attended import HANDS, AttendedBackend, Person, words
from conformance.runner.check import judge_device
from conformance.runner.options import CheckOptions
from conformance.runner.targets import Target
from conformance.selftest import SCANNER
from conformance.selftest.build import LEGAL
from conformance.selftest.family import FAMILY
from conformance.verdicts import Verdict
from device_protocol import Code, DeviceError
from device_protocol.aio import Backend, Control
from device_protocol.control import LOAD
from device_protocol.testing import Jumper, run

UNCONTROLLED = FAMILY["no-control"]


class Hands:
    """Somebody who does what is asked, with the hands of the zoo's own control."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def __call__(self, what: str) -> bool:
        self.asked.append(what)
        return False


def judged(only: str, hands: Hands) -> tuple[Verdict, str]:
    """The verdict on a device that nobody controls."""
    target = Target("tests.conformance.test_attended:uncontrolled", SCANNER)
    options = CheckOptions(only={only}, ask=hands, replay_dir=None)
    result = run(lambda: judge_device(target, options), clock=Jumper())
    return result.judgements[0].verdict, result.judgements[0].evidence


def uncontrolled(_config: Mapping[str, Any]) -> object:
    """A driver of a device that nobody controls."""
    return UNCONTROLLED()


uncontrolled.form = "trio"  # type: ignore[attr-defined]  # what makes a function a driver's factory


def test_who_says_no_is_needed() -> None:
    """The requirement needs an operator, and is neither green nor a failure."""
    hands = Hands()
    verdict, evidence = judged("ERR-03", hands)
    assert verdict is Verdict.NEEDS_OPERATOR
    assert hands.asked == [HANDS["unplug"]]
    assert evidence == f"nobody could do this: {HANDS['unplug']}"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"count": 1}, "Put sheet 1 of the deck (flatbed sheets) into the feeder"),
        ({"count": 3}, "Put sheets 1 to 3 of the deck (flatbed sheets) into the feeder"),
        ({"count": 1, "size": "A5"}, "Put sheet 1 of the deck (flatbed sheets) into the feeder, on A5 paper"),
    ],
)
def test_paper_is_asked_for_by_number(arguments: dict[str, Any], said: str) -> None:
    """So that the oracle can say afterwards whether the right sheets came."""
    assert words(LOAD, arguments) == said


def test_hands_that_do_it_are_a_control() -> None:
    """What was asked for is done when the call returns; what hands cannot do is refused without asking."""
    asked: list[str] = []

    async def yes(what: str) -> bool:
        asked.append(what)
        return True

    async def main() -> None:
        person = Person(yes)
        for action in (LOAD, *HANDS):
            assert await person.perform(action) == {}
        with pytest.raises(NeedsOperator):
            await person.perform("fault", {"kind": "jam"})
        assert (await person.caps()).actions == {LOAD, *HANDS}

    run(main)
    assert len(asked) == 1 + len(HANDS)


def test_a_control_of_the_device_goes_first() -> None:
    """Nobody is asked where the device can do it itself."""

    async def nobody(_what: str) -> bool:
        raise AssertionError("asked")

    async def control_of(backend: Backend) -> Control:
        return await AttendedBackend(backend, nobody).control(SCANNER)

    async def main() -> None:
        async with LEGAL() as backend:
            assert not isinstance(await control_of(backend), Person)
            await (await control_of(backend)).perform(LOAD, {"count": 1})
        async with UNCONTROLLED() as backend:
            with pytest.raises(DeviceError) as refused:
                await backend.control(SCANNER)
            assert refused.value.code is Code.UNSUPPORTED
            assert isinstance(await control_of(backend), Person)

    run(main)
