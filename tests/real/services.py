"""A service whose virtual feeder is there: on a busy machine a driver may be late, which is no matter of the tests that scan."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from flatbed.testing import ScanService

SECONDS = 60.0


@contextmanager
def service_with_feeder(*arguments: str, devices: str) -> Iterator[ScanService]:
    """A running service that lists ``virtual:feeder``."""
    with ScanService.start(*arguments, devices=devices) as service:
        deadline = time.monotonic() + SECONDS
        while "virtual:feeder" not in httpx.get(f"{service.url}/api/device/scanners", timeout=SECONDS).text:
            assert time.monotonic() < deadline, "the virtual driver does not answer"
        yield service
