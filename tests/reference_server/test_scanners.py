"""The list of scanners: masks of all known clients, types, and the device string on its way back (rest-api.md 4, 9; design 6)."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trio

from device_protocol import DeviceInfo
from device_protocol.testing import Jumper, run
from reference_server.config import ServerConfig
from reference_server.policy import drivers
from tests.reference_server.client import JOBS, lab
from tests.reference_server.fakes import FEEDER_INFO, FakeHost

SCANNERS = "/api/device/scanners"

# What each client row of rest-api.md 9 asks with: none (P, C, F, K, J2), 64 (J1), N's samples, and what its enum can put together.
CLIENT_MASKS = {
    "": 64,
    "?type=": 64,
    "?type=0": 64,
    "?type=64": 64,
    "?type=16": 16,
    "?type=496": 64,
    "?type=256": 256,
} | {
    "?type=2064": 16,
    "?type=0x810": 16,
    "?type=0x310": 16,
    "?type=32": 32,
    "?type=128": 128,
    "?type=512": 512,
    "?type=2048": 2048,
    "?type=4080": 64,
}


@pytest.mark.parametrize(("query", "shown"), CLIENT_MASKS.items())
def test_each_client_finds_the_feeder_once(query: str, shown: int, tmp_path: Path) -> None:
    """Under the mask of every known client the virtual feeder is listed exactly once, as one type bit that the mask contains."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            found = [item for item in (await it.client.get(SCANNERS + query)).json() if "Feeder" in item["name"]]
            assert [item["type"] for item in found] == [shown]
            assert set(found[0]) == {"name", "type", "device"}
            assert json.loads(found[0]["device"])["deviceType"] == shown

    run(main, clock=Jumper())


def test_devices_with_a_type_of_their_own(tmp_path: Path) -> None:
    """A SANE device shows under masks with SANE's bit only; a WIA device also under the old bit of WIA; each once."""

    async def main() -> None:
        wia = DeviceInfo("virtual:wia", "Wia", virtual=True, rest_type=32)
        two = DeviceInfo("virtual:two", "Two", virtual=True, rest_type=32 | 16)
        sane = DeviceInfo("sanelab:test:0", "Sane", rest_type=256)
        async with lab(tmp_path, FakeHost(infos=(wia, two, sane))) as it:
            for mask, names in (
                (256, ["Sane"]),
                (2048, ["Wia"]),
                (32, ["Wia"]),
                (16, ["Two"]),
                (496, ["Wia", "Two", "Sane"]),
                (64, []),
                (1024, []),
            ):
                items = (await it.client.get(f"{SCANNERS}?type={mask}")).json()
                assert [item["name"] for item in items] == names, mask
                assert all(item["type"] in {16, 32, 256} for item in items)

    run(main, clock=Jumper())


@pytest.mark.parametrize("text", ["x", "1.5", "-1", "0xg", "64;"])
def test_bad_masks(text: str, tmp_path: Path) -> None:
    """A mask that is no number is 400 -2113."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            reply = await it.client.get(f"{SCANNERS}?type={text}")
            assert (reply.status, reply.json()["code"]) == (400, -2113)

    run(main, clock=Jumper())


def test_device_strings_come_back(tmp_path: Path) -> None:
    """A job finds its scanner by the string of the list verbatim, the same as an object, a whole entry, its name, its base64 name, or its id."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            entry = next(
                item for item in (await it.client.get(f"{SCANNERS}?type=16")).json() if "Glass" in item["name"]
            )
            inner = json.loads(entry["device"])
            forms: list[Any] = [
                entry["device"],
                inner,
                entry,
                "Flatbed Virtual Glass",
                "virtual:flatbed",
                {"name": inner["name"]},
            ]
            for form in forms:
                reply = await it.client.request("POST", JOBS, {"device": form})
                assert reply.status == 201, form
                assert reply.json()["scanner"]["name"] == "Flatbed Virtual Glass"
                await it.client.request("DELETE", f"{JOBS}/{reply.json()['jobuid']}")
            reply = await it.client.request("POST", JOBS, {"device": entry["device"]})
            assert reply.json()["scanner"] == entry

    run(main, clock=Jumper())


@pytest.mark.parametrize(
    "device", ["nothing", "{}", '{"deviceInfo": {"id": "virtual:none"}}', "sane:usb:1", "[1]", "1", '{"name": "%%%"}']
)
def test_unknown_devices(device: str, tmp_path: Path) -> None:
    """A device that is not there, or that may not be seen, is 400 -1003 and makes no job."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            reply = await it.client.request("POST", JOBS, {"device": device})
            assert (reply.status, reply.json()["code"]) == (400, -1003)
            assert len(it.registry) == 0

    run(main, clock=Jumper())


def test_device_left_out(tmp_path: Path) -> None:
    """Without a device the last used one is taken, at first the first; SelectSourceByIndex picks from the list."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            names = []
            for keys in ({}, {"config": {"SelectSourceByIndex": 1}}, {}):
                reply = await it.client.request("POST", JOBS, keys)
                names.append(reply.json()["scanner"]["name"])
                await it.client.request("DELETE", f"{JOBS}/{reply.json()['jobuid']}")
            assert names == ["Flatbed Virtual Feeder", "Flatbed Virtual Glass", "Flatbed Virtual Glass"]
            reply = await it.client.request("POST", JOBS, {"config": {"SelectSourceByIndex": 9}})
            assert (reply.status, reply.json()["code"]) == (400, -1003)

    run(main, clock=Jumper())


def test_late_drivers(tmp_path: Path) -> None:
    """The list waits for first answers up to five seconds, then comes with what there is and names the late drivers."""

    async def main() -> None:
        host = FakeHost()
        host.answers_in, host.late = 1000, ("slow", "slower")
        async with lab(tmp_path, host) as it:
            reply = await it.client.get(SCANNERS)
            assert trio.current_time() == pytest.approx(5)
            assert len(reply.json()) == 3
            assert reply.headers["X-Flatbed-Late"] == "slow,slower"
            host.answers_in, host.late = 0, ()
            assert "X-Flatbed-Late" not in (await it.client.get(SCANNERS)).headers

    run(main, clock=Jumper())


def test_a_job_waits_for_its_device_to_appear(tmp_path: Path) -> None:
    """A job that names a device right after the start waits for the drivers' first answers before it says that there is no such device."""

    async def main() -> None:
        host = FakeHost(infos=(replace(FEEDER_INFO, id="virtual:other"),))
        host.answers_in = 2
        async with lab(tmp_path, host) as it, trio.open_nursery() as nursery:

            async def appear() -> None:
                await trio.sleep(1)
                host.infos = (FEEDER_INFO,)

            nursery.start_soon(appear)
            assert await it.client.create(device="virtual:feeder")

    run(main, clock=Jumper())


def test_modes_and_devices(tmp_path: Path) -> None:
    """Lab mode shows virtual devices and SANE's test device, with --real all; locked mode shows real ones only."""

    async def main() -> None:
        for real, count in ((False, 3), (True, 4)):
            async with lab(tmp_path, real=real) as it:
                assert len((await it.client.get(SCANNERS)).json()) == count
        async with lab(tmp_path, access="locked") as it:
            names = [item["name"] for item in (await it.client.get(SCANNERS)).json()]
            assert names == ["Maker Real One"]

    run(main, clock=Jumper())


def test_which_drivers_run(tmp_path: Path) -> None:
    """Lab mode runs no driver that looks for hardware unless asked to; locked mode does not even load simulators; what is named is used."""
    lab_drivers = drivers(ServerConfig(tmp_path))
    assert lab_drivers[:2] == ("virtual", "sanelab")
    assert "sane" not in lab_drivers
    assert "sane" in drivers(ServerConfig(tmp_path, real=True))
    locked = drivers(ServerConfig(tmp_path, access="locked"))  # type: ignore[arg-type]  # a str enum
    assert "sane" in locked
    assert not {"virtual", "sanelab"} & set(locked)
    assert drivers(ServerConfig(tmp_path, drivers=("third:party",))) == ("third:party",)
