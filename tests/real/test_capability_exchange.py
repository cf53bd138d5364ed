"""Capabilities and settings over the real SANE test back end and the virtual machines, through a running service (rest-api.md 5.3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

import httpx
import pytest

from device_host.opening import open_backend
from device_protocol import Area, DeviceInfo, Settings
from flatbed.testing import ScanService
from reference_server.capabilities.models import CapabilityDetails
from reference_server.jobs.settings_blob import restore, save, unpack

pytestmark = pytest.mark.real

JOBS = "/api/device/scanners/jobs"
DEVICES = """
schema = 1
time = "instant"

[[device]]
id = "feeder"
profile = "office-duplex-feeder"
sheets = 3

[[device]]
id = "blanks"
profile = "office-duplex-feeder"
sheets = { count = 2, blank_backs = true }

[[device]]
id = "cancels"
profile = "flatbed"
scenario = "user-cancels"

[[device]]
id = "combi"
profile = "office-combi"

[[device]]
id = "old"
profile = "old-flatbed"
"""


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    """A client of one service."""
    with ScanService.start(devices=DEVICES) as running, httpx.Client(base_url=running.url, timeout=30) as client:
        yield client


class Pending:
    """A pending job."""

    def __init__(self, client: httpx.Client, device: str, **keys: Any) -> None:
        self.client = client
        reply = client.post(JOBS, json={"device": device, "autoRun": False, "scannerFailureTimeout": 60} | keys)
        assert reply.status_code == 201, reply.text
        self.path = f"{JOBS}/{reply.json()['jobuid']}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self.client.delete(self.path).status_code == 204

    def capabilities(self, *numbers: int) -> dict[int, dict[str, Any]]:
        """By number."""
        reply = self.client.get(f"{self.path}/scanner/capabilities", params={"caps": ",".join(map(str, numbers))})
        assert reply.status_code == 200, reply.text
        return {item["capability"]["value"]: item for item in reply.json()}

    def first_page(self) -> dict[str, Any]:
        """Run it; information about its first page."""
        assert self.client.patch(self.path, json={"status": "running"}).status_code == 200
        reply = self.client.get(f"{self.path}/next-page-info")
        assert reply.status_code == 200, self.client.get(self.path).text
        info: dict[str, Any] = reply.json()["imageInfo"]
        return info


@pytest.mark.parametrize("device", ["sanelab:test:0", "virtual:feeder", "virtual:combi", "virtual:old"])
def test_every_device_describes_itself(client: httpx.Client, device: str) -> None:
    """Each device has the capabilities that its options can express, all of the declared shape, and SUPPORTEDCAPS lists them."""
    with Pending(client, device) as job:
        found = job.capabilities()
    for item in found.values():
        CapabilityDetails.model_validate(item)
    assert [*found] == found[4101]["values"]
    assert {1, 257, 258, 4114, 4117, 4368, 4369, 4370, 4372, 4376, 4377, 4386, 4395} <= set(found)
    assert (4098 in found) is (device != "virtual:old")
    assert (4132 in found) is device.startswith("virtual:")
    assert (4432 in found) is (device == "virtual:feeder"), "the combi starts at its glass, which cannot detect sizes"


def test_sane_in_twain_terms(client: httpx.Client) -> None:
    """What capabilities set on the SANE device is what it delivers: source, one bit, resolution per centimetre, and a frame in centimetres."""
    wanted = [(4098, 1), (257, 0), (258, 1), (4376, 39.37), (4372, {"left": 1, "top": 1, "right": 11, "bottom": 6})]
    caps = {
        "exception": "fail",
        "capabilities": [{"capability": number, "curValue": value} for number, value in wanted],
    }
    with Pending(client, "sanelab:test:0", caps=caps, config={"XferCount": 1}) as job:
        found = job.capabilities(4098, 257, 258, 4376, 4372, 4369)
        assert found[4098]["curValue"] == 1
        assert found[257]["curValue"] == {"value": 0, "label": "TWPT_BW"}
        assert found[258]["curValue"]["label"] == "TWUN_CENTIMETERS"
        assert found[4376]["curValue"] == pytest.approx(39.37, abs=0.01)
        assert found[4372]["curValue"] == pytest.approx({"left": 1, "top": 1, "right": 11, "bottom": 6}, abs=0.01)
        assert found[4369]["curValue"] == pytest.approx(30, abs=0.01)
        page = job.first_page()
    assert (page["BitsPerPixel"], page["XResolution"]) == (1, 100)
    assert page["ImageWidth"] == pytest.approx(394, abs=2)
    assert page["ImageLength"] == pytest.approx(197, abs=2)


def test_a_strict_value_that_sane_lacks(client: httpx.Client) -> None:
    """A resolution beyond the back end's range faults the job with -1010, and the scanner is free for the next one."""
    caps = {"exception": "fail", "capabilities": [{"capability": 4376, "curValue": 9600}]}
    reply = client.post(JOBS, json={"device": "sanelab:test:0", "caps": caps})
    job = f"{JOBS}/{reply.json()['jobuid']}"
    assert client.get(f"{job}/next-page").status_code == 204
    assert client.get(job).json() | {"message": ""} == {"status": "faulted", "code": -1010, "message": ""}
    with Pending(client, "sanelab:test:0") as next_one:
        assert next_one.capabilities(4376)


@pytest.mark.parametrize(
    ("wish", "pages"),
    [
        ({"config": {"IfAutoDiscardBlankpages": True}}, 2),
        ({"config": {"IfAutoDiscardBlankpages": False}}, 4),
        ({"caps": {"exception": "fail", "capabilities": [{"capability": 4404, "curValue": -1}]}}, 2),
        ({"caps": {"capabilities": [{"capability": 4404, "curValue": "-2"}]}}, 4),
    ],
)
def test_blank_sides_are_dropped_by_the_device(client: httpx.Client, wish: dict[str, Any], pages: int) -> None:
    """A feeder that can drop blank sides does so when config or capability says so, and says that it does (S-107)."""
    config = {"IfFeederEnabled": True, "IfDuplexEnabled": True, "PixelType": 1, "Resolution": 100}
    keys = {"caps": wish.get("caps", {}), "config": config | wish.get("config", {})}
    with Pending(client, "virtual:blanks", **keys) as job:
        assert job.capabilities(4404)[4404]["curValue"]["value"] == (-1 if pages == 2 else -2)
        job.first_page()
        count = 1
        while client.get(f"{job.path}/next-page-info").status_code == 200:
            count += 1
    assert count == pages


def test_somebody_cancels_at_the_scanner(client: httpx.Client) -> None:
    """A scan that is cancelled at the device, as in a driver's window, is a faulted job with -1032, and the next one goes through (5.2, S-102)."""
    for status, code in (("faulted", -1032), ("completed", 0)):
        reply = client.post(JOBS, json={"device": "virtual:cancels", "config": {"IfShowUI": True, "Resolution": 100}})
        job = f"{JOBS}/{reply.json()['jobuid']}"
        client.get(f"{job}/next-page")
        assert client.get(f"{job}/next-page").status_code == 204
        info = client.get(job).json()
        assert (info["status"], info["code"]) == (status, code)
        assert client.delete(job).status_code == 204


def test_only_twain_devices_give_out_settings(client: httpx.Client) -> None:
    """SANE's device is no TWAIN source, whatever a client writes into its text; a virtual one is, and its blob sets the next job up."""
    with Pending(client, '{"deviceInfo":{"id":"sanelab:test:0"},"deviceType":64}') as job:
        assert client.get(f"{job.path}/scanner/settings").json()["code"] == -1006
        assert job.capabilities(4117)[4117]["curValue"] == 0
    config = {"IfFeederEnabled": True, "PixelType": 0, "Resolution": 150, "PageSize": 13, "Threshold": 60}
    with Pending(client, "virtual:combi", config=config) as job:
        before = job.capabilities()
        blob = client.get(f"{job.path}/scanner/settings?showui=false").json()["settings"]
    with Pending(client, "virtual:combi", config={"PixelType": 2, "Resolution": 300, "PageSize": 1}) as job:
        assert job.capabilities() != before
    with Pending(client, "virtual:combi", settings=blob) as job:
        assert job.capabilities() == before
        page = job.first_page()
    assert (page["BitsPerPixel"], page["XResolution"], page["ImageWidth"]) == (1, 150, 620)
    reply = client.post(JOBS, json={"device": "virtual:feeder", "settings": blob})
    assert (reply.status_code, reply.json()["code"]) == (400, -2113)
    assert "Office Combi" in reply.json()["message"]


async def test_all_options_of_sane_survive() -> None:
    """Every option of the SANE back end that can be set, tables included, comes back from its blob, those too that depend on a later one."""
    info = DeviceInfo("sanelab:test:0", "frontend-tester", "Noname")
    async with open_backend("sanelab", {}) as backend:
        session = await backend.open("test:0")
        await session.apply(
            Settings("Automatic Document Feeder", "Gray", 16, 150, Area(10, 20, 110, 220), (("read-limit", True),))
        )
        await session.set("read-limit-size", 4096)
        await session.set("enable-test-options", True)
        await session.set("int-constraint-array", (1, 2, 3, 4, 5, 6))
        await session.set("string", "ein Wert")
        text = await save(info, session)
        before = {item.name: await session.get(item.name) for item in await session.options() if item.readable}
        await session.close()
        again = await backend.open("test:0")
        assert {item.name: await again.get(item.name) for item in await again.options() if item.readable} != before

        async def at_once(call: Any) -> Any:
            return await call()

        assert await restore(unpack(text), again, at_once) == []
        assert {item.name: await again.get(item.name) for item in await again.options() if item.readable} == before
        await again.close()
