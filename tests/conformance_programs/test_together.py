"""Two callers at once: every order that is legal is allowed, what no order explains is found, and the seed decides the interleaving."""

from __future__ import annotations

from typing import Any

import pytest
import trio

from conformance.programs import Command, Do, Failure, Program, Style, execute, find_failure, observe
from conformance.programs.commands import ABANDONED, ProgramError, from_plain, pairable, to_plain
from conformance.programs.judge_options import Change
from conformance.programs.judge_together import merged
from conformance.selftest import LEGAL, SCANNER, Build
from conformance.selftest.build import ZooBackend
from conformance.selftest.family import EVERYBODY
from conformance.selftest.job import ZooJob
from conformance.selftest.page import ZooPage
from conformance.selftest.session import ZooSession
from device_protocol import DeviceError
from device_protocol.testing import Jumper, run

OPEN, CLOSE, START, NEXT = Command(Do.OPEN), Command(Do.CLOSE), Command(Do.START), Command(Do.NEXT_PAGE)
CANCEL, STATUS, SETTLED = Command(Do.CANCEL), Command(Do.STATUS), Command(Do.SETTLED)
SOURCED = Command(Do.START, value={"settings": {"source": "Flatbed"}})
RACES = Style(races=0.5)


def together(first: Command, second: Command, after: int = 0, seed: int = 0) -> Command:
    """Two calls at once."""
    return Command(Do.TOGETHER, value={"calls": to_plain((first, second)), "after": after, "seed": seed})


def judged(program: Program, build: Build = LEGAL, seed: int = 0) -> Failure | None:
    """What the model makes of a program."""
    return run(lambda: execute(program, build, SCANNER, seed=seed), clock=Jumper())


@pytest.mark.parametrize("name", ["plain", "remembers-options", "slow", "scan-ahead", "no-control", "camera"])
def test_no_false_alarm(name: str) -> None:
    """Programs in which every other step is a race say nothing against a legal device."""
    found = run(lambda: find_failure(EVERYBODY[name], SCANNER, seed=4000, count=30, style=RACES), clock=Jumper())
    assert found is None


PAIRS = (
    *((START, START), (START, CANCEL), (START, CLOSE), (START, STATUS), (CLOSE, CLOSE)),
    *((Command(Do.SET, "lamp", False), Command(Do.SET, "lamp", True)), (Command(Do.SET, "lamp", False), SOURCED)),
    *((Command(Do.RESET), Command(Do.APPLY, value={"mode": "Gray"})), (Command(Do.SET, "mode", "Gray"), CLOSE)),
    *((OPEN, CLOSE), (OPEN, OPEN), (Command(Do.CONTROL, "unplug"), START), (Command(Do.CONTROL, "unload"), START)),
)
RUNNING = (
    *(
        (NEXT, CANCEL),
        (NEXT, NEXT),
        (NEXT, CLOSE),
        (NEXT, Command(Do.CANCEL_JOB)),
        (NEXT, Command(Do.CONTROL, "unplug")),
    ),
    *((CANCEL, SETTLED), (CANCEL, CANCEL), (START, CANCEL), (Command(Do.CONTROL, "open-cover"), NEXT)),
)


@pytest.mark.parametrize("after", [0, 1, 3])
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair[0].do}-{pair[1].do}")
def test_every_interleaving_of_a_pair(pair: tuple[Command, Command], after: int) -> None:
    """A legal device passes whatever the interleaving, and the program goes on afterwards."""
    for seed in range(4):
        assert judged((OPEN, together(*pair, after, seed), STATUS, CLOSE, OPEN, START)) is None


@pytest.mark.parametrize("pair", RUNNING, ids=lambda pair: f"{pair[0].do}-{pair[1].do}")
def test_every_interleaving_with_a_job(pair: tuple[Command, Command]) -> None:
    """The same while a job runs from the feeder."""
    start = Command(Do.START, value={"settings": {"source": "Feeder"}})
    for seed in range(4):
        for after in (0, 2):
            assert judged((OPEN, start, together(*pair, after, seed), STATUS, CLOSE, OPEN, START)) is None


class OpensTwice(ZooBackend):
    """Looks whether the device is free, and takes it a moment later."""

    async def open(self, device_id: str) -> ZooSession:
        """See the contract."""
        machine = self.find(device_id)
        free = machine.session is None
        await trio.lowlevel.checkpoint()
        machine.session = None if free else machine.session
        return await super().open(device_id)


class StartsTwice(ZooSession):
    """Looks whether a job runs, and starts one a moment later."""

    async def ready(self) -> None:
        """See the zoo."""
        await super().ready()
        await trio.lowlevel.checkpoint()

    async def start(self, *arguments: Any, **more: Any) -> ZooJob:
        """See the contract."""
        self.one.__init__()  # type: ignore[misc]  # nobody waits for anybody
        return await super().start(*arguments, **more)


class LosesCancel(ZooJob):
    """A cancel that comes while a page is being fetched is forgotten."""

    fetching = False

    async def feed(self) -> ZooPage | None:
        """See the zoo."""
        self.fetching = True
        await trio.lowlevel.checkpoint()
        try:
            return await super().feed()
        finally:
            self.fetching = False

    async def cancel(self) -> None:
        """See the contract."""
        if not self.fetching:
            await super().cancel()


class KeepsDevice(ZooBackend):
    """A caller that gives up while it opens leaves the device taken."""

    async def open(self, device_id: str) -> ZooSession:
        """See the contract."""
        session = await super().open(device_id)
        await trio.lowlevel.checkpoint()
        return session


@pytest.mark.parametrize(
    ("build", "requirement"),
    [
        (Build(backend=OpensTwice), "LIFE-02"),
        (Build(session=StartsTwice), "SCAN-01 LIFE-02 LIFE-06"),
        (Build(job=LosesCancel), "STAT-01 STAT-02 CANC-03 CANC-02 CANC-04"),
        (Build(backend=KeepsDevice), "CANC-08"),
    ],
    ids=["opens-twice", "starts-twice", "loses-cancel", "keeps-device"],
)
def test_races_are_found(build: Build, requirement: str) -> None:
    """What goes wrong only between two callers, or when one gives up, is found by the usual programs, shortly, and not without them."""
    found = run(lambda: find_failure(build, SCANNER, count=400, time_budget=60), clock=Jumper())
    assert found is not None
    assert found.repeatable
    assert len(found.program) <= 10
    assert {command.do for command in found.program} & {Do.TOGETHER, Do.CANCEL_DURING, Do.ABANDON}
    assert found.failure.requirement in requirement.split()


def test_the_seed_decides() -> None:
    """One seed, one interleaving; over several seeds each of two callers comes first."""
    pair = (Command(Do.SET, "lamp", False), Command(Do.SET, "lamp", True))

    def shown(seed: int) -> tuple[str, ...]:
        program = (OPEN, together(*pair, 0, seed), Command(Do.GET, "lamp"))
        return run(lambda: observe(program, LEGAL, SCANNER), clock=Jumper(), seed=99)[-1:]

    assert all(shown(seed) == shown(seed) for seed in range(5))
    assert len({shown(seed) for seed in range(20)}) == 2


@pytest.mark.parametrize("name", ABANDONED)
@pytest.mark.parametrize("after", [0, 1, 2, 5])
def test_a_caller_gives_up_anywhere(name: str, after: int) -> None:
    """Whichever call is abandoned, after however many steps: a legal device can be closed and opened again."""
    program = (OPEN, START, NEXT, Command(Do.ABANDON, name, after), CLOSE, OPEN, START, NEXT)
    assert judged(program) is None


def test_pairs_that_cannot_be_judged_are_refused() -> None:
    """Where outcomes would not say in which order two calls took effect, they are no pair, in a file either."""
    read_all, read = Command(Do.READ_TO_END, value=[1]), Command(Do.READ, value=1)
    load = Command(Do.CONTROL, "load")
    for first, second in (
        (read_all, read),
        (load, load),
        (OPEN, load),
        (Command(Do.HEAR), STATUS),
        (Command(Do.RESET), START),
    ):
        assert not pairable(first, second)
        with pytest.raises(ProgramError):
            from_plain(to_plain((together(first, second),)))
    assert pairable(read_all, Command(Do.READ, value=1, on=1))


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        {"calls": [], "after": 0, "seed": 0},
        {"calls": [{"do": "open"}] * 3, "after": 0, "seed": 0},
        {"calls": [{"do": "open"}, 7], "after": 0, "seed": 0},
        {"calls": [{"do": "open"}] * 2, "after": 1000, "seed": 0},
        {"calls": [{"do": "open"}] * 2, "after": True, "seed": 0},
        {"calls": [{"do": "open"}] * 2, "after": 0, "seed": -1},
        {"calls": [{"do": "open"}] * 2, "after": 0},
        {"calls": [{"do": "together", "value": {}}] * 2, "after": 0, "seed": 0},
    ],
)
def test_what_is_no_pair(value: Any) -> None:
    """Anything else in a file is refused with a typed error."""
    with pytest.raises(ProgramError):
        from_plain([{"do": "together", "value": value}])


def test_a_pair_survives_json_and_is_told_in_words() -> None:
    """A pair is plain data like any command."""
    program = (together(START, CANCEL, 2, 7),)
    assert from_plain(to_plain(program)) == program
    assert str(program[0]) == "together start | cancel (after 2, seed 7)"


def test_a_pair_with_one_handle_missing() -> None:
    """If one of the two has nothing to act on the other runs alone; if neither has, nothing happens."""
    assert judged((OPEN, together(NEXT, STATUS))) is None
    lines = run(lambda: observe((together(NEXT, STATUS),), LEGAL, SCANNER), clock=Jumper())
    assert lines[0].endswith("skipped None")


def test_changes_of_two_calls_are_merged() -> None:
    """What the later call sets is expected, and what it may change is free of what the first expected."""
    first = Change({"a": (1, "SET-01"), "b": (2, "SET-01")}, params=True)
    second = Change({"c": (3, "SET-01")}, allowed={"a"})
    both = merged([first, second])
    assert set(both.expected) == {"b", "c"}
    assert both.allowed == {"a"}
    assert both.params


def test_errors_are_those_of_the_contract() -> None:
    """A second caller on one handle may be refused with BUSY, and then has changed nothing: the zoo does so for two starts."""

    class Slow(ZooSession):
        async def ready(self) -> None:
            await trio.lowlevel.checkpoint()
            await super().ready()

    seen: list[str] = []

    async def main() -> None:
        async with Build(session=Slow)() as backend:
            session = await backend.open(SCANNER)

            async def start() -> None:
                try:
                    await session.start()
                except DeviceError as error:
                    seen.append(error.code.value)

            async with trio.open_nursery() as nursery:
                nursery.start_soon(start)
                nursery.start_soon(start)

    run(main, clock=Jumper())
    assert seen == ["BUSY"]
    assert judged((OPEN, together(START, START), STATUS), Build(session=Slow)) is None
