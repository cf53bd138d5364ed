"""The settings of a device as a text: given out, taken back, refused when it is not ours (rest-api.md 5.3)."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_protocol import Code, DeviceError, DeviceInfo, Option, SetResult, ValueType
from device_protocol.aio import Session
from device_protocol.options import READ_WRITE, Access
from reference_server.errors import RestError
from reference_server.jobs.settings_blob import MAX_PLAIN, SavedSettings, check_model, pack, restore, unpack
from tests.reference_server.client import JOBS, Lab, lab
from tests.reference_server.fakes import FEEDER_INFO, FakeHost, Script
from tests.reference_server.odd_device import odd

SAVED = SavedSettings("virtual", "Flatbed", "Virtual Feeder", (("mode", "Gray"), ("resolution", 100)))


async def blob(it: Lab, query: str = "", **keys: Any) -> str:
    """The settings of a device after a job was set up so."""
    job = await it.client.create(autoRun=False, **keys)
    reply = await it.client.get(f"{job}/scanner/settings{query}")
    assert reply.status == 200
    assert set(reply.json()) == {"settings"}
    await it.client.request("DELETE", job)
    return str(reply.json()["settings"])


async def test_there_and_back(tmp_path: Path) -> None:
    """What a pending job gives out sets the next device of that model up the same way, each option of it."""
    async with lab(tmp_path, FakeHost({"virtual:feeder": odd()})) as it:
        config = {"PixelType": 0, "Resolution": 100, "PageSize": 5, "Brightness": 400, "IfAutomaticDeskew": True}
        text = await blob(it, "?showui=false", config=config)
        first = it.host.sessions[-1].values
        assert first["br-x"] == 148
        await blob(it, settings=text)
        assert it.host.sessions[-1].values == first
        assert it.host.sessions[-1] is not it.host.sessions[-2]


async def test_settings_come_before_caps_and_config(tmp_path: Path) -> None:
    """Settings, then caps, then config: each leaves alone what it does not speak of (rest-api.md 5.1)."""
    async with lab(tmp_path) as it:
        text = await blob(it, config={"PixelType": 0, "Resolution": 100, "Brightness": 1000, "IfFeederEnabled": False})
        await blob(
            it,
            settings=text,
            caps={"capabilities": [{"capability": 4376, "curValue": 200}, {"capability": 4353, "curValue": 0}]},
            config={"Resolution": 300},
        )
        values = it.host.sessions[-1].values
        assert values["source"] == "Flatbed"
        assert values["mode"] == "Lineart"
        assert values["resolution"] == 300
        assert values["brightness"] == 0


async def test_only_for_twain(tmp_path: Path) -> None:
    """A device that its client sees as WIA, SANE or anything else gives no settings out (400 -1006), and its CUSTOMDSDATA is false; as TWAIN it is true."""
    infos = tuple(replace(FEEDER_INFO, id=f"virtual:{bit}", rest_type=bit) for bit in (16, 64, 32, 128, 256, 512, 2048))
    async with lab(tmp_path, FakeHost({info.id: Script() for info in infos}, infos)) as it:
        for info in infos:
            job = await it.client.create(autoRun=False, device=info.id)
            reply = await it.client.get(f"{job}/scanner/settings")
            (data,) = (await it.client.get(f"{job}/scanner/capabilities?caps=4117")).json()
            if info.rest_type in {16, 64}:
                assert (reply.status, data["curValue"]) == (200, 1)
            else:
                assert (reply.status, reply.json()["code"], data["curValue"]) == (400, -1006, 0)
            assert await it.client.state(job) == "pending"


async def test_the_type_that_the_client_saw_decides(tmp_path: Path) -> None:
    """A virtual device fits any type; what counts is the type under which this client chose it."""
    async with lab(tmp_path) as it:
        for mask, status in ((64, 200), (16, 200), (256, 400)):
            (scanner, *_) = (await it.client.get(f"/api/device/scanners?type={mask}")).json()
            job = await it.client.create(autoRun=False, device=scanner["device"])
            assert (await it.client.get(f"{job}/scanner/settings")).status == status
            await it.client.request("DELETE", job)


async def test_a_type_that_the_client_made_up(tmp_path: Path) -> None:
    """A device with a type of its own is no TWAIN one because a client writes so into its text."""
    async with lab(tmp_path) as it:
        text = json.dumps({"deviceInfo": {"id": "sanelab:test:0"}, "deviceType": 64})
        job = await it.client.create(autoRun=False, device=text)
        reply = await it.client.get(f"{job}/scanner/settings")
        assert (reply.status, reply.json()["code"]) == (400, -1006)


@pytest.mark.parametrize("query", ["showui=yes", "showui=2", "showui=null"])
async def test_showui_is_a_boolean(query: str, tmp_path: Path) -> None:
    """Anything but true, false, 1 and 0 is 400; true and false are both answered, since no window is there to show."""
    async with lab(tmp_path) as it:
        job = await it.client.create(autoRun=False)
        assert (await it.client.get(f"{job}/scanner/settings?{query}")).json()["code"] == -2113
        for good in ("true", "False", "1", "0", ""):
            assert (await it.client.get(f"{job}/scanner/settings?showui={good}")).status == 200


def raw(version: int, content: bytes) -> str:
    """A blob around *content* with a right checksum."""
    return base64.b64encode(b"FBDS" + bytes([version]) + sha256(content).digest()[:16] + content).decode()


FOREIGN = {
    "words": "hello",
    "not base64": "***",
    "umlaut": "\u00e4",
    "another program's": base64.b64encode(b"TWAIN settings of somebody else, quite long").decode(),
    "short": base64.b64encode(b"FBDS\x01").decode(),
    "newer": raw(2, zlib.compress(b"[]")),
    "damaged": pack(SAVED)[:-8] + "AAAAAAA=",
    "no deflate": raw(1, b"xyz"),
    "cut": raw(1, zlib.compress(b"[]")[:-2]),
    "no JSON": raw(1, zlib.compress(b"{")),
    "deep": raw(1, zlib.compress(b"[" * 100_000)),
    "other JSON": raw(1, zlib.compress(b"[1, 2, 3, 4]")),
    "no pairs": raw(1, zlib.compress(json.dumps(["virtual", "Flatbed", "Virtual Feeder", [["mode"]]]).encode())),
    "names": raw(1, zlib.compress(json.dumps(["virtual", "Flatbed", "Virtual Feeder", [[1, 2]]]).encode())),
    "many": raw(1, zlib.compress(json.dumps(["a", "b", "c", [["x", 1]] * 1001]).encode())),
    "bomb": raw(1, zlib.compress(bytes(MAX_PLAIN + 1))),
    "long": "A" * 600_000,
    "another maker": pack(replace(SAVED, maker="Else")),
    "another model": pack(replace(SAVED, model="Virtual Glass")),
    "another driver": pack(replace(SAVED, driver="sane")),
}


@pytest.mark.parametrize("text", FOREIGN.values(), ids=list(FOREIGN))
async def test_foreign_blobs(text: str, tmp_path: Path) -> None:
    """What is not ours, damaged, a bomb, or of another kind of device is 400, and no job is made."""
    async with lab(tmp_path) as it:
        reply = await it.client.request("POST", JOBS, {"settings": text})
        assert (reply.status, reply.json()["code"]) == (400, -2113)
        assert reply.json()["message"].startswith("settings: ")
        assert len(it.registry) == 0
        assert it.host.sessions == []


def test_the_message_names_both_models() -> None:
    """Settings of another model are refused with both names, so that the user sees what was mixed up."""
    with pytest.raises(RestError) as caught:
        check_model(SAVED, DeviceInfo("sane:usb:1", "Real One", "Maker"))
    assert "Virtual Feeder" in caught.value.message
    assert "Real One" in caught.value.message


async def test_what_the_device_does_not_take_is_left(tmp_path: Path) -> None:
    """Options that are gone, have other types, or refuse the value are skipped; the others are set and the job goes on."""
    options = (("gone", 1), ("mode", 7), ("resolution", 300), ("brightness", 3), ("lamp", None), ("contrast", [1, 2]))
    async with lab(tmp_path, FakeHost({"virtual:feeder": picky()})) as it:
        job = await it.client.create(autoRun=False, settings=pack(replace(SAVED, options=options)))
        assert (await it.client.get(f"{job}/scanner/settings")).status == 200
        values = it.host.sessions[-1].values
        assert (values["mode"], values["resolution"], values["brightness"]) == ("Color", 300, 0)


class Dependent:
    """A session in which the first option is there only while the second is set."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {"fine": 1, "manual": False}

    async def options(self) -> tuple[Option, ...]:
        access = READ_WRITE if self.values["manual"] else READ_WRITE | Access.INACTIVE
        return Option("fine", ValueType.INT, access=access), Option("manual", ValueType.BOOL)

    async def get(self, name: str) -> Any:
        return self.values[name]

    async def set(self, name: str, value: Any) -> SetResult:
        self.values[name] = value
        return SetResult(name, value, value)


async def test_an_option_that_depends_on_a_later_one() -> None:
    """Options that are not there yet are tried again once the others are set."""

    async def at_once(call: Any) -> Any:
        return await call()

    session = Dependent()
    saved = replace(SAVED, options=(("fine", 7), ("manual", True)))
    assert await restore(saved, cast("Session", session), at_once) == []
    assert session.values == {"fine": 7, "manual": True}


def picky() -> Script:
    """A device that refuses a brightness."""
    return Script(refuses={"brightness": DeviceError(Code.INVALID_VALUE)})


@given(
    st.lists(
        st.tuples(
            st.text(min_size=1, max_size=20),
            st.one_of(
                st.booleans(),
                st.integers(-(2**53), 2**53),
                st.floats(allow_nan=False, allow_infinity=False),
                st.text(max_size=50),
                st.lists(st.integers(0, 255), max_size=300),
            ),
        ),
        max_size=50,
    )
)
def test_any_values_survive(options: list[tuple[str, Any]]) -> None:
    """Whatever options a driver has, what is packed is what is unpacked."""
    saved = SavedSettings("x", "Maker \u00e4", "Model", tuple(options))
    assert unpack(pack(saved)) == saved


@given(st.data())
def test_any_damage_is_told(data: st.DataObject) -> None:
    """One changed byte anywhere makes the blob unusable, and never anything but a typed error."""
    whole = bytearray(base64.b64decode(pack(SAVED)))
    position = data.draw(st.integers(0, len(whole) - 1))
    whole[position] ^= data.draw(st.integers(1, 255))
    with pytest.raises(RestError):
        unpack(base64.b64encode(bytes(whole)).decode())
