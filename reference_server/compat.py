"""The contradictions register (rest-api.md 10) as data: where the published sources disagree, and what each ``--compat`` value does about it.

``lenient`` keeps every known client alive, ``strict`` follows the official reference to the letter, so that a client that leans on our leniency is found
out here and not against somebody else's service. Whatever differs between the two is a field of :class:`Rules`; code asks :func:`rules_for` (or
``service.rules``) and never compares profiles itself. Matters in which both profiles do the same stand here too: the choice is what is recorded.
"""

from __future__ import annotations

from dataclasses import dataclass

from reference_server.modes import Compat


@dataclass(frozen=True, slots=True)
class Rules:
    """What one profile does.

    Attributes:
        page_info_is_array: next-page-info answers an array with one object (D-01).
        pending_can_be_canceled: PATCH canceled is allowed before the job runs (D-02).
        content_takes_pages: content's page may be called ``pages``, be a UID, and ``type`` may be missing (D-06).
        document_outside_path: a document's UID may stand in the query or the body (D-07).
        old_headers: ``X-DICS-*`` counts like ``DWT-*`` (D-09).
        licence_in_body: ``license`` in a body counts as a licence key (D-10).
        both_default_names: a capability's default value is emitted as ``defValue`` too (D-11).
        all_barcode_settings: keywords of either spelling, and templates as objects (D-13).
        capability_names: a capability may be named instead of numbered (D-16).
        loose_types: numbers may come as strings, a ``device`` as an object, and null counts as absent (rest-api.md 1.2, 5.1).
    """

    page_info_is_array: bool
    pending_can_be_canceled: bool
    content_takes_pages: bool
    document_outside_path: bool
    old_headers: bool
    licence_in_body: bool
    both_default_names: bool
    all_barcode_settings: bool
    capability_names: bool
    loose_types: bool


_RULES = {
    Compat.LENIENT: Rules(
        page_info_is_array=False,
        pending_can_be_canceled=True,
        content_takes_pages=True,
        document_outside_path=True,
        old_headers=True,
        licence_in_body=True,
        both_default_names=True,
        all_barcode_settings=True,
        capability_names=True,
        loose_types=True,
    ),
    Compat.STRICT: Rules(
        page_info_is_array=True,
        pending_can_be_canceled=False,
        content_takes_pages=False,
        document_outside_path=False,
        old_headers=False,
        licence_in_body=False,
        both_default_names=False,
        all_barcode_settings=False,
        capability_names=False,
        loose_types=False,
    ),
}


LEGACY = _RULES[Compat.LENIENT]
"""Of ``/DWTAPI`` under either profile: its reference is too short to be strict about, and its clients send types and licences in their own ways (8)."""


def rules_for(compat: Compat) -> Rules:
    """The rules of a profile."""
    return _RULES[compat]


@dataclass(frozen=True, slots=True)
class Matter:
    """One entry of the register.

    Attributes:
        id: as rest-api.md 10 numbers it.
        about: the matter.
        lenient, strict: what the profiles do.
        rule: the field of :class:`Rules` that holds the difference; empty where there is none.
        asked: modules of this room that ask the rule, or that hold the one choice.
    """

    id: str
    about: str
    lenient: str
    strict: str
    rule: str
    asked: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether the profiles do different things."""
        return bool(self.rule)


def _same(number: str, about: str, choice: str, *asked: str) -> Matter:
    return Matter(number, about, choice, choice, "", asked)


REGISTER: tuple[Matter, ...] = (
    Matter(
        "D-01",
        "body of next-page-info",
        "an object",
        "an array with one object",
        "page_info_is_array",
        ("endpoints.pages",),
    ),
    Matter(
        "D-02",
        "PATCH canceled of a pending job",
        "allowed",
        "409: the reference's state list has no way from pending to canceled",
        "pending_can_be_canceled",
        ("endpoints.jobs", "jobs.states"),
    ),
    _same("D-03", "PATCH in a wrong state", "409", "jobs.states"),
    _same("D-04", "type of a job's code", "a number", "models"),
    _same("D-05", "end of the pages", "204; 410 with --end-of-pages 410", "endpoints.pages"),
    Matter(
        "D-06",
        "the page of a job's content",
        "page or pages, an index or a UID; type may be missing",
        "page and type are required, page is an index",
        "content_takes_pages",
        ("endpoints.pages",),
    ),
    Matter(
        "D-07",
        "where the document's UID stands in GET and DELETE",
        "in the path, in the query or in the body",
        "in the path; 405 without it",
        "document_outside_path",
        ("endpoints.table",),
    ),
    _same("D-08", "default of autoRun", "true", "models"),
    Matter(
        "D-09",
        "names of the headers for licence and password",
        "DWT-* or X-DICS-*; the new name wins",
        "DWT-*",
        "old_headers",
        ("header_names",),
    ),
    Matter(
        "D-10",
        "where the licence stands",
        "in the header or as license in the body",
        "in the header",
        "licence_in_body",
        ("access.licence",),
    ),
    Matter(
        "D-11",
        "name of a capability's default value",
        "defaultValue and defValue",
        "defaultValue",
        "both_default_names",
        ("endpoints.device",),
    ),
    _same("D-12", "meaning and range of quality", "0 to 100, higher is better", "documents.output.wish"),
    Matter(
        "D-13",
        "settings of read-barcode",
        "BestCoverage, coverage and so on in any case; a template as text or as an object",
        "BestCoverage, BestSpeed, Balance, or a template as text",
        "all_barcode_settings",
        ("endpoints.process",),
    ),
    _same("D-14", "check-blank beyond Windows", "everywhere", "endpoints.process"),
    _same(
        "D-15", "status of DELETE of a job", "204 under /api, 200 under /DWTAPI", "endpoints.jobs", "endpoints.legacy"
    ),
    Matter(
        "D-16",
        "how a capability is called in caps",
        "by number or by name in any case",
        "by number",
        "capability_names",
        ("models", "endpoints.device"),
    ),
    _same("D-17", "texts of 405, 410 and 423", "our own", "errors"),
    _same("D-18", "values of pageType", "the list of PDF pages", "documents.output.wish"),
    _same("D-19", "next-page while the job is pending", "409", "jobs.states"),
    _same("D-20", "type of imageId", "a number", "models"),
)
