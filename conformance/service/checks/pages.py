"""Pages: their types, what is said of them, and the addresses under which they are (rest-api.md 5.7)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from conformance.outcomes import Untestable
from conformance.requirements.rest.facts import BLACK_AND_WHITE
from conformance.service.checks.cursors import first_info
from conformance.service.checks.registry import check
from conformance.service.desk import Desk, short
from conformance.service.job import END, Job, info_of
from conformance.service.pictures import JPEG, PNG, Picture, look
from conformance.service.rest_client import Reply

UID = re.compile(r"[0-9a-f]{12}")
NO_PAGE = "fffffffffff0"
SHEETS = 2
NO_JPEG = -1073


def picture(desk: Desk, reply: Reply, media_type: str, point: str) -> Picture:
    """The picture in *reply*, which must be what it is called and whole."""
    desk.status(reply, 200, point=point)
    found = look(reply.body)
    desk.require(found is not None, f"{reply}: {reply.content_type}, and the body is {short(reply.body)}", point)
    assert found is not None
    called = reply.content_type
    desk.require(called == found.media_type, f"{reply}: called {called!r}, and it is {found}", point)
    desk.require(called == media_type, f"{reply}: {called!r} instead of {media_type}", point)
    desk.require(found.whole, f"{reply}: {found} has no end", point)
    return found


@check("REST-58")
async def types(desk: Desk) -> None:
    """PNG unless it is asked for otherwise."""
    for query, media_type in (("", PNG), (f"?type={PNG}", PNG), (f"?type={JPEG}", JPEG)):
        job = await desk.ended()
        picture(desk, await job.page(query), media_type, media_type if query else "default")
        await job.delete()


@check("REST-59")
async def other_types(desk: Desk) -> None:
    """A page is no PDF."""
    job = await desk.ended()
    for media_type in ("application/pdf", "image/tiff", "png"):
        reply = await job.page(f"?type={media_type}")
        desk.refused(reply, 400, -2113, point="type", why=f"for type={media_type}")


@check("REST-60")
async def one_bit(desk: Desk) -> None:
    """What has one bit is no JPEG."""
    job = await desk.ended(config={"PixelType": BLACK_AND_WHITE})
    depth = _image_info(await job.info()).get("BitsPerPixel")
    reply = await job.page(f"?type={JPEG}")
    if reply.status >= 400:
        desk.require(reply.code == NO_JPEG, f"{reply} for a JPEG of a page of one bit", "refusal")
        return
    desk.status(reply, 200, point="status", why="for a JPEG of a page of one bit")
    found = look(reply.body)
    desk.require(found is not None, f"{reply}: the body is {short(reply.body)}", "body")
    assert found is not None
    called = reply.content_type
    desk.require(called == found.media_type, f"{reply}: called {called!r}, and it is {found}", "type")
    desk.require(
        found.media_type != JPEG or depth not in {None, 1},
        f"{reply}: a page of {depth} bit is sent as JPEG",
        "JPEG",
    )


def _image_info(reply: Reply) -> dict[str, object]:
    found = info_of(reply).get("imageInfo")
    return found if isinstance(found, dict) else {}


@check("REST-61")
async def form_of_info(desk: Desk) -> None:
    """An object, or an array with one."""
    job = await desk.ended()
    reply = desk.status(await job.info(), 200, point="status")
    found = info_of(reply)
    desk.require(found, f"{reply}: {short(reply.body)} is neither an object nor an array with one", "form")
    desk.note(f"D-01: next-page-info is an {'array' if isinstance(reply.json, list) else 'object'}")
    for key in ("imageuid", "url"):
        value = found.get(key)
        desk.require(isinstance(value, str) and value, f"{reply}: {key} is {value!r}", key)


@check("REST-62")
async def size_in_info(desk: Desk) -> None:
    """What is said of a page is true of it."""
    job = await desk.ended()
    said = await job.info()
    about = _image_info(desk.prerequisite(said, 200))
    desk.require(about, f"{said}: imageInfo is {info_of(said).get('imageInfo')!r}", "imageInfo")
    page = picture(desk, await job.page(), PNG, "page")
    samples = 3 if page.colour else 1
    wanted = {"ImageWidth": page.width, "ImageLength": page.height, "BitsPerPixel": page.bits * samples}
    for key, value in wanted.items():
        desk.require(about.get(key) == value, f"{said}: {key} is {about.get(key)!r}, and the page is {page}", key)
    dpi = about.get("XResolution")
    desk.require(isinstance(dpi, int | float) and dpi > 0, f"{said}: XResolution is {dpi!r}", "XResolution")
    if page.dpi and isinstance(dpi, int | float):
        desk.require(abs(dpi - page.dpi) <= 1, f"{said}: XResolution is {dpi}, the page's own {page.dpi:.0f}", "dpi")
    _frame(desk, said, about, page)


def _frame(desk: Desk, said: Reply, about: Mapping[str, Any], page: Picture) -> None:
    """Where a frame is told, it has the page's size in inches."""
    layout = about.get("ImageLayout")
    frame = layout.get("Frame") if isinstance(layout, dict) else None
    edges = [frame.get(key) for key in ("Left", "Top", "Right", "Bottom")] if isinstance(frame, dict) else []
    across, down = about.get("XResolution"), about.get("YResolution", about.get("XResolution"))
    if len(edges) < 4 or not all(isinstance(item, int | float) for item in (*edges, across, down)):
        return
    left, top, right, bottom = (float(item or 0) for item in edges)
    for what, length, dpi, wanted in (
        ("wide", right - left, across, page.width),
        ("high", bottom - top, down, page.height),
    ):
        pixels = length * float(dpi or 0)
        desk.require(
            abs(pixels - wanted) <= 2,
            f"{said}: the frame {edges} is {pixels:.0f} pixels {what}, the page {page}",
            "frame",
        )


@check("REST-63")
async def address(desk: Desk) -> None:
    """``url`` is where the client is, under the name that the client uses."""
    place = desk.place
    hosts = [place.host]
    name, _, port = place.host.rpartition(":")
    if name == "127.0.0.1":
        hosts.append(f"localhost:{port}")
    for host in hosts:
        job = await desk.ended()
        reply = await job.ask("GET", "/next-page-info", fields={"Host": host})
        if host != place.host and reply.status >= 400:
            return  # whether it takes the name is the subject of WIRE-10
        url = info_of(desk.prerequisite(reply, 200)).get("url")
        desk.require(isinstance(url, str), f"{reply}: url is {url!r}", "url")
        parts = urlsplit(str(url))
        here = (parts.scheme, parts.netloc) == (place.scheme, host)
        desk.require(here, f"{reply} under {place.scheme}://{host}: url is {url}", "address")
        root = desk.rest.root
        desk.require(parts.path.startswith(f"{root}/"), f"{reply}: url is {url}", "path")
        query = f"?{parts.query}" if parts.query else ""
        page = await desk.rest.ask("GET", parts.path.removeprefix(root) + query)
        picture(desk, page, PNG, "leads nowhere")
        await job.delete()


@check("REST-64")
async def by_index(desk: Desk) -> None:
    """The page with the index 0 is the first, every time."""
    job = await desk.ended()
    for _ in range(2):
        reply = await job.content(f"?type={PNG}&page=0")
        picture(desk, reply, PNG, "index 0")
    first = await job.page()
    desk.require(first.status == 200, f"{first} after content?page=0: content moved the cursor", "cursor")
    desk.require(first.body == reply.body, f"{reply} is another page than the first of next-page", "another page")
    await _second_page(desk)


async def _second_page(desk: Desk) -> None:
    """With a second page, if the feeder has one, index 1 is that one."""
    if desk.facts.feeder is None:
        return
    job = await desk.from_feeder(SHEETS, config={"XferCount": SHEETS})
    desk.prerequisite(await job.patch("running"), 200)
    await job.end()
    *pages, _ = await job.rest_of_pages()
    for index, page in enumerate(pages):
        reply = await job.content(f"?type={PNG}&page={index}")
        desk.status(reply, 200, point=f"index {index}")
        same = reply.body == page.body
        desk.require(same, f"content?page={index} is not what next-page gave as page {index + 1}", "order")


@check("REST-65")
async def names_of_the_index(desk: Desk) -> None:
    """``page`` and ``pages``, index and UID."""
    job = await desk.ended()
    uid = await first_info(desk, job)
    for query in ("page=0", "pages=0", f"page={uid}"):
        reply = await job.content(f"?type={PNG}&{query}")
        point = query.partition("=")[0] if "=0" in query and len(query) < 8 else "UID"
        desk.status(reply, 200, point=point, why=f"for {query.partition('=')[0]} as {point}")


@check("REST-66")
async def no_such_index(desk: Desk) -> None:
    """Beyond the last there is nothing, and before the first neither."""
    job = await desk.ended()
    reply = await job.content(f"?type={PNG}&page=999")
    desk.status(reply, 204, 404, point="beyond", why="for page 999")
    for index in ("-1", "first"):
        reply = await job.content(f"?type={PNG}&page={index}")
        desk.status(reply, 400, point=index, why=f"for page={index}")


@check("REST-67")
async def unknown_page(desk: Desk) -> None:
    """A UID that no page has gives nothing and moves nothing."""
    job = await desk.ended()
    desk.refused(await job.page(f"?page={NO_PAGE}"), 404, -1034, point="UID")
    desk.status(await job.page(), 200, point="cursor", why="after a call for a page that is none")


@check("REST-68")
async def uids(desk: Desk) -> None:
    """Twelve digits, each time others."""
    seen: dict[str, str] = {}

    def take(uid: object, of: str) -> None:
        fits = isinstance(uid, str) and UID.fullmatch(uid)
        desk.require(fits, f"the UID of {of} is {uid!r}", "form")
        desk.require(str(uid) not in seen, f"{of} has the UID {uid}, as {seen.get(str(uid))} has", "same")
        seen[str(uid)] = of

    for number in (1, 2):
        job = await desk.ended()
        take(await first_info(desk, job), f"page {number}")
        if "documents" not in desk.facts.missing:
            take((await desk.document()).rpartition("/")[2], f"document {number}")
        await job.delete()


@check("REST-69", feeder_sheets=2 * SHEETS)
async def count(desk: Desk) -> None:
    """One page, though there is more paper."""
    pages = [len(await _one_page(desk)), len(await _one_page(desk))]
    if 0 in pages:
        desk.too_little_paper(2 * SHEETS)
    desk.require(pages[0] == 1, f"with XferCount 1 the feeder gave {pages[0]} pages", "count")


async def _one_page(desk: Desk) -> list[Reply]:
    job: Job = await desk.from_feeder(2 * SHEETS, config={"XferCount": 1})
    desk.prerequisite(await job.patch("running"), 200)
    *pages, end = await job.rest_of_pages()
    if end.status not in END:
        raise Untestable(f"{end} after {len(pages)} pages")
    await job.delete()
    return pages
