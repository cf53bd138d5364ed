"""One service and one Chromium for all tests of the pages; each test finds the devices as they were at the start."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page

from flatbed.testing import ScanService
from tests import browser as chromium

HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(2)> & \\"Combi\\"'
DEVICES = f"""
schema = 1
time = "instant"

[[device]]
id = "feeder"
name = "Front Desk"
profile = "office-duplex-feeder"
sheets = 12
refill = "never"

[[device]]
id = "glass"
name = "Library"
profile = "flatbed"
sheets = 1

[[device]]
id = "combi"
name = "{HOSTILE}"
profile = "office-combi"
sheets = 40
"""
PATIENCE_MS = 15_000


@dataclass
class Panel:
    """The pages of a running service."""

    service: ScanService
    browser: Browser

    @property
    def url(self) -> str:
        """The status port."""
        return str(self.service.ready["status"])

    @property
    def token(self) -> str:
        """Of the control API."""
        return str(self.service.ready["control"]).partition("#")[2]

    @contextmanager
    def open(self, view: str = "#/devices", **options: Any) -> Iterator[Page]:
        """A page that has its token, at a view; it must not complain, nor ask anybody else."""
        with chromium.page(self.browser, **options) as (page, _):
            page.set_default_timeout(PATIENCE_MS)
            page.goto(f"{self.url}/#{self.token}")
            page.wait_for_selector("#views a[aria-current]")
            if view != "#/devices":
                page.evaluate("view => { location.hash = view; }", view)
            page.wait_for_selector("main h1")
            yield page

    @contextmanager
    def device(self, name: str = "feeder", **options: Any) -> Iterator[Page]:
        """The page of one device."""
        with self.open(f"#/devices/{quote(f'virtual:{name}', safe='')}", **options) as page:
            page.wait_for_selector("#controls-title")
            yield page

    def state(self, name: str = "feeder") -> dict[str, Any]:
        """What the service says of a device."""
        return dict(self.service.control("GET", f"/devices/virtual:{name}")["state"])

    def act(self, action: str, **arguments: Any) -> None:
        """Do something to the feeder behind the page's back."""
        self.service.control("POST", f"/devices/virtual:feeder/{action}", arguments)


@pytest.fixture(scope="package")
def running() -> Iterator[Panel]:
    """See the module."""
    with ScanService.start("--access", "lab", devices=DEVICES) as service, chromium.browser() as browser:
        yield Panel(service, browser)


@pytest.fixture
def panel(running: Panel) -> Panel:
    """The same, with everything as at the start."""
    running.service.control("POST", "/reset")
    return running
