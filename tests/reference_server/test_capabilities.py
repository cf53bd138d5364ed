"""The capabilities endpoint: containers, values and selection (rest-api.md 5.3)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import trio

from device_protocol import Code, DeviceCaps, DeviceError, FeederState
from device_protocol.testing import Jumper, run
from tests.reference_server.client import lab
from tests.reference_server.fakes import FLATBED, OPTIONS, FakeHost, Script

CONTAINERS = {(3, "TWON_ARRAY"), (4, "TWON_ENUMERATION"), (5, "TWON_ONEVALUE"), (6, "TWON_RANGE")}


async def capabilities(
    tmp_path: Path, query: str = "", config: dict[str, Any] | None = None, **script: Any
) -> dict[int, dict[str, Any]]:
    """The capabilities of a pending job by number."""
    async with lab(tmp_path, FakeHost({"virtual:feeder": Script(**script)})) as it:
        job = await it.client.create(autoRun=False, config=config or {})
        reply = await it.client.get(f"{job}/scanner/capabilities{query}")
        assert reply.status == 200
        return {item["capability"]["value"]: item for item in reply.json()}


async def test_containers(tmp_path: Path) -> None:
    """Each capability has container, type, current and default value under both names, and what can be done with it; all are in SUPPORTEDCAPS."""
    found = await capabilities(
        tmp_path, config={"Resolution": 300, "PixelType": 1, "IfDuplexEnabled": True, "PageSize": 1}
    )
    assert set(found) == set(found[4101]["values"])
    assert {1, 257, 258, 4098, 4099, 4109, 4110, 4111, 4114, 4115, 4353, 4369, 4376, 4377, 4386, 4395} <= set(found)
    for number, item in found.items():
        assert (item["conType"]["value"], item["conType"]["label"]) in CONTAINERS
        assert item["valueType"]["label"].startswith("TWTY_")
        assert "get" in item["query"]
        if item["conType"]["value"] == 3:
            continue
        assert item["defaultValue"] == item["defValue"]
        if item["conType"]["value"] == 4:
            assert item["enums"][item["curIndex"]] == item["curValue"], number
            assert item["enums"][item["defIndex"]] == item["defaultValue"], number
    assert found[4376] | {"query": 0} == {
        "capability": {"value": 4376, "label": "ICAP_XRESOLUTION"},
        "conType": {"value": 4, "label": "TWON_ENUMERATION"},
        "valueType": {"value": 7, "label": "TWTY_FIX32"},
        "curIndex": 2,
        "curValue": 300,
        "defIndex": 1,
        "defaultValue": 200,
        "defValue": 200,
        "enums": [100, 200, 300],
        "query": 0,
    }
    assert found[4114]["curValue"] == {"value": 1, "label": "TWDX_1PASSDUPLEX"}
    assert found[4114]["capability"]["label"] == "CAP_DUPLEX"
    assert found[4115]["curValue"] == 1
    assert found[4098]["curValue"] == 1
    assert found[257]["curValue"] == {"value": 1, "label": "TWPT_GRAY"}
    assert found[257]["defValue"] == {"value": 2, "label": "TWPT_RGB"}
    assert found[4353] | {"query": 0} == found[4353] | {
        "minValue": -1000,
        "maxValue": 1000,
        "stepSize": 10,
        "curValue": 0,
        "query": 0,
    }
    assert found[4386]["curValue"] == {"value": 1, "label": "TWSS_A4"}
    assert found[4369]["curValue"] == pytest.approx(8.5039)
    assert found[4395]["enums"] == [8]


async def test_selection(tmp_path: Path) -> None:
    """Caps selects by a comma list, also URL-encoded, in its order; numbers that the device lacks are left out; empty means all."""
    assert list(await capabilities(tmp_path, "?caps=4376,4114,9999,4114")) == [4376, 4114]
    assert list(await capabilities(tmp_path, "?caps=4376%2C257")) == [4376, 257]
    assert len(await capabilities(tmp_path, "?caps=")) == len(await capabilities(tmp_path))


@pytest.mark.parametrize("query", ["caps=x", "caps=1,,2", "caps=1.5", "caps=4114;4376"])
async def test_bad_selection(query: str, tmp_path: Path) -> None:
    """What is no list of integers is 400 -2113."""
    async with lab(tmp_path) as it:
        job = await it.client.create(autoRun=False)
        reply = await it.client.get(f"{job}/scanner/capabilities?{query}")
        assert (reply.status, reply.json()["code"]) == (400, -2113)


async def test_feeder_loaded(tmp_path: Path) -> None:
    """FEEDERLOADED says what the sensor says now; a device without feeder has none of the feeder's capabilities."""
    assert (await capabilities(tmp_path, feeder=FeederState.LOADED))[4099]["curValue"] == 1
    assert (await capabilities(tmp_path, feeder=FeederState.EMPTY))[4099]["curValue"] == 0
    glass = DeviceCaps(sources=(FLATBED,), default_source="Flatbed")
    found = await capabilities(tmp_path, caps=glass, options=OPTIONS[1:])
    assert not {4098, 4099, 4103, 4115} & set(found)
    assert found[4114]["curValue"]["value"] == 0
    assert found[4109]["curValue"] == 0


def test_it_waits_for_the_device(tmp_path: Path) -> None:
    """Right after the creation of a pending job the answer waits until the device is open; if it does not open, the answer is 409."""

    async def main() -> None:
        host = FakeHost(
            {"virtual:feeder": Script(open_s=5), "virtual:flatbed": Script(open_s=5, open_error=DeviceError(Code.BUSY))}
        )
        async with lab(tmp_path, host) as it:
            job = await it.client.create(autoRun=False)
            assert (await it.client.get(f"{job}/scanner/capabilities")).status == 200
            assert trio.current_time() == pytest.approx(5)
            job = await it.client.create(autoRun=False, device="virtual:flatbed")
            reply = await it.client.get(f"{job}/scanner/capabilities")
            assert (reply.status, reply.json()["code"]) == (409, -1011)

    run(main, clock=Jumper())
