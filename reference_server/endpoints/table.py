"""Every endpoint as data: paths, methods, handlers, models and statuses. Routes are made from it, and the OpenAPI document can be."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel

from reference_server.endpoints import description, device, jobs, legacy, pages, scanners, server
from reference_server.endpoints.call import Handler
from reference_server.header_names import PRODUCT_KEY
from reference_server.models import (
    Body,
    CapabilityDetails,
    JobCreate,
    JobCreated,
    JobInfo,
    JobPatch,
    JobStatusAnswer,
    OpenApi,
    PageInfoAnswer,
    ScanJobCreate,
    Scanner,
    ServerPatch,
    ServerSettings,
    SettingsAnswer,
    VersionInfo,
)


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of a path.

    Attributes:
        method: in upper case.
        handler: see :class:`reference_server.endpoints.call.Call`.
        summary: what it does, in a few words.
        success: statuses of success.
        errors: statuses of error bodies that it can answer, besides 403 and 503 which all can.
        request: model of the body.
        answer: model of the JSON answer; None where it is an image, or nothing.
        many: whether the answer is a list of those.
        media_types: of answers that are not JSON.
        query: names of query parameters.
        headers: names of request headers, old names included (:mod:`reference_server.header_names`).
    """

    method: str
    handler: Handler
    summary: str
    success: tuple[int, ...] = (200,)
    errors: tuple[int, ...] = ()
    request: type[Body] | None = None
    answer: type[BaseModel] | None = None
    many: bool = False
    media_types: tuple[str, ...] = ()
    query: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()

    @property
    def safe(self) -> bool:
        """Whether it may be abandoned when its client leaves."""
        return self.method == "GET"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A path and its methods."""

    path: str
    operations: tuple[Operation, ...]

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that there are."""
        return tuple(operation.method for operation in self.operations)

    def operation(self, method: str) -> Operation | None:
        """The operation of *method*, if there is one."""
        return next((operation for operation in self.operations if operation.method == method), None)


_JOBS = "/api/device/scanners/jobs"
_JOB = f"{_JOBS}/{{jobuid}}"
_ENCODED = pages.TYPES

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        "/api/server",
        (
            Operation("GET", server.get_settings, "Settings of the service", answer=ServerSettings),
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
    Endpoint("/api/server/version", (Operation("GET", server.get_version, "Versions", answer=VersionInfo),)),
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
            Operation("GET", jobs.get_job, "State of a job", errors=(404, 410), answer=JobInfo),
            Operation(
                "PATCH",
                jobs.patch_job,
                "Start or cancel a job",
                errors=(400, 404, 408, 409, 410, 413),
                request=JobPatch,
                answer=JobStatusAnswer,
            ),
            Operation("DELETE", jobs.delete_job, "Delete a job", success=(204,), errors=(404, 410)),
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
        (Operation("DELETE", legacy.delete_job, "Delete a job", errors=(404, 410), media_types=(legacy.TEXT,)),),
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
)
"""All of them (rest-api.md 2), as far as they are built."""


def describe_endpoints() -> tuple[Endpoint, ...]:
    """The table, for documents that are made from it."""
    return ENDPOINTS
