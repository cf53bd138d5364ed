"""``next-page``, ``next-page-info`` and ``content``: the pages of a job (rest-api.md 5.7)."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from functools import partial

import structlog

from device_protocol import JPEG, PNG
from device_protocol.vocabularies.rest import RestCode
from reference_server.endpoints.call import Call, json_answer
from reference_server.errors import RestError, bad_parameter, overloaded, system_error, unknown_page
from reference_server.jobs.job import Job
from reference_server.jobs.states import Request, admit
from reference_server.pages.buffer import CHUNK, StoredPage
from reference_server.pages.cursors import Lease
from reference_server.pages.info import page_info
from reference_server.pages.spill import SpillError
from reference_server.uids import PAGE_UID
from reference_server.wire.delivery import Answer

log = structlog.get_logger("pages")

TYPES = (PNG, JPEG)
NO_STORE = {"Cache-Control": "no-store"}
SPINNING = 50
"""So many ends of pages in a row mean that a client does not know this end (rest-api.md 9); the log says so then, and at each doubling."""


async def next_page(call: Call) -> Answer:
    """GET next-page: waits for the next page that was not read yet; with ``page`` gives that one at once."""
    job = call.job()
    media_type = _type(call)
    uid = call.exchange.query.get("page")
    if uid is not None:
        admit(Request.NEXT, job.state)
        page = job.pages.get(uid)
        if page is None:
            raise unknown_page()
        return await page_image(call, job, page, media_type)
    return await take_page(call, job, media_type) or _end(call, job)


async def take_page(call: Call, job: Job, media_type: str) -> Answer | None:
    """The next page that was not read yet, once there is one; None after the last.

    Raises:
        RestError: 409 and 410 for the job's state, 503 when too many wait or the service is going down.
    """
    admit(Request.NEXT, job.state)
    with _poll(call, job):
        lease = await job.images.claim(media_type)
    admit(Request.NEXT, job.state)  # 410, if it was deleted meanwhile
    if lease is None:
        _not_the_end_of_all(call)
        return None
    with _put_back(lease):
        answer = await page_image(call, job, job.pages.list[lease.index], media_type)
    answer.lease, answer.served = lease, partial(_served, job, job.pages.list[lease.index], media_type)
    return answer


async def next_page_info(call: Call) -> Answer:
    """GET next-page-info: the same with a cursor of its own, and words instead of an image."""
    job = call.job()
    admit(Request.NEXT, job.state)
    with _poll(call, job):
        lease = await job.infos.claim()
    admit(Request.NEXT, job.state)
    if lease is None:
        _not_the_end_of_all(call)
        return _end(call, job)
    with _put_back(lease):
        info = page_info(job, job.pages.list[lease.index], call.exchange.base_url)
        array = call.service.rules.page_info_is_array  # D-01
        answer = json_answer([info] if array else info, headers=NO_STORE)
    answer.lease = lease
    return answer


async def content(call: Call) -> Answer:
    """GET content: any page by UID or index; never waits."""
    job = call.job()
    query = call.exchange.query
    loose = call.service.rules.content_takes_pages  # D-06
    if not loose and not query.get("type"):
        raise bad_parameter(f"type: one of {', '.join(TYPES)}.")
    media_type = _type(call)
    text = query.get("page", query.get("pages") if loose else None)
    if text is None:
        raise bad_parameter("page: which one?")
    page = job.pages.get(text) if loose else None  # before an index: a UID can be all digits (rest-api.md 1.7)
    index = _index(text, uids=loose) if page is None else page.index
    admit(Request.CONTENT, job.state)
    if page is None:
        if index >= len(job.pages):
            return Answer(204)
        page = job.pages.list[index]
    return await page_image(call, job, page, media_type)


async def page_image(call: Call, job: Job, page: StoredPage, media_type: str) -> Answer:
    """*page* as *media_type*; a 1-bit page stays PNG, since JPEG cannot hold it (-1073)."""
    if page.end.params.depth == 1:
        media_type = PNG
    try:
        if media_type == page.media_type:
            return Answer(200, job.pages.chunks(page), page.size, media_type, NO_STORE)
        data = await _variant(call, job, page, media_type)
    except SpillError as error:
        log.warning("a page cannot be read", job=job.uid, page=page.uid, message=str(error))
        raise RestError(500, RestCode.FAILURE, str(error), cause=system_error(error)) from None
    return Answer(200, _slices(data), len(data), media_type, NO_STORE)


async def _variant(call: Call, job: Job, page: StoredPage, media_type: str) -> bytes:
    """*page* in another encoding than its master's."""
    service = call.service
    data = service.buffer.variant(page.uid, media_type)
    if data is None:
        master = await job.pages.read(page)
        data = await service.host.transcode(master, page.media_type, media_type, service.config.jpeg_quality)
        if not job.pages.closed:
            service.buffer.keep_variant(page.uid, media_type, data)
    return data


async def _slices(data: bytes) -> AsyncGenerator[bytes, None]:
    for start in range(0, len(data), CHUNK):
        yield data[start : start + CHUNK]


def _served(job: Job, page: StoredPage, media_type: str) -> None:
    job.ends_told = 0
    job.taken(page)
    job.reader_served(media_type)


def _not_the_end_of_all(call: Call) -> None:
    """Tell the end of the pages from the end of the service.

    Raises:
        RestError: 503 when the service is going down, since then nobody knows how many there would have been.
    """
    if call.service.registry.closing:
        raise overloaded("The service is going down.")


def _end(call: Call, job: Job) -> Answer:
    """There are no more pages."""
    job.ends_told += 1
    turns, rest = divmod(job.ends_told, SPINNING)
    if rest == 0 and turns.bit_count() == 1:
        log.warning(
            "a client asks again and again after the end of the pages; --end-of-pages 410 may help", job=job.uid
        )
    if call.service.config.end_of_pages == 410:  # D-05
        raise RestError(410, RestCode.UNKNOWN_JOB, "There are no more pages.")
    return Answer(204)


@contextmanager
def _poll(call: Call, job: Job) -> Iterator[None]:
    """Count a request that waits for a page.

    Raises:
        RestError: 503 when too many wait already.
    """
    if call.service.registry.polls_full(job.uid):
        raise overloaded("Too many requests are waiting for a page.")
    job.polls += 1
    try:
        yield
    finally:
        job.polls -= 1


@contextmanager
def _put_back(lease: Lease) -> Iterator[None]:
    """Free the page, if no answer comes of it."""
    try:
        yield
    except BaseException:
        lease.put_back()
        raise


def _type(call: Call) -> str:
    text = call.exchange.query.get("type") or PNG
    if text.lower() not in TYPES:
        raise bad_parameter(f"type: one of {', '.join(TYPES)}.")
    return text.lower()


def _index(text: str, *, uids: bool) -> int:
    """What *text* means as an index, where *uids* says whether it might have been a UID."""
    if text.isascii() and text.isdigit():
        return int(text[:18])
    if uids and PAGE_UID.fullmatch(text.lower()):
        raise unknown_page()
    raise bad_parameter("page: an index from 0, or the UID of a page." if uids else "page: an index from 0.")
