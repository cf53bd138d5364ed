"""The endpoints of the API as data (rest-api.md 2), with the parts that a service may lack."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.requirements.rest.facts import ServiceFacts

JOBS = "/api/device/scanners/jobs"
DOCUMENTS = "/api/storage/documents"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A path.

    Attributes:
        name: for people, the same in every run.
        path: as it goes out.
        methods: that it has.
        tolerated: that a lenient service may have besides (D-07), and that are not judged.
    """

    name: str
    path: str
    methods: frozenset[str]
    tolerated: frozenset[str] = frozenset()


_FIXED = (
    ("", "/api/server", "GET PATCH", ""),
    ("", "/api/server/version", "GET", ""),
    ("", "/api/device/scanners", "GET", ""),
    ("", JOBS, "POST", ""),
    ("documents", DOCUMENTS, "POST", "GET DELETE"),
    ("read-barcode", "/api/process/read-barcode", "POST", ""),
    ("check-blank", "/api/process/check-blank", "POST", ""),
)
_OF_A_JOB = (
    ("", "", "GET PATCH DELETE"),
    ("capabilities", "/scanner/capabilities", "GET"),
    ("", "/scanner/settings", "GET"),
    ("", "/next-page", "GET"),
    ("", "/next-page-info", "GET"),
    ("content", "/content", "GET"),
)
_OF_A_DOCUMENT = (
    ("", "", "GET DELETE", "PATCH"),
    ("", "/content", "GET", ""),
    ("", "/pages", "POST", ""),
    ("", "/pages/0", "DELETE", ""),
)


def endpoints(facts: ServiceFacts, job: str, document: str | None) -> Iterator[Endpoint]:
    """All that there are.

    Args:
        facts: which parts are missing.
        job: path of a job.
        document: path of a document; None leaves those paths out.
    """
    for part, path, methods, tolerated in _FIXED:
        if part not in facts.missing:
            yield Endpoint(path, path, _set(methods), _set(tolerated))
    for part, below, methods in _OF_A_JOB:
        if part not in facts.missing:
            yield Endpoint(f"job{below}", job + below, _set(methods))
    for _part, below, methods, tolerated in _OF_A_DOCUMENT if document is not None else ():
        yield Endpoint(f"document{below}", f"{document}{below}", _set(methods), _set(tolerated))


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())
