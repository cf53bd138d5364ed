"""What the front panel asks of the control API: news, pictures, scans, and devices that nobody can control."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import trio

from device_protocol import Code, ControlCaps, DeviceError, Phase
from reference_server.control import news
from reference_server.control.openapi import control_openapi
from tests.reference_server.fakes import FEEDER_INFO, GLASS_INFO, Script
from tests.reference_server.status import FakeControl, StatusLab
from tests.reference_server.test_status import with_status

SOON = 1.0


async def topics(it: StatusLab, since: int) -> tuple[list[str], int]:
    """What has changed after *since*."""
    reply = await it.ask("GET", f"/news?since={since}")
    assert reply.status == 200, reply.body
    return reply.json()["topics"], reply.json()["next"]


class WatchedControl(FakeControl):
    """Control of a device whose lab says what has changed."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Mapping[str, Any]] = []
        self.changed = trio.Event()
        self.error: DeviceError | None = None

    async def caps(self) -> ControlCaps:
        return ControlCaps(frozenset({"watch", "picture"}))

    async def perform(self, action: str, arguments: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        given = dict(arguments or {})
        if action == "picture":
            if given["page"] != 7:
                raise DeviceError(Code.NOT_FOUND, "There is no picture of that entry.", phase=Phase.CONTROL)
            return {"type": "image/jpeg", "data": base64.b64encode(b"small").decode(), "width": given.get("width")}
        self.asked.append(given)
        if self.error is not None:
            raise self.error
        with trio.move_on_after(given["wait"]):
            await self.changed.wait()
            self.changed = trio.Event()
            return {"changed": ["feeder"], "next": given["since"] + 1, "device": "feeder"}
        return {"changed": [], "next": given["since"], "device": "feeder"}


def test_news_of_the_service_itself(tmp_path: Path) -> None:
    """Jobs, pages, actions, the log level and faults are news under their topics, each as soon as it happens and once."""

    async def main(it: StatusLab) -> None:
        await it.ask("POST", "/faults", {"name": "slow", "delay": 1})
        found, since = await topics(it, 0)
        assert found == ["service"]
        job = await it.api.client.create()
        found, since = await topics(it, since)
        assert "jobs" in found
        await it.api.client.request("DELETE", job)
        await trio.sleep(SOON)
        found, since = await topics(it, since)
        assert "jobs" in found
        await it.ask("POST", "/devices/virtual:feeder/load", {"count": 2})
        assert (await topics(it, since))[0] == ["device:virtual:feeder"]
        since = (await topics(it, since))[1]
        await it.ask("POST", "/devices/virtual:feeder/report")
        await it.ask("PATCH", "/log", {"level": 30})
        assert (await topics(it, since))[0] == ["service"], "looking is no news"

    with_status(tmp_path, main)


def test_a_long_poll_waits_and_ends(tmp_path: Path) -> None:
    """Without news the answer comes after its time, empty; with news it comes at once; a number of another run gives everything."""

    async def main(it: StatusLab) -> None:
        await it.ask("PATCH", "/log", {"level": 1})
        _, since = await topics(it, 0)
        begun = trio.current_time()
        assert await topics(it, since) == ([], since)
        assert trio.current_time() - begun == pytest.approx(news.WAIT_SECONDS)
        async with trio.open_nursery() as nursery:

            async def later() -> None:
                await trio.sleep(3)
                await it.ask("PATCH", "/log", {"level": 2})

            nursery.start_soon(later)
            begun = trio.current_time()
            assert (await topics(it, since))[0] == ["service"]
            assert trio.current_time() - begun == pytest.approx(3)
        assert (await topics(it, 99))[0] == ["service"]

    with_status(tmp_path, main)


def test_too_many_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is a most for requests that wait, a wrong number is refused, and without the token there is nothing."""
    monkeypatch.setattr(news, "WAITING", 2)

    async def main(it: StatusLab) -> None:
        since = it.laboratory.news._marks.head
        async with trio.open_nursery() as nursery:
            for _ in range(2):
                nursery.start_soon(topics, it, since)
            await trio.sleep(SOON)
            assert (await it.ask("GET", f"/news?since={since}")).status == 503
        assert (await it.ask("GET", "/news?since=yesterday")).status == 400
        assert (await it.status.get("/control/news")).status == 401
        assert (await it.ask("POST", "/news")).status == 405

    with_status(tmp_path, main)


def test_who_waits_is_told_that_the_service_goes_down(tmp_path: Path) -> None:
    """At the end of the service nobody is kept waiting, and who asks again is told why there is nothing."""

    async def main(it: StatusLab) -> None:
        since = it.laboratory.news._marks.head
        async with trio.open_nursery() as nursery:

            async def down() -> None:
                await trio.sleep(2)
                it.api.registry.close()

            nursery.start_soon(down)
            begun = trio.current_time()
            await topics(it, since)
            assert trio.current_time() - begun == pytest.approx(2)
        assert (await it.ask("GET", f"/news?since={since}")).status == 503

    with_status(tmp_path, main)


def test_labs_are_asked_while_somebody_waits(tmp_path: Path) -> None:
    """A change inside a lab is news of that device; nobody asks the lab while nobody waits; a lab that fails is asked again."""

    async def main(it: StatusLab) -> None:
        control = WatchedControl()
        it.host.feeder = control
        await trio.sleep(30)
        assert control.asked == []
        since = it.laboratory.news._marks.head
        async with trio.open_nursery() as nursery:

            async def later() -> None:
                await trio.sleep(2)
                control.changed.set()

            nursery.start_soon(later)
            assert (await topics(it, since))[0] == ["device:virtual:feeder"]
        await trio.sleep(60)
        asked = len(control.asked)
        assert asked <= 3
        control.error = DeviceError(Code.DEVICE_LOST, "The lab is gone.")
        since = it.laboratory.news._marks.head
        assert await topics(it, since) == ([], since)
        assert asked < len(control.asked) <= asked + 12

    with_status(tmp_path, main)


def test_pictures(tmp_path: Path) -> None:
    """A picture is a file with its type; one that is not kept is 404, a wrong name or width 400."""

    async def main(it: StatusLab) -> None:
        control = WatchedControl()
        it.host.feeder = control
        reply = await it.ask("GET", "/devices/virtual:feeder/pages/7?width=100")
        assert (reply.status, reply.body) == (200, b"small")
        assert (reply.headers["Content-Type"], reply.headers["Cache-Control"]) == ("image/jpeg", "no-store")
        assert (await it.ask("GET", "/devices/virtual:feeder/pages/8")).status == 404
        assert (await it.ask("GET", "/devices/virtual:nobody/pages/7")).status == 404
        assert (await it.ask("GET", "/devices/virtual:feeder/pages/x")).status == 400
        assert (await it.ask("GET", "/devices/virtual:feeder/pages/7?width=wide")).status == 400
        assert (await it.status.get("/control/devices/virtual:feeder/pages/7")).status == 401

    with_status(tmp_path, main)


def test_a_scan_on_the_panel(tmp_path: Path) -> None:
    """A scan becomes a job as an application makes it; its pages can be looked at again and again, which moves nobody's cursor."""

    async def main(it: StatusLab) -> None:
        it.host.scripts["virtual:feeder"] = Script(pages=2)
        wish = {
            "device": "virtual:feeder",
            "mode": "gray",
            "resolution": 200,
            "feeder": True,
            "duplex": True,
            "pages": 2,
        }
        made = await it.ask("POST", "/jobs", wish)
        job = made.json()
        assert (made.status, made.headers["Location"]) == (201, f"/control/jobs/{job['job']}")
        assert (job["device"], job["pages"], job["origin"]) == ("virtual:feeder", [], None)
        await trio.sleep(SOON)
        job = (await it.ask("GET", f"/jobs/{job['job']}")).json()
        assert (job["status"], job["count"]) == ("completed", 2)
        assert [(page["index"], page["sheet"], page["side"], page["mode"]) for page in job["pages"]] == [
            (0, 1, "front", "gray"),
            (1, 1, "back", "gray"),
        ]
        applied = it.host.sessions[-1].values
        assert (applied["source"], applied["mode"], applied["resolution"]) == ("ADF Duplex", "Gray", 200)
        path = f"/jobs/{job['job']}/pages"
        files = [await it.ask("GET", f"{path}/0") for _ in range(2)]
        assert files[0].body == files[1].body != b""
        assert files[0].headers["Content-Type"] == "image/png"
        taken = await it.api.client.get(f"/api/device/scanners/jobs/{job['job']}/next-page")
        assert taken.body == files[0].body, "the client's first page is still the first"
        assert (await it.ask("GET", f"{path}/2")).status == 404
        assert (await it.ask("GET", f"{path}/-1")).status == 400
        assert (await it.ask("GET", "/jobs")).json() == [job]
        assert (await it.ask("DELETE", f"/jobs/{job['job']}")).status == 204
        assert (await it.ask("GET", f"/jobs/{job['job']}")).status == 410
        assert (await it.ask("GET", "/jobs/nobody")).status == 404

    with_status(tmp_path, main)


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"device": 7},
        {"device": "virtual:nobody"},
        {"device": "virtual:feeder", "mode": "infrared"},
        {"device": "virtual:feeder", "resolution": 0},
        {"device": "virtual:feeder", "resolution": "150"},
        {"device": "virtual:feeder", "pages": 0},
        {"device": "virtual:feeder", "colour": True},
    ],
)
def test_wrong_wishes(wish: dict[str, Any], tmp_path: Path) -> None:
    """A wish that is wrong is refused with words, and no job was made."""

    async def main(it: StatusLab) -> None:
        reply = await it.ask("POST", "/jobs", wish)
        assert (reply.status, bool(reply.json()["message"])) == (400, True)
        assert (await it.ask("GET", "/jobs")).json() == []

    with_status(tmp_path, main)


def test_a_device_in_use(tmp_path: Path) -> None:
    """A scanner that another client has is 423, as for any application; its job goes on."""

    async def main(it: StatusLab) -> None:
        it.host.scripts["virtual:feeder"] = Script(step_s=100)
        await it.api.client.create(device="virtual:feeder")
        assert (await it.ask("POST", "/jobs", {"device": "virtual:feeder"})).status == 423
        (job,) = (await it.ask("GET", "/jobs")).json()
        assert job["status"] == "running"

    with_status(tmp_path, main)


def test_a_device_without_control(tmp_path: Path) -> None:
    """A device that nobody can control has no actions and no state; it can still be looked at and scanned from."""

    async def main(it: StatusLab) -> None:
        said = (await it.ask("GET", f"/devices/{GLASS_INFO.id}")).json()
        assert (said["actions"], said["faults"], said["state"], said["there"]) == ([], [], None, True)
        assert said["kind"] == "scanner"
        assert (await it.ask("POST", f"/devices/{GLASS_INFO.id}/load", {"count": 1})).status == 400
        assert (await it.ask("GET", f"/devices/{FEEDER_INFO.id}")).json()["actions"] == ["load", "report", "reset"]

    with_status(tmp_path, main)


def test_the_document_has_it_all(tmp_path: Path) -> None:
    """The OpenAPI document of the control API has the panel's paths, with pictures as what they are."""

    async def main(it: StatusLab) -> None:
        from reference_server.control.api import ControlApi  # noqa: PLC0415  # lab mode only, as in the service

        paths = control_openapi(ControlApi(it.laboratory).endpoints)["paths"]
        picture = paths["/control/devices/{device}/pages/{entry}"]["get"]
        assert set(picture["responses"]["200"]["content"]) == {"image/jpeg"}
        assert {"/control/jobs", "/control/jobs/{job}", "/control/jobs/{job}/pages/{index}", "/control/news"} <= set(
            paths
        )
        assert paths["/control/jobs"]["post"]["requestBody"]["required"]

    with_status(tmp_path, main)
