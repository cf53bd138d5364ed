"""A stored document, as a client works with it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import trio

from flatbed.client import calls
from flatbed.client.link import Link
from flatbed.client.results import PDF, DocumentInfo, File, PageInfo


class Document:
    """A document of the service. It stays until it is deleted.

    Attributes:
        uid: of the document.
    """

    def __init__(self, link: Link, uid: str, password: str = "") -> None:
        self._link = link
        self._password = password
        self.uid = uid

    async def info(self) -> DocumentInfo:
        """Its pages and metadata."""
        return await self._link.do(calls.document_info(self.uid, self._password))

    async def insert(self, page: PageInfo | str, position: int | None = None) -> DocumentInfo:
        """Copy a page of a job into it.

        Args:
            page: what :meth:`flatbed.client.Job.page_infos` gave, or its URL.
            position: the page goes in front of page number *position*, from 1; None: at the end.
        """
        source = calls.source_of(page)
        return await self._link.do(calls.insert_page(self.uid, self._password, source, position))

    async def delete_page(self, which: int | str) -> None:
        """Remove a page by index, from 0, or by UID."""
        await self._link.do(calls.delete_page(self.uid, self._password, which))

    async def set_metadata(self, metadata: Mapping[str, Any] | str) -> DocumentInfo:
        """Replace its metadata as a whole."""
        return await self._link.do(calls.set_metadata(self.uid, self._password, metadata))

    async def content(self, type: str = PDF, pages: Sequence[int | str] = (), **options: Any) -> File:  # noqa: A002  # the contract's name
        """It as one file.

        Args:
            type: PDF, TIFF, PNG or JPEG; the last two hold one page.
            pages: indices or UIDs in the order of the output; none: all, or the first where one page is all there can be.
            options: further keys of rest-api.md 6.1, such as ``quality=75``, ``title="Case 42"`` or ``password="open"``.
        """
        query = calls.content_query(type, pages, options)
        return await self._link.do(calls.document_content(self.uid, self._password, query))

    def stream(self, type: str = PDF, pages: Sequence[int | str] = (), **options: Any) -> AsyncGenerator[bytes, None]:  # noqa: A002  # the contract's name
        """As :meth:`content`, piece by piece."""
        query = calls.content_query(type, pages, options)
        return self._link.stream(calls.document_content(self.uid, self._password, query))

    async def save(self, path: str | Path, type: str = PDF, pages: Sequence[int | str] = (), **options: Any) -> None:  # noqa: A002  # the contract's name
        """As :meth:`content`, into a file, without holding it in memory. The file is there whole or not at all."""
        target = Path(path)
        draft = target.with_name(f".{target.name}.part")
        try:
            async with (
                await trio.open_file(draft, "wb") as file,
                aclosing(self.stream(type, pages, **options)) as pieces,
            ):
                async for piece in pieces:
                    await file.write(piece)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)

    async def delete(self) -> None:
        """Remove it for good."""
        await self._link.do(calls.delete_document(self.uid, self._password))
