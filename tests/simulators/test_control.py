"""The front panel: what can be done to a machine, refusals of wrong arguments, the operator, and the report on the client."""

from __future__ import annotations

from typing import Any

import pytest
import trio

from device_protocol import Code, ControlCaps, Fault, FaultKind, FeederState, SessionState, control
from device_protocol.aio import ManualClock, read_all
from simulators.backend import VirtualBackend
from simulators.scenarios.kinds import OF_CAMERAS
from simulators.spec import Refill, Scenario, Timed
from simulators.stacks import Batch
from tests.simulators.benches import FAST, code, feeder, flatbed, lab, profile, refusal, scan


async def act(backend: VirtualBackend, action: str, **arguments: Any) -> dict[str, Any]:
    """Do something to the feeder."""
    return dict(await (await backend.control("feeder")).perform(action, arguments))


async def test_caps_of_control() -> None:
    """A machine offers what makes sense for it, and nothing else (CAPS-14)."""
    async with lab(feeder(), flatbed()) as backend:
        paper = await (await backend.control("feeder")).caps()
        glass = await (await backend.control("flatbed")).caps()
    assert {control.LOAD, control.CLEAR_JAM, control.FAULT, control.REPORT, control.PRESS_BUTTON} <= paper.actions
    assert control.PLACE_SHEET not in paper.actions
    assert paper.faults == frozenset(FaultKind) - OF_CAMERAS
    assert {control.PLACE_SHEET, control.REMOVE_SHEET} <= glass.actions
    assert not glass.actions & {control.LOAD, control.UNLOAD, control.CLEAR_JAM}
    assert not glass.faults & {FaultKind.JAM, FaultKind.EMPTY, FaultKind.MULTIFEED}
    assert isinstance(glass, ControlCaps)


@pytest.mark.parametrize(
    ("action", "arguments", "expected"),
    [
        ("explode", {}, Code.UNSUPPORTED),
        ("place-sheet", {}, Code.UNSUPPORTED),
        ("load", {}, Code.INVALID_VALUE),
        ("load", {"count": -1}, Code.INVALID_VALUE),
        ("load", {"count": 10_000}, Code.INVALID_VALUE),
        ("load", {"count": "3"}, Code.INVALID_VALUE),
        ("load", {"count": 1, "size": "A99"}, Code.INVALID_VALUE),
        ("load", {"count": 1, "colour": "red"}, Code.INVALID_VALUE),
        ("unload", {"count": 1}, Code.INVALID_VALUE),
        ("press-button", {"name": "self-destruct"}, Code.INVALID_VALUE),
        ("fault", {"kind": "gremlins"}, Code.INVALID_VALUE),
        ("fault", {"kind": "jam", "sheet": 0}, Code.INVALID_VALUE),
        ("fault", {"kind": "jam", "at": 1.5}, Code.INVALID_VALUE),
        ("unplug", {"seconds": float("inf")}, Code.INVALID_VALUE),
    ],
)
async def test_wrong_arguments(action: str, arguments: dict[str, Any], expected: Code) -> None:
    """An action that is not offered is UNSUPPORTED, a wrong argument INVALID_VALUE; nothing has changed then."""
    async with lab(feeder()) as backend:
        before = await act(backend, "report")
        error = await refusal((await backend.control("feeder")).perform(action, arguments))
        assert error.code is expected
        assert await act(backend, "report") == before


async def test_flatbed_has_no_feeder_faults() -> None:
    """A fault that the machine cannot have is UNSUPPORTED."""
    async with lab(flatbed()) as backend:
        unit = await backend.control("flatbed")
        assert await code(unit.perform("fault", {"kind": "jam"})) is Code.UNSUPPORTED


async def test_unknown_device() -> None:
    """Control and open of an unknown id are NOT_FOUND (DISC-03)."""
    async with lab() as backend:
        assert await code(backend.control("nothing")) is Code.NOT_FOUND
        assert await code(backend.open("nothing")) is Code.NOT_FOUND


async def test_armed_faults_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing grows without limit: there is a most for armed faults."""
    monkeypatch.setattr("simulators.panel.MAX_ARMED", 5)
    async with lab() as backend:
        unit = await backend.control("feeder")
        for _ in range(5):
            await unit.perform("fault", {"kind": "jam", "sheet": 500})
        assert await code(unit.perform("fault", {"kind": "jam"})) is Code.INVALID_VALUE


async def test_loading_on_top() -> None:
    """Sheets that are put on top come last, with numbers that go on; into an empty hopper they begin with 1."""
    async with lab(feeder(2)) as backend:
        session = await backend.open("feeder")
        assert (await act(backend, "load", count=1, size="A5"))["hopper"] == 3
        pages = await scan(await session.start(FAST))
        assert [info.sheet for info, _, _ in pages] == [1, 1, 2, 2, 3, 3]
        await act(backend, "load", count=1)
        again = await scan(await session.start(FAST))
        assert again[0][1] == pages[0][1], "sheet 1 again"


async def test_feeder_state_is_true_at_every_step() -> None:
    """Loaded, empty, jammed: the sensor says what is (PAGE-07)."""
    async with lab(feeder(1)) as backend:
        session = await backend.open("feeder")

        async def sensed() -> FeederState:
            return (await session.status()).feeder

        assert await sensed() is FeederState.LOADED
        page = await (await session.start(FAST)).next_page()
        assert page is not None
        assert await sensed() is FeederState.EMPTY
        await session.cancel()
        await act(backend, "load", count=2)
        assert await sensed() is FeederState.LOADED
        await act(backend, "unload")
        assert await sensed() is FeederState.EMPTY


async def test_clear_jam_leaves_a_moving_sheet() -> None:
    """Clearing a jam that is none does not take a sheet from under the scan bar."""
    async with lab(feeder(2)) as backend:
        session = await backend.open("feeder")
        job = await session.start(FAST)
        page = await job.next_page()
        assert page is not None
        assert (await act(backend, "clear-jam"))["path"] == [1]
        await read_all(page)
        assert len(await scan(job)) == 3
        assert (await act(backend, "report"))["output"] == 2


async def test_no_sensor() -> None:
    """A feeder without a paper sensor says UNKNOWN, and its capabilities say so too."""
    source = {"kind": "feeder", "width_mm": 210, "height_mm": 297, "paper_sensor": False}
    async with lab(feeder(1, machine=profile(source=[source], default_source="feeder"))) as backend:
        session = await backend.open("feeder")
        assert (await session.status()).feeder is FeederState.UNKNOWN
        assert not (await session.caps()).sources[0].paper_detectable


@pytest.mark.parametrize(
    ("refill", "after_some", "after_all"),
    [(Refill.ALWAYS, 3, 3), (Refill.WHEN_EMPTY, 2, 3), (Refill.NEVER, 2, 0)],
)
async def test_operator(refill: Refill, after_some: int, after_all: int) -> None:
    """The operator puts paper in when a session is opened, as declared, and never while one is open."""
    async with lab(feeder(3, refill=refill)) as backend:
        session = await backend.open("feeder")
        await scan(await session.start(FAST, 2))
        await session.close()
        session = await backend.open("feeder")
        assert (await act(backend, "report"))["hopper"] == after_some
        await scan(await session.start(FAST))
        assert (await session.status()).feeder is FeederState.EMPTY
        assert await code(session.start(FAST)) is Code.NO_MEDIA
        await session.close()
        await backend.open("feeder")
        assert (await act(backend, "report"))["hopper"] == after_all


async def test_operator_keeps_away_from_controlled_paper() -> None:
    """Whoever sets the hopper by control has it as he set it, until reset."""
    async with lab(feeder(3, refill=Refill.ALWAYS)) as backend:
        await act(backend, "unload")
        session = await backend.open("feeder")
        assert await code(session.start(FAST)) is Code.NO_MEDIA
        await session.close()
        await act(backend, "reset")
        assert (await act(backend, "report"))["hopper"] == 3
        await backend.open("feeder")


async def test_reset_puts_everything_back() -> None:
    """reset: paper, faults, conditions and plug as at the start; a job that runs ends with an error, the session goes on."""
    async with lab(feeder(2, Fault(FaultKind.JAM, sheet=9))) as backend:
        before = await act(backend, "report")
        session = await backend.open("feeder")
        page = await (await session.start(FAST)).next_page()
        assert page is not None
        await act(backend, "fault", kind="jam")
        await act(backend, "open-cover")
        await act(backend, "close-cover")
        await act(backend, "reset")
        assert (await session.status()).state is SessionState.IDLE
        await session.close()
        after = await act(backend, "report")
        assert {**after, "client": None, "in_use": False} == {**before, "client": None}
        await act(backend, "unplug")
        await act(backend, "reset")
        assert (await act(backend, "report"))["plugged"]


async def test_button_with_nobody_connected() -> None:
    """A button that is pressed while nobody is connected is told to the next session, once."""
    async with lab(feeder()) as backend:
        await act(backend, "press-button", name="scan")
        session = await backend.open("feeder")
        first, second = session.events(), session.events()
        assert first.receive_nowait().detail == "scan"
        with pytest.raises(trio.WouldBlock):
            second.receive_nowait()
        await act(backend, "press-button", name="stop")
        assert first.receive_nowait() == second.receive_nowait()


async def test_events_are_bounded() -> None:
    """A reader that is too slow is told how many events it missed."""
    async with lab(feeder()) as backend:
        session = await backend.open("feeder")
        events = session.events()
        for _ in range(400):
            await act(backend, "press-button", name="scan")
        for _ in range(256):
            events.receive_nowait()
        await act(backend, "press-button", name="scan")
        assert events.receive_nowait().count == 144


async def test_timed_action_that_is_refused() -> None:
    """An action that the machine refuses when its time comes is left out; the lab goes on."""
    scenario = Scenario(timed=(Timed(1.0, control.LOAD, {"count": 1000}), Timed(2.0, control.LOAD, {"count": 1})))
    async with lab(feeder(3, scenario=scenario)) as backend:
        await trio.testing.wait_all_tasks_blocked()
        assert (await act(backend, "report"))["hopper"] == 4


async def test_timed_actions_of_a_scenario() -> None:
    """An action of the scenario is done at its time after the lab has opened."""
    clock = ManualClock()
    scenario = Scenario(timed=(Timed(5.0, control.LOAD, {"count": 4}), Timed(9.0, control.UNPLUG)))
    async with lab(feeder(0, scenario=scenario), clock=clock) as backend:
        await trio.testing.wait_all_tasks_blocked()
        await clock.advance(4.9)
        assert (await act(backend, "report"))["hopper"] == 0
        await clock.advance(0.2)
        assert (await act(backend, "report"))["hopper"] == 4
        await clock.advance(4)
        assert not (await backend.devices()).devices


class TestReport:
    """What the client did wrong."""

    async def test_clean_client(self) -> None:
        """A client that keeps its duties has a clean report."""
        async with lab(feeder(1)) as backend:
            session = await backend.open("feeder")
            await session.set("mode", "lineart")
            await session.options()
            await session.set("threshold", 90)
            await scan(await session.start())
            await session.close()
            report = (await act(backend, "report"))["client"]
        assert report["clean"]
        assert (report["sessions"], report["jobs"], report["pages"]) == (1, 1, 2)

    async def test_neglected_duties(self) -> None:
        """Each duty that is neglected is counted, with words."""
        async with lab(feeder(3)) as backend:
            session = await backend.open("feeder")
            await session.set("mode", "lineart")
            await session.set("threshold", 90)
            job = await session.start()
            page = await job.next_page()
            assert page is not None
            assert await code(job.next_page()) is Code.WRONG_STATE
            assert await code(session.start()) is Code.BUSY
            await session.close()
            await backend.open("feeder")
            client = (await act(backend, "report"))["client"]
        assert not client["clean"]
        assert {name: count for name, count in client["neglected"].items() if count or name == "session-left-open"} == {
            "wrong-call": 2,
            "options-not-reread": 1,
            "cancel-forgotten": 1,
            "session-left-open": 0,
        }
        assert any("next_page" in detail for detail in client["details"])

    async def test_details_are_bounded(self) -> None:
        """The report counts on and keeps the last hundred in words."""
        async with lab(feeder(3)) as backend:
            session = await backend.open("feeder")
            await session.start(FAST)
            for _ in range(150):
                await code(session.start(FAST))
            client = (await act(backend, "report"))["client"]
        assert (client["neglected"]["wrong-call"], len(client["details"])) == (150, 100)


async def test_hundred_cycles() -> None:
    """A hundred times open, scan and close leave no task, seat or sheet behind (LIFE-08)."""
    async with lab(feeder(1, batches=(Batch(1),), refill=Refill.ALWAYS)) as backend:
        tasks = set()
        for _ in range(100):
            session = await backend.open("feeder")
            assert len(await scan(await session.start(FAST, 1))) == 1
            await session.close()
            await session.close()
            tasks.add(trio.lowlevel.current_statistics().tasks_living)
        assert len(tasks) == 1
        assert not (await act(backend, "report"))["in_use"]


async def test_two_devices_do_not_touch_each_other() -> None:
    """Two devices scan at the same time, each its own pages; enumeration in between disturbs neither (LIFE-09, DISC-05)."""
    async with lab(feeder(2), flatbed()) as backend:
        one, two = await backend.open("feeder"), await backend.open("flatbed")
        alone = await scan(await two.start(FAST))
        first, second = await one.start(FAST), await two.start(FAST)
        page, other = await first.next_page(), await second.next_page()
        assert page is not None
        assert other is not None
        await page.read(1000)
        await backend.devices()
        assert (await read_all(other))[0] == alone[0][1]
        await read_all(page)
        assert len(await scan(first)) == 3
