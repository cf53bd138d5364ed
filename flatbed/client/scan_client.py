"""The client on trio."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from flatbed.client import calls
from flatbed.client.access import Access, read_ready_file
from flatbed.client.documents import Document
from flatbed.client.event_stream import EventStream, open_events
from flatbed.client.jobs import Job
from flatbed.client.link import Link
from flatbed.client.results import Barcode, PageInfo, Scanner, VersionInfo

__all__ = ["ScanClient"]


class ScanClient:
    """A client of one scanning service; an async context manager.

    Args:
        base_url: of the service, such as ``http://127.0.0.1:18622``.
        options: see :class:`flatbed.client.access.Access`: ``token``, ``ca``, ``licence``, ``origin``, ``timeout``, ``retries``.

    Raises:
        ValueError: *base_url* is none.
    """

    def __init__(self, base_url: str, **options: Any) -> None:
        self._link: Link | None = None
        self._access = Access(base_url, **options)
        self._http: httpx.AsyncClient | None = None

    @classmethod
    def from_ready_file(cls, path: str | Path, *, secure: bool = False, **options: Any) -> ScanClient:
        """A client of the service that wrote this ready file: address, token and authority are in it.

        Raises:
            ReadyFileError: it is not there, or is none.
        """
        return cls(**read_ready_file(path, secure=secure) | options)

    @property
    def base_url(self) -> str:
        """Scheme, host and port of the service."""
        return self._access.base_url

    async def __aenter__(self) -> Self:
        self._http = httpx.AsyncClient(**self._access.keywords())
        self._link = Link(self._access, self._http)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._http is not None:
            await self._http.aclose()
        self._http = self._link = None

    @property
    def _open(self) -> Link:
        if self._link is None:
            raise RuntimeError("use the client in `async with ScanClient(...) as client:`")
        return self._link

    async def version(self) -> VersionInfo:
        """Which revision of the API the service has."""
        return await self._open.do(calls.version())

    async def log_level(self) -> int:
        """How much the service logs: 0 nothing, 30 everything."""
        return await self._open.do(calls.log_level())

    async def set_log_level(self, value: int) -> int:
        """Change it; what it is then."""
        return await self._open.do(calls.set_log_level(value))

    async def scanners(self, types: int | None = None) -> list[Scanner]:
        """The scanners; *types* is a mask of rest-api.md 4, None the service's default, which leaves network scanners out."""
        return await self._open.do(calls.scanners(types))

    async def create_job(
        self,
        device: Scanner | str | None = None,
        config: Mapping[str, Any] | None = None,
        *,
        auto_run: bool = True,
        notices: bool = False,
        caps: Mapping[str, Any] | None = None,
        settings: str | None = None,
        **options: Any,
    ) -> Job:
        """Make a job; delete it when you are done, or use it in ``async with``.

        Args:
            device: a scanner of the list, its text, name or id; None: the one used last, or the first.
            config: such as ``{"Resolution": 200, "PixelType": 1, "IfDuplexEnabled": True}`` (rest-api.md 5.2).
            auto_run: False leaves it pending, for a look at its capabilities; then :meth:`Job.start`.
            notices: ask for page notices over WebSocket.
            caps: capabilities in TWAIN's terms (5.3).
            settings: what :meth:`Job.device_settings` gave.
            options: further keys of 5.1, such as ``jobTimeout=60``.

        Raises:
            RestError: 423 when another job has the scanner, 400 when there is no such scanner, 503 when there are too many jobs.
        """
        options |= {"autoRun": auto_run} | ({"requireWebsocket": True} if notices else {})
        body = calls.job_body(device, config, caps, settings, options)
        return Job(self._open, await self._open.do(calls.create_job(body)))

    async def create_document(self, password: str = "") -> Document:
        """Make an empty document, with a password or without."""
        info = await self._open.do(calls.create_document(password))
        return Document(self._open, info.uid, password)

    def document(self, uid: str, password: str = "") -> Document:
        """A document that is there already; nothing is asked yet."""
        return Document(self._open, uid, password)

    async def read_barcodes(self, page: PageInfo | str, settings: Any = None) -> list[Barcode]:
        """The barcodes on a page of a job, given by what is said of it or by its URL."""
        return await self._open.do(calls.read_barcodes(calls.source_of(page), settings))

    async def is_blank(
        self, page: PageInfo | str, *, min_height: int | None = None, max_height: int | None = None
    ) -> bool:
        """Whether a page of a job is blank; only blemishes of a height between the two make it otherwise."""
        return await self._open.do(calls.check_blank(calls.source_of(page), min_height, max_height))

    def events(self, since: int | None = None) -> AbstractAsyncContextManager[EventStream]:
        """What happens in the service, in ``async with client.events() as events: async for event in events:``; see :func:`open_events`."""
        return open_events(self._open, since)
