"""The contradictions register (rest-api.md 10): every entry does what it says, under both values of ``--compat``."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import trio

from device_protocol.testing import Jumper, run
from reference_server.compat import REGISTER, Rules, rules_for
from reference_server.modes import Compat
from tests.reference_server.client import JOBS, Lab, lab
from tests.reference_server.fakes import FakeHost, Script
from tests.reference_server.pictures import page, png

ROOM = Path(__file__).parents[2] / "reference_server"
EMPTY = png(page())
DOCUMENTS = "/api/storage/documents"

Probe: TypeAlias = Callable[[Lab, bool], Awaitable[None]]
"""Asks a service about one matter; the flag says whether it is strict."""


async def page_info_body(it: Lab, strict: bool) -> None:
    """D-01."""
    job = await it.client.create()
    info = (await it.client.get(f"{job}/next-page-info")).json()
    assert isinstance(info, list) == strict
    assert (info[0] if strict else info)["imageId"] == 1


async def cancel_pending(it: Lab, strict: bool) -> None:
    """D-02."""
    job = await it.client.create(autoRun=False)
    reply = await it.client.request("PATCH", job, {"status": "canceled"})
    if strict:
        assert (reply.status, reply.json()["code"]) == (409, -1011)
        assert reply.json()["message"] == "PATCH canceled is not possible while the job is pending.", (
            "what the client sent, not which row refuses it"
        )
        assert await it.client.state(job) == "pending"
        assert (await it.client.request("PATCH", job, {"status": "running"})).status == 200
    else:
        assert (reply.status, reply.json()) == (200, {"status": "canceled"})


async def patch_in_wrong_state(it: Lab, strict: bool) -> None:
    """D-03."""
    job = await it.client.create()
    await trio.sleep(1)
    for wanted in ("running", "canceled"):
        reply = await it.client.request("PATCH", job, {"status": wanted})
        assert (reply.status, reply.json()["code"]) == (409, -1011)
    assert await it.client.state(job) == "completed"


async def code_is_a_number(it: Lab, strict: bool) -> None:
    """D-04."""
    job = await it.client.create()
    assert type((await it.client.get(job)).json()["code"]) is int


async def end_of_pages(it: Lab, strict: bool) -> None:
    """D-05."""
    job = await it.client.create()
    statuses = [(await it.client.get(f"{job}/next-page")).status for _ in range(5)]
    assert statuses == [200, 200, 200, 204, 204]


async def page_of_content(it: Lab, strict: bool) -> None:
    """D-06."""
    job = await it.client.create()
    info = (await it.client.get(f"{job}/next-page-info")).json()
    uid = (info[0] if strict else info)["imageuid"]
    await trio.sleep(1)
    assert (await it.client.get(f"{job}/content?type=image/png&page=1")).status == 200
    for query in ("type=image/png&pages=0", "page=0", f"type=image/png&page={uid}"):
        reply = await it.client.get(f"{job}/content?{query}")
        assert reply.status == (400 if strict else 200), query


async def document_outside_path(it: Lab, strict: bool) -> None:
    """D-07."""
    uid = (await it.client.request("POST", DOCUMENTS, {})).json()["uid"]
    found = await it.client.get(f"{DOCUMENTS}?documentuid={uid}")
    assert found.status == (405 if strict else 200)
    assert (await it.client.request("GET", DOCUMENTS, {"documentuid": uid})).status == found.status
    reply = await it.client.request("DELETE", DOCUMENTS, {"documentuid": uid})
    assert reply.status == (405 if strict else 204)
    if strict:
        assert found.headers["Allow"] == "POST"
    assert (await it.client.get(f"{DOCUMENTS}/{uid}")).status == (200 if strict else 404)


async def quality(it: Lab, strict: bool) -> None:
    """D-12."""
    document = await a_document(it)
    for value, status in (("0", 200), ("100", 200), ("101", 400), ("-1", 400), ("high", 400)):
        reply = await it.client.get(f"{document}/content?type=image/png&quality={value}")
        assert reply.status == status, value


async def page_type(it: Lab, strict: bool) -> None:
    """D-18."""
    document = await a_document(it)
    for value, status in ((0, 200), (2, 200), (9, 200), (10, 400), (54, 400)):
        assert (await it.client.get(f"{document}/content?type=image/png&pageType={value}")).status == status, value


async def a_document(it: Lab) -> str:
    """A document with one page; its path."""
    url = await source_of_a_page(it)
    document = f"{DOCUMENTS}/{(await it.client.request('POST', DOCUMENTS, {})).json()['uid']}"
    assert (await it.client.request("POST", f"{document}/pages", {"source": url})).status == 200
    return document


async def password_header(it: Lab, strict: bool) -> None:
    """D-09 again: the password of a document under its old name."""
    uid = (await it.client.request("POST", DOCUMENTS, {"password": "secret"})).json()["uid"]
    reply = await it.client.get(f"{DOCUMENTS}/{uid}", headers={"X-DICS-DOC-PASSWORD": "secret"})
    assert reply.status == (403 if strict else 200)
    reply = await it.client.get(f"{DOCUMENTS}/{uid}", headers={"DWT-DOC-PASSWORD": "secret"})
    assert reply.status == 200
    both = {"DWT-DOC-PASSWORD": "", "X-DICS-DOC-PASSWORD": "secret"}
    assert (await it.client.get(f"{DOCUMENTS}/{uid}", headers=both)).status == 403


async def auto_run(it: Lab, strict: bool) -> None:
    """D-08."""
    reply = await it.client.request("POST", JOBS, {})
    assert reply.json()["status"] == "running"


async def header_names(it: Lab, strict: bool) -> None:
    """D-09; the service of this probe wants a licence."""
    reply = await it.client.request("POST", JOBS, {}, {"X-DICS-LICENSE-KEY": "key"})
    assert reply.status == (403 if strict else 201)
    reply = await it.client.request("POST", JOBS, {"device": "virtual:flatbed"}, {"DWT-PRODUCT-KEY": "key"})
    assert reply.status == 201
    both = {"DWT-PRODUCT-KEY": "", "X-DICS-LICENSE-KEY": "key"}
    reply = await it.client.request("POST", JOBS, {"device": "sanelab:test:0"}, both)
    assert reply.status == 403  # the new name wins


async def licence_in_body(it: Lab, strict: bool) -> None:
    """D-10; the service of this probe wants a licence."""
    reply = await it.client.request("POST", JOBS, {"license": "key"})
    assert reply.status == (403 if strict else 201)
    if strict:
        assert reply.json()["code"] == -2800


async def default_names(it: Lab, strict: bool) -> None:
    """D-11."""
    job = await it.client.create(autoRun=False)
    (resolution,) = (await it.client.get(f"{job}/scanner/capabilities?caps=4376")).json()
    assert resolution["defaultValue"] == 200
    assert resolution.get("defValue") == (None if strict else 200)


async def barcode_settings(it: Lab, strict: bool) -> None:
    """D-13."""
    source = await source_of_a_page(it)
    template = {"ImageParameter": {"BarcodeFormatIds": ["BF_QR_CODE"]}}
    for settings, known in (
        (None, True),
        ("BestCoverage", True),
        ("BestSpeed", True),
        ("Balance", True),
        (json.dumps(template), True),
        ("coverage", not strict),
        ("SPEED", not strict),
        (template, not strict),
        ("good", False),
    ):
        reply = await it.client.request("POST", "/api/process/read-barcode", {"source": source, "settings": settings})
        assert reply.status == (200 if known else 400), settings


async def check_blank(it: Lab, strict: bool) -> None:
    """D-14."""
    source = await source_of_a_page(it)
    reply = await it.client.request("POST", "/api/process/check-blank", {"source": source})
    assert (reply.status, reply.json()) == (200, {"result": True})


async def source_of_a_page(it: Lab) -> str:
    """The URL of a page of a new job."""
    job = await it.client.create()
    info = (await it.client.get(f"{job}/next-page-info")).json()
    return str((info[0] if isinstance(info, list) else info)["url"])


async def deleted_job(it: Lab, strict: bool) -> None:
    """D-15."""
    assert (await it.client.request("DELETE", await it.client.create())).status == 204


async def capability_names(it: Lab, strict: bool) -> None:
    """D-16."""
    for name, status in ((257, 201), ("icap_pixeltype", 400 if strict else 201), ("257", 400 if strict else 201)):
        caps = {"capabilities": [{"capability": name, "curValue": 0}]}
        reply = await it.client.request("POST", JOBS, {"caps": caps, "autoRun": False})
        assert reply.status == status, name
        if status == 201:
            job = f"{JOBS}/{reply.json()['jobuid']}"
            assert (await it.client.get(f"{job}/scanner/capabilities?caps=257")).status == 200
            reply = await it.client.get(f"{job}/scanner/capabilities?caps=ICAP_PIXELTYPE")
            assert reply.status == (400 if strict else 200)
            await it.client.request("PATCH", job, {"status": "running"})
            await trio.sleep(1)
            assert it.host.sessions[-1].values["mode"] == "Lineart"
            await it.client.request("DELETE", job)


async def own_words(it: Lab, strict: bool) -> None:
    """D-17."""
    job = await it.client.create(autoRun=False)
    locked = await it.client.request("POST", JOBS, {})
    method = await it.client.request("PUT", job)
    await it.client.request("DELETE", job)
    gone = await it.client.get(job)
    for reply, status, code in ((locked, 423, -1004), (method, 405, -2112), (gone, 410, -1034)):
        assert (reply.status, reply.json()["code"], reply.json()["statusCode"]) == (status, code, status)
        assert reply.json()["message"]


async def next_page_while_pending(it: Lab, strict: bool) -> None:
    """D-19."""
    job = await it.client.create(autoRun=False)
    for name in ("next-page", "next-page-info"):
        reply = await it.client.get(f"{job}/{name}")
        assert (reply.status, reply.json()["code"]) == (409, -1011)


async def image_id(it: Lab, strict: bool) -> None:
    """D-20."""
    job = await it.client.create()
    info = (await it.client.get(f"{job}/next-page-info")).json()
    assert type((info[0] if strict else info)["imageId"]) is int


PROBES: dict[str, tuple[Probe, dict[str, Any]]] = {
    "D-01": (page_info_body, {}),
    "D-02": (cancel_pending, {}),
    "D-03": (patch_in_wrong_state, {}),
    "D-04": (code_is_a_number, {}),
    "D-05": (end_of_pages, {}),
    "D-06": (page_of_content, {}),
    "D-07": (document_outside_path, {}),
    "D-08": (auto_run, {}),
    "D-09": (header_names, {"licence": "require"}),
    "D-09 for passwords": (password_header, {}),
    "D-10": (licence_in_body, {"licence": "require"}),
    "D-11": (default_names, {}),
    "D-12": (quality, {}),
    "D-13": (barcode_settings, {}),
    "D-14": (check_blank, {}),
    "D-15": (deleted_job, {}),
    "D-16": (capability_names, {}),
    "D-17": (own_words, {}),
    "D-18": (page_type, {}),
    "D-19": (next_page_while_pending, {}),
    "D-20": (image_id, {}),
}


@pytest.mark.parametrize("compat", Compat)
@pytest.mark.parametrize("matter", PROBES)
def test_matter(matter: str, compat: Compat, tmp_path: Path) -> None:
    """Each entry of the register, asked of a running service under both profiles, answers as the register says."""
    probe, changes = PROBES[matter]

    async def main() -> None:
        host = FakeHost({"virtual:feeder": Script(picture=EMPTY if matter in {"D-13", "D-14"} else None)})
        async with lab(tmp_path, host, compat=compat, **changes) as it:
            await probe(it, compat is Compat.STRICT)

    run(main, clock=Jumper())


@pytest.mark.parametrize("compat", Compat)
def test_the_410_switch(compat: Compat, tmp_path: Path) -> None:
    """With the switch the pages end in 410 under both profiles, for images and for their information (D-05)."""

    async def main() -> None:
        async with lab(tmp_path, compat=compat, end_of_pages=410) as it:
            job = await it.client.create()
            for name in ("next-page", "next-page-info"):
                statuses = [(await it.client.get(f"{job}/{name}")).status for _ in range(5)]
                assert statuses == [200, 200, 200, 410, 410]

    run(main, clock=Jumper())


@pytest.mark.parametrize(
    ("body", "lenient"),
    [
        ({"jobTimeout": "60"}, True),
        ({"scannerFailureTimeout": None}, True),
        ({"autoRun": None}, True),
        ({"device": {"deviceInfo": {"id": "virtual:feeder"}}}, True),
        ({"config": {"Resolution": "200"}}, True),
        ({"config": {"resolution": None}}, True),
        ({"config": {"Resolution": "much"}}, False),
        ({"config": {"IfShowUI": "yes"}}, False),
        ({"jobTimeout": "soon"}, False),
        ({"autoRun": "true"}, False),
    ],
)
@pytest.mark.parametrize("compat", Compat)
def test_loose_types(body: dict[str, Any], lenient: bool, compat: Compat, tmp_path: Path) -> None:
    """Numbers as strings, nulls and a device as an object are taken by the lenient service only; what is wrong is wrong for both (rest-api.md 1.2)."""

    async def main() -> None:
        async with lab(tmp_path, compat=compat) as it:
            reply = await it.client.request("POST", JOBS, body)
            taken = lenient and compat is Compat.LENIENT
            assert reply.status == (201 if taken else 400)
            assert len(it.registry) == taken

    run(main, clock=Jumper())


@pytest.mark.parametrize("compat", Compat)
def test_flags_in_queries(compat: Compat, tmp_path: Path) -> None:
    """A flag of a query is true or false, and under lenient 1 or 0 (rest-api.md 1.2)."""

    async def main() -> None:
        async with lab(tmp_path, compat=compat) as it:
            job = await it.client.create(autoRun=False)
            for text, known in (("true", True), ("false", True), ("1", False), ("0", False)):
                reply = await it.client.get(f"{job}/scanner/settings?showui={text}")
                assert reply.status == (200 if known or compat is Compat.LENIENT else 400), text
            assert (await it.client.get(f"{job}/scanner/settings?showui=yes")).status == 400

    run(main, clock=Jumper())


@pytest.mark.parametrize("compat", Compat)
def test_repeated_parameters(compat: Compat, tmp_path: Path) -> None:
    """Of a query parameter that is there twice a lenient service takes the last, a strict one none; an unknown one may be there as often as it likes."""

    async def main() -> None:
        async with lab(tmp_path, compat=compat) as it:
            reply = await it.client.get("/api/device/scanners?type=4096&type=64")
            assert reply.status == (200 if compat is Compat.LENIENT else 400)
            assert (await it.client.get("/api/device/scanners?type=64&_=1&_=2")).status == 200

    run(main, clock=Jumper())


@pytest.mark.parametrize("compat", Compat)
def test_numbers_that_may_be_texts(compat: Compat, tmp_path: Path) -> None:
    """The reference itself types these as number or text, so both profiles take both (rest-api.md 5.2)."""

    async def main() -> None:
        async with lab(tmp_path, compat=compat) as it:
            config = {"PixelType": "1", "PageSize": "1", "ExtendedImageInfoQueryLevel": "0"}
            assert (await it.client.request("POST", JOBS, {"config": config})).status == 201

    run(main, clock=Jumper())


@pytest.mark.parametrize("compat", Compat)
def test_unknown_keys_are_ignored(compat: Compat, tmp_path: Path) -> None:
    """Keys that nobody knows are no matter of profile: both ignore them (rest-api.md 1.2)."""

    async def main() -> None:
        async with lab(tmp_path, compat=compat) as it:
            reply = await it.client.request("POST", JOBS, {"name": "x", "license": "y", "config": {"Whatever": [1]}})
            assert reply.status == 201

    run(main, clock=Jumper())


def test_the_register_is_whole() -> None:
    """D-01 to D-20 are there in order; the profiles differ exactly where an entry says so, and each rule belongs to one entry, loose types to section 1.2."""
    assert [matter.id for matter in REGISTER] == [f"D-{number:02}" for number in range(1, 21)]
    rules = [matter.rule for matter in REGISTER if matter.differs]
    fields = [field.name for field in dataclasses.fields(Rules)]
    assert sorted([*rules, "loose_types"]) == sorted(fields)
    for matter in REGISTER:
        assert (matter.lenient != matter.strict) == matter.differs
    lenient, strict = rules_for(Compat.LENIENT), rules_for(Compat.STRICT)
    assert all(getattr(lenient, name) != getattr(strict, name) for name in fields)


def test_every_entry_is_asked_where_it_says() -> None:
    """The modules that an entry names are there, and each speaks of the entry or asks its rule; every entry has a probe above."""
    assert {name[:4] for name in PROBES} == {matter.id for matter in REGISTER}
    for matter in REGISTER:
        for name in matter.asked:
            text = (ROOM / f"{name.replace('.', '/')}.py").read_text()
            assert matter.id in text or (matter.rule and matter.rule in text), (matter.id, name)


def test_nobody_compares_profiles() -> None:
    """No module of the service but the register, the modes and those with a default names a profile's value: everything else asks the rules."""
    for path in ROOM.rglob("*.py"):
        if path.name not in {"compat.py", "config.py", "models.py", "modes.py"}:
            assert not re.search(r"Compat\.|compat (is|==)|\"strict\"", path.read_text()), path
