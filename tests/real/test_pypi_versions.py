"""Every version of the PyPI client, unmodified, doing all it can do: rows P1, P2a, P2b and P3 of rest-api.md 9 (12.8)."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from flatbed.testing import ScanService
from sheets import Side, read_page
from tests.real.pypi_clients import Recorder, everything_of, installed, load
from tests.real.services import service_with_feeder

pytestmark = pytest.mark.real

SHEETS = 2
DEVICES = f"""
schema = 1
time = "instant"

[[device]]
id = "feeder"
profile = "office-duplex-feeder"
sheets = {SHEETS}
"""

CONFIG = {"IfShowUI": False, "PixelType": 2, "Resolution": 100, "IfFeederEnabled": True, "IfDuplexEnabled": False}
SAMPLE_MASK = 0x10 | 0x40
"""What the samples of this package ask for: TWAIN, 32 and 64 bits."""

SPINS = """
import sys
sys.path.insert(0, sys.argv[1])
from dynamsoftservice import ScannerController
print(len(ScannerController().getImageStreams(sys.argv[2], sys.argv[3])))
"""


@pytest.fixture(scope="module")
def service() -> Iterator[ScanService]:
    """A service as it starts by default."""
    with service_with_feeder(devices=DEVICES) as running:
        yield running


@pytest.fixture(scope="module")
def service_410() -> Iterator[ScanService]:
    """A service whose pages end in 410."""
    with service_with_feeder("--end-of-pages", "410", devices=DEVICES) as running:
        yield running


def device(client: Recorder, host: str) -> str:
    """The feeder, which the client finds once, with and without a mask."""
    found = [
        [item for item in client.getDevices(host, *mask) if "virtual:feeder" in item["device"]]
        for mask in ((), (SAMPLE_MASK,), (64,))
    ]
    assert [len(items) for items in found] == [1, 1, 1]
    return str(found[1][0]["device"])


def parameters(client: Recorder, host: str, **more: Any) -> dict[str, Any]:
    """What the samples send."""
    return {"license": "LICENSE-KEY", "device": device(client, host), "config": CONFIG, **more}


def assert_sheets(pages: list[bytes], media: str, count: int = SHEETS) -> None:
    """These are the first pages of the feeder, in order."""
    start = {"image/png": b"\x89PNG", "image/jpeg": b"\xff\xd8"}[media]
    assert all(page.startswith(start) for page in pages)
    readings = [(reading.number, reading.side) for reading in map(read_page, pages)]
    assert readings == [(number, Side.FRONT) for number in range(1, count + 1)]


def files(folder: Path, names: list[str]) -> list[bytes]:
    """What the client saved."""
    return [(folder / name).read_bytes() for name in names]


def run(client: Recorder, host: str, **more: Any) -> str:
    """A job that scans."""
    return str(client.createJob(host, parameters(client, host, **more))["jobuid"])


def test_1_0_0(service: ScanService, tmp_path: Path) -> None:
    """P1, the legacy API: files and streams of a feeder, one page at a time, and the end that it knows, 410."""
    host = service.url
    with everything_of("1.0.0") as client:
        job = client.scanDocument(host, parameters(client, host))
        assert_sheets(client.getImageStreams(host, job), "image/jpeg")
        assert client.deleteJob(host, job) is None
        job = client.scanDocument(host, parameters(client, host))
        assert_sheets(files(tmp_path, [client.getImageFile(host, job, tmp_path)]), "image/jpeg", 1)
        time.sleep(0.002)  # its file names are milliseconds
        assert len(client.getImageFiles(host, job, tmp_path)) == SHEETS - 1
        assert client.getImageFile(host, job, tmp_path) == ""
        client.deleteJob(host, job)
        assert client.scanDocument(host, {"device": "no such scanner"}) == ""
        assert client.getDevices(host, 4096) == []


@pytest.mark.parametrize("version", ["2.0.0", "2.0.2"])
def test_2_0_0_and_2_0_2(version: str, service: ScanService, service_410: ScanService, tmp_path: Path) -> None:
    """P2a and P2b: jobs in all states, pages as files and streams, information, capabilities; P2a's streams with the 410 switch."""
    host = (service_410 if version == "2.0.0" else service).url
    with everything_of(version) as client:
        assert client.getServerInfo(host)["compatible"] is True
        job = run(client, host, autoRun=False)
        assert client.checkJob(host, job)["status"] == "pending"
        capabilities = client.getScannerCapabilities(host, job)
        assert {257, 4376} <= {item["capability"]["value"] for item in capabilities}
        assert client.updateJob(host, job, {"status": load(version).JobStatus.RUNNING})["status"] in {
            "running",
            "completed",
        }
        assert_sheets(client.getImageStreams(host, job), "image/png")
        assert client.checkJob(host, job)["status"] == "completed"
        info = client.getImageInfo(host, job)
        documents(client, host, info["url"], tmp_path)
        assert client.deleteJob(host, job) is None
        assert client.checkJob(host, job)["statusCode"] == 410
        job = run(client, host)
        assert_sheets(files(tmp_path, [client.getImageFile(host, job, str(tmp_path))]), "image/png", 1)
        time.sleep(0.002)  # its file names are milliseconds
        assert len(client.getImageFiles(host, job, str(tmp_path))) == SHEETS - 1
        client.deleteJob(host, job)
        job = run(client, host, autoRun=False)
        assert client.updateJob(host, job, {"status": "canceled"}) == {"status": "canceled"}
        client.deleteJob(host, job)
        assert client.createJob(host, {"device": "no such scanner"})["code"] == -1003


def documents(client: Recorder, host: str, url: str, folder: Path) -> None:
    """All the calls for documents that both versions have; the password goes into a header of one name or the other."""
    document = client.createDocument(host, {"password": ""})["uid"]
    for _ in range(2):
        info = client.insertPage(host, document, {"password": "", "source": url})
    assert client.getDocumentInfo(host, document) == info
    first, second = (page["uid"] for page in info["pages"])
    content = client.getDocumentStream(host, document)
    assert len(pikepdf.open(BytesIO(content)).pages) == 2
    (saved,) = files(folder, [client.getDocumentFile(host, document, str(folder))])
    assert saved.startswith(b"%PDF-")
    assert client.deletePage(host, document, first) is True
    assert client.getDocumentInfo(host, document)["pages"] == [{"uid": second}]
    assert client.deletePage(host, document, "0") is True
    assert client.deleteDocument(host, document) is True
    assert client.getDocumentInfo(host, document)["statusCode"] == 404
    locked = client.createDocument(host, {"password": "secret"})["uid"]
    assert client.insertPage(host, locked, {"password": "wrong", "source": url})["code"] == -1043
    assert len(client.insertPage(host, locked, {"password": "secret", "source": url})["pages"]) == 1
    assert client.getDocumentStream(host, locked) is None  # it never sends a password when it reads
    assert client.deleteDocument(host, locked) is False


def test_2_0_0_spins_without_the_switch(service: ScanService) -> None:
    """P2a's streams know no end but 410: against a documented service they ask for ever, and the service's log says so and what helps (D-05)."""
    client = Recorder(load("2.0.0").ScannerController())
    job = run(client, service.url)
    log = service.data_dir / "log" / "server.log"
    told = log.read_text().count("--end-of-pages 410")
    command = [sys.executable, "-c", SPINS, str(installed("2.0.0")), service.url, job]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as spinning:
        try:
            deadline = time.monotonic() + 30
            while log.read_text().count("--end-of-pages 410") == told:
                assert spinning.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.01)
        finally:
            spinning.kill()
    client.deleteJob(service.url, job)


def test_2_0_0_ends_with_the_switch(service_410: ScanService) -> None:
    """The same call, unmodified, ends by itself where pages end in 410."""
    client = Recorder(load("2.0.0").ScannerController())
    job = run(client, service_410.url)
    command = [sys.executable, "-c", SPINS, str(installed("2.0.0")), service_410.url, job]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == str(SHEETS)
    client.deleteJob(service_410.url, job)


@pytest.mark.parametrize("suffix", ["", "/", "/api"])
def test_2_0_3(service: ScanService, tmp_path: Path, suffix: str) -> None:
    """P3: everything, with a host as it is, with a slash at its end, and as the root of the API."""
    host = service.url + suffix
    with everything_of("2.0.3") as client:
        assert client.getServerInfo(host)["compatible"] is True
        assert client.updateServerSettings(host, {"logLevel": 1}) == {"logLevel": 1}
        assert client.getServerSettings(host) == {"logLevel": 1}
        job = run(client, host, autoRun=False)
        assert client.checkJob(host, job)["status"] == "pending"
        capabilities = client.getScannerCapabilities(host, job, [257, 4376])
        assert [item["capability"]["value"] for item in capabilities] == [257, 4376]
        assert "settings" in client.getScannerSettings(host, job, showUI=False)
        assert client.updateJob(host, job, {"status": "running"})["status"] in {"running", "completed"}
        assert_sheets(client.getImageStreams(host, job, imageType="image/jpeg"), "image/jpeg")
        assert client.getImageStream(host, job) is None
        assert not client.last_error
        info = client.getImageInfo(host, job)
        assert_sheets([client.getStreamFromUrl(info["url"])], "image/png", 1)
        barcodes = client.readBarcode(host, {"license": "LICENSE-KEY", "source": info["url"]})
        assert {item["barcodeFormatString"] for item in barcodes} == {"QR_CODE"}  # the marks of a sheet
        assert client.checkBlank(host, {"source": info["url"]}) == {"result": False}
        documents_2_0_3(client, host, info["url"], tmp_path)
        assert client.deleteJob(host, job) is True
        assert client.deleteJob(host, job) is False
        assert client.last_error["statusCode"] == 410
        job = run(client, host)
        name = client.getImageFile(host, job, str(tmp_path), filename="one.png")
        assert_sheets(files(tmp_path, [name]), "image/png", 1)
        assert len(client.getImageFiles(host, job, str(tmp_path))) == SHEETS - 1
        assert client.deleteJob(host, job) is True


def documents_2_0_3(client: Recorder, host: str, url: str, folder: Path) -> None:
    """A document with a password, which this version sends everywhere."""
    document = client.createDocument(host, {"password": "secret"})["uid"]
    info = client.insertPage(host, document, {"password": "secret", "source": url, "insertPos": 1})
    assert client.getDocumentInfo(host, document, "secret")["pages"] == info["pages"]
    assert client.getDocumentInfo(host, document) == {}
    assert client.last_error["code"] == -1043
    name = client.getDocumentFile(host, document, str(folder), {"pages": [0]}, "secret")
    assert (folder / name).read_bytes().startswith(b"%PDF-")
    png = client.getDocumentStream(host, document, {"type": "image/png"}, "secret")
    assert_sheets([png], "image/png", 1)
    assert client.deletePage(host, document, info["pages"][0]["uid"], "secret") is True
    assert client.deleteDocument(host, document) is False
    assert client.deleteDocument(host, document, "secret") is True
