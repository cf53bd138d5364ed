"""Makes the pictures of the documentation anew: ``python -m tests.real.panel.pictures_for_docs``. Look at them before they are kept."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Page

from flatbed.testing import ScanService
from tests import browser as chromium
from tests.real.panel.conftest import Panel

FOLDER = Path(__file__).parents[3] / "docs" / "images"
COLOURS = 128
SIZE = {"width": 1240, "height": 860}
DEVICES = """
schema = 1
time = "instant"

[[device]]
id = "feeder"
name = "Front Desk Feeder"
profile = "office-duplex-feeder"
sheets = 12
refill = "never"

[[device]]
id = "glass"
name = "Library Flatbed"
profile = "flatbed"
sheets = 1

[[device]]
id = "combi"
name = "Accounts Combi"
profile = "office-combi"
sheets = 40
"""


def keep(page: Page, name: str) -> None:
    """Keep what the page shows now, in few colours."""
    page.wait_for_function("() => [...document.images].every(image => image.complete)")
    picture = Image.open(io.BytesIO(page.screenshot()))
    picture.convert("RGB").quantize(COLOURS).save(FOLDER / name, optimize=True)


def main() -> None:
    """See the module."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    with ScanService.start("--access", "lab", devices=DEVICES) as service, chromium.browser() as browser:
        panel = Panel(service, browser)
        for scheme in schemes:
            service.control("POST", "/reset")
            with panel.device(viewport=SIZE, color_scheme=scheme) as page:
                page.select_option("#scan-dpi", "100")
                page.fill("#scan-pages", "4")
                page.click("#scan-go")
                page.wait_for_selector(".result[data-status=completed]")
                page.wait_for_selector(".pages li:nth-child(4)")
                panel.act("fault", kind="jam")
                panel.act("open-cover")
                page.wait_for_selector(".lid.open")
                page.evaluate("() => document.getElementById('notice').replaceChildren()")
                keep(page, f"panel-{scheme}.png")
                panel.act("close-cover")
        service.control("POST", "/reset")
        with panel.open(viewport=SIZE | {"height": 620}) as page:
            page.wait_for_selector(".device:nth-child(3) .pill.completed")
            keep(page, "devices.png")


if __name__ == "__main__":
    main()
