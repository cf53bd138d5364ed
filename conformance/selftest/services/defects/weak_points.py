"""Defects of safety: the weak points of local services (S-073; REST-107 to REST-114)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import trio
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.selftest.services.around import (
    BELOW_JOB,
    DOCUMENT,
    DOCUMENTS,
    JOBS,
    Around,
    Asked,
    Reply,
    error,
    meets,
)
from conformance.selftest.services.defects.browsers import preflight
from conformance.selftest.services.defects.defect import wrapped
from conformance.selftest.services.defects.documents import WITH_PAGE
from conformance.selftest.services.defects.processing import READ, is_form, png, send_picture
from conformance.selftest.services.defects.sockets import FOREIGN
from conformance.selftest.services.proof import ask, create, get, post, together, wait
from reference_server.wire.connections import CONNECTION

WAITING = 3
DEEP = b'{"autoRun":false,"config":' + b"[" * 20_000 + b"]" * 20_000 + b"}"


async def _reflects(asked: Asked) -> Reply:
    said = asked.headers.get("origin")
    reply = await asked.pass_on()
    return (
        reply if said is None else reply.but(access_control_allow_origin=said, access_control_allow_credentials="true")
    )


async def _any_site(asked: Asked) -> Reply:
    return await asked.pass_on(headers={"sec-fetch-site": None})


async def _is_a_path(asked: Asked) -> Reply:
    reply = await asked.pass_on()
    climbs = ".." in asked.path and 400 <= reply.status < 500
    return Reply(200).with_json({"uid": "etc", "pages": []}) if climbs else reply


async def _odd_is_500(asked: Asked) -> Reply:
    odd = re.search(r"[^\w./-]|\.\.", asked.path)
    return error(500, -1001, "No such file.") if odd else await asked.pass_on()


async def _fetches(asked: Asked) -> Reply:
    source = urlsplit(str(asked.json().get("source", "")))
    connection = asked.scope["state"][CONNECTION]
    if source.netloc and source.netloc != asked.headers.get("host"):
        connection.network.fetch(source.netloc)
        return error(500, -1001, f"{source.netloc} gave no picture.")
    return await asked.pass_on()


async def _unpacks(asked: Asked) -> Reply:
    reply = await asked.pass_on()
    return Reply(200).with_json([]) if is_form(asked) and reply.status == 400 and b"IHDR" in asked.body else reply


class WaitingBlocksAll:
    """Has so many hands, and each of them waits for a page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.hands = trio.CapacityLimiter(WAITING)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        async with self.hands:
            await self.app(scope, receive, send)


class DeepJsonIs500(Around):
    """Runs out of its stack."""

    async def meet(self, asked: Asked) -> Reply:
        """See :class:`Around`."""
        if asked.body.count(b"[") + asked.body.count(b"{") > 500:
            return error(500, -1001, "maximum recursion depth exceeded")
        return await asked.pass_on()


async def _tells(asked: Asked) -> Reply:
    reply = await asked.pass_on()
    foreign = reply.status == 403 and "origin" in asked.headers
    return await _without_origin(asked, reply) if foreign else reply


async def _without_origin(asked: Asked, refusal: Reply) -> Reply:
    seen = await asked.pass_on(method="GET", path=f"{JOBS}/{asked.words['job']}", body=b"", headers={"origin": None})
    return seen if seen.status in {404, 410} else refusal


_METHOD, _TARGET, _FIELDS = preflight("jobs", FOREIGN)

DEFECTS = (
    wrapped(
        "reflects-any-origin",
        "REST-107",
        "Lets pages of every origin read its answers.",
        meets("", ".*", _reflects),
        ask(_METHOD, _TARGET, None, **_FIELDS),
    ),
    wrapped(
        "img-eats-a-page",
        "REST-108",
        "Gives the next page to an image on a foreign page.",
        meets("", ".*", _any_site),
        create(),
        get("job/next-page", Sec_Fetch_Site="cross-site"),
    ),
    wrapped(
        "uid-is-a-path",
        "REST-109",
        "Opens whatever lies on the path that it was given for a UID.",
        meets("GET", f"{DOCUMENTS}/.*", _is_a_path),
        get("/api/storage/documents/%2e%2e%2f%2e%2e%2fetc%2fpasswd"),
    ),
    wrapped(
        "odd-uid-is-500",
        "REST-109",
        "Fails over a UID that no file can be called by.",
        meets("", f"({DOCUMENTS}|{JOBS})/.*", _odd_is_500),
        get("/api/storage/documents/a%00b"),
    ),
    wrapped(
        "fetches-the-source",
        "REST-110",
        "Fetches the source of a page from where it is said to be.",
        meets("POST", f"{DOCUMENT}/pages|/api/process/.*", _fetches),
        *WITH_PAGE,
        post("doc/pages", {"source": "http://127.0.0.1:9/api/device/scanners/jobs/{jobuid}/next-page?page={page}"}),
    ),
    wrapped(
        "unpacks-the-bomb",
        "REST-111",
        "Takes a picture that claims to be huge.",
        meets("POST", READ, _unpacks),
        send_picture(png(60_000, 60_000)),
    ),
    wrapped(
        "waiting-blocks-all",
        "REST-112",
        "Answers nobody while three clients wait for a page.",
        WaitingBlocksAll,
        create(),
        wait(30),
        *(get("job/next-page") for _ in range(6)),
        create("virtual:flatbed"),
        together(*(get("job2/next-page") for _ in range(3)), get("/api/server/version")),
    ),
    wrapped(
        "deep-json-is-500",
        "REST-113",
        "Fails over JSON that is nested deeply.",
        DeepJsonIs500,
        post("jobs", DEEP),
    ),
    wrapped(
        "refusal-tells-of-jobs",
        "REST-114",
        "Tells a foreign origin which jobs there are.",
        meets("", BELOW_JOB, _tells),
        get("/api/device/scanners/jobs/nobody", Origin=FOREIGN),
    ),
)
