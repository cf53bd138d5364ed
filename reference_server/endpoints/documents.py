"""``/storage/documents``: documents, their pages, and files made of them (rest-api.md 6)."""

from __future__ import annotations

import json
from contextlib import suppress

from reference_server.access.table import may_use_job
from reference_server.documents.document import Document
from reference_server.documents.entries import page_entry
from reference_server.documents.errors import UnreadableError
from reference_server.documents.metadata import metadata_text
from reference_server.documents.output.content import content_of
from reference_server.documents.output.wish import KEYS as CONTENT_KEYS
from reference_server.documents.output.wish import TYPES, read_wish
from reference_server.documents.passwords import MAX_LENGTH, header_text
from reference_server.documents.store import Access
from reference_server.endpoints.call import JSON, Call
from reference_server.endpoints.pages import NO_STORE
from reference_server.errors import bad_parameter
from reference_server.header_names import DOCUMENT_PASSWORD, read_header
from reference_server.models import DocumentCreate, DocumentName, DocumentPatch, PageInsert
from reference_server.pages.source import resolve
from reference_server.pages.spill import GoneError
from reference_server.wire.delivery import Answer

__all__ = [
    "CONTENT_KEYS",
    "TYPES",
    "create_document",
    "delete_document",
    "delete_named_document",
    "delete_page",
    "get_content",
    "get_document",
    "get_named_document",
    "insert_page",
    "patch_document",
]


async def create_document(call: Call) -> Answer:
    """POST documents."""
    body = await call.body(DocumentCreate)
    uid = await call.service.documents.create(body.password or "", call.origin)
    location = f"{call.exchange.base_url}/api/storage/documents/{uid}"
    return Answer(201, json.dumps({"uid": uid, "pages": []}).encode(), media_type=JSON, headers={"Location": location})


async def get_document(call: Call) -> Answer:
    """GET document."""
    return await _get(call, call.words["documentuid"])


async def get_named_document(call: Call) -> Answer:
    """GET documents, with the UID in the query or the body (D-07)."""
    return await _get(call, await _name(call))


async def patch_document(call: Call) -> Answer:
    """PATCH document: replace its metadata."""
    access = await _enter(call)  # an unknown document goes before a bad body
    body = await call.body(DocumentPatch)
    text = metadata_text(body.metadata, call.service.config.limits.metadata_bytes)
    async with call.service.documents.opened(access) as document:
        await document.set_metadata(text)
        return _info(document)


async def delete_document(call: Call) -> Answer:
    """DELETE document."""
    return await _delete(call, call.words["documentuid"])


async def delete_named_document(call: Call) -> Answer:
    """DELETE documents, with the UID in the query or the body (D-07)."""
    return await _delete(call, await _name(call))


async def insert_page(call: Call) -> Answer:
    """POST pages: copy a page of a job; the document keeps it when the job is gone."""
    access = await _enter(call)
    body = await call.body(PageInsert)
    job, page = resolve(call, body.source)
    store = call.service.documents
    async with store.inserting:
        try:
            data = await job.pages.read(page)
        except GoneError:
            raise bad_parameter("source: the job has been removed.") from None
        async with store.opened(access) as document:
            await document.insert(data, page_entry(page, data), body.insertPos)
            return _info(document)


async def delete_page(call: Call) -> Answer:
    """DELETE page, by UID or 0-based index."""
    access = await _enter(call)
    async with call.service.documents.opened(access) as document:
        await document.remove_page(call.words["param"])
    return Answer(204)


async def get_content(call: Call) -> Answer:
    """GET content: pages as one file."""
    access = await _enter(call)
    wish = read_wish(call.exchange.query)
    content = await content_of(call.service.documents, access, wish, call.service.host)
    return Answer(200, content.pieces, content.size, content.media_type, NO_STORE)


async def _get(call: Call, uid: str) -> Answer:
    access = await _enter(call, uid)
    async with call.service.documents.opened(access) as document:
        await document.check()
        return _info(document)


async def _delete(call: Call, uid: str) -> Answer:
    with suppress(UnreadableError):  # nobody can read it any more, so nobody loses anything, and it would stay for ever
        await _enter(call, uid)
    await call.service.documents.delete(uid)
    return Answer(204)


async def _enter(call: Call, uid: str | None = None) -> Access:
    """The right to open a document, the path's unless *uid* says another."""
    exchange = call.exchange
    password = header_text(read_header(exchange.headers, DOCUMENT_PASSWORD, call.service.rules) or "")
    if len(password) > MAX_LENGTH:
        raise bad_parameter(f"{DOCUMENT_PASSWORD[0]}: at most {MAX_LENGTH} characters.")
    return await call.service.documents.enter(
        call.words["documentuid"] if uid is None else uid,
        password,
        lambda owner: may_use_job(owner, exchange, "document"),
    )


async def _name(call: Call) -> str:
    return call.exchange.query.get("documentuid") or (await call.body(DocumentName)).documentuid


def _info(document: Document) -> Answer:
    """The answer about a document; by hand, since its metadata is JSON already and is given back as it came."""
    fields = [
        f'"uid": {json.dumps(document.uid)}',
        f'"pages": {json.dumps([{"uid": page.uid} for page in document.pages])}',
    ]
    if document.contents.metadata is not None:
        fields.append(f'"metadata": {document.contents.metadata}')
    return Answer(200, f"{{{', '.join(fields)}}}".encode(), media_type=JSON)
