"""Defects of documents (REST-78 to REST-88)."""

from __future__ import annotations

import re
from typing import Any

from conformance.selftest.services.around import (
    BELOW_JOB,
    DOCUMENT,
    DOCUMENTS,
    Around,
    Asked,
    Reply,
    error,
    meets,
    replies,
    says,
)
from conformance.selftest.services.defects.defect import wrapped
from conformance.selftest.services.proof import Step, create, delete, get, patch, post

CONTENT = f"{DOCUMENT}/content"
BELOW = f"{DOCUMENT}(/.*)?"
PASSWORD = "dwt-doc-password"  # noqa: S105  # the name of a header
LONGEST = 32
SOURCE = "http://127.0.0.1:18622/api/device/scanners/jobs/{jobuid}/next-page?page={page}"
WITH_PAGE: tuple[Step, ...] = (
    create(),
    get("job/next-page-info"),
    post("docs", {}),
    post("doc/pages", {"source": SOURCE}),
)
"""A job, a document, and a page of the one in the other."""
SECOND: tuple[Step, ...] = (get("job/next-page-info"), post("doc/pages", {"source": SOURCE}))


class KnowsPasswords(Around):
    """Remembers the passwords of documents, and puts them into requests that need none then."""

    path = f"{DOCUMENTS}(/.*)?"
    needs_none = BELOW

    def start(self) -> None:
        """See :class:`Around`."""
        self.passwords: dict[str, str] = {}

    async def meet(self, asked: Asked) -> Reply:
        """See :class:`Around`."""
        if asked.path == DOCUMENTS and asked.method == "POST":
            reply = await asked.pass_on()
            if reply.status == 201:
                self.passwords[reply.json()["uid"]] = asked.json().get("password", "")
            return reply
        match = re.fullmatch(self.needs_none, asked.path)
        known = self.passwords.get(match["document"]) if match else None
        return await asked.pass_on(headers={PASSWORD: known} if known else None)


class ContentNeedsNone(KnowsPasswords):
    """The same for the content alone."""

    needs_none = CONTENT


class LongPasswordIsCut(Around):
    """Looks at the first 32 characters of a password."""

    path = f"{DOCUMENTS}(/.*)?"

    async def meet(self, asked: Asked) -> Reply:
        """See :class:`Around`."""
        said = asked.headers.get(PASSWORD)
        headers: dict[str, str | None] | None = {PASSWORD: said[:LONGEST]} if said else None
        wish = asked.json()
        if isinstance(wish.get("password"), str):
            return await asked.pass_on(body=wish | {"password": wish["password"][:LONGEST]}, headers=headers)
        return await asked.pass_on(headers=headers)


async def _lives(asked: Asked) -> Reply:
    reply = await asked.pass_on(method="GET", body=b"")
    return Reply(204) if reply.status == 200 else reply


async def _empty_is_wrong(asked: Asked) -> Reply:
    return error(403, -1043, "Wrong.") if asked.headers.get(PASSWORD) == "" else await asked.pass_on()


async def _from_zero(asked: Asked) -> Reply:
    wish = asked.json()
    position = wish.get("insertPos")
    return await asked.pass_on(
        body=wish | {"insertPos": position + 1} if isinstance(position, int) and position > 0 else None
    )


async def _at_the_front(asked: Asked) -> Reply:
    wish = asked.json()
    return await asked.pass_on(body={"insertPos": 1, **wish} if "source" in wish else None)


async def _twice(asked: Asked) -> Reply:
    reply = await asked.pass_on()
    return await asked.pass_on() if reply.status == 200 else reply


async def _from_one(asked: Asked) -> Reply:
    param = asked.words["param"]
    index = param.isdigit() and len(param) < 12
    return await asked.pass_on(path=f"{asked.path.rpartition('/')[0]}/{max(0, int(param) - 1)}" if index else None)


async def _merged(asked: Asked) -> Reply:
    old = (await asked.pass_on(method="GET", body=b"")).json() or {}
    wish = asked.json()
    before, now = old.get("metadata"), wish.get("metadata")
    both = isinstance(before, dict) and isinstance(now, dict)
    return await asked.pass_on(body={"metadata": {**before, **now}} if both else None)  # type: ignore[dict-item]  # they are


def _called_pdf(reply: Reply) -> Reply:
    return reply.but(content_type="application/pdf") if reply.headers.get("content-type") == "image/png" else reply


def _half_a_tiff(reply: Reply) -> Reply:
    whole = reply.headers.get("content-type") != "image/tiff"
    return reply if whole else reply.with_body(reply.body[: len(reply.body) // 2])


async def _left_out(asked: Asked) -> Reply:
    reply = await asked.pass_on()
    wanted = [part for part in asked.query.get("pages", "").split(",") if part]
    if reply.status != 400 or not wanted:
        return reply
    there = [part for part in wanted if (await asked.pass_on(query={**asked.query, "pages": part})).status == 200]
    return await asked.pass_on(query={**asked.query, "pages": ",".join(there)})


async def _pdf_instead(asked: Asked) -> Reply:
    reply = await asked.pass_on()
    return await asked.pass_on(query={**asked.query, "type": "application/pdf"}) if reply.status == 400 else reply


class PagesDieWithTheJob(Around):
    """Takes the pages of a deleted job out of all documents."""

    path = f"{BELOW_JOB}|{DOCUMENT}/pages"

    def start(self) -> None:
        """See :class:`Around`."""
        self.copies: dict[str, list[tuple[str, Any]]] = {}

    async def meet(self, asked: Asked) -> Reply:
        """See :class:`Around`."""
        reply = await asked.pass_on()
        source = re.search(r"/jobs/([^/]+)/", str(asked.json().get("source", "")))
        if source is not None and reply.status == 200:
            place = f"{DOCUMENTS}/{asked.words['document']}/pages", asked.headers.get(PASSWORD)
            self.copies.setdefault(source[1].lower(), []).append(place)
        elif asked.method == "DELETE" and reply.status == 204 and asked.words.get("job"):
            for path, password in self.copies.pop(asked.words["job"].lower(), ()):
                await asked.pass_on(path=f"{path}/0", body=b"", headers={PASSWORD: password})
        return reply


LONG = "x" * 33

DEFECTS = (
    wrapped(
        "document-without-pages",
        "REST-78",
        "Does not list the pages of a document that has none.",
        says("", f"{DOCUMENTS}|{DOCUMENT}", lambda it: {key: value for key, value in it.items() if value != []}),
        post("docs", {}),
    ),
    wrapped(
        "deleted-document-lives",
        "REST-79",
        "Says that a document is deleted, and keeps it.",
        meets("DELETE", DOCUMENT, _lives),
        post("docs", {}),
        delete("doc"),
        get("doc"),
    ),
    wrapped(
        "password-is-not-asked",
        "REST-80",
        "Opens a document without its password.",
        KnowsPasswords,
        post("docs", {"password": "sesame"}),
        get("doc"),
    ),
    wrapped(
        "content-needs-no-password",
        "REST-80",
        "Gives the content of a document without its password.",
        ContentNeedsNone,
        post("docs", {"password": "sesame"}),
        get("doc/content"),
    ),
    wrapped(
        "long-password-is-cut",
        "REST-81",
        "Cuts a password after 32 characters.",
        LongPasswordIsCut,
        post("docs", {"password": LONG}),
    ),
    wrapped(
        "empty-password-is-wrong",
        "REST-82",
        "Takes an empty password for a wrong one.",
        meets("", BELOW, _empty_is_wrong),
        post("docs", {}),
        get("doc", DWT_DOC_PASSWORD=""),
    ),
    wrapped(
        "insert-counts-from-zero",
        "REST-83",
        "Counts the places in a document from 0.",
        meets("POST", f"{DOCUMENT}/pages", _from_zero),
        *WITH_PAGE,
        get("job/next-page-info"),
        post("doc/pages", {"source": SOURCE, "insertPos": 1}),
    ),
    wrapped(
        "inserted-at-the-front",
        "REST-83",
        "Puts a page to the front that was given no place.",
        meets("POST", f"{DOCUMENT}/pages", _at_the_front),
        *WITH_PAGE,
        *SECOND,
    ),
    wrapped(
        "inserted-twice",
        "REST-83",
        "Copies every page twice.",
        meets("POST", f"{DOCUMENT}/pages", _twice),
        *WITH_PAGE,
    ),
    wrapped(
        "page-index-counts-from-one",
        "REST-84",
        "Counts the pages to delete from 1.",
        meets("DELETE", f"{DOCUMENT}/pages/(?P<param>[^/]+)", _from_one),
        *WITH_PAGE,
        *SECOND,
        delete("doc/pages/1"),
        get("doc"),
    ),
    wrapped(
        "metadata-is-merged",
        "REST-85",
        "Keeps what was taken out of the metadata.",
        meets("PATCH", DOCUMENT, _merged),
        post("docs", {}),
        patch("doc", {"metadata": {"case": "42"}}),
        patch("doc", {"metadata": {"name": "x"}}),
    ),
    wrapped(
        "png-called-pdf",
        "REST-86",
        "Calls every file a PDF.",
        replies("GET", CONTENT, _called_pdf),
        *WITH_PAGE,
        get("doc/content?type=image/png"),
    ),
    wrapped(
        "half-a-tiff",
        "REST-86",
        "Gives the first half of a TIFF for the whole.",
        replies("GET", CONTENT, _half_a_tiff),
        *WITH_PAGE,
        get("doc/content?type=image/tiff"),
    ),
    wrapped(
        "missing-page-is-left-out",
        "REST-87",
        "Makes a file of those pages that it has.",
        meets("GET", CONTENT, _left_out),
        *WITH_PAGE,
        get("doc/content?type=image/png&pages=0,7"),
    ),
    wrapped(
        "bad-document-type-is-pdf",
        "REST-87",
        "Gives a PDF to who asks for a type that it does not know.",
        meets("GET", CONTENT, _pdf_instead),
        *WITH_PAGE,
        get("doc/content?type=text/html"),
    ),
    wrapped(
        "pages-die-with-the-job",
        "REST-88",
        "Takes the pages of a deleted job out of the document that they were copied to.",
        PagesDieWithTheJob,
        *WITH_PAGE,
        delete("job"),
        get("doc"),
    ),
)
