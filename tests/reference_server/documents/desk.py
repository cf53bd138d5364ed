"""A service with a job whose pages can go into documents, and a client of its documents."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from device_host.encoding import describe
from reference_server.documents.records import PageEntry
from tests.reference_server.client import Lab, Reply, lab
from tests.reference_server.fakes import FakeHost

DOCUMENTS = "/api/storage/documents"


@dataclass
class Desk:
    """See the module.

    Attributes:
        there: the service.
        sources: URLs of the pages of a job.
    """

    there: Lab
    sources: list[str]

    async def ask(
        self, method: str, path: str = "", body: object = None, headers: Mapping[str, str] | None = None, **rest: Any
    ) -> Reply:
        """One request below the documents."""
        return await self.there.client.request(method, DOCUMENTS + path, body, headers, **rest)

    async def create(self, pages: int = 0, headers: Mapping[str, str] | None = None, **body: object) -> str:
        """A new document with the first *pages* of the job; its path below the documents."""
        reply = await self.ask("POST", "", body, headers)
        assert reply.status == 201, reply.body
        path = f"/{reply.json()['uid']}"
        for number in range(pages):
            await self.insert(path, number)
        return path

    async def insert(self, path: str, number: int, **body: object) -> list[str]:
        """Insert a page of the job; the UIDs of the document's pages."""
        reply = await self.ask("POST", f"{path}/pages", {"source": self.sources[number]} | body)
        assert reply.status == 200, reply.body
        return [page["uid"] for page in reply.json()["pages"]]

    async def pages(self, path: str) -> list[str]:
        """The UIDs of a document's pages."""
        reply = await self.ask("GET", path)
        assert reply.status == 200, reply.body
        return [page["uid"] for page in reply.json()["pages"]]

    async def page(self, path: str, name: str | int, media_type: str = "image/png") -> bytes:
        """A page as a file."""
        reply = await self.ask("GET", f"{path}/content?type={media_type}&pages={name}")
        assert reply.status == 200, reply.body
        return reply.body


@asynccontextmanager
async def desk(folder: Path, host: FakeHost | None = None, pages: int = 3, **changes: Any) -> AsyncIterator[Desk]:
    """A service over *host*, with a job of *pages* pages done."""
    async with lab(folder, host, **changes) as there:
        sources = []
        job = await there.client.create(config={"XferCount": pages, "IfFeederEnabled": True})
        for _ in range(pages):
            info = (await there.client.get(f"{job}/next-page-info")).json()
            sources.append((info[0] if isinstance(info, list) else info)["url"])  # D-01
        yield Desk(there, sources)


def refused(reply: Reply) -> tuple[int, int]:
    """Status and code of an error body."""
    body = reply.json()
    assert body["statusCode"] == reply.status
    assert body["message"]
    return reply.status, body["code"]


async def put(it: Desk, path: str, *files: bytes) -> list[str]:
    """Append pages that no device made; the UIDs of the document's pages."""
    access = await it.there.service.documents.enter(path[1:], "", lambda _owner: None)
    for data in files:
        info = describe(data)
        dpi = info.dpi or (0.0, 0.0)
        entry = PageEntry("", info.type, len(data), info.width, info.height, info.depth, info.channels, *dpi)
        async with it.there.service.documents.opened(access) as document:
            await document.insert(data, entry, None)
    return await it.pages(path)
