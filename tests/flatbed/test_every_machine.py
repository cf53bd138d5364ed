"""Every shipped machine behind the service: a client that knows nothing of profiles scans from it, or is told why not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from flatbed.client import JobFailedError, SyncScanClient
from flatbed.testing import ScanService
from sheets import read_page
from simulators.fixture_files import fixture, fixture_names
from simulators.profile import Profile, load_profile

MACHINES: dict[str, Profile] = {
    name: load_profile(fixture(f"profiles/{name}.toml")) for name in fixture_names("profiles")
}
ALIKE = [name for name in MACHINES if name.startswith("network-")]
"""They differ in what they say on the network only, which is not this one."""

FAILING = {
    "crashes-at-start": 0,
    "empty-after-good": 2,
    "ends-with-cancelled": 1,
    "no-sources": 0,
    "offline-but-listed": 0,
}
"""Machines whose jobs end in an error, and how many pages come before it."""


@pytest.fixture(scope="module")
def client() -> Iterator[SyncScanClient]:
    """A client of a service that has them all."""
    devices = fixture("devices/every-machine.toml")
    with (
        ScanService.start("--https-port", "off", "--status-https-port", "off", devices=devices) as service,
        service.client() as made,
    ):
        made.scanners()
        yield made


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in MACHINES if name not in ALIKE[1:]])
def test_a_scan_through_the_service(client: SyncScanClient, name: str) -> None:
    """Pages arrive that the oracle knows, in a worker of their own; a job that cannot end well says so, and the service goes on."""
    words = f"{MACHINES[name].maker} {MACHINES[name].model}"
    scanner = next(item for item in client.scanners() if item.name in {words, MACHINES[name].model})
    config = {"PixelType": 1, "Resolution": 100, "XferCount": 2, "IfShowUI": False}
    pages: list[bytes] = []
    failure: JobFailedError | None = None
    with client.create_job(scanner, config) as job:
        try:
            pages += [page.data for page in job.pages()]
        except JobFailedError as failed:
            failure = failed
            # what came before the error stays readable
            found = [job.page(index) for index in range(FAILING.get(name, 0))]
            pages = [page.data for page in found if page is not None]
    assert (failure is not None) is (name in FAILING), failure
    if failure is None:
        assert pages
    else:
        assert failure.code != 0
        assert len(pages) == FAILING[name]
    for data in pages:
        reading = read_page(data)
        assert reading.found
        assert reading.declared_dpi is not None
        assert reading.dpi_x == pytest.approx(reading.declared_dpi[0], rel=0.02)
