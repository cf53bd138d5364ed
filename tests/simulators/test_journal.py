"""The journal of a machine: in order, bounded, without a trace of those who look; pictures of its last pages; the long poll."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trio
import trio.testing
from PIL import Image

from device_protocol import Code, Fault, FaultKind, Settings, control
from device_protocol.aio import ManualClock, Marks, ScaledClock
from device_protocol.testing import Jumper, run
from sheets import Side, read_page
from simulators.backend import VirtualBackend
from simulators.devices_file import LabSpec
from simulators.driver import lab_backend
from simulators.journal import record
from simulators.messages import Request
from simulators.scenario import load_scenario
from simulators.session import Mailbox
from simulators.toml_files import ConfigError
from tests.simulators.benches import FAST, INSTANT, code, feeder, flatbed, lab, profile, refusal, scan
from tests.simulators.test_lab_over_socket import door


async def act(backend: VirtualBackend, action: str, device: str = "feeder", **arguments: Any) -> dict[str, Any]:
    """Do something to a device."""
    return dict(await (await backend.control(device)).perform(action, arguments))


async def told(backend: VirtualBackend, device: str = "feeder", since: int = 0) -> list[tuple[str, str, str]]:
    """Kind, subject and outcome of each entry."""
    found = await act(backend, "journal", device, since=since)
    return [(entry["kind"], entry["what"], entry["outcome"]) for entry in found["entries"]]


async def test_a_scan_in_order() -> None:
    """Calls with their outcome, pages, the fault that strikes and the condition that it brings stand in the order in which they happened."""
    async with lab(feeder(3, Fault(FaultKind.JAM, sheet=2))) as backend:
        session = await backend.open("feeder")
        job = await session.start(FAST)
        assert await code(scan(job)) is Code.JAM
        await session.close()
        assert await told(backend) == [
            ("call", "open", "ok"),
            ("call", "start", "ok"),
            ("call", "next_page", "ok"),
            ("page", "page 1", "ok"),
            ("call", "next_page", "ok"),
            ("page", "page 2", "ok"),
            ("fault", "jam", "ok"),
            ("condition", "JAM", "begins"),
            ("call", "next_page", "JAM"),
            ("call", "close", "ok"),
        ]
        await act(backend, control.CLEAR_JAM)
        assert (await told(backend))[-2:] == [("operator", "clear-jam", "ok"), ("condition", "JAM", "ends")]


async def test_times_and_details() -> None:
    """An entry has the device time at which it began and what it took, the client's number, and what was asked for."""
    async with lab(feeder(2)) as backend:
        for _ in range(2):
            session = await backend.open("feeder")
            await scan(await session.start(Settings(mode="color", resolution=300), pages=1))
            await session.close()
        entries = (await act(backend, "journal"))["entries"]
        start = next(entry for entry in entries if entry["what"] == "start")
        assert start["detail"] == "feeder-duplex, 300 dpi, pages: 1"
        assert next(entry["detail"] for entry in entries if entry["kind"] == "page") == (
            "sheet 1 front, A4, color 8 bit, 300 dpi"
        )
        assert {entry["client"] for entry in entries if entry["kind"] == "call"} == {1, 2}
        opened = entries[0]
        assert (opened["time"], opened["seconds"]) == (0.0, 0.2)
        assert [entry["number"] for entry in entries] == list(range(1, len(entries) + 1))


async def test_refused_clients_are_in_it() -> None:
    """A second client that finds the device in use, and one that finds it unplugged, have left a trace."""
    async with lab() as backend:
        first = await backend.open("feeder")
        assert await code(backend.open("feeder")) is Code.BUSY
        await act(backend, control.UNPLUG)
        assert await code(backend.open("feeder")) is Code.NOT_FOUND
        await first.close()
        assert await told(backend) == [
            ("call", "open", "ok"),
            ("call", "open", "BUSY"),
            ("operator", "unplug", "ok"),
            ("condition", "unplugged", "begins"),
            ("call", "open", "NOT_FOUND"),
        ]


async def test_looking_leaves_no_trace() -> None:
    """Reports, descriptions, journals and long polls change nothing; what an operator tried in vain is there with the reason."""
    async with lab() as backend:
        for action in ("report", "describe", "journal", "watch"):
            await act(backend, action)
        assert await told(backend) == []
        assert await code(act(backend, "load", count=10_000)) is Code.INVALID_VALUE
        (entry,) = (await act(backend, "journal"))["entries"]
        assert (entry["what"], entry["outcome"]) == ("load", "INVALID_VALUE")
        assert "room left" in entry["detail"]


async def test_bounded_and_numbered() -> None:
    """The oldest entries go, `since` and `limit` choose among the rest, and a reset forgets all but never gives a number twice."""
    async with lab() as backend:
        for _ in range(record.ENTRIES_KEPT + 20):
            await act(backend, control.PRESS_BUTTON, name="scan")
        found = await act(backend, "journal")
        assert [entry["number"] for entry in found["entries"]] == list(range(21, record.ENTRIES_KEPT + 21))
        assert found["next"] == record.ENTRIES_KEPT + 21
        assert [e["number"] for e in (await act(backend, "journal", since=515))["entries"]] == list(range(515, 521))
        assert [e["number"] for e in (await act(backend, "journal", limit=2))["entries"]] == [519, 520]
        assert (await act(backend, "journal", since=9999))["entries"] == []
        await act(backend, control.RESET)
        (entry,) = (await act(backend, "journal"))["entries"]
        assert (entry["what"], entry["number"]) == ("reset", 521)


async def test_a_call_under_way() -> None:
    """A call that does not end is seen while it lasts, with the time that it has taken, and gets its outcome when it ends."""
    clock = ManualClock()
    async with lab(feeder(1, Fault(FaultKind.HANG, verb="open", seconds=50)), clock=clock) as backend:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(backend.open, "feeder")
            await trio.testing.wait_all_tasks_blocked()
            await clock.advance(20)
            found = await act(backend, "journal")
            assert found["under_way"] == {"call": "open", "since": 0, "seconds": 20}
            assert [entry["what"] for entry in found["entries"]] == ["hang"]
            await clock.advance(31)
        found = await act(backend, "journal")
        assert (found["under_way"], found["entries"][-1]["seconds"]) == (None, 50.2)


async def test_pictures_show_the_page() -> None:
    """A picture of a page has the width that was asked for and shows that sheet and side; the oracle reads it."""
    async with lab(feeder(2)) as backend:
        session = await backend.open("feeder")
        await scan(await session.start(Settings(mode="color", resolution=150)))
        pages = (await act(backend, "journal"))["pages"]
        assert [(page["page"], page["sheet"], page["side"], page["size"]) for page in pages] == [
            (1, 1, "front", "A4"),
            (2, 1, "back", "A4"),
            (3, 2, "front", "A4"),
            (4, 2, "back", "A4"),
        ]
        shown = await act(backend, "picture", page=pages[3]["entry"], width=900)
        image = Image.open(io.BytesIO(base64.b64decode(shown["data"])))
        assert abs(image.width - 900) <= 6
        reading = read_page(np.asarray(image.convert("RGB")))
        assert (reading.number, reading.side) == (2, Side.BACK)
        small = await act(backend, "picture", page=pages[0]["entry"], width=60)
        assert abs(Image.open(io.BytesIO(base64.b64decode(small["data"]))).width - 60) <= 6


async def test_a_picture_of_dots_is_grey_and_glass_may_be_empty() -> None:
    """A 1-bit page is shown in grey, and an empty glass as white."""
    async with lab(flatbed()) as backend:
        await act(backend, control.REMOVE_SHEET, "flatbed")
        session = await backend.open("flatbed")
        await scan(await session.start(Settings(mode="lineart", resolution=75)))
        (page,) = (await act(backend, "journal", "flatbed"))["pages"]
        assert (page["sheet"], page["size"], page["mode"], page["depth"]) == (None, None, "lineart", 1)
        shown = await act(backend, "picture", "flatbed", page=page["entry"], width=100)
        image = Image.open(io.BytesIO(base64.b64decode(shown["data"])))
        assert image.mode == "L"
        assert image.getextrema() == (255, 255)


@pytest.mark.parametrize(
    ("action", "arguments", "expected"),
    [
        ("picture", {}, Code.INVALID_VALUE),
        ("picture", {"page": 1}, Code.NOT_FOUND),
        ("picture", {"page": 0}, Code.INVALID_VALUE),
        ("picture", {"page": 1, "width": 100_000}, Code.INVALID_VALUE),
        ("picture", {"page": 1, "path": "/etc"}, Code.INVALID_VALUE),
        ("journal", {"since": -1}, Code.INVALID_VALUE),
        ("journal", {"limit": 100_000}, Code.INVALID_VALUE),
        ("watch", {"wait": 11}, Code.INVALID_VALUE),
        ("watch", {"since": "now"}, Code.INVALID_VALUE),
        ("describe", {"all": True}, Code.INVALID_VALUE),
    ],
)
async def test_wrong_arguments(action: str, arguments: dict[str, Any], expected: Code) -> None:
    """Wrong arguments are refused, a picture that is not kept is NOT_FOUND; nothing is written down."""
    async with lab() as backend:
        error = await refusal((await backend.control("feeder")).perform(action, arguments))
        assert error.code is expected
        assert await told(backend) == []


async def test_watch_tells_of_every_machine() -> None:
    """A long poll ends with the first change of any machine of the lab, says which, and misses nothing between two polls."""
    async with lab(feeder(), flatbed()) as backend:
        mark = (await act(backend, "watch"))["next"]
        found: list[dict[str, Any]] = []

        async def watch() -> None:
            found.append(await act(backend, "watch", since=mark, wait=10))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(watch)
            await trio.testing.wait_all_tasks_blocked()
            assert found == []
            await act(backend, control.REMOVE_SHEET, "flatbed")
        assert found[0]["changed"] == ["flatbed"]
        await act(backend, control.OPEN_COVER)
        await act(backend, control.PLACE_SHEET, "flatbed")
        assert (await act(backend, "watch", since=found[0]["next"], wait=10))["changed"] == ["feeder", "flatbed"]


def test_watch_ends_without_news() -> None:
    """Where nothing happens a long poll ends after its time, with nothing."""

    async def main() -> float:
        async with lab() as backend:
            mark = (await act(backend, "watch"))["next"]
            before = trio.current_time()
            assert await act(backend, "watch", since=mark, wait=4) == {"changed": [], "next": mark, "device": "feeder"}
            return trio.current_time() - before

    assert run(main, clock=Jumper()) == 4


async def test_over_the_socket(tmp_path: Path) -> None:
    """Journal, picture and description are the same through the lab's socket, settings of pages included."""
    async with door(tmp_path) as (resident, backend):
        session = await backend.open("feeder")
        await scan(await session.start(FAST))
        await session.close()
        near, far = [await act(side, "journal") for side in (resident, backend)]
        assert near == far
        assert near["pages"][0]["dpi"] == 75
        pictures = [await act(side, "picture", page=near["pages"][0]["entry"]) for side in (resident, backend)]
        assert pictures[0] == pictures[1]
        assert await act(backend, "describe") == await act(resident, "describe")


async def test_a_repeated_call_gives_no_second_page() -> None:
    """A caller that was cancelled asks for the same page again: that is two calls and one page. Without settings there is no picture of it."""
    async with lab_backend(LabSpec((feeder(),)), ScaledClock(INSTANT)) as backend:
        seat, _ = await backend._lab.open("feeder", Mailbox())
        await seat.start(Request("feeder-duplex", None, 75))
        first = await seat.feed(1)
        assert await seat.feed(1) == first
        await seat.release()
        entries = await told(backend)
        assert [entry[:2] for entry in entries].count(("call", "next_page")) == 2
        assert [entry[1] for entry in entries if entry[0] == "page"] == ["page 1"]
        (page,) = (await act(backend, "journal"))["pages"]
        assert await code(act(backend, "picture", page=page["entry"])) is Code.NOT_FOUND


@pytest.mark.parametrize("action", ["watch", "picture"])
def test_what_takes_time_is_no_moment_of_a_scenario(action: str, tmp_path: Path) -> None:
    """A scenario that lets somebody wait, or draw, at a moment is refused with file and line instead of breaking the lab."""
    file = tmp_path / "scenario.toml"
    file.write_text(f'schema = 1\n[[at]]\nseconds = 1\naction = "{action}"\n')
    with pytest.raises(ConfigError, match=rf"scenario\.toml.*{action} takes time"):
        load_scenario(file, profile())


def test_marks_of_another_run() -> None:
    """A number that was kept from an earlier run, or is from nowhere, gives every topic, so that its owner looks at everything."""
    marks = Marks(lambda: 1000.0)
    assert marks.since(0) == []
    for topic in ("a", "b", "a"):
        marks.mark(topic)
    assert marks.since(marks.head) == []
    assert marks.since(1_000_001) == ["b", "a"]
    assert marks.since(1_000_002) == ["a"]
    assert marks.since(5) == marks.since(marks.head + 1) == ["b", "a"]
