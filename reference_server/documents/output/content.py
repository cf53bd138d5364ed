"""The content of a document as one file (rest-api.md 6.1)."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from functools import partial

import trio

from device_protocol.vocabularies.rest import RestCode
from device_protocol.vocabularies.rest_documents import PDF
from reference_server.documents.document import page_finder
from reference_server.documents.output.images import make_images, untouched
from reference_server.documents.output.pdf import PdfWords, plan_pdf
from reference_server.documents.output.plan import Plan, Stream, chunks_of, size_of
from reference_server.documents.output.tiff import plan_tiff
from reference_server.documents.output.wish import Wish
from reference_server.documents.reading import Reading
from reference_server.documents.records import PageEntry
from reference_server.documents.store import Access, DocumentStore
from reference_server.errors import RestError, bad_parameter
from reference_server.host import Host
from reference_server.threads import in_thread

VERIFIED_BYTES = 16 << 20
"""Pages up to so many bytes together are looked through before the answer begins, so that damage in them is an error answer; beyond, the answer breaks off in
the middle. It costs 20 ms."""

_AS_TYPE = "reference_server.processing.page_images:as_type"


@dataclass(frozen=True, slots=True)
class Content:
    """A file on its way: its type, its length, its pieces. Ending the pieces gives everything back."""

    media_type: str
    size: int
    pieces: AsyncGenerator[bytes, None]


async def content_of(store: DocumentStore, access: Access, wish: Wish, host: Host) -> Content:
    """The file that *wish* asks for.

    Raises:
        RestError: 400, it cannot be made of this document; 404; 507, there is no room to make it.
        DamagedError: a page that is needed is damaged, as far as can be seen beforehand.
        DeviceError: a page cannot be decoded.
    """
    async with AsyncExitStack() as stack:
        reading = await store.reading(access)
        stack.push_async_callback(reading.close)
        pages = choose(reading.pages, wish)
        await reading.check(pages)
        plan = await _plan(store, stack, reading, pages, wish, host)
        known = [
            page for page in pages if untouched(page, wish) or (wish.one_page and page.media_type == wish.media_type)
        ]
        if sum(page.size for page in known) <= VERIFIED_BYTES:
            await reading.verify(known)
        return Content(wish.media_type, size_of(plan), _pieces(plan, stack.pop_all()))


def choose(pages: Sequence[PageEntry], wish: Wish) -> list[PageEntry]:
    """The pages that *wish* names, in its order.

    Raises:
        RestError: 400 -1035 for an empty document, 400 -2113 for a page that there is not or one too many.
    """
    if not pages:
        raise RestError(400, RestCode.NO_IMAGE, "The document has no pages yet.")
    if wish.pages is None:
        return list(pages[:1] if wish.one_page else pages)
    chosen, find = [], page_finder(pages)
    for name in wish.pages:
        page = find(name)
        if page is None:
            raise bad_parameter("pages: the document has no page with one of these UIDs or indices.")
        chosen.append(page)
    if wish.one_page and len(chosen) > 1:
        raise bad_parameter(f"pages: a file of type {wish.media_type} holds one page.")
    return chosen


async def _plan(
    store: DocumentStore, stack: AsyncExitStack, reading: Reading, pages: list[PageEntry], wish: Wish, host: Host
) -> Plan:
    if all(untouched(page, wish) for page in pages):
        return await _bound(reading, pages, wish, host, store, stack)
    if wish.one_page and pages[0].media_type == wish.media_type:
        return [Stream(pages[0].size, lambda: reading.chunks(pages[0]))]
    async with store.converting:
        if wish.one_page:
            _, data = await host.compute(_AS_TYPE, await reading.read(pages[0]), wish.media_type, wish.quality)
            return [data]
        return await _bound(reading, pages, wish, host, store, stack)


async def _bound(
    reading: Reading, pages: list[PageEntry], wish: Wish, host: Host, store: DocumentStore, stack: AsyncExitStack
) -> Plan:
    """All pages in one file."""
    spool = store.spool()
    stack.push_async_callback(spool.close)
    images = await make_images(reading, pages, wish, host, spool)
    if wish.media_type != PDF:
        return await in_thread(partial(plan_tiff, images))
    seed = " ".join([reading.uid, *(page.uid for page in pages)])
    words = PdfWords(wish.version, wish.information, wish.paper, wish.password, seed)
    return await in_thread(partial(plan_pdf, images, words))


async def _pieces(plan: Plan, resources: AsyncExitStack) -> AsyncGenerator[bytes, None]:
    try:
        async with aclosing(chunks_of(plan)) as pieces:
            async for piece in pieces:
                yield piece
    finally:
        with trio.CancelScope(shield=True):
            await resources.aclose()
