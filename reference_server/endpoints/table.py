"""Every endpoint as data: paths, methods, handlers, models and statuses. Routes are made from it, and the OpenAPI document can be."""

from __future__ import annotations

from reference_server.capabilities.models import CapabilityDetails, SettingsAnswer
from reference_server.endpoints import (
    description,
    device,
    documents,
    events,
    jobs,
    legacy,
    pages,
    process,
    scanners,
    server,
)
from reference_server.endpoints.call import JSON
from reference_server.endpoints.operation import Endpoint, Operation
from reference_server.header_names import DOCUMENT_PASSWORD, PRODUCT_KEY
from reference_server.models import (
    DocumentCreate,
    DocumentInfo,
    DocumentPatch,
    JobCreate,
    JobCreated,
    JobInfo,
    JobPatch,
    JobStatusAnswer,
    OpenApi,
    PageInfoAnswer,
    PageInsert,
    ScanJobCreate,
    Scanner,
    ServerPatch,
    ServerSettings,
    VersionInfo,
)
from reference_server.processing.models import BarcodeAnswer, BarcodeRequest, BlankAnswer, BlankRequest
from reference_server.protocol_block import EVENTS_PATH
from reference_server.protocol_block import PATH as JOB_SOCKET_PATH

_JOBS = "/api/device/scanners/jobs"
_JOB = f"{_JOBS}/{{jobuid}}"
_ENCODED = pages.TYPES

_DOCUMENTS = "/api/storage/documents"
_DOCUMENT = f"{_DOCUMENTS}/{{documentuid}}"
_OPENING = (400, 404, 429)
"""What opening a document can answer, besides 403 and 500."""

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        "/api/server",
        (
            Operation("GET", server.get_settings, "Settings of the service", answer=ServerSettings, quick=True),
            Operation(
                "PATCH",
                server.patch_settings,
                "Change settings",
                errors=(400, 408, 413),
                request=ServerPatch,
                answer=ServerSettings,
            ),
        ),
    ),
    Endpoint(
        "/api/server/version", (Operation("GET", server.get_version, "Versions", answer=VersionInfo, quick=True),)
    ),
    Endpoint(
        description.PATH,
        (Operation("GET", description.get_openapi, "This document", answer=OpenApi),),
    ),
    Endpoint(
        "/api/device/scanners",
        (
            Operation(
                "GET", scanners.get_scanners, "List scanners", errors=(400,), answer=Scanner, many=True, query=("type",)
            ),
        ),
    ),
    Endpoint(
        _JOBS,
        (
            Operation(
                "POST",
                jobs.create_job,
                "Create a job",
                success=(201,),
                errors=(400, 408, 413, 423, 507),
                request=JobCreate,
                answer=JobCreated,
                headers=PRODUCT_KEY,
            ),
        ),
    ),
    Endpoint(
        _JOB,
        (
            Operation("GET", jobs.get_job, "State of a job", errors=(404, 410), answer=JobInfo, quick=True),
            Operation(
                "PATCH",
                jobs.patch_job,
                "Start or cancel a job",
                errors=(400, 404, 408, 409, 410, 413),
                request=JobPatch,
                answer=JobStatusAnswer,
            ),
            Operation("DELETE", jobs.delete_job, "Delete a job", success=(204,), errors=(404, 410), quick=True),
        ),
    ),
    Endpoint(
        f"{_JOB}/scanner/capabilities",
        (
            Operation(
                "GET",
                device.get_capabilities,
                "Capabilities of the scanner",
                errors=(400, 404, 409, 410),
                answer=CapabilityDetails,
                many=True,
                query=("caps",),
            ),
        ),
    ),
    Endpoint(
        f"{_JOB}/scanner/settings",
        (
            Operation(
                "GET",
                device.get_settings,
                "Settings of a TWAIN scanner, as a text",
                errors=(400, 404, 409, 410),
                answer=SettingsAnswer,
                query=("showui",),
            ),
        ),
    ),
    Endpoint(
        f"{_JOB}/next-page",
        (
            Operation(
                "GET",
                pages.next_page,
                "The next page",
                success=(200, 204),
                errors=(400, 404, 409, 410),
                media_types=_ENCODED,
                query=("type", "page"),
            ),
        ),
    ),
    Endpoint(
        f"{_JOB}/next-page-info",
        (
            Operation(
                "GET",
                pages.next_page_info,
                "About the next page",
                success=(200, 204),
                errors=(404, 409, 410),
                answer=PageInfoAnswer,
            ),
        ),
    ),
    Endpoint(
        EVENTS_PATH,
        (Operation("GET", events.get_socket, "Event stream, as a WebSocket", success=(101,), errors=(426,)),),
    ),
    Endpoint(
        f"{EVENTS_PATH}/schema.json",
        (Operation("GET", events.get_schema, "JSON Schema of the event stream", media_types=(JSON,)),),
    ),
    Endpoint(
        JOB_SOCKET_PATH,
        (Operation("GET", events.get_socket, "Notices of a job, as a WebSocket", success=(101,), errors=(426,)),),
    ),
    Endpoint(
        f"{_JOB}/content",
        (
            Operation(
                "GET",
                pages.content,
                "Any page",
                success=(200, 204),
                errors=(400, 404, 409, 410),
                media_types=_ENCODED,
                query=("type", "page", "pages"),
            ),
        ),
    ),
    Endpoint(
        _DOCUMENTS,
        (
            Operation(
                "POST",
                documents.create_document,
                "Create a document",
                success=(201,),
                errors=(400, 408, 413, 429, 507),
                request=DocumentCreate,
                answer=DocumentInfo,
            ),
            Operation(
                "GET",
                documents.get_named_document,
                "A document whose UID is in the query or the body",
                errors=(408, 413, *_OPENING),
                answer=DocumentInfo,
                query=("documentuid",),
                headers=DOCUMENT_PASSWORD,
                rule="document_outside_path",
            ),
            Operation(
                "DELETE",
                documents.delete_named_document,
                "Delete a document whose UID is in the query or the body",
                success=(204,),
                errors=(408, 413, 507, *_OPENING),
                query=("documentuid",),
                headers=DOCUMENT_PASSWORD,
                rule="document_outside_path",
            ),
        ),
    ),
    Endpoint(
        _DOCUMENT,
        (
            Operation(
                "GET",
                documents.get_document,
                "A document",
                errors=_OPENING,
                answer=DocumentInfo,
                headers=DOCUMENT_PASSWORD,
            ),
            Operation(
                "PATCH",
                documents.patch_document,
                "Replace the metadata of a document",
                errors=(408, 413, 507, *_OPENING),
                request=DocumentPatch,
                answer=DocumentInfo,
                headers=DOCUMENT_PASSWORD,
            ),
            Operation(
                "DELETE",
                documents.delete_document,
                "Delete a document",
                success=(204,),
                errors=(507, *_OPENING),
                headers=DOCUMENT_PASSWORD,
            ),
        ),
    ),
    Endpoint(
        f"{_DOCUMENT}/content",
        (
            Operation(
                "GET",
                documents.get_content,
                "Pages of a document as a file",
                errors=(507, *_OPENING),
                media_types=documents.TYPES,
                query=documents.CONTENT_KEYS,
                headers=DOCUMENT_PASSWORD,
            ),
        ),
    ),
    Endpoint(
        f"{_DOCUMENT}/pages",
        (
            Operation(
                "POST",
                documents.insert_page,
                "Copy a page of a job into a document",
                errors=(408, 413, 507, *_OPENING),
                request=PageInsert,
                answer=DocumentInfo,
                headers=DOCUMENT_PASSWORD,
            ),
        ),
    ),
    Endpoint(
        f"{_DOCUMENT}/pages/{{param}}",
        (
            Operation(
                "DELETE",
                documents.delete_page,
                "Delete a page of a document",
                success=(204,),
                errors=(507, *_OPENING),
                headers=DOCUMENT_PASSWORD,
            ),
        ),
    ),
    Endpoint(
        process.READ_BARCODE_PATH,
        (
            Operation(
                "POST",
                process.read_barcode,
                "Read barcodes of a page or a picture",
                errors=(400, 408, 413),
                request=BarcodeRequest,
                form=process.FORM_PARTS,
                answer=BarcodeAnswer,
                many=True,
                headers=PRODUCT_KEY,
            ),
        ),
    ),
    Endpoint(
        "/api/process/check-blank",
        (
            Operation(
                "POST",
                process.check_blank,
                "Tell whether a page is blank",
                errors=(400, 408, 413),
                request=BlankRequest,
                answer=BlankAnswer,
                headers=PRODUCT_KEY,
            ),
        ),
    ),
    Endpoint(
        "/DWTAPI/Scanners",
        (
            Operation(
                "GET", legacy.get_scanners, "List scanners", errors=(400,), answer=Scanner, many=True, query=("type",)
            ),
        ),
    ),
    Endpoint(
        "/DWTAPI/ScanJobs",
        (
            Operation(
                "POST",
                legacy.create_job,
                "Create a job; its UID as text",
                success=(201,),
                errors=(400, 408, 413, 423, 507),
                request=ScanJobCreate,
                media_types=(legacy.TEXT,),
                query=("timeout",),
                headers=PRODUCT_KEY,
            ),
        ),
    ),
    Endpoint(
        "/DWTAPI/ScanJobs/{jobuid}",
        (
            Operation(
                "DELETE", legacy.delete_job, "Delete a job", errors=(404, 410), media_types=(legacy.TEXT,), quick=True
            ),
        ),
    ),
    Endpoint(
        "/DWTAPI/ScanJobs/{jobuid}/NextDocument",
        (
            Operation(
                "GET",
                legacy.next_document,
                "The next page; 410 after the last",
                errors=(404, 409, 410),
                media_types=_ENCODED,
            ),
        ),
    ),
)
"""All of them (rest-api.md 2), as far as they are built."""


def describe_endpoints() -> tuple[Endpoint, ...]:
    """The table, for documents that are made from it."""
    return ENDPOINTS
