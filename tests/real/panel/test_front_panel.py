"""The front panel in Chromium: what somebody does on it happens to the machine, and what happens to the machine is seen on it, without reloading."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from sheets import Side, read_page
from tests.real.panel.conftest import Panel

pytestmark = [pytest.mark.real, pytest.mark.slow]

PIXELS = """image => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  canvas.getContext("2d").drawImage(image, 0, 0);
  return canvas.toDataURL("image/png").split(",")[1];
}"""


def pixels(page: Page, selector: str) -> Image.Image:
    """The picture that an element shows, in its own pixels."""
    image = page.wait_for_selector(selector)
    assert image is not None
    page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=image)
    return Image.open(io.BytesIO(base64.b64decode(image.evaluate(PIXELS)))).convert("RGB")


def drawing(page: Page) -> str:
    """What the drawing of the device says of itself."""
    return page.locator(".drawing svg").get_attribute("aria-label") or ""


def test_load_paper(panel: Panel) -> None:
    """Paper that is loaded lies in the machine: drawing, figures, JSON and timeline agree; what does not fit is refused in words."""
    with panel.device(expected=("400",)) as page:
        expect(page.locator(".drawing svg")).to_have_attribute("aria-label", re.compile("12 sheets in the hopper"))
        page.fill("#load-count", "30")
        page.select_option("#load-size", "a5")
        page.click('[data-action="load"]')
        expect(page.locator(".drawing svg")).to_have_attribute("aria-label", re.compile("42 sheets in the hopper"))
        assert panel.state()["hopper"] == 42
        assert page.locator(".drawing .count").first.text_content() == "42"
        expect(page.locator(".timeline li").first).to_contain_text("count=30, size=a5")
        page.fill("#load-count", "9999")
        page.click('[data-action="load"]')
        expect(page.get_by_role("alert")).to_contain_text("room left in the hopper")
        assert panel.state()["hopper"] == 42
        page.click('[data-action="unload"]')
        expect(page.locator(".head .condition")).to_have_text("No paper")
        assert panel.state()["hopper"] == 0


def test_jam_and_clear(panel: Panel) -> None:
    """A jam that strikes during a scan raises an alert, is drawn, and stands in the JSON; clearing it ends all that."""
    with panel.device() as page:
        expect(page.locator('[data-action="clear-jam"]')).to_have_attribute("aria-disabled", "true")
        page.click('[data-action="jam"]')
        expect(page.locator(".armed")).to_contain_text("paper jam")
        page.click("#scan-go")
        expect(page.get_by_role("alert")).to_contain_text(re.compile("stuck|Paper jam"))
        expect(page.locator(".head .condition")).to_have_text("Paper jam")
        expect(page.locator(".drawing .stuck")).to_have_count(1)
        assert "paper is stuck" in drawing(page)
        assert (panel.state()["jammed"], panel.state()["feeder"]) == (True, "jammed")
        expect(page.locator(".timeline .bad strong").first).to_have_text("next_page")
        page.click('[data-action="clear-jam"]')
        expect(page.locator(".head .condition")).to_have_text("Ready")
        expect(page.locator(".drawing .stuck")).to_have_count(0)
        assert panel.state()["jammed"] is False


def test_take_a_scan_and_look_at_it(panel: Panel) -> None:
    """A scan on the panel gives the very pages: the oracle reads sheet, side and resolution from the pixels that the browser shows."""
    with panel.device() as page:
        page.select_option("#scan-source", "feeder-duplex")
        page.select_option("#scan-mode", "color")
        page.select_option("#scan-dpi", "150")
        page.fill("#scan-pages", "4")
        page.click("#scan-go")
        page.wait_for_selector(".result[data-status=completed]")
        shown = pixels(page, ".result li:nth-child(4) img")
        reading = read_page(np.asarray(shown))
        assert (reading.number, reading.side) == (2, Side.BACK)
        assert (shown.width, shown.height) == (1240, 1754)
        assert reading.dpi_x is not None
        assert abs(reading.dpi_x - 150) < 1
        page.click(".result li:nth-child(1) button")
        large = read_page(np.asarray(pixels(page, "#lightbox img")))
        assert (large.number, large.side) == (1, Side.FRONT)
        expect(page.locator("#lightbox figcaption")).to_contain_text("sheet 1 front, 1240 \u00d7 1754 px")


def test_last_pages(panel: Panel) -> None:
    """The last pages are shown small, the latest first, and open large; keys turn them, and Escape gives the focus back."""
    with panel.device() as page:
        expect(page.locator(".pages")).to_contain_text("No page")
        page.select_option("#scan-dpi", "75")
        page.fill("#scan-pages", "3")
        page.click("#scan-go")
        expect(page.locator(".pages li")).to_have_count(3)
        assert page.locator(".pages .under").all_text_contents() == ["2 front", "1 back", "1 front"]
        assert pixels(page, ".pages li:nth-child(1) img").width < 200
        first = page.locator(".pages button").first
        first.focus()
        page.keyboard.press("Enter")
        reading = read_page(np.asarray(pixels(page, "#lightbox img")))
        assert (reading.number, reading.side) == (2, Side.FRONT)
        expect(page.locator("#lightbox .previous")).to_be_disabled()
        page.keyboard.press("ArrowRight")
        expect(page.locator("#lightbox .count")).to_have_text("2 of 3")
        page.keyboard.press("Escape")
        expect(page.locator("#lightbox")).not_to_be_visible()
        expect(first).to_be_focused()


def test_live_without_reload(panel: Panel) -> None:
    """What another program does to the machine is seen within a moment, on the device's page and in the list of all."""
    with panel.device() as page, panel.open() as overview:
        page.evaluate("() => { window.same = true; }")
        panel.act("open-cover")
        expect(page.locator(".drawing .lid.open")).to_have_count(1)
        expect(page.locator(".head .condition")).to_have_text("Cover open")
        card = overview.locator('[data-device="virtual:feeder"]')
        expect(card.locator(".pill")).to_have_text("Cover open")
        page.click('[data-action="close-cover"]')
        expect(card.locator(".pill")).to_have_text("Ready")
        assert panel.state()["cover_open"] is False
        panel.act("press-button", name="scan")
        expect(page.locator(".timeline li").first).to_contain_text("press-button")
        assert page.evaluate("() => window.same"), "the page was not loaded again"


def test_unplug_and_replug(panel: Panel) -> None:
    """A machine whose plug is pulled is seen as that, everywhere, and comes back."""
    with panel.device() as page, panel.open() as overview:
        page.click('[data-action="unplug"]')
        expect(page.locator(".head .condition")).to_have_text("Unplugged")
        expect(page.get_by_role("alert")).to_contain_text("Unplugged")
        expect(page.locator(".plug.out")).to_have_count(1)
        card = overview.locator('[data-device="virtual:feeder"]')
        expect(card.locator(".pill")).to_have_text("Unplugged")
        assert panel.state()["plugged"] is False
        page.click('[data-action="replug"]')
        expect(page.locator(".head .condition")).to_have_text("Ready")
        expect(card.locator(".pill")).to_have_text("Ready")


def test_glass(panel: Panel) -> None:
    """A flatbed shows its sheet, lets it be taken off and replaced, and has no controls of a feeder."""
    with panel.device("glass") as page:
        expect(page.locator(".drawing .paper")).to_have_count(1)
        expect(page.locator('[data-action="load"]')).to_have_count(0)
        page.click('[data-action="remove-sheet"]')
        expect(page.locator(".drawing .paper")).to_have_count(0)
        assert panel.state("glass")["glass"] is None
        page.click('[data-action="place-sheet"]')
        expect(page.locator(".drawing .paper")).to_have_count(1)


def test_any_fault(panel: Panel) -> None:
    """Any fault that the device offers can be armed with its arguments, is listed, and can be disarmed; a wrong one is refused in words."""
    with panel.device(expected=("400",)) as page:
        page.click("summary:has-text('Another fault')")
        page.select_option("#fault-kind", "multifeed")
        page.fill("#fault-sheet", "2")
        page.click('[data-action="fault"]')
        expect(page.locator(".armed")).to_contain_text("two sheets at once")
        expect(page.locator(".armed")).to_contain_text("sheet 2")
        (fault,) = panel.state()["faults"]
        assert (fault["kind"], fault["sheet"]) == ("multifeed", 2)
        page.fill("#fault-seconds", "3")
        page.click('[data-action="fault"]')
        expect(page.get_by_role("alert")).to_contain_text("seconds has no meaning")
        page.click('[data-action="clear-faults"]')
        expect(page.locator("#armed")).to_contain_text("No faults are armed")


def test_play_a_scenario(panel: Panel) -> None:
    """A shipped scenario is chosen by name and played, its faults are listed, and it can be ended."""
    with panel.device() as page:
        page.select_option("#scenario-name", "jam-and-recovery")
        page.click('[data-action="scenario"]')
        expect(page.locator(".armed")).to_contain_text("jam")
        (fault,) = panel.state()["faults"]
        assert (fault["kind"], fault["recovery"][0]["action"]) == ("jam", "clear-jam")
        page.click('[data-action="clear-scenario"]')
        expect(page.locator("#armed")).to_contain_text("No faults are armed")


def test_what_each_client_did_wrong(panel: Panel) -> None:
    """Duties that clients neglected stand below the client that did so, and a client's name is never markup."""
    panel.act(
        "note", duty="wrong-call", client="<b>BadScan</b>/1.0 at 192.0.2.1", detail="NextDocument of a deleted job"
    )
    panel.act("note", duty="wrong-host", client="Other/2 at 192.0.2.2")
    with panel.device() as page:
        first, second = page.locator(".client:has(h4)").all()
        expect(first.locator("h4")).to_have_text("<b>BadScan</b>/1.0 at 192.0.2.1")
        expect(first.locator("li")).to_have_text("wrong-call: 1")
        expect(second.locator("li")).to_have_text("wrong-host: 1")
        expect(page.locator(".client .pill")).to_have_text("Duties neglected")


def test_hostile_names(panel: Panel) -> None:
    """Markup in a device's name is shown as text wherever the name stands, and nothing of it runs."""
    name = "<script>alert(1)</script>"
    alerts: list[str] = []
    with panel.open() as page:
        page.on("dialog", lambda dialog: alerts.append(dialog.message))
        card = page.locator('[data-device="virtual:combi"]')
        expect(card.locator("h2")).to_contain_text(name)
        expect(card.locator(".pill")).to_have_text("Ready")
        assert card.locator("script, img").count() == 0
        card.locator("h2 a").click()
        expect(page.locator("h1")).to_contain_text(name)
        page.select_option("#scan-dpi", "75")
        page.fill("#scan-pages", "1")
        page.click("#scan-go")
        page.wait_for_selector(".result[data-status=completed]")
        page.keyboard.press("Escape")
        page.evaluate("() => { location.hash = '#/jobs'; }")
        expect(page.locator(".job h2")).to_contain_text(name)
        assert page.locator("main script").count() == 0
    assert alerts == []


def test_jobs_of_all_clients(panel: Panel) -> None:
    """A job that an application makes stands there with its pages while they come, and can be deleted."""
    with panel.open("#/jobs") as page:
        expect(page.locator("main")).to_contain_text("No client has made a job yet")
        panel.service.control("POST", "/jobs", {"device": "virtual:feeder", "resolution": 75, "pages": 2})
        expect(page.locator(".job .pill")).to_have_text("completed")
        expect(page.locator(".job img")).to_have_count(2)
        page.click(".job button:has-text('Delete')")
        expect(page.locator(".job")).to_have_count(0)
        assert panel.service.control("GET", "/jobs") == []
