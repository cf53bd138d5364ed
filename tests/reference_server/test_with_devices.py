"""The service as it is started for real, over the device host and the virtual machines, from the list to the last page."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.reference_server.processes import service

JOBS = "/api/device/scanners/jobs"
INSTANT = {"drivers": ("virtual",), "driver_config": {"virtual": {"time": "instant"}}}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of one service for all tests here; each gives its scanners back."""
    with (
        service(tmp_path_factory.mktemp("data"), **INSTANT) as (_, ready),
        httpx.Client(base_url=str(ready["http"]), timeout=30) as client,
    ):
        yield client


@pytest.mark.slow
def test_ten_duplex_sheets(client: httpx.Client) -> None:
    """Ten sheets, both sides, in colour at 300 dpi: 20 JPEG pages, the end, completed; then pages as PNG, information, and a scan from the glass."""
    feeder = next(item for item in client.get("/api/device/scanners").json() if "feeder" in item["device"])
    config = {"IfFeederEnabled": True, "IfDuplexEnabled": True, "PixelType": 2, "Resolution": 300, "PageSize": 1}
    reply = client.post(JOBS, json={"device": feeder["device"], "config": config, "checkFeederLoaded": True})
    assert reply.status_code == 201
    job = f"{JOBS}/{reply.json()['jobuid']}"
    pages = []
    while (reply := client.get(f"{job}/next-page?type=image/jpeg")).status_code == 200:
        assert reply.headers["content-type"] == "image/jpeg"
        assert reply.content.startswith(b"\xff\xd8")
        assert reply.content.endswith(b"\xff\xd9")
        pages.append(reply.content)
    assert (reply.status_code, len(pages), len(set(pages))) == (204, 20, 20)
    assert client.get(job).json() == {"status": "completed", "code": 0, "message": "Successful"}
    info = client.get(f"{job}/next-page-info").json()
    image = info["imageInfo"]
    assert (image["ImageWidth"], image["ImageLength"]) == (2480, 3508)
    assert (image["BitsPerPixel"], image["PixelType"], image["XResolution"]) == (24, 2, 300)
    png = client.get(info["url"])
    assert (png.headers["content-type"], png.content[:8]) == ("image/png", b"\x89PNG\r\n\x1a\n")
    assert client.delete(job).status_code == 204
    glass = client.post(JOBS, json={"device": "virtual:flatbed", "config": {"PixelType": 0, "Resolution": 150}}).json()
    job = f"{JOBS}/{glass['jobuid']}"
    reply = client.get(f"{job}/next-page?type=image/jpeg")
    assert (reply.status_code, reply.headers["content-type"]) == (200, "image/png"), "one bit is never JPEG"
    assert client.get(f"{job}/next-page").status_code == 204


@pytest.mark.slow
def test_capabilities_of_the_virtual_feeder(client: httpx.Client) -> None:
    """A pending job shows the feeder's capabilities, then runs; the scanner is locked meanwhile and free at once after the delete."""
    reply = client.post(JOBS, json={"device": "virtual:feeder", "autoRun": False, "config": {"Resolution": 200}})
    job = f"{JOBS}/{reply.json()['jobuid']}"
    found = {item["capability"]["value"]: item for item in client.get(f"{job}/scanner/capabilities").json()}
    assert found[4114]["curValue"]["value"] == 1
    assert found[4376]["curValue"] == 200
    assert found[4099]["curValue"] == 1
    assert client.post(JOBS, json={"device": "virtual:feeder"}).status_code == 423
    assert client.patch(job, json={"status": "running"}).json() == {"status": "running"}
    assert client.get(f"{job}/next-page").status_code == 200
    assert client.delete(job).status_code == 204
    reply = client.post(JOBS, json={"device": "virtual:feeder", "config": {"XferCount": 1}})
    job = f"{JOBS}/{reply.json()['jobuid']}"
    assert [client.get(f"{job}/next-page").status_code for _ in range(2)] == [200, 204]
