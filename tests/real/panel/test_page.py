"""The page around the panel: token, keys, names for screen readers, contrast, widths, a service that goes away, many devices and none, locked mode."""

from __future__ import annotations

import json
import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from flatbed.testing import ScanService
from tests import browser as chromium
from tests.real.panel.conftest import Panel

pytestmark = [pytest.mark.real, pytest.mark.slow]

VIEWS = ("#/devices", "#/devices/virtual%3Afeeder", "#/jobs", "#/service")
AUDIT = (Path(__file__).parent / "audit.js").read_text()
GONE = ("Failed to load resource", "ERR_")


def settle(page: Page, view: str) -> None:
    """Go to a view and wait until it has all its parts."""
    page.evaluate("view => { location.hash = view; }", view)
    ready = {"#/devices": ".device .pill.completed", "#/jobs": ".job img", "#/service": "#log-level"}
    page.wait_for_selector(ready.get(view, "#controls-title"))


def test_the_token_leaves_the_address_bar(panel: Panel) -> None:
    """The token comes behind the `#`, is kept for this tab, and stands neither in the address bar nor in the history."""
    with panel.open() as page:
        assert panel.token not in page.url
        assert page.evaluate("() => Object.values(sessionStorage)") == [panel.token]
        assert page.evaluate("() => Object.keys(localStorage).length + document.cookie.length") == 0
        page.reload()
        page.wait_for_selector(".device")
        page.go_back()
        assert panel.token not in page.url


def test_without_a_token_and_with_a_wrong_one(panel: Panel) -> None:
    """Without the token the page asks for it and takes a pasted address; a wrong one is said; the status is there without any."""
    with chromium.page(panel.browser, expected=("401",)) as (page, _):
        page.goto(f"{panel.url}/")
        expect(page.locator("h1")).to_have_text("The front panel needs its token")
        page.fill("#token", "wrong")
        page.keyboard.press("Enter")
        expect(page.locator("#token-why")).to_contain_text("does not know the token")
        page.fill("#token", f"{panel.url}/#{panel.token}")
        page.keyboard.press("Enter")
        page.wait_for_selector(".device")
    with chromium.page(panel.browser) as (page, _):
        page.goto(f"{panel.url}/")
        page.click("text=Only show the status")
        expect(page.locator("main")).to_contain_text("Paths")
        expect(page.locator("#log-level")).to_have_count(0)
        expect(page.locator("#views a")).to_have_count(1)


@pytest.mark.parametrize("said", ["100%", "“wrong”"])
def test_a_token_that_was_copied_badly_is_a_wrong_one(said: str, panel: Panel) -> None:
    """Half a percent sign, and the quotation marks of a word processor, which no header can hold: the page says so, and forgets it."""
    with chromium.page(panel.browser, expected=("401",)) as (page, _):
        page.goto(f"{panel.url}/#{said}")
        expect(page.locator("#token-why")).to_contain_text("does not know the token")
        assert page.url == f"{panel.url}/#/devices"
        assert page.evaluate("() => sessionStorage.length") == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_every_view_can_be_read(scheme: Any, width: int, panel: Panel) -> None:
    """In light and dark, narrow and wide: everything has a name, ids are unique, headings are in order, text has contrast, nothing sticks out."""
    panel.service.control("POST", "/jobs", {"device": "virtual:feeder", "resolution": 75, "pages": 2})
    with panel.open(color_scheme=scheme, viewport={"width": width, "height": 900}) as page:
        for view in VIEWS:
            settle(page, view)
            assert page.evaluate(AUDIT) == [], view


def test_no_motion_for_who_wants_none(panel: Panel) -> None:
    """With reduced motion nothing on the page moves by itself."""
    with panel.device(reduced_motion="reduce") as page:
        moving = (
            "() => [...document.querySelectorAll('*')].filter(e => getComputedStyle(e).animationName !== 'none').length"
        )
        assert page.evaluate(moving) == 0


def test_by_keyboard_alone(panel: Panel) -> None:
    """From the top of the page to loaded paper and a scan without a pointer; the focus is seen wherever it is, and goes in the order of the page."""
    with panel.open() as page:
        page.wait_for_selector('[data-device="virtual:feeder"] .pill.completed')
        page.evaluate("() => document.body.focus()")
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#main")).to_be_focused()
        page.keyboard.press("Tab")
        link = page.locator('[data-device="virtual:feeder"] h2 a')
        expect(link).to_be_focused()
        assert page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle") == "solid"
        page.keyboard.press("Enter")
        page.wait_for_selector("#controls-title")
        page.keyboard.press("l")
        expect(page.locator("#load-count")).to_be_focused()
        page.keyboard.press("Control+A")
        page.keyboard.type("3")
        page.keyboard.press("Tab")
        expect(page.locator("#load-size")).to_be_focused()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator("dl.facts")).to_contain_text("15 of")
        expect(page.locator('[data-action="load"]')).to_be_focused()
        page.keyboard.press("t")
        page.wait_for_selector(".result[data-status=completed]")
        page.keyboard.press("?")
        expect(page.locator("#help")).to_be_visible()
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        expect(page.locator("h1")).to_have_text("Devices")
        page.keyboard.press("s")
        expect(page.locator("h1")).to_have_text("Service")
        page.keyboard.press("j")
        expect(page.locator("h1")).to_have_text("Jobs")


def test_tab_reaches_every_control(panel: Panel) -> None:
    """Tab visits every control of a device once, in the order of the document."""
    with panel.device() as page:
        wanted = page.evaluate(
            "() => [...document.querySelectorAll('main a[href], main button, main input, main select, main summary')]"
            ".filter(e => e.tabIndex >= 0 && e.checkVisibility()).length"
        )
        page.locator("#main").focus()
        seen = []
        for _ in range(wanted):
            page.keyboard.press("Tab")
            seen.append(page.evaluate("() => [...document.querySelectorAll('main *')].indexOf(document.activeElement)"))
        assert -1 not in seen
        assert seen == sorted(set(seen))


def test_service_view(panel: Panel) -> None:
    """Everything of S-027 is there: status, version, install, data and log paths, log level and its change, ports; and how to trust the certificate."""
    with panel.open("#/service") as page:
        page.wait_for_selector("#log-level")
        text = page.locator("main").inner_text()
        status = json.loads(page.request.get(f"{panel.url}/status.json").text())
        for needed in ("Normal", status["version"], *status["paths"].values(), *status["urls"].values(), status["ca"]):
            for part in needed if isinstance(needed, list) else [needed]:
                assert part in text, part
        assert "flatbed cert install" in text
        assert re.search(r"virtual\s+answers", text)
        page.select_option("#log-level", "30")
        page.click("#log-set")
        expect(page.locator("main")).to_contain_text("verbose (30)")
        assert panel.service.control("GET", "/log") == {"level": 30}
        panel.service.control("PATCH", "/log", {"level": 0})
        expect(page.locator("main")).to_contain_text("(off)")
        page.select_option("#service-fault", "slow")
        page.click("#service-fault-set")
        expect(page.locator("#lift-slow")).to_be_visible()
        page.click("#lift-slow")
        expect(page.locator("main")).to_contain_text("None now.")


def test_what_does_not_change_stays(panel: Panel) -> None:
    """While figures change, what somebody has marked, focused or scrolled to stays as it is."""
    with panel.device() as page:
        for _ in range(30):
            panel.act("press-button", name="scan")
        expect(page.locator(".timeline li")).to_have_count(31)
        page.evaluate("() => { document.querySelector('ol.timeline').scrollTop = 200; }")
        panel.act("press-button", name="stop")
        expect(page.locator(".timeline li")).to_have_count(32)
        assert page.evaluate("() => document.querySelector('ol.timeline').scrollTop") > 0
        settle(page, "#/service")
        page.evaluate("() => { window.kept = document.querySelector('main a[href^=https]'); window.kept.focus(); }")
        panel.service.control("PATCH", "/log", {"level": 30})
        expect(page.locator("main")).to_contain_text("verbose (30)")
        assert page.evaluate("() => window.kept.isConnected && document.activeElement === window.kept")


def test_an_old_answer_never_covers_a_newer_one(panel: Panel) -> None:
    """A view is never loaded twice at the same time; whoever asks meanwhile, and however often, gets one more load after it."""
    program = """async () => {
      const { oneAtATime } = await import("/pages/live.js");
      let [running, most, runs] = [0, 0, 0];
      const gates = [];
      const run = oneAtATime(async () => {
        runs += 1;
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => gates.push(resolve));
        running -= 1;
      });
      const asked = [run(), run(), run()];
      gates.shift()();
      while (!gates.length) await new Promise((resolve) => setTimeout(resolve));
      gates.shift()();
      await Promise.all(asked);
      return [runs, most];
    }"""
    with panel.open() as page:
        assert page.evaluate(program) == [2, 1]


def test_the_service_goes_away_and_comes_back(panel: Panel) -> None:
    """A page without its service says so and tries again; when it is back the page is current, and nobody had to do anything."""
    with panel.device(expected=GONE) as page:
        page.context.set_offline(True)
        panel.act("load", count=2)
        expect(page.locator("#health")).to_contain_text("Not reachable")
        page.context.set_offline(False)
        expect(page.locator("#health")).to_contain_text("Normal")
        expect(page.locator("dl.facts")).to_contain_text("14 of")


def test_after_a_crash_of_the_service(running: Panel) -> None:
    """The monitor starts a service that was killed again; the page goes on with its token and says how often that was."""
    with ScanService.start("--access", "lab") as service:
        panel = Panel(service, running.browser)
        with panel.open("#/service", expected=GONE) as page:
            expect(page.locator("main")).to_contain_text("started again 0 times")
            pid = json.loads(page.request.get(f"{panel.url}/status.json").text())["pid"]
            os.kill(pid, signal.SIGKILL)
            expect(page.locator("main")).to_contain_text("started again 1 time", timeout=30_000)
            expect(page.locator("#health")).to_contain_text("Normal")


def test_no_devices_and_two_hundred(panel: Panel) -> None:
    """Without devices the page says what to do; of two hundred only those are asked about that can be seen, and a name finds one."""
    asked: list[str] = []

    def list_them(route: Route, count: int) -> None:
        devices = [
            {"id": f"virtual:m{index}", "name": f"Machine {index}", "virtual": True, "there": True}
            for index in range(count)
        ]
        route.fulfill(json=devices)

    def one(route: Route) -> None:
        asked.append(route.request.url)
        device = {"id": "x", "name": "Machine", "virtual": True, "there": True, "actions": [], "faults": []}
        route.fulfill(json={**device, "state": None})

    with panel.open() as page:
        page.wait_for_selector(".device .pill.completed")
        page.route("**/control/devices", lambda route: list_them(route, 0))
        settle_list(page)
        expect(page.locator("main")).to_contain_text("There are no devices")
        page.unroute("**/control/devices")
        page.route("**/control/devices", lambda route: list_them(route, 200))
        page.route("**/control/devices/virtual%3Am*", one)
        settle_list(page)
        expect(page.locator(".device")).to_have_count(200)
        page.wait_for_function("() => document.querySelectorAll('.device .pill:not(:empty)').length > 3")
        assert 0 < len(set(asked)) < 60
        page.keyboard.press("/")
        page.keyboard.type("machine 137")
        expect(page.locator(".device:visible")).to_have_count(1)
        expect(page.locator("main")).to_contain_text("1 of 200 devices")


def settle_list(page: Page) -> None:
    """Have the list asked for anew."""
    page.evaluate("() => { location.hash = '#/service'; }")
    page.wait_for_selector("#service-title")
    page.evaluate("() => { location.hash = '#/devices'; }")
    page.wait_for_selector("#devices-title")


def test_a_camera_is_drawn_as_one(panel: Panel) -> None:
    """A camera looks like a camera, and has no controls of paper; it can be scanned from like any device."""
    camera = {"id": "virtual:cam", "name": "Desk Camera", "kind": "camera", "virtual": True, "there": True}
    with panel.open() as page:
        page.wait_for_selector(".device .pill.completed")
        page.route("**/control/devices", lambda route: route.fulfill(json=[camera]))
        page.route(
            "**/control/devices/virtual%3Acam",
            lambda route: route.fulfill(json={**camera, "actions": [], "faults": [], "state": None}),
        )
        settle_list(page)
        page.click("text=Desk Camera")
        expect(page.locator(".drawing .camera .lens")).to_have_count(1)
        expect(page.locator("main fieldset")).to_have_count(0)
        expect(page.locator("#scan-go")).to_be_enabled()
        expect(page.locator(".timeline")).to_contain_text("keeps no journal")


def test_a_device_that_is_not_there(panel: Panel) -> None:
    """The address of a device that is not there says so, and leads back."""
    with panel.open("#/devices/virtual%3Anobody", expected=("404",)) as page:
        expect(page.locator("main")).to_contain_text("This device is not there")
        page.click("text=All devices")
        expect(page.locator("h1")).to_have_text("Devices")


def test_locked(running: Panel) -> None:
    """Locked, the page shows the status and nothing else: no panel, no control, and it does not even ask."""
    with (
        ScanService.start("--access", "locked") as service,
        chromium.page(running.browser) as (page, _),
    ):
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{service.ready['status']}/")
        expect(page.locator("main")).to_contain_text("locked: this user, listed origins")
        expect(page.locator("#views a")).to_have_count(1)
        assert page.evaluate(AUDIT) == []
        assert not [url for url in asked if re.search(r"/control(/|$)", url)]
