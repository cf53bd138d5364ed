"""The pytest plugin: ``scan_service`` gives each test a scanning service with virtual devices, in a process of its own.

Nothing heavy is imported outside the fixtures, since pytest loads this in every project where flatbed is installed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from flatbed.testing import ScanService


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers", "flatbed(devices=..., arguments=()): devices file (path or text) and arguments of scan_service"
    )


@pytest.fixture
def scan_service(request: pytest.FixtureRequest) -> Iterator[ScanService]:
    """A scanning service on free ports; ``scan_service.url`` is its address.

    ``@pytest.mark.flatbed(devices="devices.toml")`` says with which devices; without it there are a feeder and a flatbed.
    """
    from flatbed.testing import ScanService  # noqa: PLC0415  # only tests that use it pay for it

    marker = request.node.get_closest_marker("flatbed")
    options = dict(marker.kwargs) if marker is not None else {}
    with ScanService.start(*options.get("arguments", ()), devices=options.get("devices")) as service:
        yield service
