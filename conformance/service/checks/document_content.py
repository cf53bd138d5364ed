"""Documents as files (rest-api.md 6.1)."""

from __future__ import annotations

from conformance.service.checks.documents import insert, page_source
from conformance.service.checks.pages import picture
from conformance.service.checks.registry import check
from conformance.service.desk import Desk
from conformance.service.pictures import JPEG, PDF, PNG, TIFF
from conformance.service.rest_client import Reply
from sheets import DecodedImage, UnreadableImage, decode_image


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
    seen: dict[str, DecodedImage] = {}
    for query, media_type in (("", PDF), *((f"?type={name}", name) for name in (PDF, PNG, JPEG, TIFF))):
        reply = await desk.rest.ask("GET", f"{document}/content{query}")
        picture(desk, reply, media_type, media_type if query else "default")
        if media_type in {PNG, TIFF}:
            seen[media_type] = _decoded(desk, reply)
    png, tiff = seen[PNG], seen[TIFF]
    desk.require(
        png.pixels.shape[:2] == tiff.pixels.shape[:2],
        f"as PNG and as TIFF it is {png.pixels.shape} and {tiff.pixels.shape}",
        "size",
    )
    if png.dpi and tiff.dpi:
        near = all(abs(one - two) < 1 for one, two in zip(png.dpi, tiff.dpi, strict=True))
        desk.require(near, f"as PNG and as TIFF it has {png.dpi} and {tiff.dpi} dots per inch", "dpi")
    await _pages_of_a_pdf(desk)


def _decoded(desk: Desk, reply: Reply) -> DecodedImage:
    try:
        return decode_image(reply.body)
    except UnreadableImage as error:
        desk.broken(f"{reply}: {error}", "unreadable")


async def _pages_of_a_pdf(desk: Desk) -> None:
    """A document of two pages is a PDF of two, and both open."""
    import pypdfium2  # noqa: PLC0415  # slow to load, and only this check takes a PDF apart

    document = await desk.document()
    source = await page_source(desk, await desk.ended())
    for _ in range(2):
        desk.prerequisite(await insert(desk, document, source), 200)
    reply = desk.prerequisite(await desk.rest.ask("GET", f"{document}/content"), 200)
    try:
        with pypdfium2.PdfDocument(reply.body) as pdf:
            sizes = [pdf[index].get_size() for index in range(len(pdf))]
    except pypdfium2.PdfiumError as error:
        desk.broken(f"{reply}: a PDF of two pages does not open: {error}", "broken PDF")
    desk.require(
        len(sizes) == 2 and min(map(min, sizes)) > 1, f"{reply}: a document of two pages has the pages {sizes}", "pages"
    )


@check("REST-87")
async def what_is_not_there(desk: Desk) -> None:
    """Neither another type nor another page."""
    document = await one_page(desk)
    for query, shown in (("?type=image/gif", "type"), ("?pages=7", "index"), ("?pages=0,7", "one of two")):
        reply = await desk.rest.ask("GET", f"{document}/content{query}")
        desk.status(reply, 400, 404, point=shown, why=f"for {query[1:]}")
