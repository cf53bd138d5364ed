"""Defects of barcodes and blank pages (REST-89 to REST-92)."""

from __future__ import annotations

import struct
import zlib
from typing import Any

from conformance.selftest.services.around import Asked, Reply, error, meets, says
from conformance.selftest.services.defects.defect import wrapped
from conformance.selftest.services.defects.documents import SOURCE
from conformance.selftest.services.proof import Step, create, get, post

READ, BLANK = "/api/process/read-barcode", "/api/process/check-blank"
FORM = "multipart/form-data"
PAGE: tuple[Step, ...] = (create(), get("job/next-page-info"))
BOUNDARY = "zoo"


def png(width: int = 8, height: int = 8) -> bytes:
    """A white picture; larger ones than 64 x 64 say so and have no pixels."""
    rows = b"".join(b"\0" + b"\xff" * width for _ in range(height)) if width * height <= 4096 else b"\0"

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def send_picture(data: bytes) -> Step:
    """A picture in a form, as the .NET client sends it."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="stream"; filename="DynamicTWAIN.png"\r\n'
    body = head.encode() + b"Content-Type: image/png\r\n\r\n" + data + f"\r\n--{BOUNDARY}--\r\n".encode()
    return post(READ, body, Content_Type=f"{FORM}; boundary={BOUNDARY}")


def is_form(asked: Asked) -> bool:
    """Whether it is a form."""
    return asked.headers.get("content-type", "").startswith(FORM)


async def _no_forms(asked: Asked) -> Reply:
    return error(400, -2113, "No JSON.") if is_form(asked) else await asked.pass_on()


async def _fails(asked: Asked) -> Reply:
    reply = await asked.pass_on()
    return error(500, -1001, "Cannot decode.") if is_form(asked) and reply.status == 400 else reply


async def _sees_something(asked: Asked) -> Reply:
    reply = await asked.pass_on()
    found = is_form(asked) and reply.status == 200 and reply.json() == []
    return reply.with_json([{"barcodeText": "4006381333931", "barcodeFormat": 32}]) if found else reply


async def _any_heights(asked: Asked) -> Reply:
    reply = await asked.pass_on()
    wish = asked.json()
    return await asked.pass_on(body={"source": wish["source"]}) if reply.status == 400 and "settings" in wish else reply


async def _of_nothing(asked: Asked) -> Reply:
    reply = await asked.pass_on()
    settings: Any = asked.json().get("settings")
    return Reply(200).with_json({"result": True}) if reply.status == 400 and not settings else reply


DEFECTS = (
    wrapped(
        "barcodes-are-an-object",
        "REST-89",
        "Puts the list of barcodes into an object.",
        says("POST", READ, lambda it: {"results": it}),
        *PAGE,
        post(READ, {"source": SOURCE}),
    ),
    wrapped(
        "form-is-refused",
        "REST-90",
        "Takes no picture in a form.",
        meets("POST", READ, _no_forms),
        send_picture(png()),
    ),
    wrapped(
        "no-picture-is-500",
        "REST-90",
        "Fails over a form without a picture in it.",
        meets("POST", READ, _fails),
        send_picture(b"no picture"),
    ),
    wrapped(
        "white-has-a-barcode",
        "REST-90",
        "Finds a barcode where there is none.",
        meets("POST", READ, _sees_something),
        send_picture(png()),
    ),
    wrapped(
        "blank-is-a-text",
        "REST-91",
        "Says as a text whether a page is blank.",
        says("POST", BLANK, lambda it: {"result": str(it["result"]).lower()}),
        *PAGE,
        post(BLANK, {"source": SOURCE}),
    ),
    wrapped(
        "blank-takes-any-heights",
        "REST-92",
        "Looks with its own heights where those that it was given are none.",
        meets("POST", BLANK, _any_heights),
        *PAGE,
        post(BLANK, {"source": SOURCE, "settings": {"minBlockHeight": 0, "maxBlockHeight": 5}}),
    ),
    wrapped(
        "blank-of-nothing",
        "REST-92",
        "Calls a page blank that is not there.",
        meets("POST", BLANK, _of_nothing),
        post(BLANK, {"source": "http://127.0.0.1/nothing"}),
    ),
)
