"""Notices by WebSocket (rest-api.md 5.10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from conformance.outcomes import Untestable
from conformance.requirements.rest.facts import ScannerFacts
from conformance.service.checks.cursors import infos
from conformance.service.checks.registry import check
from conformance.service.desk import FOREIGN_ORIGIN, Desk
from conformance.service.job import Job, info_of
from conformance.service.web_socket import Closed, Conversation, Refused
from conformance.wire import FaultKind, WireFault

PAGE, ALL = "onPostTransferAsync", "onPostAllTransferAsync"
SCHEMES = {"http": "ws", "https": "wss"}
NOTICES = 500
PROPER = (1002, 1003, 1007, 1008)
"""Close codes that say whose fault it was (RFC 6455 7.4.1)."""
PRIVATE = range(3000, 5000)
GOOD_ENDS = frozenset({1000, 1001, 1005})
SHEETS = 3


def block(job: Job) -> Mapping[str, Any]:
    """What a job says about its WebSocket."""
    found = job.made.object.get("protocol")
    inner = found.get("websocket") if isinstance(found, dict) else None
    return inner if isinstance(inner, dict) else {}


def target(job: Job) -> str:
    """The path and query of its address.

    Raises:
        Untestable: it has none.
    """
    server = block(job).get("server")
    if not isinstance(server, str):
        raise Untestable(f"{job.made}: websocket.server is {server!r}")
    parts = urlsplit(server)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def protocols(job: Job) -> list[str]:
    """The subprotocol to ask for."""
    found = block(job).get("protocol")
    return [found] if isinstance(found, str) and found else []


async def subscribed(conversation: Conversation | Refused, job: Job) -> Conversation:
    """The same, after the job's response was said."""
    if isinstance(conversation, Refused):
        raise Untestable(f"the upgrade to the job's socket was refused with {conversation.status}")
    await conversation.say(block(job).get("response"))
    return conversation


async def notices(desk: Desk, conversation: Conversation) -> list[Mapping[str, Any]]:
    """What is told of pages, up to the notice of the end."""
    pages: list[Mapping[str, Any]] = []
    for _ in range(NOTICES):
        try:
            heard = await conversation.hear_json()
        except WireFault as fault:
            if fault.kind is FaultKind.SILENT:
                desk.broken(f"after {len(pages)} notices of pages there is none of the end", "no end")
            raise
        if isinstance(heard, Closed):
            desk.broken(f"closed with {heard.code} after {len(pages)} notices of pages, before the end", "no end")
        event = heard.get("evt") if isinstance(heard, dict) else None
        name = event.get("name") if isinstance(event, dict) else None
        if name == ALL:
            return pages
        desk.require(name == PAGE, f"a notice says {str(heard)[:120]}", "notice")
        about = event.get("info") if isinstance(event, dict) else None
        desk.require(isinstance(about, dict), f"a notice of a page has the info {about!r}", "info")
        assert isinstance(about, dict)
        pages.append(about)
    raise Untestable(f"more than {NOTICES} notices")


@check("REST-98")
async def only_when_asked(desk: Desk) -> None:
    """Who does not ask is not told of WebSockets."""
    wishes: tuple[dict[str, Any], ...] = ({}, {"requireWebsocket": False})
    for keys in wishes:
        async with desk.job(**keys) as job:
            found = job.made.object.get("protocol")
            desk.require(found is None, f"{job.made} without requireWebsocket: protocol is {found!r}", "unasked")


@check("REST-99")
async def the_block(desk: Desk) -> None:
    """An address that works, and what to say there."""
    place = desk.place
    async with desk.job(requireWebsocket=True) as job:
        found = job.made.object.get("protocol")
        desk.require(isinstance(found, dict), f"{job.made} with requireWebsocket: protocol is {found!r}", "protocol")
        assert isinstance(found, dict)
        said = found.get("jobuid")
        desk.require(said == job.uid, f"{job.made}: protocol.jobuid is {said!r}", "jobuid")
        server, response = block(job).get("server"), block(job).get("response")
        parts = urlsplit(str(server))
        here = (parts.scheme, parts.netloc) == (SCHEMES[place.scheme], place.host)
        desk.require(here, f"{job.made}: websocket.server is {server!r}, the service at {place.host}", "server")
        right = isinstance(response, dict) and response.get("jobuid") == job.uid and "method" in response
        desk.require(right, f"{job.made}: websocket.response is {response!r}", "response")
        wanted = protocols(job)
        desk.require(wanted, f"{job.made}: websocket.protocol is {block(job).get('protocol')!r}", "subprotocol")
        async with desk.socket(target(job), wanted) as conversation:
            if isinstance(conversation, Refused):
                desk.broken(f"the upgrade to {server} was refused with {conversation.status}", "refused")
            granted = conversation.subprotocol
            desk.require(granted == wanted[0], f"{wanted[0]!r} was asked for, {granted!r} granted", "granted")


@check("REST-100", feeder_sheets=SHEETS)
async def every_page_and_the_end(desk: Desk) -> None:
    """Each page once, then the end; the same to who comes afterwards. With a feeder there are several pages."""
    if desk.facts.feeder is None:
        job = await desk.create(requireWebsocket=True)
    else:
        job = await desk.from_feeder(SHEETS, requireWebsocket=True, config={"XferCount": SHEETS})
    async with desk.socket(target(job), protocols(job)) as conversation:
        talk = await subscribed(conversation, job)
        desk.prerequisite(await job.patch("running"), 200)
        told = await notices(desk, talk)
    *pages, _ = await infos(job)
    wanted = [info_of(reply).get("imageuid") for reply in pages]
    for about in told:
        url, uid = about.get("url"), about.get("imageuid")
        desk.require(isinstance(uid, str) and isinstance(url, str), f"a notice has {dict(about)}", "info")
    found = [about.get("imageuid") for about in told]
    desk.require(found == wanted, f"{len(wanted)} pages, and notices of {len(found)}: {found}", "pages")
    async with desk.socket(target(job), protocols(job)) as conversation:
        late = [about.get("imageuid") for about in await notices(desk, await subscribed(conversation, job))]
    desk.require(late == wanted, f"who comes after the end is told of {len(late)} pages of {len(wanted)}", "late")


@check("REST-101")
async def foreign_upgrade(desk: Desk) -> None:
    """A page of the web is not let in by this door either."""
    async with desk.job(requireWebsocket=True) as job:
        try:
            fields = (("Origin", FOREIGN_ORIGIN),)
            async with desk.socket(target(job), protocols(job), fields) as conversation:
                refused = isinstance(conversation, Refused)
        except WireFault as fault:
            if fault.kind is not FaultKind.CLOSED:
                raise
            return
        desk.require(refused, f"an upgrade from {FOREIGN_ORIGIN} was granted", "open")


@check("WIRE-14", feeder_sheets=SHEETS)
async def order_and_names(desk: Desk) -> None:
    """Notices are of the job that was named, in the order of its pages; a wrong first message is closed as one."""
    first, second = await _with_pages(desk, desk.facts.scanner), await _second(desk)
    for job in (first, second):
        *pages, _ = await infos(job)
        wanted = [info_of(reply).get("imageuid") for reply in pages]
        async with desk.socket(target(job), protocols(job)) as conversation:
            talk = await subscribed(conversation, job)
            found = [about.get("imageuid") for about in await notices(desk, talk)]
            desk.require(found == wanted, f"the pages are {wanted}, the notices {found}", "order")
            await _good_end(desk, talk)
    for message, shown in (("nonsense", "no JSON"), ('{"jobuid": "nobody"}', "no job")):
        async with desk.socket(target(first), protocols(first)) as conversation:
            if isinstance(conversation, Refused):
                raise Untestable(f"the upgrade was refused with {conversation.status}")
            await conversation.say(message)
            end = await conversation.hear()
            right = isinstance(end, Closed) and (end.code in PROPER or end.code in PRIVATE)
            shown_end = f"closed with {end.code}" if isinstance(end, Closed) else f"answered {end[:80]!r}"
            desk.require(right, f"a first message that is {shown} was {shown_end}", "close code")


async def _good_end(desk: Desk, talk: Conversation) -> None:
    """After the last notice the service may keep the socket open, or close it in good order."""
    try:
        end = await talk.hear(1.0)
    except WireFault:
        return
    right = isinstance(end, Closed) and end.code in GOOD_ENDS
    shown = f"closed with {end.code}" if isinstance(end, Closed) else f"followed by {end[:80]!r}"
    desk.require(right, f"the notice of the end was {shown}", "close code at the end")


async def _with_pages(desk: Desk, scanner: ScannerFacts, **config: Any) -> Job:
    job = await desk.create(scanner, requireWebsocket=True, config=config)
    desk.prerequisite(await job.patch("running"), 200)
    await job.end()
    return job


async def _second(desk: Desk) -> Job:
    """A job with several pages if there is a feeder, else one more with one."""
    feeder = desk.facts.feeder
    if feeder is None:
        return await _with_pages(desk, desk.facts.scanner)
    job = await desk.from_feeder(SHEETS, requireWebsocket=True, config={"XferCount": SHEETS})
    desk.prerequisite(await job.patch("running"), 200)
    await job.end()
    return job
