"""Quirks of a machine on the network: where they come from, what they change, and that they change nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from device_protocol import Code, DeviceError
from device_protocol.control import QUIRKS, REPORT, RESET
from simulators.escl.quirks import CHANGES, quirks_named
from simulators.profile import profile_from_data
from simulators.profiles.quirks import NAMES
from simulators.profiles.quirks import QUIRKS as ROWS
from tests.simulators.escl.clients import client, control, settings

SMALLEST = {
    "schema": 1,
    "model": "Smallest",
    "mode": [{"colour": "gray"}],
    "source": [{"kind": "flatbed", "width_mm": 210.0, "height_mm": 297.0}],
}


def test_names_are_unique_and_each_is_done() -> None:
    """What the data name is what the door can do, in the same order."""
    assert len(set(NAMES)) == len(ROWS) == 60
    assert [quirk.name for quirk in quirks_named(NAMES)] == list(CHANGES)


def test_a_profile_names_quirks() -> None:
    """In its [escl] table; an unknown name is refused."""
    profile = profile_from_data({**SMALLEST, "escl": {"quirks": ["http-1.0", "location-path"]}})
    assert profile.escl.quirks == ("http-1.0", "location-path")
    with pytest.raises(DeviceError, match=r"escl\.quirks"):
        profile_from_data({**SMALLEST, "escl": {"quirks": ["http-0.9"]}})


async def test_quirks_come_and_go_while_the_door_is_open(tmp_path: Path) -> None:
    """The next answer has them; without names there are none any more, and a reset brings those of the profile back."""
    async with client(tmp_path) as one:
        await control(one, "feeder", QUIRKS, names=["without-version"])
        assert (await one.ask("GET", "/eSCL/ScannerCapabilities")).text("Version") is None
        assert (await one.ask("GET", "/flatbed/eSCL/ScannerCapabilities")).text("Version") is not None
        await control(one, "feeder", QUIRKS)
        assert (await one.ask("GET", "/eSCL/ScannerCapabilities")).text("Version") is not None
        await control(one, "feeder", QUIRKS, names=["post-400"])
        await control(one, "feeder", RESET)
        assert (await control(one, "feeder", REPORT))["quirks"] == []


@pytest.mark.parametrize("names", [["nonsense"], [], "post-400", ["post-400", "post-400"], [7]])
async def test_wrong_names_are_refused_and_change_nothing(names: object, tmp_path: Path) -> None:
    """INVALID_VALUE that names the argument; the quirks that it had stay."""
    async with client(tmp_path) as one:
        await control(one, "feeder", QUIRKS, names=["post-401"])
        with pytest.raises(DeviceError) as caught:
            await control(one, "feeder", QUIRKS, names=names)
        assert (caught.value.code, caught.value.option) == (Code.INVALID_VALUE, "names")
        assert (await control(one, "feeder", REPORT))["quirks"] == ["post-401"]


async def test_a_job_that_a_quirk_refuses_spends_no_paper(tmp_path: Path) -> None:
    """The device is not asked; two refusals later the job begins, with sheet 1."""
    async with client(tmp_path) as one:
        await control(one, "feeder", QUIRKS, names=["post-503-twice"])
        found = [(await one.ask("POST", "/eSCL/ScanJobs", settings())).status for _ in range(2)]
        assert found == [503, 503]
        assert (await control(one, "feeder", REPORT))["hopper"] == 3
        assert len(await one.pages(await one.start())) == 3


@pytest.mark.parametrize(
    ("name", "head"), [("http-1.0", b"HTTP/1.0 200 OK"), ("no-content-length", b"HTTP/1.1 200 OK")]
)
async def test_odd_answers_are_whole_and_end_the_connection(name: str, head: bytes, tmp_path: Path) -> None:
    """Another version, or no length: the body is the same, and the connection is closed after it."""
    async with client(tmp_path) as one:
        plain = await one.ask("GET", "/eSCL/ScannerCapabilities")
        await control(one, "feeder", QUIRKS, names=[name])
        raw = await one.raw(b"GET /eSCL/ScannerCapabilities HTTP/1.1\r\nHost: localhost\r\n\r\n")
    first, _, rest = raw.partition(b"\r\n")
    fields, _, body = rest.partition(b"\r\n\r\n")
    assert (first, body) == (head, plain.body)
    assert (b"content-length" in fields.lower()) is (name == "http-1.0")
    assert b"transfer-encoding" not in fields.lower()


async def test_a_page_that_breaks_off_is_still_there(tmp_path: Path) -> None:
    """Half a page does not count as given: when the quirk has gone, the same page comes whole."""
    async with client(tmp_path) as one:
        await control(one, "feeder", QUIRKS, names=["page-truncated"])
        job = await one.start()
        broken = await one.ask("GET", f"{job}/NextDocument")
        assert not broken.whole
        await one.leave()
        await control(one, "feeder", QUIRKS)
        await one.ask("GET", "/eSCL/ScannerStatus")
        assert len(await one.pages(job)) == 3
