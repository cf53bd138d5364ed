"""Documents: making them, their passwords, their pages and metadata (rest-api.md 6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.service.checks.cursors import first_info
from conformance.service.checks.registry import check
from conformance.service.desk import DOCUMENTS, UNKNOWN_DOCUMENT, Desk
from conformance.service.job import Job
from conformance.service.rest_client import Reply

PASSWORD, WRONG = "correct horse", "battery staple"  # of a document that is deleted again
HEADER, OLD_HEADER = "DWT-DOC-PASSWORD", "X-DICS-DOC-PASSWORD"
NO_DOCUMENT, BAD_PASSWORD = -1040, -1043
PLACES: tuple[tuple[dict[str, Any], int], ...] = (
    ({}, 0),
    ({"insertPos": 1}, 0),
    ({}, 2),
    ({"insertPos": 2}, 1),
    ({"insertPos": 0}, 4),
    ({"insertPos": -1}, 5),
    ({"insertPos": 99}, 6),
)
"""What is said with each page, and the index at which it is then."""


async def page_source(desk: Desk, job: Job) -> str:
    """The address of the first page of *job*."""
    place = desk.place
    uid = await first_info(desk, job)
    return f"{place.scheme}://{place.host}{desk.rest.root}{job.path}/next-page?page={uid}"


async def insert(desk: Desk, document: str, source: str, fields: Mapping[str, str] | None = None, **keys: Any) -> Reply:
    """POST pages."""
    return await desk.rest.ask("POST", f"{document}/pages", {"source": source, **keys}, fields)


def page_uids(reply: Reply) -> list[str]:
    """The UIDs of the pages in a DocumentInfo, in their order."""
    pages = reply.object.get("pages")
    return [str(page.get("uid")) for page in pages if isinstance(page, dict)] if isinstance(pages, list) else []


@check("REST-78")
async def made(desk: Desk) -> None:
    """A new document has no pages."""
    reply = desk.status(await desk.post_document({}), 201, point="POST")
    for answer in (reply, await desk.rest.ask("GET", f"{DOCUMENTS}/{reply.object.get('uid')}")):
        found = desk.an_object(answer, "body")
        desk.require(isinstance(found.get("uid"), str), f"{answer}: uid is {found.get('uid')!r}", "uid")
        desk.require(found.get("pages") == [], f"{answer}: pages is {found.get('pages')!r}", "pages")
        desk.require(answer.status < 300, f"{answer} for a document that was just made", "GET")


@check("REST-79")
async def gone(desk: Desk) -> None:
    """What was deleted is as if it had never been."""
    unknown = f"{DOCUMENTS}/{UNKNOWN_DOCUMENT}"
    desk.refused(await desk.rest.ask("GET", unknown), 404, NO_DOCUMENT, point="unknown")
    document = await desk.document()
    desk.status(await desk.rest.ask("DELETE", document), 204, point="DELETE")
    for method in ("GET", "DELETE"):
        reply = await desk.rest.ask(method, document)
        desk.refused(reply, 404, NO_DOCUMENT, point=f"{method} after DELETE", why="after it was deleted")
    desk.refused(await desk.rest.ask("GET", f"{document}/content"), 404, NO_DOCUMENT, point="content after DELETE")


@check("REST-80")
async def passwords(desk: Desk) -> None:
    """Nothing of a document is had without its password."""
    job = await desk.ended()
    source = await page_source(desk, job)
    document = await desk.document({"password": PASSWORD})
    right = {HEADER: PASSWORD}
    desk.status(await insert(desk, document, source, right), 200, point="right password", why="with its password")
    requests: tuple[tuple[str, str, object], ...] = (
        ("GET", "", None),
        ("GET", "/content", None),
        ("POST", "/pages", {"source": source}),
        ("DELETE", "/pages/0", None),
        ("DELETE", "", None),
    )
    for method, below, body in requests:
        name = f"{method} {below or 'document'}"
        reply = await desk.rest.ask(method, document + below, body)
        desk.refused(reply, 403, BAD_PASSWORD, point=f"{name} without", why="without the password")
    wrong = await desk.rest.ask("GET", document, None, {HEADER: WRONG})
    desk.refused(wrong, 403, BAD_PASSWORD, point="wrong password", why="with another password")
    reply = desk.status(await desk.rest.ask("GET", document, None, right), 200, point="right password")
    desk.require(len(page_uids(reply)) == 1, f"{reply}: after refused requests there are other pages", "effect")


@check("REST-81")
async def long_passwords(desk: Desk) -> None:
    """32 characters are a password, 33 are none."""
    desk.status(await desk.post_document({"password": "p" * 32}), 201, point="32", why="for 32 characters")
    desk.status(await desk.post_document({"password": "p" * 33}), 400, point="33", why="for 33 characters")


@check("REST-82")
async def empty_passwords(desk: Desk) -> None:
    """No password is no password, however it is said."""
    document = await desk.document()
    for fields in ({}, {HEADER: ""}, {OLD_HEADER: ""}):
        reply = await desk.rest.ask("GET", document, None, fields)
        shown = ", ".join(f"{name} empty" for name in fields) or "no header"
        desk.status(reply, 200, point=shown, why=f"with {shown}, for a document without a password")
    secret = await desk.document({"password": PASSWORD})
    reply = await desk.rest.ask("GET", secret, None, {OLD_HEADER: PASSWORD})
    desk.note(f"D-09: {reply} for the password in {OLD_HEADER}")


@check("REST-83")
async def where_pages_go(desk: Desk) -> None:
    """``insertPos`` counts from 1; what is no place is the end."""
    source = await page_source(desk, await desk.ended())
    document = await desk.document()
    pages: list[str] = []
    for keys, index in PLACES:
        reply = desk.status(await insert(desk, document, source, **keys), 200, point="status")
        found = page_uids(reply)
        shown = f"insertPos {keys['insertPos']}" if keys else "no insertPos"
        fresh = [uid for uid in found if uid not in pages]
        desk.require(len(fresh) == 1, f"{reply} with {shown}: {len(fresh)} new pages", "one page")
        pages.insert(index, fresh[0])
        place = found.index(fresh[0]) + 1
        desk.require(found == pages, f"{reply} with {shown} put the page at place {place} of {len(found)}", shown)
    read = page_uids(await desk.rest.ask("GET", document))
    desk.require(read == pages, f"GET {DOCUMENTS}/UID has the pages in another order than POST pages answered", "GET")


@check("REST-84")
async def pages_are_deleted(desk: Desk) -> None:
    """By index from 0, or by UID."""
    source = await page_source(desk, await desk.ended())
    document = await desk.document()
    for _ in range(4):
        reply = desk.prerequisite(await insert(desk, document, source), 200)
    pages = page_uids(reply)
    for param, left in (("1", [0, 2, 3]), (pages[3], [0, 2]), ("0", [2])):
        shown = param if len(param) == 1 else "UID"
        desk.status(await desk.rest.ask("DELETE", f"{document}/pages/{param}"), 204, point=shown)
        found = page_uids(await desk.rest.ask("GET", document))
        wanted = [pages[index] for index in left]
        desk.require(found == wanted, f"DELETE pages/{shown} left other pages than it should", f"{shown} effect")
    for param, shown in (("9", "index"), (UNKNOWN_DOCUMENT, "UID")):
        reply = await desk.rest.ask("DELETE", f"{document}/pages/{param}")
        desk.refused(reply, 404, NO_DOCUMENT, point=f"unknown {shown}")


@check("REST-85")
async def metadata(desk: Desk) -> None:
    """The new value is the whole value."""
    document = await desk.document()
    for value in ({"case": "42", "clerk": "a"}, {"case": "43"}, "a text"):
        reply = await desk.rest.ask("PATCH", document, {"metadata": value})
        desk.status(reply, 200, point="PATCH")
        for answer in (reply, await desk.rest.ask("GET", document)):
            said = answer.object.get("metadata")
            desk.require(said == value, f"{answer}: metadata is {said!r} instead of {value!r}", "value")
    desk.status(await desk.rest.ask("PATCH", document, {}), 400, point="without", why="without metadata")


@check("REST-88")
async def pages_stay(desk: Desk) -> None:
    """A document is not hurt by the end of the job."""
    job = await desk.ended()
    document = await desk.document()
    desk.prerequisite(await insert(desk, document, await page_source(desk, job)), 200)
    desk.prerequisite(await job.delete(), 204, 200)
    reply = await desk.rest.ask("GET", f"{document}/content?type=image/png")
    desk.status(reply, 200, point="content", why="after the job of its page was deleted")
