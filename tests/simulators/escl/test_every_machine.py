"""Every shipped machine stands behind the door, whatever is odd about it."""

from __future__ import annotations

from pathlib import Path

import pytest
import trio

from simulators.escl import DoorConfig, open_door
from simulators.fixture_files import fixture
from simulators.toml_files import ConfigError
from tests.simulators.escl.clients import Client, door

EVERY = fixture("devices/every-machine.toml")
NO_JOB = {"crashes-at-start": 500, "hidden-sources": 409, "no-sources": 409, "offline-but-listed": 503}
"""Machines that start nothing, and what a POST is answered."""


async def test_every_machine_answers() -> None:
    """Each has its capabilities and its status, and gives a page with what is its default, or says why not."""
    async with (
        open_door(DoorConfig(devices_file=EVERY, driver={"time": "instant"})) as opened,
        trio.open_nursery() as nursery,
    ):
        one = Client(opened, nursery)
        for name in opened.scanners:
            root = f"/{name}/eSCL"
            assert (await one.ask("GET", f"{root}/ScannerCapabilities")).text("MakeAndModel")
            assert (await one.ask("GET", f"{root}/ScannerStatus")).text("State") in {"Idle", "Down"}
            reply = await one.ask(
                "POST", f"{root}/ScanJobs", b"<ScanSettings><XResolution>75</XResolution></ScanSettings>"
            )
            assert reply.status == NO_JOB.get(name, 201), (name, reply.body)
            if reply.status == 201:
                job = reply.headers["Location"].removeprefix("http://localhost:8290")
                page = await one.ask("GET", f"{job}/NextDocument")
                assert (page.status, page.body[:2]) == (200, b"\xff\xd8"), (name, page.body[:200])
                assert (await one.ask("DELETE", job)).status == 200
        nursery.cancel_scope.cancel()


async def test_cameras_are_no_scanners(tmp_path: Path) -> None:
    """A camera beside a scanner has no path; a lab of cameras alone is refused."""
    camera = 'schema = 1\n[[device]]\nid = "camera"\nprofile = "document-camera"\n'
    async with door(tmp_path, f'{camera}\n[[device]]\nid = "flatbed"\nprofile = "flatbed"\n') as opened:
        assert list(opened.scanners) == ["flatbed"]
    with pytest.raises(ConfigError, match="has no scanner"):
        async with door(tmp_path, camera):
            pytest.fail("it opened")
