"""Reading pages to their end: what every caller would write again."""

from __future__ import annotations

from collections.abc import AsyncIterator

from device_protocol.aio.interfaces import Job, Page
from device_protocol.pages import PageEnd

STRIP = 1 << 20


async def read_all(page: Page, max_bytes: int = STRIP) -> tuple[bytes, PageEnd]:
    """All bytes of *page*, and what is known at its end.

    Raises:
        DeviceError: what ended the page.
    """
    strips: list[bytes] = []
    while strip := await page.read(max_bytes):
        strips.append(strip)
    return b"".join(strips), await page.end()


async def pages_of(job: Job) -> AsyncIterator[Page]:
    """The pages of *job* one after the other; each is ended when the next is asked for."""
    while (page := await job.next_page()) is not None:
        yield page
        await page.end()
