"""sane-airscan scans from the door: every source and mode, resolutions, areas, the feeder's ends and faults, and Ctrl-C. The oracle says what arrived."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
import trio

from device_protocol.control import CLEAR_JAM, CLOSE_COVER, FAULT, OPEN_COVER, REPORT, UNLOAD
from device_protocol.vocabularies.escl import EsclJobState
from sheets import ColourMode, Expectation, Side, read_page
from simulators.escl import Door
from simulators.profiles.quirks import Sane
from tests.parts import need
from tests.real.escl.airscan import CONFIG, airscan, private
from tests.real.escl.doors import door, feeder, flatbed

pytestmark = [pytest.mark.real, pytest.mark.slow]

FRONTS = [(1, Side.FRONT), (2, Side.FRONT), (3, Side.FRONT)]
BOTH = [(number, side) for number in (1, 2, 3) for side in (Side.FRONT, Side.BACK)]
MODES = {"Color": ColourMode.COLOR, "Gray": ColourMode.GRAY}


async def do(opened: Door, name: str, action: str, **arguments: Any) -> dict[str, Any]:
    """Act as the operator of a machine."""
    return dict(await (await opened.backend.control(name)).perform(action, arguments))


async def pages_given(opened: Door, count: int) -> None:
    """Wait until so many pages of the feeder's job have reached the client."""
    while not any(job.given >= count for job in opened.scanners["feeder"].jobs):  # noqa: ASYNC110  # jobs have no bell for this
        await trio.sleep(0.01)


@pytest.mark.parametrize(
    ("machine", "source", "mode", "dpi", "pages"),
    [
        ("flatbed", None, "Color", 100, FRONTS[:1]),
        ("flatbed", None, "Gray", 75, FRONTS[:1]),
        ("flatbed", None, "Gray", 300, FRONTS[:1]),
        ("flatbed", None, "Color", 150, FRONTS[:1]),
        ("feeder", "ADF", "Color", 100, FRONTS),
        ("feeder", "ADF", "Gray", 150, FRONTS),
        ("feeder", "ADF Duplex", "Color", 75, BOTH),
        ("feeder", "ADF Duplex", "Gray", 100, BOTH),
        ("combi", "Flatbed", "Color", 75, FRONTS[:1]),
        ("combi", "ADF", "Gray", 150, FRONTS),
        ("combi", "ADF Duplex", "Gray", 75, BOTH),
    ],
)
async def test_pages_tell_the_truth(
    machine: str, source: str | None, mode: str, dpi: int, pages: list[tuple[int, Side]], tmp_path: Path
) -> None:
    """Sheet, side, order, resolution and colour of every page that arrives are those of the paper."""
    machines = {"flatbed": flatbed(), "feeder": feeder(), "combi": feeder("combi", "office-combi")}
    words = [f"--mode={mode}", f"--resolution={dpi}", *([f"--source={source}"] if source else [])]
    async with door(tmp_path, machines[machine]) as opened:
        batch = len(pages) > 1
        scan = await airscan(tmp_path, opened.urls()[machine], *words, batch=batch)
    assert scan.exit == Sane.GOOD, scan.said
    assert len(scan.pages) == len(pages), scan.said
    for (number, side), reading in zip(pages, scan.readings, strict=True):
        expected = Expectation(number=number, side=side, dpi=(dpi, dpi), mode=MODES[mode], edge_tolerance_mm=2.0)
        assert reading.differences(expected) == []


async def test_an_area_is_the_part_of_the_sheet_that_was_asked_for(tmp_path: Path) -> None:
    """`-l 10 -t 20 -x 150 -y 200` goes over the wire in 1/300 inch and comes back as that part, to a millimetre."""
    async with door(tmp_path, flatbed()) as opened:
        words = ["-l", "10", "-t", "20", "-x", "150", "-y", "200", "--resolution=150", "--mode=Gray"]
        scan = await airscan(tmp_path, opened.urls()["flatbed"], *words)
    (page,) = scan.pages
    expected = Expectation(number=1, dpi=(150, 150), area_mm=(10.0, 20.0, 160.0, 220.0))
    assert read_page(page, expected=expected).differences(expected) == []


async def test_one_bit_is_not_offered_to_it(tmp_path: Path) -> None:
    """The capabilities name BlackAndWhite1, and sane-airscan 0.99.27 has no word for it (docs/interop.md)."""
    async with door(tmp_path, feeder()) as opened:
        url = opened.urls()["feeder"]
        scan = await airscan(tmp_path / "scan", url, "--mode=Lineart", "--resolution=100", batch=True)
    assert scan.exit != Sane.GOOD
    assert scan.pages == ()


async def test_an_empty_feeder_is_out_of_documents(tmp_path: Path) -> None:
    """SANE's status 7, and no page; sheets that are put in afterwards are scanned."""
    async with door(tmp_path, feeder().replace("always", "never")) as opened:
        await do(opened, "feeder", UNLOAD)
        scan = await airscan(tmp_path / "empty", opened.urls()["feeder"], "--resolution=75", batch=True)
        assert (scan.exit, scan.pages) == (Sane.NO_DOCS, ())
        await do(opened, "feeder", "load", count=2)
        again = await airscan(
            tmp_path / "loaded", opened.urls()["feeder"], "--resolution=75", "--source=ADF", batch=True
        )
        assert [reading.number for reading in again.readings] == [1, 2]


@pytest.mark.parametrize(
    ("kind", "status", "remedy"), [("jam", Sane.JAMMED, CLEAR_JAM), ("cover-open", Sane.COVER_OPEN, CLOSE_COVER)]
)
async def test_a_fault_at_the_second_sheet_has_its_name(kind: str, status: Sane, remedy: str, tmp_path: Path) -> None:
    """The page before it is kept and true; once the operator has helped, the next scan goes through."""
    async with door(tmp_path, feeder()) as opened:
        await do(opened, "feeder", FAULT, kind=kind, sheet=2)
        words = ["--resolution=75", "--mode=Gray", "--source=ADF"]
        scan = await airscan(tmp_path / "first", opened.urls()["feeder"], *words, batch=True)
        assert scan.exit == status, scan.said
        assert [(reading.number, reading.problems()) for reading in scan.readings] == [(1, [])]
        await do(opened, "feeder", remedy)
        again = await airscan(tmp_path / "second", opened.urls()["feeder"], *words, batch=True)
        assert (again.exit, len(again.pages)) == (Sane.GOOD, 3), again.said


async def test_a_cover_that_is_open_from_the_start(tmp_path: Path) -> None:
    """The driver learns why the job was refused, and says it."""
    async with door(tmp_path, feeder()) as opened:
        await do(opened, "feeder", OPEN_COVER)
        scan = await airscan(tmp_path, opened.urls()["feeder"], "--resolution=75", batch=True)
    assert (scan.exit, scan.pages) == (Sane.COVER_OPEN, ()), scan.said


async def test_every_job_is_deleted(tmp_path: Path) -> None:
    """The dialogue as the driver wrote it down: one POST, a DELETE at the end, and the device is free."""
    async with door(tmp_path, feeder()) as opened:
        scan = await airscan(tmp_path, opened.urls()["feeder"], "--resolution=75", "--source=ADF", batch=True)
        state = await do(opened, "feeder", REPORT)
        assert not state["in_use"]
        assert all(job.over for job in opened.scanners["feeder"].jobs)
    assert (scan.requests("POST"), scan.requests("DELETE")) == (1, 1)


async def test_ctrl_c_ends_the_job(tmp_path: Path) -> None:
    """SIGINT while the driver waits for a page: it deletes the job at once, the device is free, and the next scan is a whole one.

    Without ``--batch``: with it scanimage begins a new job after the signal (docs/interop.md).
    """
    program = need("scanimage", "sane-utils")
    async with door(tmp_path, feeder(), time="real") as opened:
        config = CONFIG.format(name="it", url=opened.urls()["feeder"], trace=tmp_path / "trace")
        environment = private(tmp_path / "sane.d", "airscan", {"airscan.conf": config})
        command = [program, "-d", "airscan:e0:it", "--source=ADF", "--resolution=75", f"--output-file={tmp_path}/1.pnm"]
        with trio.fail_after(60):
            process = await trio.lowlevel.open_process(
                command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            await pages_given(opened, 0)
            process.send_signal(signal.SIGINT)
            assert await process.wait() != Sane.GOOD
        (job,) = opened.scanners["feeder"].jobs
        assert (job.state, job.given) == (EsclJobState.CANCELED, 0)
        assert (await do(opened, "feeder", REPORT))["in_use"] is False
        again = await airscan(
            tmp_path / "again", opened.urls()["feeder"], "--source=ADF", "--resolution=75", batch=True
        )
        assert [reading.number for reading in again.readings] == [1, 2, 3]
