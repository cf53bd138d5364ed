"""Pictures that come in a form (rest-api.md 7.1), the bad ones among them."""

from __future__ import annotations

from conformance.service.checks.registry import check
from conformance.service.desk import Desk
from conformance.service.pictures import make_png
from conformance.service.rest_client import Reply

READ_BARCODE = "/api/process/read-barcode"
BOUNDARY = "flatbed-conformance-of-services"
KEYWORDS = ("coverage", "BestCoverage")
"""Two spellings of one thing (D-13)."""
HUGE = 60_000
"""Pixels of each side; at one bit that is 450 MB."""
ANSWER_S = 20.0


def form(picture: bytes, settings: str) -> bytes:
    """A form with settings and a file, as the .NET client sends it."""
    parts = (
        ('name="settings"', settings.encode()),
        ('name="stream"; filename="DynamicTWAIN.png"\r\nContent-Type: image/png', picture),
    )
    body = b"".join(
        f"--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + content + b"\r\n"
        for head, content in parts
    )
    return body + f"--{BOUNDARY}--\r\n".encode()


async def send(desk: Desk, picture: bytes, settings: str = KEYWORDS[0]) -> Reply:
    """POST the form."""
    key = {"DWT-PRODUCT-KEY": dict(desk.rest.fields).get("DWT-PRODUCT-KEY", "any-text")}
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    return await desk.rest.ask("POST", READ_BARCODE, form(picture, settings), key, content_type=kind, wait=ANSWER_S)


@check("REST-90")
async def forms(desk: Desk) -> None:
    """A picture is read, and what is none is refused."""
    for settings in KEYWORDS:
        reply = await send(desk, make_png(64, 64), settings)
        desk.note(f"D-13: {reply.status} for the settings {settings}")
        if reply.status == 200:
            break
    desk.status(reply, 200, point="picture", why="for a picture in a form")
    found = desk.an_array(reply, "picture")
    desk.require(found == [], f"{reply}: a white picture has the barcodes {found!r}", "white")
    desk.status(await send(desk, b"no picture at all"), 400, 415, point="no picture", why="for what is no picture")


@check("REST-111")
async def bomb(desk: Desk) -> None:
    """The size that a picture claims is not taken on trust."""
    reply = await send(desk, make_png(HUGE, HUGE, really=(8, HUGE // 8)))
    desk.status(reply, 400, 413, 415, 422, point="bomb", why=f"for a picture that claims {HUGE} x {HUGE} pixels")
    after = await desk.rest.ask("GET", "/api/server/version")
    desk.status(after, 200, point="afterwards", why="after a picture that claimed to be huge")
