"""The Python client of a scanning service: asynchronous on httpx and trio-websocket, and a plain one on httpx.

Start at :class:`ScanClient` (trio) or :class:`SyncScanClient`; docs/client.md shows both. What may come in: requests, typed results, errors that say what to
do, and the two WebSockets. What may not: anything of the service's own code; the client knows the contract only, and talks to any service that keeps it.
"""

from flatbed.client.documents import Document
from flatbed.client.errors import ClientError, JobFailedError, ReadyFileError, RestError, UnreachableError
from flatbed.client.event_stream import EventStream
from flatbed.client.jobs import Job
from flatbed.client.results import (
    JPEG,
    PDF,
    PNG,
    TIFF,
    Barcode,
    Capability,
    DocumentInfo,
    Event,
    File,
    JobInfo,
    Page,
    PageInfo,
    PageNotice,
    Scanner,
    VersionInfo,
)
from flatbed.client.scan_client import ScanClient
from flatbed.client.sync_client import SyncDocument, SyncJob, SyncScanClient

__all__ = [
    "JPEG",
    "PDF",
    "PNG",
    "TIFF",
    "Barcode",
    "Capability",
    "ClientError",
    "Document",
    "DocumentInfo",
    "Event",
    "EventStream",
    "File",
    "Job",
    "JobFailedError",
    "JobInfo",
    "Page",
    "PageInfo",
    "PageNotice",
    "ReadyFileError",
    "RestError",
    "ScanClient",
    "Scanner",
    "SyncDocument",
    "SyncJob",
    "SyncScanClient",
    "UnreachableError",
    "VersionInfo",
]
