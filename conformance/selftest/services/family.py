"""Legal but odd services: the suite must have nothing against them, neither failure nor warning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import trio

from conformance.selftest.services.around import (
    JOB,
    JOBS,
    JSON,
    SERVER,
    Around,
    Asked,
    Reply,
    asks,
    error,
    meets,
    replies,
    says,
    state_of,
)
from conformance.selftest.services.build import LEGAL, ON_THE_NETWORK, Build
from conformance.selftest.services.lines import EarlyHints, Http10, InPieces, without_lengths

HEAD = """
schema = 1
time = 4
"""
SCANNER = """
[[device]]
id = "{id}"
name = "Zoo {id}"
profile = "{profile}"
rest_type = {type}
"""


@dataclass(frozen=True)
class Legal:
    """A legal service.

    Attributes:
        what: what is odd about it, in a sentence.
        build: how to open it.
        shows: requirements on which that shows most.
        leaves: those with the level SHOULD that it leaves undone on purpose: only they may warn.
    """

    what: str
    build: Build
    shows: tuple[str, ...]
    leaves: tuple[str, ...] = ()


def _scanners(*machines: tuple[str, str, int]) -> Build:
    entries = (SCANNER.format(id=name, profile=profile, type=kind) for name, profile, kind in machines)
    return replace(LEGAL, devices=HEAD + "".join(entries))


def _missing(path: str) -> type[Around]:
    async def meet(_asked: Asked) -> Reply:
        return error(404, -2113, "There is nothing here.")

    return meets("", path, meet)


async def _slow(asked: Asked) -> Reply:
    await trio.sleep(0.5)
    return await asked.pass_on()


def _more_keys(value: Any) -> Any:
    if isinstance(value, list):
        return [_more_keys(item) for item in value]
    if isinstance(value, dict):
        return {"x-zoo": {"since": [19, 4]}, **{key: _more_keys(item) for key, item in value.items()}}
    return value


def _other_words(reply: Reply) -> Reply:
    found = reply.json() if reply.status >= 400 else None
    if not isinstance(found, dict):
        return reply
    return reply.with_json(found | {"message": "Ошибка №1.", "cause": {"code": 3, "message": "Zugriff verweigert"}})


def _charset(reply: Reply) -> Reply:
    plain = reply.headers.get("content-type") == JSON
    return reply.but(content_type="application/json; charset=utf-8") if plain else reply


async def _upper(asked: Asked) -> Reply:
    reply = await asked.pass_on()
    uid = str((reply.json() or {}).get("jobuid", ""))
    again = reply.with_body(reply.body.replace(uid.encode(), uid.upper().encode()))
    return again.but(location=again.headers["location"].replace(uid, uid.upper())) if reply.status == 201 else reply


async def _wrong_state_is_ignored(asked: Asked) -> Reply:
    reply = await asked.pass_on()
    return Reply(200).with_json({"status": await state_of(asked)}) if reply.status == 409 else reply


async def _one_bit_is_refused(asked: Asked) -> Reply:
    if asked.query.get("type") != "image/jpeg":
        return await asked.pass_on()
    reply = await asked.pass_on()
    return error(400, -1073, "Not as JPEG.") if reply.headers.get("content-type") == "image/png" else reply


async def _beyond_is_404(asked: Asked) -> Reply:
    reply = await asked.pass_on()
    beyond = (
        reply.status == 204 and await state_of(asked) == "completed"
    )  # else that page may still come, or would have come
    return error(404, -1034, "No such page.") if beyond else reply


MANY = (
    ("glass", "old-flatbed", 16),
    ("office", "office-combi", 64),
    ("sane", "flatbed", 256),
    ("net", "network-300-dpi", 512),
    ("pass", "sheet-fed-only", 32),
)

_CLOSING = replies("", ".*", lambda reply: reply.but(connection="close"))
_END = ("REST-40", "REST-52", "REST-104")
_PAGES = ("REST-58", "REST-63", "REST-64")
_ERRORS = ("REST-06", "REST-09", "REST-44", "WIRE-11")


def _legal(what: str, build: Build, *shows: str, leaves: tuple[str, ...] = ()) -> Legal:
    return Legal(what, build, shows, leaves)


FAMILY: Mapping[str, Legal] = {
    "plain": _legal("The reference service as it is.", LEGAL, "REST-01"),
    "no-feeder": _legal("Has a flatbed and nothing else.", _scanners(("glass", "flatbed", 64)), "REST-28", "REST-55"),
    "sane-only": _legal(
        "Has scanners of SANE, without settings.",
        _scanners(("glass", "flatbed", 256), ("feeder", "office-duplex-feeder", 256)),
        "REST-19",
        "REST-39",
    ),
    "feeder-only": _legal(
        "Has a scanner that only feeds.", _scanners(("feeder", "office-duplex-feeder", 64)), "REST-56", "REST-64"
    ),
    "slow-scanner": _legal(
        "Has a scanner that takes its time.", _scanners(("slow", "slow-flatbed", 64)), "REST-53", "REST-100"
    ),
    "many-scanners": _legal("Has five scanners, each of another sort.", _scanners(*MANY), "REST-20", "REST-28"),
    "strict": _legal(
        "Takes the published reference by its letter.",
        LEGAL.with_config(compat="strict"),
        "REST-11",
        "REST-36",
        "REST-61",
        "REST-65",
        "REST-90",
        leaves=("REST-11", "REST-65"),
    ),
    "ends-with-410": _legal("Ends pages with 410 (D-05).", LEGAL.with_config(end_of_pages=410), *_END),
    "asks-a-person": _legal(
        "Has somebody allow each job, which takes three seconds.", LEGAL.with_config(consent="ask:3"), "REST-26"
    ),
    "lets-an-origin-in": _legal(
        "Lets a page of the web in.", LEGAL.with_config(allow_origin=("https://app.example",)), "REST-97", "WIRE-13"
    ),
    "little-memory": _legal(
        "Keeps pages on disk, and makes JPEGs small.", LEGAL.with_config(jpeg_quality=40, buffer_bytes=100_000), *_PAGES
    ),
    "on-the-network": _legal(
        "Can be reached by other machines, and wants a token of them.", ON_THE_NETWORK, "WIRE-10", "WIRE-13"
    ),
    "no-legacy": _legal("Has no legacy API.", LEGAL.inside(_missing("/DWTAPI.*")), "REST-103", "REST-12"),
    "no-documents": _legal("Has no documents.", LEGAL.inside(_missing("/api/storage.*")), "REST-78", "REST-109"),
    "no-processing": _legal("Reads no barcodes.", LEGAL.inside(_missing("/api/process.*")), "REST-89", "REST-111"),
    "no-web-sockets": _legal(
        "Tells of no WebSocket.",
        LEGAL.inside(asks("POST", JOBS, lambda wish: {key: wish[key] for key in wish if key != "requireWebsocket"})),
        "REST-98",
        "WIRE-14",
    ),
    "other-address": _legal(
        "Is known by another name and port.",
        replace(LEGAL, authority="localhost:9000"),
        "REST-31",
        "REST-63",
        "REST-99",
    ),
    "slow": _legal("Takes half a second for each answer.", LEGAL.inside(meets("", ".*", _slow)), "REST-46", "REST-48"),
    "closes": _legal("Closes each connection after one answer.", LEGAL.inside(_CLOSING), "WIRE-16"),
    "http-1.0": _legal("Speaks HTTP/1.0.", replace(LEGAL.inside(_CLOSING), wire=Http10), *_PAGES),
    "early-hints": _legal("Sends 103 before each good answer.", replace(LEGAL, wire=EarlyHints), *_PAGES),
    "in-pieces": _legal("Sends everything in small pieces.", replace(LEGAL, wire=InPieces), *_PAGES),
    "chunked": _legal("Does not say how long its answers are.", LEGAL.inside(without_lengths), *_PAGES, "REST-15"),
    "more-headers": _legal(
        "Sends headers that nobody asked for.",
        LEGAL.inside(replies("", ".*", lambda it: it.but(server="zoo/1", x_frame_options="DENY"))),
        "REST-94",
    ),
    "more-keys": _legal(
        "Sends keys that nobody knows.",
        LEGAL.inside(says("", "/api/(server|device)/.*", _more_keys)),
        "REST-18",
        "REST-24",
        "REST-72",
    ),
    "other-words": _legal(
        "Has other words for its errors, in another language.",
        LEGAL.inside(replies("", "/api/.*", _other_words)),
        *_ERRORS,
    ),
    "charset": _legal("Says the charset of its JSON.", LEGAL.inside(replies("", ".*", _charset)), "REST-01", "REST-07"),
    "no-location": _legal(
        "Does not say where a new job is.",
        LEGAL.inside(replies("POST", JOBS, lambda it: it.but(location=None))),
        "REST-31",
    ),
    "upper-case-uids": _legal(
        "Writes UIDs of jobs in upper case.", LEGAL.inside(meets("POST", JOBS, _upper)), "REST-24", "REST-32", "REST-99"
    ),
    "wrong-state-is-ignored": _legal(
        "Ignores what does not fit the state of a job (D-03).",
        LEGAL.inside(meets("PATCH", JOB, _wrong_state_is_ignored)),
        "REST-35",
        "REST-36",
    ),
    "one-bit-jpeg-is-refused": _legal(
        "Refuses to make a JPEG of a page of one bit.",
        LEGAL.inside(meets("GET", f"{JOB}/(next-page|content)", _one_bit_is_refused)),
        "REST-60",
    ),
    "content-beyond-is-404": _legal(
        "Answers 404 for an index beyond the last page of a completed job.",
        LEGAL.inside(meets("GET", f"{JOB}/content", _beyond_is_404)),
        "REST-41",
        "REST-66",
    ),
    "image-id-is-a-text": _legal(
        "Writes imageId as a text (D-20).",
        LEGAL.inside(says("GET", f"{JOB}/next-page-info", lambda it: it | {"imageId": str(it["imageId"])})),
        "REST-61",
    ),
    "an-older-version": _legal(
        "Has the version of another year, and no list of modules.",
        LEGAL.inside(
            says("GET", f"{SERVER}/version", lambda it: {"version": "20240131", "compatible": it["compatible"]})
        ),
        "REST-01",
    ),
}
"""By name. A way of answering that the published sources do not exclude (rest-api.md 10), or another machine, network or set of features."""
