"""The client without async: the same calls on httpx's plain client. It has no WebSockets, so neither events nor notices."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from flatbed.client import calls
from flatbed.client.access import Access, read_ready_file, reply_of
from flatbed.client.calls import Call
from flatbed.client.errors import JobFailedError, RestError, UnreachableError
from flatbed.client.link import unreachable
from flatbed.client.results import (
    PDF,
    PNG,
    Barcode,
    Capability,
    DocumentInfo,
    File,
    JobInfo,
    Page,
    PageInfo,
    Scanner,
    VersionInfo,
)

T = TypeVar("T")


class _Line:
    def __init__(self, access: Access) -> None:
        self.access = access
        self.http = httpx.Client(**access.keywords())

    def do(self, call: Call[T]) -> T:
        tries = 0
        while True:
            try:
                return call.result(reply_of(self.http.request(**self.access.request(call))))
            except RestError as error:
                tries += 1
                pause = self.access.pause(call, error, tries)
                if pause is None:
                    raise
                time.sleep(pause)
            except httpx.TransportError as error:
                raise unreachable(self.access, error) from error


class SyncScanClient:
    """As :class:`flatbed.client.ScanClient`, for programs without async; a context manager."""

    def __init__(self, base_url: str, **options: Any) -> None:
        self._line = _Line(Access(base_url, **options))

    @classmethod
    def from_ready_file(cls, path: str | Path, *, secure: bool = False, **options: Any) -> SyncScanClient:
        """A client of the service that wrote this ready file.

        Raises:
            ReadyFileError: it is not there, or is none.
        """
        return cls(**read_ready_file(path, secure=secure) | options)

    @property
    def base_url(self) -> str:
        """Scheme, host and port of the service."""
        return self._line.access.base_url

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End its connections."""
        self._line.http.close()

    def version(self) -> VersionInfo:
        """Which revision of the API the service has."""
        return self._line.do(calls.version())

    def scanners(self, types: int | None = None) -> list[Scanner]:
        """The scanners."""
        return self._line.do(calls.scanners(types))

    def create_job(
        self,
        device: Scanner | str | None = None,
        config: Mapping[str, Any] | None = None,
        *,
        auto_run: bool = True,
        caps: Mapping[str, Any] | None = None,
        settings: str | None = None,
        **options: Any,
    ) -> SyncJob:
        """Make a job; see :meth:`flatbed.client.ScanClient.create_job`."""
        body = calls.job_body(device, config, caps, settings, options | {"autoRun": auto_run})
        return SyncJob(self._line, self._line.do(calls.create_job(body)))

    def create_document(self, password: str = "") -> SyncDocument:
        """Make an empty document."""
        return SyncDocument(self._line, self._line.do(calls.create_document(password)).uid, password)

    def document(self, uid: str, password: str = "") -> SyncDocument:
        """A document that is there already."""
        return SyncDocument(self._line, uid, password)

    def read_barcodes(self, page: PageInfo | str, settings: Any = None) -> list[Barcode]:
        """The barcodes on a page of a job."""
        return self._line.do(calls.read_barcodes(calls.source_of(page), settings))

    def is_blank(self, page: PageInfo | str, *, min_height: int | None = None, max_height: int | None = None) -> bool:
        """Whether a page of a job is blank."""
        return self._line.do(calls.check_blank(calls.source_of(page), min_height, max_height))


class SyncJob:
    """As :class:`flatbed.client.Job`."""

    def __init__(self, line: _Line, created: dict[str, Any]) -> None:
        self._line = line
        self.uid = str(created["jobuid"])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self.delete()
        except RestError as error:
            if error.status not in {404, 410}:
                raise
        except UnreachableError:
            if value is None:
                raise

    def info(self) -> JobInfo:
        """State, code and message."""
        return self._line.do(calls.job_info(self.uid))

    def start(self) -> str:
        """Start a pending job."""
        return self._line.do(calls.set_job_status(self.uid, "running"))

    def cancel(self) -> str:
        """Stop it; pages that came stay readable."""
        return self._line.do(calls.set_job_status(self.uid, "canceled"))

    def delete(self) -> None:
        """Delete it and its pages."""
        self._line.do(calls.delete_job(self.uid))

    def pages(self, type: str = PNG) -> Iterator[Page]:  # noqa: A002  # the contract's name
        """All pages in order, as they come.

        Raises:
            JobFailedError: after the last page, when the scan did not end well.
        """
        number = 1
        while (page := self._or_end(calls.next_page(self.uid, type, number))) is not None:
            yield page
            number += 1
        info = self.info()
        if info.status in {"faulted", "canceled"}:
            raise JobFailedError(info.status, info.code, info.message)

    def page(self, which: int | str, type: str = PNG) -> Page | None:  # noqa: A002  # the contract's name
        """A page by index, from 0, or by UID; None when it is not there."""
        return self._line.do(calls.page(self.uid, which, type))

    def page_infos(self) -> Iterator[PageInfo]:
        """What is to be said of each page, in order, as they come."""
        while (info := self._or_end(calls.next_page_info(self.uid))) is not None:
            yield info

    def capabilities(self, numbers: Sequence[int] = ()) -> list[Capability]:
        """Capabilities of the scanner of a pending job."""
        return self._line.do(calls.capabilities(self.uid, numbers))

    def device_settings(self) -> str:
        """The settings of the scanner as an opaque text."""
        return self._line.do(calls.device_settings(self.uid))

    def _or_end(self, call: Call[T | None]) -> T | None:
        try:
            return self._line.do(call)
        except RestError as error:
            if error.status != 410:
                raise
        self.info()  # raises if it is the job that is gone, and not only its pages
        return None


class SyncDocument:
    """As :class:`flatbed.client.Document`."""

    def __init__(self, line: _Line, uid: str, password: str = "") -> None:
        self._line = line
        self._password = password
        self.uid = uid

    def info(self) -> DocumentInfo:
        """Its pages and metadata."""
        return self._line.do(calls.document_info(self.uid, self._password))

    def insert(self, page: PageInfo | str, position: int | None = None) -> DocumentInfo:
        """Copy a page of a job into it."""
        return self._line.do(calls.insert_page(self.uid, self._password, calls.source_of(page), position))

    def delete_page(self, which: int | str) -> None:
        """Remove a page by index, from 0, or by UID."""
        self._line.do(calls.delete_page(self.uid, self._password, which))

    def set_metadata(self, metadata: Mapping[str, Any] | str) -> DocumentInfo:
        """Replace its metadata as a whole."""
        return self._line.do(calls.set_metadata(self.uid, self._password, metadata))

    def content(self, type: str = PDF, pages: Sequence[int | str] = (), **options: Any) -> File:  # noqa: A002  # the contract's name
        """It as one file."""
        query = calls.content_query(type, pages, options)
        return self._line.do(calls.document_content(self.uid, self._password, query))

    def delete(self) -> None:
        """Remove it for good."""
        self._line.do(calls.delete_document(self.uid, self._password))
