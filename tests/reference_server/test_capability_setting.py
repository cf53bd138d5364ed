"""Setting capabilities on a third party's device: units, frames, axes, switches, arrays; what cannot be is reported, or faults the job (rest-api.md 5.3)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from device_protocol import AUTO
from reference_server.capabilities.models import CapabilityDetails
from tests.reference_server.client import JOBS, Lab, lab
from tests.reference_server.fakes import FakeHost
from tests.reference_server.odd_device import odd


def caps(*items: tuple[Any, Any], exception: str | None = None) -> dict[str, Any]:
    """The ``caps`` of a job."""
    wanted: dict[str, Any] = {"capabilities": [{"capability": number, "curValue": value} for number, value in items]}
    return wanted if exception is None else wanted | {"exception": exception}


async def after(it: Lab, **keys: Any) -> tuple[dict[str, Any], dict[int, Any], dict[str, Any]]:
    """The options of the device after a pending job was made, its capabilities, and what GET job says; the scanner is free again then."""
    job = await it.client.create(autoRun=False, **keys)
    found = (await it.client.get(f"{job}/scanner/capabilities")).json()
    info = (await it.client.get(job)).json()
    await it.client.request("DELETE", job)
    return it.host.sessions[-1].values, {item["capability"]["value"]: item for item in found}, info


def odd_lab(folder: Path) -> Any:
    """A service over the odd device."""
    return lab(folder, FakeHost({"virtual:feeder": odd()}))


async def test_every_capability_of_a_third_party(tmp_path: Path) -> None:
    """What a device's options can express has its capability, under SANE's names as under ours, in the shape that the document declares."""
    async with odd_lab(tmp_path) as it:
        _, found, _ = await after(it)
    assert set(found) == {
        *(1, 256, 257, 258, 259, 4098, 4099, 4101, 4103, 4107, 4109, 4110, 4111, 4112, 4114, 4115, 4117, 4132, 4159),
        *(4352, 4353, 4355, 4368, 4369, 4370, 4372, 4376, 4377, 4385, 4386, 4395, 4404, 4432, 4433, 4434, 4436),
    }, "no threshold, which is inactive, and no camera"
    for item in found.values():
        CapabilityDetails.model_validate(item)
    assert found[4132]["curValue"] == "X-1"
    assert found[4132]["valueType"] == {"value": 12, "label": "TWTY_STR255"}
    assert found[4112]["curValue"] == 1
    assert found[4376]["enums"] == [100, 200, 400]
    assert (found[4377]["minValue"], found[4377]["maxValue"]) == (50, 800)
    assert found[4385]["enums"] == [0, 90, 180, 270]
    assert found[4372]["curValue"] == {"left": 0, "top": 0, "right": 11.811, "bottom": 16.9291}
    assert found[4372]["valueType"] == {"value": 8, "label": "TWTY_FRAME"}
    assert found[4404]["curValue"] == {"value": -2, "label": "TWBP_DISABLE"}
    assert found[4404]["valueType"]["label"] == "TWTY_INT32"
    assert found[4434]["curValue"] == 1
    assert found[4159]["values"] == [{"value": 0, "label": "TWDF_ULTRASONIC"}]
    assert "curValue" not in found[4159]
    assert found[4386]["curValue"] == {"value": 54, "label": "TWSS_MAXSIZE"}


@pytest.mark.parametrize(
    ("wanted", "options"),
    [
        (caps((4376, 400), (4377, 150)), {"x-resolution": 400, "y-resolution": 150}),
        (caps(("ICAP_XResolution", "100")), {"x-resolution": 100, "y-resolution": 200}),
        (caps((258, 1), (4376, 39.37), (4377, 78.74)), {"x-resolution": 100, "y-resolution": 200}),
        (
            caps((4372, {"left": 1, "top": "2", "RIGHT": 5, "bottom": 6})),
            {"tl-x": 25.4, "tl-y": 50.8, "br-x": 127, "br-y": 152.4},
        ),
        (caps((258, 1), (4372, {"left": 1, "top": 2, "right": 5, "bottom": 6})), {"tl-x": 10, "br-y": 60}),
        (caps((258, 6), (4372, {"left": 1, "top": 2, "right": 5, "bottom": 6})), {"tl-x": 1, "br-y": 6}),
        (caps((258, 3), (4372, {"left": 0, "top": 0, "right": 72, "bottom": 144})), {"br-x": 25.4, "br-y": 50.8}),
        (caps((258, 2), (4372, {"left": 0, "top": 0, "right": 6, "bottom": 12})), {"br-x": 25.4, "br-y": 50.8}),
        (caps((258, 4), (4372, {"left": 0, "top": 0, "right": 1440, "bottom": 2880})), {"br-x": 25.4, "br-y": 50.8}),
        (
            caps((258, 5), (4376, 100), (4377, 200), (4372, {"left": 0, "top": 0, "right": 100, "bottom": 200})),
            {"br-x": 25.4, "br-y": 25.4},
        ),
        (caps((4386, 1), (4372, {"left": 0, "top": 0, "right": 1, "bottom": 1})), {"br-x": 25.4, "br-y": 25.4}),
        (caps((4372, {"left": 0, "top": 0, "right": 1, "bottom": 1}), (4386, 1)), {"br-x": 210, "br-y": 297}),
        (caps((4368, 3), (4386, 1)), {"br-x": 297, "br-y": 210}),
        (caps((4368, {"value": 0}), (4386, 1)), {"br-x": 210, "br-y": 297}),
        (caps((4352, 1)), {"brightness": AUTO}),
        (caps((4353, 1000), (4352, 0)), {"brightness": 10}),
        (caps((4355, "500")), {"contrast": 0.5}),
        (caps((4385, -90)), {"rotation": 270}),
        (caps((4433, 1), (4432, True), (4434, 0)), {"swdeskew": True, "swcrop": True, "swderotate": False}),
        (caps((4404, -1)), {"swskip": 5.0}),
        (caps((4404, -1), (4404, -2)), {"swskip": 0.0}),
        ({"capabilities": [{"capability": 4159, "values": []}]}, {"multifeed": "ignore"}),
        ({"capabilities": [{"capability": 4159, "values": [{"value": 0}]}]}, {"multifeed": "stop"}),
        ({"capabilities": [{"capability": 257, "values": [1]}]}, {"mode": "Gray"}),
    ],
)
async def test_set(wanted: dict[str, Any], options: dict[str, Any], tmp_path: Path) -> None:
    """A capability sets the option that it stands for: in the units in effect at its place, by number, name or text, in any container."""
    async with odd_lab(tmp_path) as it:
        values, _, info = await after(it, caps=wanted)
    for name, value in options.items():
        assert values[name] == (pytest.approx(value, rel=1e-4) if type(value) in {int, float} else value)
    assert "caps" not in info, "all of it could be had"


async def test_lengths_are_shown_in_the_units_that_were_set(tmp_path: Path) -> None:
    """Frames, physical size and resolutions come back in ICAP_UNITS: what was set reads the same."""
    async with odd_lab(tmp_path) as it:
        frame = {"left": 1.0, "top": 2.0, "right": 21.0, "bottom": 31.7}
        _, found, _ = await after(it, caps=caps((258, 1), (4372, frame), (4376, 157.4803)))
        assert found[258]["curValue"] == {"value": 1, "label": "TWUN_CENTIMETERS"}
        assert found[4372]["curValue"] == frame
        assert (found[4369]["curValue"], found[4370]["curValue"]) == (30, 43)
        assert found[4376]["curValue"] == pytest.approx(157.4803)
        _, found, _ = await after(it, config={"Unit": 5, "Resolution": 100})
        assert found[4369]["curValue"] == pytest.approx(300 / 25.4 * 100)


async def test_order_of_caps_and_config(tmp_path: Path) -> None:
    """Caps come before config, so config wins; both leave alone what they do not speak of (rest-api.md 5.1)."""
    async with odd_lab(tmp_path) as it:
        wanted = caps((4376, 400), (257, 2), (4353, 1000))
        values, _, _ = await after(it, caps=wanted, config={"Resolution": 100, "Brightness": -1000})
        assert (values["x-resolution"], values["y-resolution"], values["mode"], values["brightness"]) == (
            100,
            100,
            "Color",
            0,
        )


async def test_what_could_not_be_had_is_reported(tmp_path: Path) -> None:
    """Without ``exception: fail`` the job goes on, and GET job lists each capability that was not met, with its code; config is logged only."""
    async with odd_lab(tmp_path) as it:
        wanted = caps((4376, 333), (4387, 9), (9999, 1), ("what", 2), (257, "?"), (4111, 0), (4103, 1), exception="")
        values, _, info = await after(it, caps=wanted, config={"PixelType": 16})
    assert values["x-resolution"] == 400
    reported = {item["capability"]: item["errorCode"] for item in info["caps"]["capabilities"]}
    assert reported == {4376: -1010, 4387: -1013, 9999: -1013, "what": -1013, 257: -1010, 4111: -1013}
    assert all(item["errorString"] for item in info["caps"]["capabilities"])
    assert (info["status"], info["code"]) == ("pending", 0)


def item(number: Any, value: Any, exception: str | None = None) -> dict[str, Any]:
    """One entry of ``caps``."""
    return {"capability": number, "curValue": value} | ({} if exception is None else {"exception": exception})


FIRST = item(4353, 1000)


@pytest.mark.parametrize(
    ("overall", "items", "code", "named"),
    [
        ("fail", [FIRST, item(4376, 333), item(9999, 1)], -1010, "ICAP_XRESOLUTION"),
        ("FAIL", [FIRST, item(9999, 1), item(4376, 333)], -1013, "9999"),
        ("fail", [FIRST, item(4376, 333, "ignore"), item(4387, 3)], -1013, "ICAP_THRESHOLD"),
        ("ignore", [FIRST, item(9999, 1), item(4372, {"left": 0}, "fail")], -1010, "ICAP_FRAMES"),
        ("", [FIRST, item(4385, 45, "fail"), item(4376, 333, "fail")], -1010, "ICAP_ROTATION"),
        ("?", [FIRST, item(4114, 1, "fail")], -1013, "4114"),
        ("fail", [FIRST, item(4098, 0)], -1010, "CAP_FEEDERENABLED"),
        ("fail", [FIRST, item(1, 0)], -1010, "CAP_XFERCOUNT"),
        ("fail", [FIRST, item(259, 1)], -1010, "ICAP_XFERMECH"),
        ("fail", [FIRST, item(4112, 0)], -1010, "CAP_AUTOSCAN"),
        ("fail", [FIRST, item(258, 9)], -1010, "ICAP_UNITS"),
        ("fail", [FIRST, item(4372, {"left": 0, "top": 0, "right": 99, "bottom": 1})], -1010, "ICAP_FRAMES"),
        ("fail", [FIRST, item(4376, 300), item(4376, 400)], -1010, "ICAP_XRESOLUTION"),
    ],
)
async def test_strict(overall: str, items: list[dict[str, Any]], code: int, named: str, tmp_path: Path) -> None:
    """The first capability that must be had and cannot faults the job with its code and name; those before it were set, those after it and config not."""
    async with odd_lab(tmp_path) as it:
        body = {
            "caps": {"exception": overall, "capabilities": [*items, item(4355, 1000)]},
            "config": {"IfAutomaticDeskew": True},
        }
        reply = await it.client.request("POST", JOBS, body)
        assert reply.status == 201, "faults are told by GET job (rest-api.md 5.1)"
        job = f"{JOBS}/{reply.json()['jobuid']}"
        assert (await it.client.get(f"{job}/next-page")).status == 204
        info = (await it.client.get(job)).json()
        assert (info["status"], info["code"]) == ("faulted", code)
        assert named in info["message"]
        session = it.host.sessions[-1]
        assert session.values["brightness"] == 10
        assert session.values["contrast"] == 0.0
        assert session.values["swdeskew"] is False
        assert session.started is None


@pytest.mark.parametrize(
    ("config", "check"),
    [
        ({"IfShowUI": True, "IfDisableSourceAfterAcquire": True, "IfCloseSourceAfterAcquire": False}, lambda _: True),
        ({"IfAutoDiscardBlankpages": True}, lambda values: values["swskip"] == 5.0),
        ({"ifautodiscardblankpages": False}, lambda values: values["swskip"] == 0.0),
        ({"IfAutomaticDeskew": True}, lambda values: values["swdeskew"]),
        ({"IfAutomaticBorderDetection": True}, lambda values: values["swcrop"]),
        ({"IfAutoBright": True}, lambda values: values["brightness"] is AUTO),
        ({"IfAutoScan": False, "IfGetImageInfo": True}, lambda _: True),
        ({"Contrast": "-1000"}, lambda values: values["contrast"] == -1.0),
        ({"PageSize": "13"}, lambda values: values["br-x"] == 105),
    ],
)
async def test_config_keys(config: dict[str, Any], check: Callable[[Any], bool], tmp_path: Path) -> None:
    """The keys of 5.2 set the same options as their capabilities, in any spelling of case, and none of them stops a job."""
    async with odd_lab(tmp_path) as it:
        values, _, info = await after(it, config=config)
        assert info["status"] == "pending"
        assert check(values)


async def test_the_wish_for_a_window_is_written_down(tmp_path: Path) -> None:
    """Nothing here has a window; that one was wanted, and whether it should come to the front, stands in the log (S-093)."""
    async with odd_lab(tmp_path) as it:
        with capture_logs() as logs:
            await after(it, config={"ifshowui": True}, requestFocusForScanningUI=False)
            await after(it)
    created = [(entry["show_ui"], entry["focus"]) for entry in logs if entry["event"] == "job created"]
    assert created == [(True, False), (False, True)]


@pytest.mark.parametrize("key", ["IfShowUI", "IfAutoScan", "IfAutoDiscardBlankpages", "Unit", "PageSize", "PixelType"])
async def test_config_of_the_wrong_type(key: str, tmp_path: Path) -> None:
    """A known key of the wrong type is 400 with its name, and no job is made."""
    async with odd_lab(tmp_path) as it:
        reply = await it.client.request("POST", JOBS, {"config": {key: ["x"]}})
        assert (reply.status, reply.json()["code"]) == (400, -2113)
        assert key in reply.json()["message"]
        assert len(it.registry) == 0


async def test_automatic_feeding_off_takes_one_sheet(tmp_path: Path) -> None:
    """Without automatic feeding only the sheet that lies first is scanned: one page, or two of a duplex feeder (CAP_AUTOFEED)."""
    async with lab(tmp_path) as it:
        for duplex, pages in ((False, 1), (True, 2)):
            config = {"IfFeederEnabled": True, "IfDuplexEnabled": duplex, "IfAutoFeed": False}
            job = await it.client.create(config=config)
            assert (await it.client.get(f"{job}/next-page")).status == 200
            started = it.host.sessions[-1].started
            assert started is not None
            assert started[0] == pages
            await it.client.request("DELETE", job)
