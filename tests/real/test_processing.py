"""Barcodes and blank pages of scanned sheets, through a running service and its codec process (rest-api.md 7)."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from flatbed.testing import ScanService

pytestmark = pytest.mark.real

JOBS = "/api/device/scanners/jobs"
DEVICES = """
schema = 1
time = "instant"

[[device]]
id = "feeder"
profile = "office-duplex-feeder"
sheets = { count = 1, size = "A4", noise = 4.0, blank_backs = true }
"""
DUPLEX = {"IfFeederEnabled": True, "IfDuplexEnabled": True, "PixelType": 1, "Resolution": 150}


@pytest.fixture(scope="module")
def service() -> Iterator[ScanService]:
    """One service."""
    with ScanService.start(devices=DEVICES) as running:
        yield running


@pytest.fixture
def client(service: ScanService) -> Iterator[httpx.Client]:
    """A client of it."""
    with httpx.Client(base_url=service.url, timeout=60) as client:
        yield client


def pages(client: httpx.Client, **config: Any) -> list[tuple[str, bytes]]:
    """URL and PNG of each page of a new job."""
    reply = client.post(JOBS, json={"device": "virtual:feeder", "config": DUPLEX | config})
    job = f"{JOBS}/{reply.json()['jobuid']}"
    found = []
    while (reply := client.get(f"{job}/next-page-info")).status_code == 200:
        found.append((reply.json()["url"], client.get(reply.json()["url"]).content))
    assert client.get(job).json()["status"] == "completed"
    return found


@pytest.mark.parametrize("pixel_type", [0, 1, 2])
def test_a_sheet_and_its_blank_back(client: httpx.Client, pixel_type: int) -> None:
    """Of a sheet with a blank back the front has marks to read and the back is blank, in every colour mode."""
    (front, picture), (back, _) = pages(client, PixelType=pixel_type)
    barcodes = client.post("/api/process/read-barcode", json={"source": front, "settings": "speed"}).json()
    assert {item["barcodeFormatString"] for item in barcodes} == {"QR_CODE"}
    assert client.post("/api/process/read-barcode", json={"source": back, "settings": "speed"}).json() == []
    blank = [client.post("/api/process/check-blank", json={"source": url}).json() for url in (front, back)]
    assert blank == [{"result": False}, {"result": True}]
    stream = {"stream": ("DynamicTWAIN.png", picture, "image/png")}
    reply = client.post("/api/process/read-barcode", data={"settings": "speed"}, files=stream)
    assert len(reply.json()) == len(barcodes)


def codec_of(service: ScanService) -> list[int]:
    """Descendants of the service that have the codecs loaded."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _is_below(int(entry.name), service.pid):
            try:
                maps = (entry / "maps").read_text()
            except OSError:
                continue
            if "zxingcpp" in maps:
                found.append(int(entry.name))
    return found


def _is_below(pid: int, top: int) -> bool:
    while pid > 1:
        if pid == top:
            return True
        try:
            pid = int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, IndexError):
            return False
    return False


def test_a_codec_process_that_dies(service: ScanService, client: httpx.Client) -> None:
    """The codec process is another than the service; killed, the next request is answered by a new one, and the service has never loaded the reader."""
    (front, _), _ = pages(client)
    body = {"source": front, "settings": "speed"}
    assert client.post("/api/process/read-barcode", json=body).status_code == 200
    (codec, *_) = [pid for pid in codec_of(service) if pid != service.pid]
    os.kill(codec, signal.SIGKILL)
    replies = [client.post("/api/process/read-barcode", json=body).status_code for _ in range(3)]
    assert replies[-2:] == [200, 200]
    assert codec not in codec_of(service)
    assert service.pid not in codec_of(service)
