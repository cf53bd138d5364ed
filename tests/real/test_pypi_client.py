"""The unmodified client twain-wia-sane-scanner 2.0.3 from PyPI scans from the service, and the oracle reads what arrives (rest-api.md 9, row P3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from dynamsoftservice import ScannerController

from flatbed.testing import ScanService
from sheets import Side, read_page

pytestmark = pytest.mark.real

DEVICES = """
schema = 1
time = "instant"

[[device]]
id = "feeder"
profile = "office-duplex-feeder"
sheets = 10

[[device]]
id = "flatbed"
profile = "flatbed"
sheets = 1
"""

JAM = DEVICES.replace("sheets = 10", 'sheets = 10\nscenario = "jam-at-sheet-3"')

DUPLEX = {"IfShowUI": False, "PixelType": 2, "Resolution": 300, "IfFeederEnabled": True, "IfDuplexEnabled": True}


@pytest.fixture(scope="module")
def service() -> Iterator[ScanService]:
    """One service for the tests of this module that end their jobs."""
    with ScanService.start(devices=DEVICES) as running:
        yield running


@pytest.fixture
def client() -> Iterator[Any]:
    """The client as its users make it."""
    with ScannerController() as controller:
        yield controller


def feeder_of(client: Any, service: ScanService) -> Any:
    """The virtual feeder as the client lists it."""
    (feeder,) = [item for item in client.getDevices(service.url) if "feeder" in item["device"]]
    return feeder


def drain(client: Any, service: ScanService, job: str, image_type: str) -> list[bytes]:
    """All pages of a job, as the client's own samples fetch them."""
    pages: list[bytes] = client.getImageStreams(service.url, job, image_type)
    return pages


def test_server_and_devices(service: ScanService, client: Any) -> None:
    """The client learns the version and finds the virtual feeder, the virtual flatbed and SANE's test device, each once."""
    info = client.getServerInfo(service.url)
    assert info["compatible"] is True
    names = [item["device"] for item in client.getDevices(service.url)]
    for wanted in ("virtual:feeder", "virtual:flatbed", "sanelab:test:0"):
        assert sum(wanted in name for name in names) == 1, names


@pytest.mark.parametrize("image_type", ["image/jpeg", "image/png"])
def test_ten_duplex_sheets(service: ScanService, client: Any, image_type: str) -> None:
    """Ten sheets, duplex, 300 dpi colour: 20 pages in order, then the end; the job is completed and can be deleted; every page tells the truth."""
    job = client.createJob(service.url, {"device": feeder_of(client, service)["device"], "config": DUPLEX})["jobuid"]
    pages = drain(client, service, job, image_type)
    assert len(pages) == 20
    assert client.getImageStream(service.url, job, image_type) is None
    assert client.checkJob(service.url, job)["status"] == "completed"
    assert client.deleteJob(service.url, job) is True
    for index, page in enumerate(pages):
        reading = read_page(page)
        assert (reading.number, reading.side) == (index // 2 + 1, Side.FRONT if index % 2 == 0 else Side.BACK)
        assert reading.declared_dpi == pytest.approx((300, 300), rel=0.005)
        assert reading.dpi_x == pytest.approx(300, rel=0.005)
        assert (reading.turned, reading.mirrored, reading.inverted, reading.truncated) == (0, False, False, 0)
        assert max(abs(edge) for edge in vars_of(reading.crop_px)) <= 2


def vars_of(edges: Any) -> tuple[float, float, float, float]:
    """The four edges of a crop."""
    return edges.left, edges.top, edges.right, edges.bottom


def test_a_jam_at_sheet_three(client: Any) -> None:
    """A jam set in the devices file gives the four pages before it, then the end, then a faulted job with code -1020."""
    with ScanService.start(devices=JAM) as service:
        job = client.createJob(service.url, {"device": feeder_of(client, service)["device"], "config": DUPLEX})[
            "jobuid"
        ]
        pages = drain(client, service, job, "image/jpeg")
        assert [(reading.number, reading.side) for reading in map(read_page, pages)] == [
            (1, Side.FRONT),
            (1, Side.BACK),
            (2, Side.FRONT),
            (2, Side.BACK),
        ]
        state = client.checkJob(service.url, job)
        assert (state["status"], state["code"]) == ("faulted", -1020)
        assert client.deleteJob(service.url, job) is True


def test_sane_through_the_service(service: ScanService, client: Any) -> None:
    """SANE's own test device, in a worker process, is scanned from like any other."""
    (scanner,) = [item for item in client.getDevices(service.url) if "sanelab:test:0" in item["device"]]
    config = {"PixelType": 2, "Resolution": 75, "IfFeederEnabled": False, "XferCount": 1}
    job = client.createJob(service.url, {"device": scanner["device"], "config": config})["jobuid"]
    pages = drain(client, service, job, "image/png")
    assert len(pages) == 1
    assert client.checkJob(service.url, job)["status"] == "completed"
    assert client.deleteJob(service.url, job) is True


@pytest.mark.parametrize("mask", [None, 64, 16, 256, 496, 0x810, 32, 128, 512, 2048, 0], ids=str)
def test_each_clients_mask_finds_the_feeder_once(service: ScanService, client: Any, mask: int | None) -> None:
    """For each client row of rest-api.md 9, the list asked for with that client's own mask has the feeder exactly once, as one bit of the mask."""
    found = [item for item in client.getDevices(service.url, mask) if "virtual:feeder" in item["device"]]
    assert len(found) == 1
    bit = found[0]["type"]
    assert bit.bit_count() == 1
    assert bit & (mask or 496)
