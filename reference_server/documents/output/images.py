"""Makes each page into an image for a file.

A JPEG page that goes into a PDF as JPEG is never touched; all others go through the codec process, one at a time, and wait in the spool until the file goes
out.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from device_protocol import JPEG
from device_protocol.vocabularies.rest_documents import AUTO_BILEVEL, AUTO_COLOUR, PDF, Coding
from reference_server.documents.output.jbig2 import embedded
from reference_server.documents.output.plan import Image
from reference_server.documents.output.wish import Wish
from reference_server.documents.reading import Reading
from reference_server.documents.records import PageEntry
from reference_server.documents.spool import Spool
from reference_server.host import Host

_CODE = "reference_server.processing.page_images:coded"


def coding_of(page: PageEntry, wish: Wish) -> Coding:
    """How *page* is to be coded."""
    if wish.coding is not None:
        return wish.coding
    return AUTO_BILEVEL[wish.media_type] if page.depth == 1 else AUTO_COLOUR


def untouched(page: PageEntry, wish: Wish) -> bool:
    """Whether *page* goes into the file as it is."""
    plain = page.media_type == JPEG and page.depth == 8 and page.channels in {1, 3}
    return plain and wish.media_type == PDF and coding_of(page, wish) is Coding.JPEG


async def make_images(
    reading: Reading, pages: Sequence[PageEntry], wish: Wish, host: Host, spool: Spool
) -> list[Image]:
    """The images of *pages*, in order.

    Raises:
        DamagedError: a page is.
        DeviceError: a page cannot be decoded.
        RestError: 507, there is no room for the spool.
    """
    return [
        _as_it_is(reading, page) if untouched(page, wish) else await _coded(reading, page, wish, host, spool)
        for page in pages
    ]


def _as_it_is(reading: Reading, page: PageEntry) -> Image:
    return Image(
        Coding.JPEG,
        page.width,
        page.height,
        page.channels,
        page.depth,
        (page.dpi_x, page.dpi_y),
        page.size,
        partial(reading.chunks, page),
    )


async def _coded(reading: Reading, page: PageEntry, wish: Wish, host: Host, spool: Spool) -> Image:
    coding = coding_of(page, wish)
    facts, data = await host.compute(_CODE, await reading.read(page), coding.value, wish.quality)
    if coding is Coding.JBIG2:
        data = embedded(facts["width"], facts["height"], data)
    record = await spool.add(data)
    return Image(
        coding,
        facts["width"],
        facts["height"],
        facts["channels"],
        facts["bits"],
        (page.dpi_x, page.dpi_y),
        len(data),
        partial(spool.chunks, record),
        tuple(facts.get("sampling", (1, 1))),
        facts.get("ycc", True),
    )
