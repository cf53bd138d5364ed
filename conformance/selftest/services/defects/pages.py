"""Defects of pages and of what is told about them (REST-58 to REST-69)."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from PIL import Image

from conformance.selftest.services.around import JOB, JOBS, Asked, Reply, asks, meets, replies, says
from conformance.selftest.services.defects.defect import rebuilt, wrapped
from conformance.selftest.services.proof import create, get, wait
from reference_server.jobs.registry import JobRegistry

IMAGES = f"{JOB}/(next-page|content)"
INFO = f"{JOB}/next-page-info"
CONTENT = f"{JOB}/content"


class ShortUids(JobRegistry):
    """Calls pages by eight digits."""

    def __init__(self, shop: Any, *rest: Any) -> None:
        make: Callable[[], str] = shop.page_uid
        super().__init__(replace(shop, page_uid=lambda: make()[4:]), *rest)


def _jpeg_is_png(reply: Reply) -> Reply:
    return reply.but(content_type="image/png") if reply.headers.get("content-type") == "image/jpeg" else reply


def _without(asked: Asked, *keys: str) -> dict[str, str]:
    return {key: value for key, value in asked.query.items() if key not in keys}


async def _no_type(asked: Asked) -> Reply:
    known = asked.query.get("type", "").lower() in {"", "image/png", "image/jpeg"}
    return await asked.pass_on(query=_without(asked, "type") if known else None)


async def _bad_type(asked: Asked) -> Reply:
    known = asked.query.get("type", "").lower() in {"", "image/png", "image/jpeg"}
    return await asked.pass_on(query=None if known else _without(asked, "type"))


async def _one_bit_jpeg(asked: Asked) -> Reply:
    reply = await asked.pass_on()
    if asked.query.get("type") != "image/jpeg" or reply.headers.get("content-type") != "image/png":
        return reply
    made = io.BytesIO()
    Image.open(io.BytesIO(reply.body)).convert("L").save(made, "JPEG")
    return reply.with_body(made.getvalue(), "image/jpeg")


def _other_size(info: dict[str, Any]) -> dict[str, Any]:
    image = info["imageInfo"]
    other = {"ImageWidth": image["ImageLength"], "ImageLength": image["ImageWidth"]}
    return info | {"imageInfo": image | other}


def _shifted_frame(info: dict[str, Any]) -> dict[str, Any]:
    image = info["imageInfo"]
    frame = image["ImageLayout"]["Frame"] | {"Top": 1.0}
    return info | {"imageInfo": image | {"ImageLayout": image["ImageLayout"] | {"Frame": frame}}}


def _other_host(info: dict[str, Any]) -> dict[str, Any]:
    return info | {"url": urlsplit(info["url"])._replace(netloc="scanner.example:18622").geturl()}


def _page(asked: Asked, edit: Callable[[str], str]) -> dict[str, str]:
    return {key: edit(value) if key in {"page", "pages"} else value for key, value in asked.query.items()}


async def _from_one(asked: Asked) -> Reply:
    wanted = asked.query.get("page", asked.query.get("pages", ""))
    if wanted == "0":
        return Reply(204)
    return await asked.pass_on(
        query=_page(asked, lambda text: str(int(text) - 1) if text.isdigit() and len(text) < 12 else text)
    )


async def _page_only(asked: Asked) -> Reply:
    return await asked.pass_on(query=_without(asked, "pages"))


async def _count_back(asked: Asked) -> Reply:
    reply = await asked.pass_on()
    wanted = asked.query.get("page", asked.query.get("pages", ""))
    return await _last(asked) if reply.status == 400 and wanted.startswith("-") else reply


async def _beyond(asked: Asked) -> Reply:
    reply = await asked.pass_on()
    return await _last(asked) if reply.status == 204 else reply


async def _last(asked: Asked) -> Reply:
    """The last page that is there."""
    found = Reply(204)
    for index in range(100):
        reply = await asked.pass_on(query=_page(asked, lambda _text, index=index: str(index)))  # type: ignore[misc]  # bound now
        if reply.status != 200:
            break
        found = reply
    return found


async def _next_instead(asked: Asked) -> Reply:
    reply = await asked.pass_on()
    missed = reply.status == 404 and "page" in asked.query and b"page" in reply.body
    return await asked.pass_on(query=_without(asked, "page")) if missed else reply


def _no_count(wish: dict[str, Any]) -> dict[str, Any]:
    config = wish.get("config")
    if not isinstance(config, dict):
        return wish
    return wish | {"config": {key: value for key, value in config.items() if key.lower() != "xfercount"}}


DEFECTS = (
    wrapped(
        "jpeg-called-png",
        "REST-58",
        "Calls a JPEG a PNG.",
        replies("GET", IMAGES, _jpeg_is_png),
        create(),
        get("job/next-page?type=image/jpeg"),
    ),
    wrapped(
        "type-is-ignored",
        "REST-58",
        "Gives a PNG to who asks for a JPEG.",
        meets("GET", IMAGES, _no_type),
        create(),
        get("job/next-page?type=image/jpeg"),
    ),
    wrapped(
        "bad-type-is-png",
        "REST-59",
        "Gives a PNG to who asks for a type that it does not know.",
        meets("GET", f"{JOB}/next-page", _bad_type),
        create(),
        get("job/next-page?type=image/tiff"),
    ),
    wrapped(
        "one-bit-jpeg",
        "REST-60",
        "Makes a JPEG of a page of one bit.",
        meets("GET", IMAGES, _one_bit_jpeg),
        create(config={"PixelType": 0}),
        get("job/next-page?type=image/jpeg"),
    ),
    wrapped(
        "info-without-url",
        "REST-61",
        "Does not say where a page is.",
        says("GET", INFO, lambda it: {key: value for key, value in it.items() if key != "url"}),
        create(),
        get("job/next-page-info"),
    ),
    wrapped(
        "info-of-another-size",
        "REST-62",
        "Takes the width of a page for its height.",
        says("GET", INFO, _other_size),
        create(),
        get("job/next-page-info"),
    ),
    wrapped(
        "frame-begins-below",
        "REST-62",
        "Tells of a frame that is an inch less high than the page.",
        says("GET", INFO, _shifted_frame),
        create(),
        get("job/next-page-info"),
    ),
    wrapped(
        "url-with-a-host-of-its-own",
        "REST-63",
        "Gives addresses of pages with the name that it has for itself.",
        says("GET", INFO, _other_host),
        create(),
        get("job/next-page-info"),
    ),
    wrapped(
        "content-counts-from-one",
        "REST-64",
        "Counts pages from 1.",
        meets("GET", CONTENT, _from_one),
        create(),
        wait(30),
        get("job/content?type=image/png&page=1"),
    ),
    wrapped(
        "page-only",
        "REST-65",
        "Does not take `pages` for `page`.",
        meets("GET", CONTENT, _page_only),
        create(),
        wait(30),
        get("job/content?type=image/png&pages=1"),
    ),
    wrapped(
        "negative-index-counts-back",
        "REST-66",
        "Gives the last page under the index -1.",
        meets("GET", CONTENT, _count_back),
        create(),
        wait(30),
        get("job/content?type=image/png&page=-1"),
    ),
    wrapped(
        "index-beyond-is-the-last",
        "REST-66",
        "Gives the last page under every index beyond it.",
        meets("GET", CONTENT, _beyond),
        create(),
        wait(30),
        get("job/content?type=image/png&page=99"),
    ),
    wrapped(
        "unknown-page-is-the-next",
        "REST-67",
        "Gives the next page where a UID is not known.",
        meets("GET", f"{JOB}/next-page", _next_instead),
        create(),
        wait(30),
        get("job/next-page?page=0123456789ab"),
    ),
    rebuilt(
        "short-uids",
        "REST-68",
        "Calls pages by eight digits.",
        create(),
        get("job/next-page-info"),
        registry=ShortUids,
    ),
    wrapped(
        "count-is-ignored",
        "REST-69",
        "Feeds the whole stack where one page was wanted.",
        asks("POST", JOBS, _no_count),
        create(config={"XferCount": 1}),
        wait(30),
        *(get("job/next-page") for _ in range(2)),
    ),
)
