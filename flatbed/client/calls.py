"""Every request as data: what is sent, and what becomes of the answer. Both clients, with and without async, carry out the same calls."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from flatbed.client.errors import ClientError, RestError
from flatbed.client.results import (
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

JOBS = "/api/device/scanners/jobs"
DOCUMENTS = "/api/storage/documents"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of a service; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def media_type(self) -> str:
        """Of the content, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def json(self) -> Any:
        """The content.

        Raises:
            ClientError: it is no JSON; whatever answers there is no scanning service.
        """
        try:
            return json.loads(self.content)
        except ValueError:
            raise ClientError("The answer is not JSON; this is no scanning service.") from None


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One request.

    Attributes:
        method, path: of it; the path begins below the base URL.
        parse: makes the result of a good answer.
        query, body, headers: of the request.
        patient: the service may take any time, since it waits for a page.
        licensed: the licence key goes with it.
    """

    method: str
    path: str
    parse: Callable[[Reply], T]
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    patient: bool = False
    licensed: bool = False

    @property
    def safe(self) -> bool:
        """Whether carrying it out twice is the same as once."""
        return self.method == "GET"

    def result(self, reply: Reply) -> T:
        """What the answer means.

        Raises:
            RestError: it was refused.
            ClientError: the answer is not what a scanning service says.
        """
        if reply.status >= 300:
            raise refusal(reply)
        try:
            return self.parse(reply)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            raise ClientError(f"The answer to {self.method} {self.path} is not understood: {error!r}.") from error


def refusal(reply: Reply) -> RestError:
    """The error that an answer stands for."""
    try:
        body = json.loads(reply.content)
    except ValueError:
        body = None
    fields: dict[str, Any] = body if isinstance(body, dict) else {}
    code = fields.get("code", 0)
    message = fields.get("message") or reply.content[:200].decode(errors="replace") or "The service gave no reason."
    try:
        retry_after: float | None = float(reply.headers["retry-after"])
    except (KeyError, ValueError):
        retry_after = None
    return RestError(reply.status, code if isinstance(code, int) else 0, str(message), retry_after, fields)


def version() -> Call[VersionInfo]:
    """GET version."""
    return Call("GET", "/api/server/version", lambda reply: VersionInfo.of(reply.json()))


def log_level() -> Call[int]:
    """GET the log level."""
    return Call("GET", "/api/server", lambda reply: int(reply.json()["logLevel"]))


def set_log_level(value: int) -> Call[int]:
    """PATCH the log level."""
    return Call("PATCH", "/api/server", lambda reply: int(reply.json()["logLevel"]), body={"logLevel": value})


def scanners(types: int | None) -> Call[list[Scanner]]:
    """GET scanners."""
    query = {} if types is None else {"type": str(types)}
    return Call("GET", "/api/device/scanners", lambda reply: [Scanner.of(item) for item in reply.json()], query=query)


def create_job(body: Mapping[str, Any]) -> Call[dict[str, Any]]:
    """POST a job."""
    return Call("POST", JOBS, lambda reply: dict(reply.json()), body=body, licensed=True)


def job_info(uid: str) -> Call[JobInfo]:
    """GET a job."""
    return Call("GET", _job(uid), lambda reply: JobInfo.of(reply.json()))


def set_job_status(uid: str, status: str) -> Call[str]:
    """PATCH a job."""
    return Call("PATCH", _job(uid), lambda reply: str(reply.json()["status"]), body={"status": status})


def delete_job(uid: str) -> Call[None]:
    """DELETE a job."""
    return Call("DELETE", _job(uid), _nothing)


def next_page(uid: str, media_type: str, number: int) -> Call[Page | None]:
    """GET the next page; None at the end."""
    return Call("GET", f"{_job(uid)}/next-page", _page(number), query={"type": media_type}, patient=True)


def next_page_info(uid: str) -> Call[PageInfo | None]:
    """GET what is to be said of the next page; None at the end."""

    def parse(reply: Reply) -> PageInfo | None:
        return None if reply.status == 204 else PageInfo.of(reply.json())

    return Call("GET", f"{_job(uid)}/next-page-info", parse, patient=True)


def page(uid: str, which: int | str, media_type: str) -> Call[Page | None]:
    """GET a page by index or UID; None when it is not there yet."""
    return Call("GET", f"{_job(uid)}/content", _page(0), query={"type": media_type, "page": str(which)})


def capabilities(uid: str, numbers: Sequence[int]) -> Call[list[Capability]]:
    """GET capabilities."""
    query = {"caps": ",".join(map(str, numbers))} if numbers else {}
    path = f"{_job(uid)}/scanner/capabilities"
    return Call("GET", path, lambda reply: [Capability.of(item) for item in reply.json()], query=query, patient=True)


def device_settings(uid: str) -> Call[str]:
    """GET the settings of the device as a text that a job takes."""
    return Call("GET", f"{_job(uid)}/scanner/settings", lambda reply: str(reply.json()["settings"]), patient=True)


def create_document(password: str) -> Call[DocumentInfo]:
    """POST a document."""
    body = {"password": password} if password else {}
    return Call("POST", DOCUMENTS, _document, body=body)


def document_info(uid: str, password: str) -> Call[DocumentInfo]:
    """GET a document."""
    return Call("GET", _document_path(uid), _document, headers=_password(password))


def set_metadata(uid: str, password: str, metadata: Mapping[str, Any] | str) -> Call[DocumentInfo]:
    """PATCH a document."""
    body = {"metadata": dict(metadata) if isinstance(metadata, Mapping) else metadata}
    return Call("PATCH", _document_path(uid), _document, body=body, headers=_password(password))


def delete_document(uid: str, password: str) -> Call[None]:
    """DELETE a document."""
    return Call("DELETE", _document_path(uid), _nothing, headers=_password(password))


def insert_page(uid: str, password: str, source: str, position: int | None) -> Call[DocumentInfo]:
    """POST a page into a document."""
    body: dict[str, Any] = {"source": source} if position is None else {"source": source, "insertPos": position}
    return Call("POST", f"{_document_path(uid)}/pages", _document, body=body, headers=_password(password))


def delete_page(uid: str, password: str, which: int | str) -> Call[None]:
    """DELETE a page of a document."""
    path = f"{_document_path(uid)}/pages/{quote(str(which), safe='')}"
    return Call("DELETE", path, _nothing, headers=_password(password))


def document_content(uid: str, password: str, query: Mapping[str, str]) -> Call[File]:
    """GET a document as a file."""
    path = f"{_document_path(uid)}/content"
    return Call("GET", path, _file, query=query, headers=_password(password), patient=True)


def read_barcodes(source: str, settings: Any) -> Call[list[Barcode]]:
    """POST a page to be read."""
    body = {"source": source} if settings is None else {"source": source, "settings": settings}
    parse = lambda reply: [Barcode.of(item) for item in reply.json()]  # noqa: E731  # a line of its own reads better
    return Call("POST", "/api/process/read-barcode", parse, body=body, licensed=True)


def check_blank(source: str, min_height: int | None, max_height: int | None) -> Call[bool]:
    """POST a page to be looked at."""
    heights = {"minBlockHeight": min_height, "maxBlockHeight": max_height}
    settings = {name: value for name, value in heights.items() if value is not None}
    body: dict[str, Any] = {"source": source, "settings": settings} if settings else {"source": source}
    return Call(
        "POST", "/api/process/check-blank", lambda reply: reply.json()["result"] is True, body=body, licensed=True
    )


def job_body(
    device: Scanner | str | None,
    config: Mapping[str, Any] | None,
    caps: Mapping[str, Any] | None,
    settings: str | None,
    options: Mapping[str, Any],
) -> dict[str, Any]:
    """The body of a new job (rest-api.md 5.1); what is None is left out."""
    fields = {
        "device": device.device if isinstance(device, Scanner) else device,
        "config": None if config is None else dict(config),
        "caps": None if caps is None else dict(caps),
        "settings": settings,
        **options,
    }
    return {name: value for name, value in fields.items() if value is not None}


def content_query(media_type: str, pages: Sequence[int | str], options: Mapping[str, Any]) -> dict[str, str]:
    """The query of a document's content (rest-api.md 6.1); a boolean or a number becomes its text."""
    query = {"type": media_type}
    if pages:
        query["pages"] = ",".join(map(str, pages))
    return query | {name: str(value) for name, value in options.items() if value is not None}


def source_of(page_source: PageInfo | str) -> str:
    """The URL by which documents and processing are told of a page."""
    return page_source.url if isinstance(page_source, PageInfo) else page_source


def _job(uid: str) -> str:
    return f"{JOBS}/{quote(uid, safe='')}"


def _document_path(uid: str) -> str:
    return f"{DOCUMENTS}/{quote(uid, safe='')}"


def _password(password: str) -> dict[str, str]:
    return {"DWT-DOC-PASSWORD": password} if password else {}


def _nothing(_reply: Reply) -> None:
    return None


def _document(reply: Reply) -> DocumentInfo:
    return DocumentInfo.of(reply.json())


def _file(reply: Reply) -> File:
    return File(reply.media_type, reply.content)


def _page(number: int) -> Callable[[Reply], Page | None]:
    def parse(reply: Reply) -> Page | None:
        return None if reply.status == 204 else Page(reply.media_type, reply.content, number)

    return parse
