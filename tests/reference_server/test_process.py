"""``/process`` over HTTP: sources, forms, settings, licences, limits, and pictures that are none (rest-api.md 7)."""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
import trio

from device_protocol import Code, DeviceError
from device_protocol.testing import Jumper, run
from reference_server.config import Limits
from reference_server.processing import CHECK_BLANK, READ_BARCODES
from tests.reference_server.client import Lab, Reply, lab
from tests.reference_server.fakes import FakeHost, Script
from tests.reference_server.pictures import jpeg, marked, page, png, with_barcodes

BARCODE, BLANK = "/api/process/read-barcode", "/api/process/check-blank"
CODED = png(with_barcodes([("QRCode", "qr"), ("Code128", "C128")]))
EMPTY = png(page())
BOUNDARY = "9051914041544843365972754266"
FORM = {"Content-Type": f'multipart/form-data; boundary="{BOUNDARY}"'}


def host(picture: bytes = CODED) -> FakeHost:
    """A host whose feeder gives one page."""
    return FakeHost({"virtual:feeder": Script(pages=1, picture=picture)})


async def source(it: Lab) -> str:
    """The URL of the first page of a new job."""
    job = await it.client.create()
    return str((await it.client.get(f"{job}/next-page-info")).json()["url"])


def form(stream: bytes | None = CODED, settings: str | None = None) -> bytes:
    """A form as the .NET client sends it."""
    body = b""
    if settings is not None:
        body += f"--{BOUNDARY}\r\nContent-Disposition: form-data; name=settings\r\n\r\n{settings}\r\n".encode()
    if stream is not None:
        body += (
            f"--{BOUNDARY}\r\nContent-Disposition: form-data; name=stream; filename=DynamicTWAIN.png\r\n\r\n".encode()
        )
        body += stream + b"\r\n"
    return body + f"--{BOUNDARY}--\r\n".encode()


def texts(reply: Reply) -> list[str]:
    """The texts of the barcodes."""
    assert reply.status == 200, reply.body
    assert reply.headers["Content-Type"] == "application/json"
    return [item["barcodeText"] for item in reply.json()]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (None, {"qr", "C128"}),
        ("BestSpeed", {"qr", "C128"}),
        ("balance", {"qr", "C128"}),
        ('{"ImageParameter": {"BarcodeFormatIds": ["BF_QR_CODE"]}}', {"qr"}),
        ({"barcodeFormatIds": 2}, {"C128"}),
        ({"barcodeFormatIds": 512}, set()),
    ],
)
async def test_barcodes_of_a_page(settings: Any, expected: set[str], tmp_path: Path) -> None:
    """The page that the URL names is read with the keyword or template of settings; host and scheme of the URL are not looked at."""
    async with lab(tmp_path, host()) as it:
        url = (await source(it)).replace("http://127.0.0.1:18622", "https://elsewhere.example")
        body = {"source": url, "settings": settings}
        assert set(texts(await it.client.request("POST", BARCODE, body))) == expected
        text = json.dumps(body).encode()
        assert set(texts(await it.client.request("POST", BARCODE, text, {"Content-Type": "text/plain"}))) == expected


async def test_no_barcodes(tmp_path: Path) -> None:
    """A page without barcodes gives an empty array."""
    async with lab(tmp_path, host(EMPTY)) as it:
        reply = await it.client.request("POST", BARCODE, {"source": await source(it)})
        assert (reply.status, reply.body) == (200, b"[]")


async def test_a_form(tmp_path: Path) -> None:
    """A picture comes in a form with its settings, larger than JSON may be, as PNG or JPEG (rest-api.md 7.1)."""
    async with lab(tmp_path, limits=Limits(body_bytes=1000)) as it:
        assert len(form()) > 1000
        assert set(texts(await it.client.request("POST", BARCODE, form(settings="coverage"), FORM))) == {"qr", "C128"}
        only_qr = '{"barcodeFormatIds": 67108864}'
        assert texts(await it.client.request("POST", BARCODE, form(settings=only_qr), FORM)) == ["qr"]
        picture = jpeg(with_barcodes([("QRCode", "jpeg")]))
        assert texts(await it.client.request("POST", f"/{BARCODE}", form(picture), FORM)) == ["jpeg"]


@pytest.mark.parametrize(
    "body", [b"", b"{}", form(None), form(settings="fast"), form(b"no picture"), form()[:-20], form(png(page())[:-30])]
)
async def test_bad_forms(body: bytes, tmp_path: Path) -> None:
    """A form without picture, with a wrong one, with wrong settings, or cut off is 400 -2113."""
    async with lab(tmp_path) as it:
        reply = await it.client.request("POST", BARCODE, body, FORM)
        assert (reply.status, reply.json()["code"]) == (400, -2113)


async def test_only_read_barcode_takes_forms(tmp_path: Path) -> None:
    """Everywhere else a body has the size of JSON, and a form is no JSON."""
    async with lab(tmp_path, limits=Limits(body_bytes=1000)) as it:
        assert (await it.client.request("POST", BLANK, form(), FORM)).status == 413
        assert (await it.client.request("POST", BARCODE, form())).status == 413
        assert (await it.client.request("POST", BLANK, form(b"small"), FORM)).json()["code"] == -2113


async def test_a_form_has_a_limit_too(tmp_path: Path) -> None:
    """A picture beyond the limit of pictures is 413, announced or not."""
    async with lab(tmp_path, limits=Limits(upload_bytes=2000)) as it:
        big = form(b"x" * 3000)
        assert (await it.client.request("POST", BARCODE, big, FORM)).status == 413
        assert (await it.client.request("POST", BARCODE, big, FORM | {"Transfer-Encoding": "chunked"})).status == 413


def test_few_pictures_at_a_time(tmp_path: Path) -> None:
    """While as many pictures as may be are on their way, one more is 503 with Retry-After; afterwards there is room again."""

    async def main() -> None:
        devices = host()
        async with lab(tmp_path, devices, limits=Limits(uploads=1)) as it:
            devices.gate = trio.Event()
            first: list[Reply] = []

            async def send() -> None:
                first.append(await it.client.request("POST", BARCODE, form(), FORM))

            async with trio.open_nursery() as nursery:
                nursery.start_soon(send)
                await trio.sleep(1)
                reply = await it.client.request("POST", BARCODE, form(), FORM)
                assert (reply.status, reply.json()["code"]) == (503, -2007)
                assert reply.headers["Retry-After"]
                devices.gate.set()
            assert first[0].status == 200
            assert (await it.client.request("POST", BARCODE, form(), FORM)).status == 200

    run(main, clock=Jumper())


def test_few_pages_at_a_time(tmp_path: Path) -> None:
    """Beyond the limit of pages that are looked at one gets 503; a client that leaves makes room."""

    async def main() -> None:
        devices = host()
        async with lab(tmp_path, devices, limits=Limits(processing=1)) as it:
            url = await source(it)
            devices.gate = trio.Event()
            gone = trio.Event()
            async with trio.open_nursery() as nursery:
                nursery.start_soon(lambda: it.client.request("POST", BLANK, {"source": url}, gone=gone))
                await trio.sleep(1)
                assert (await it.client.request("POST", BARCODE, {"source": url})).status == 503
                gone.set()
            devices.gate.set()
            assert it.service.processing == 0
            assert (await it.client.request("POST", BARCODE, {"source": url})).status == 200

    run(main, clock=Jumper())


@pytest.mark.parametrize(
    ("settings", "height", "blank"),
    [
        (None, 25, False),
        (None, 35, True),
        ({}, 25, False),
        ({"minBlockHeight": 30, "maxBlockHeight": "40"}, 25, True),
        ({"minBlockHeight": 30, "maxBlockHeight": "40"}, 35, False),
        ({"minBlockHeight": 25}, 24, True),
        ({"minBlockHeight": 25, "maxBlockHeight": 25, "other": 1}, 25, False),
    ],
)
async def test_blank(settings: Any, height: int, blank: bool, tmp_path: Path) -> None:
    """Blank is what has no mark in the band of settings, 20 to 30 rows where they say nothing (rest-api.md 7.2, D-14)."""
    async with lab(tmp_path, host(png(marked(height)))) as it:
        reply = await it.client.request("POST", BLANK, {"source": await source(it), "settings": settings})
        assert (reply.status, reply.json()) == (200, {"result": blank})


@pytest.mark.parametrize(
    "settings",
    [
        {"minBlockHeight": 0},
        {"minBlockHeight": -1, "maxBlockHeight": 5},
        {"minBlockHeight": 31},
        {"minBlockHeight": 20, "maxBlockHeight": 19},
        {"maxBlockHeight": 0},
        {"minBlockHeight": "high"},
        {"minBlockHeight": True},
        {"minBlockHeight": 2.5},
        "20",
        [20, 30],
    ],
)
async def test_a_bad_band(settings: Any, tmp_path: Path) -> None:
    """0 < min <= max, in whole numbers, else 400 -2113, before the page is looked at."""
    devices = host(EMPTY)
    async with lab(tmp_path, devices) as it:
        reply = await it.client.request("POST", BLANK, {"source": await source(it), "settings": settings})
        assert (reply.status, reply.json()["code"]) == (400, -2113)
        assert devices.computed == []


@pytest.mark.parametrize("path", [BARCODE, BLANK])
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"source": 7},
        {"source": ""},
        {"source": "http://127.0.0.1/image.png"},
        {"source": "file:///etc/passwd"},
        {"source": "/api/device/scanners/jobs/00000000-0000-0000-0000-000000000000/next-page?page=000000000000"},
        b"{",
        b"[]",
    ],
)
async def test_bad_sources(path: str, body: Any, tmp_path: Path) -> None:
    """A source that is no page of a job here is 400 -2113, and nothing is looked at or fetched."""
    devices = host()
    async with lab(tmp_path, devices) as it:
        reply = await it.client.request("POST", path, body)
        assert (reply.status, reply.json()["code"]) == (400, -2113)
        assert devices.computed == []


@pytest.mark.parametrize("path", [BARCODE, BLANK])
async def test_pages_of_another_origin(path: str, tmp_path: Path) -> None:
    """The page of a job that another origin has made is 403 -2137."""
    async with lab(tmp_path, host(), allow_origin=("https://a.example", "https://b.example")) as it:
        ours, theirs = {"Origin": "https://a.example"}, {"Origin": "https://b.example"}
        reply = await it.client.request("POST", "/api/device/scanners/jobs", {}, ours)
        job = f"/api/device/scanners/jobs/{reply.json()['jobuid']}"
        url = (await it.client.get(f"{job}/next-page-info", headers=ours)).json()["url"]
        assert (await it.client.request("POST", path, {"source": url}, ours)).status == 200
        reply = await it.client.request("POST", path, {"source": url}, theirs)
        assert (reply.status, reply.json()["code"]) == (403, -2137)


@pytest.mark.parametrize(
    ("licence", "headers", "body", "barcode", "blank"),
    [
        ("ignore", {}, {}, 200, 200),
        ("require", {}, {}, 403, 200),
        ("require", {"DWT-PRODUCT-KEY": ""}, {}, 403, 200),
        ("require", {"DWT-PRODUCT-KEY": "k"}, {}, 200, 200),
        ("require", {"X-DICS-LICENSE-KEY": "k"}, {}, 200, 200),
        ("require", {}, {"license": "k"}, 200, 200),
        ("reject", {"DWT-PRODUCT-KEY": "k"}, {}, 403, 403),
    ],
)
async def test_licence(
    licence: str, headers: dict[str, str], body: dict[str, str], barcode: int, blank: int, tmp_path: Path
) -> None:
    """Barcodes need a licence where the service wants one, blank pages never; a service that rejects all rejects both (rest-api.md 1.3, 7)."""
    async with lab(tmp_path, host(), licence=licence) as it:
        job = "/api/device/scanners/jobs"
        if licence == "reject":
            url = "http://x/api/device/scanners/jobs/00000000-0000-0000-0000-000000000000/next-page?page=0"
        else:
            made = await it.client.request("POST", job, {}, {"DWT-PRODUCT-KEY": "k"})
            info = await it.client.get(f"{job}/{made.json()['jobuid']}/next-page-info")
            url = info.json()["url"]
        for path, status in ((BARCODE, barcode), (BLANK, blank)):
            reply = await it.client.request("POST", path, {"source": url} | body, headers)
            assert reply.status == status, path
            if status == 403:
                assert reply.json()["code"] == -2800
        reply = await it.client.request("POST", BARCODE, form(), FORM | headers)
        assert reply.status == (403 if body else barcode), "a form has no place for a licence"


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "HEAD"])
@pytest.mark.parametrize("path", [BARCODE, BLANK])
async def test_other_methods(path: str, method: str, tmp_path: Path) -> None:
    """Anything but POST is 405 with Allow."""
    async with lab(tmp_path) as it:
        reply = await it.client.request(method, path)
        assert (reply.status, reply.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize("name", ["rotate", "calculate-skew-angle", "", "read-barcode/x", "READ-BARCODE"])
async def test_other_operations(name: str, tmp_path: Path) -> None:
    """Operations that are no part of the contract are 404 -2113 (rest-api.md 2)."""
    async with lab(tmp_path) as it:
        reply = await it.client.request("POST", f"/api/process/{name}", {})
        assert (reply.status, reply.json()["code"]) == (404, -2113)


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(width: int, height: int, pixels: bytes) -> bytes:
    """A grey PNG whose header promises that many pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")


BOMBS = {
    "pixels": bomb(1 << 19, 1 << 19, b""),
    "more than are looked at": bomb(20_000, 10_000, b""),
    "decompression": bomb(100, 100, bytes(50_000_000)),
    "too little": bomb(1000, 1000, bytes(100)),
    "scans": jpeg(page(shape=(64, 64)))[:-2] + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" * 200 + b"\xff\xd9",
    "another type": b"GIF89a" + bytes(100),
    "cut": CODED[: len(CODED) // 2],
}


@pytest.mark.parametrize("picture", BOMBS.values(), ids=list(BOMBS))
async def test_bombs(picture: bytes, tmp_path: Path) -> None:
    """Bombs of pixels and of deflate, files that are cut, and other types are 400 -2113 in a form; as a page, too; the next request is answered."""
    async with lab(tmp_path, host(picture)) as it:
        url = await source(it)
        replies = [
            await it.client.request("POST", BARCODE, form(picture), FORM),
            await it.client.request("POST", BARCODE, {"source": url}),
            await it.client.request("POST", BLANK, {"source": url}),
        ]
        assert {(reply.status, reply.json()["code"]) for reply in replies} == {(400, -2113)}
        assert texts(await it.client.request("POST", BARCODE, form(), FORM))


@pytest.mark.parametrize("code", [Code.INTERNAL, Code.TIMED_OUT])
async def test_a_codec_process_that_dies(code: Code, tmp_path: Path) -> None:
    """A process that dies over a picture, or takes too long, is a typed error, and the next request is answered."""
    devices = host()
    async with lab(tmp_path, devices) as it:
        url = await source(it)
        devices.compute_error = DeviceError(code, "secret words")
        for path in (BARCODE, BLANK):
            reply = await it.client.request("POST", path, {"source": url})
            assert (reply.status, reply.json()["code"]) == (500, -1001)
            assert "secret" not in reply.json()["message"]
        devices.compute_error = None
        assert (await it.client.request("POST", BLANK, {"source": url})).status == 200
        assert it.service.processing == 0


async def test_what_is_asked_of_the_codec_process(tmp_path: Path) -> None:
    """The functions are named by us alone, and get plain values."""
    devices = host()
    async with lab(tmp_path, devices) as it:
        url = await source(it)
        await it.client.request("POST", BARCODE, {"source": url, "settings": {"barcodeFormatIds": 2}})
        await it.client.request("POST", BLANK, {"source": url})
        assert devices.computed == [
            (READ_BARCODES, ("coverage", [2], 0)),
            (CHECK_BLANK, (20, 30)),
        ]
