"""Documents as files (rest-api.md 6.1)."""

from __future__ import annotations

from conformance.service.checks.documents import insert, page_source
from conformance.service.checks.pages import picture
from conformance.service.checks.registry import check
from conformance.service.desk import Desk
from conformance.service.pictures import JPEG, PDF, PNG, TIFF


async def one_page(desk: Desk) -> str:
    """A document of one page; its path."""
    document = await desk.document()
    source = await page_source(desk, await desk.ended())
    desk.prerequisite(await insert(desk, document, source), 200)
    return document


@check("REST-86")
async def types(desk: Desk) -> None:
    """A PDF, unless something else was asked for."""
    document = await one_page(desk)
    for query, media_type in (("", PDF), *((f"?type={name}", name) for name in (PDF, PNG, JPEG, TIFF))):
        reply = await desk.rest.ask("GET", f"{document}/content{query}")
        picture(desk, reply, media_type, media_type if query else "default")


@check("REST-87")
async def what_is_not_there(desk: Desk) -> None:
    """Neither another type nor another page."""
    document = await one_page(desk)
    for query, shown in (("?type=image/gif", "type"), ("?pages=7", "index"), ("?pages=0,7", "one of two")):
        reply = await desk.rest.ask("GET", f"{document}/content{query}")
        desk.status(reply, 400, 404, point=shown, why=f"for {query[1:]}")
