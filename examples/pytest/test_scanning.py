"""An application that scans, and its tests: `pip install flatbed pytest httpx`, then `pytest`."""

from __future__ import annotations

import httpx
import pytest

from flatbed.testing import ControlledDevice, ScanService


def scan(service: str, device: str) -> tuple[list[bytes], str]:
    """The application: everything that lies in the feeder, and how the job ended."""
    jobs = f"{service}/api/device/scanners/jobs"
    config = {"IfFeederEnabled": True, "IfDuplexEnabled": False, "Resolution": 75}
    job = f"{jobs}/{httpx.post(jobs, json={'device': device, 'config': config}).json()['jobuid']}"
    pages = []
    while (answer := httpx.get(f"{job}/next-page")).status_code == httpx.codes.OK:
        pages.append(answer.content)
    status = str(httpx.get(job).json()["status"])
    httpx.delete(job)
    return pages, status


def test_all_sheets_arrive(scan_service: ScanService, virtual_scanner: ControlledDevice) -> None:
    """Every sheet in the feeder is a page, and the application does nothing wrong."""
    virtual_scanner.unload()
    virtual_scanner.load(3)
    pages, status = scan(scan_service.url, virtual_scanner.id)
    assert (len(pages), status) == (3, "completed")
    assert virtual_scanner.report().clean, virtual_scanner.report()


@pytest.mark.parametrize("sheet", [1, 3])
def test_a_jam_leaves_the_pages_before_it(
    scan_service: ScanService, virtual_scanner: ControlledDevice, sheet: int
) -> None:
    """What came before the jam is kept, and a person can go on."""
    virtual_scanner.jam(sheet=sheet)
    pages, status = scan(scan_service.url, virtual_scanner.id)
    assert (len(pages), status) == (sheet - 1, "faulted")
    virtual_scanner.clear_jam()
    assert scan(scan_service.url, virtual_scanner.id)[1] == "completed"
