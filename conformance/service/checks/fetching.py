"""``source`` is a name and no address to fetch from (S-073)."""

from __future__ import annotations

from urllib.parse import urlsplit

import trio

from conformance.outcomes import NotApplicable
from conformance.service.checks.documents import insert, page_source
from conformance.service.checks.registry import check
from conformance.service.desk import Desk

READ_BARCODE = "/api/process/read-barcode"
LATE_S = 0.3
"""A fetch that is made after the answer comes within this time."""


@check("REST-110")
async def never_fetched(desk: Desk) -> None:
    """Whatever address is given, nobody comes there."""
    if desk.place.open_trap is None:
        raise NotApplicable("there is no address here that the service could reach")
    parts = urlsplit(await page_source(desk, await desk.ended()))
    document = await desk.document()
    async with desk.place.open_trap() as trap:
        there = f"{trap.url}{parts.path}?{parts.query}"
        reply = await insert(desk, document, there)
        desk.require(not trap.touched, f"{reply}: the source was fetched", "page fetched")
        desk.status(reply, 200, 400, point="page", why="for a page of a job at another host")
        for source in (f"{trap.url}/page.png", f"{trap.url}/api/device/scanners/jobs", "file:///etc/hostname"):
            reply = await insert(desk, document, source)
            desk.status(reply, 400, point="no page", why=f"for a source at {urlsplit(source).path}")
        if "read-barcode" not in desk.facts.missing:
            key = {"DWT-PRODUCT-KEY": dict(desk.rest.fields).get("DWT-PRODUCT-KEY", "any-text")}
            reply = await desk.rest.ask("POST", READ_BARCODE, {"source": f"{trap.url}/code.png"}, key)
            desk.status(reply, 400, point="no barcode", why="for a source that is no page of a job")
        await trio.sleep(LATE_S)
        desk.require(not trap.touched, "a source was fetched", "fetched")
