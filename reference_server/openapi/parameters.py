"""What parameters mean and which values they take: the part of the OpenAPI document that no pydantic model holds."""

from __future__ import annotations

from dataclasses import dataclass, field

from device_protocol.vocabularies.rest_documents import (
    AUTO,
    DEFAULT_PDF_VERSION,
    DEFAULT_QUALITY,
    PAGE_TYPES,
    PDF,
    PDF_CODINGS,
    PDF_VERSIONS,
    QUALITIES,
    TIFF_CODINGS,
)
from reference_server.compat import Rules
from reference_server.documents.output.wish import DATE, TEXT_LENGTH
from reference_server.documents.output.wish import TYPES as DOCUMENT_TYPES
from reference_server.documents.passwords import MAX_LENGTH
from reference_server.endpoints.pages import TYPES
from reference_server.header_names import DOCUMENT_PASSWORD, PRODUCT_KEY
from reference_server.openapi.schemas import Schema
from reference_server.scanners import MAX_MASK

PASSWORD_CHARACTERS = MAX_LENGTH
DIGITS = "^[0-9]+$"
INDEX: Schema = {"type": "integer", "minimum": 0}
UID_OR_INDEX: Schema = {"anyOf": [INDEX, {"type": "string", "pattern": "^[0-9a-fA-F]{12}$"}]}
IMAGE_TYPE: Schema = {"type": "string", "enum": list(TYPES)}
EMPTY: Schema = {"const": ""}
"""A parameter that is there and says nothing, which counts as one that is not there."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter.

    Attributes:
        about: for people.
        schema: of its values.
        strict: of its values where the rules are strict, if that is less.
        required: it must be there where the rules are strict.
        lenient_only: strict services do not know it.
    """

    about: str
    schema: Schema = field(default_factory=lambda: {"type": "string"})
    strict: Schema | None = None
    required: bool = False
    lenient_only: bool = False

    def said(self, name: str, place: str, rules: Rules) -> Schema | None:
        """As OpenAPI has it; None where it is not known."""
        if self.lenient_only and rules.loose_types is False:
            return None
        exact = not rules.loose_types and self.strict is not None
        required = place == "path" or (self.required and not rules.loose_types)
        return {
            "name": name,
            "in": place,
            "description": self.about,
            "schema": self.strict if exact else self.schema,
            **({"required": True} if required else {}),
        }


PATH: dict[str, Parameter] = {
    "jobuid": Parameter("UID of a job, in any case", {"type": "string", "minLength": 1}),
    "documentuid": Parameter("UID of a document", {"type": "string", "minLength": 1}),
    "param": Parameter("UID of a page, or its index from 0", {"type": "string", "minLength": 1}),
}
"""By name."""

_MASKS = INDEX | {"maximum": MAX_MASK}
_MASK = Parameter(
    "Bit mask of device types; absent or 0: all but eSCL",
    {"anyOf": [_MASKS, {"type": "string", "pattern": "^(0[xX][0-9a-fA-F]{1,15})?$"}]},
    strict={"anyOf": [_MASKS, EMPTY]},
)

_CONTENT: dict[str, Parameter] = {
    "type": Parameter("Type of the file", {"type": "string", "enum": list(DOCUMENT_TYPES), "default": PDF}),
    "pages": Parameter(
        "UIDs or indices from 0 of pages, with commas, in the order of the file; empty: all, or the first for PNG and JPEG"
    ),
    "quality": Parameter(
        "Of what is encoded with a loss; higher is better",
        INDEX | {"maximum": QUALITIES[-1], "default": DEFAULT_QUALITY},
    ),
    "compression": Parameter(
        "0 is chosen page by page. PDF: 2 FAX4, 3 LZW, 5 JPEG, 6 JPEG2000, 7 JBIG2. TIFF: 1 none, 2 RLE, 3 FAX3, 4 FAX4, 5 LZW, 7 JPEG, 32773 PackBits",
        {"type": "integer", "enum": sorted({AUTO, *PDF_CODINGS, *TIFF_CODINGS}), "default": AUTO},
    ),
    "pageType": Parameter(
        "Paper of a PDF: 0 and 1 as scanned, 2 A4, 4 A3, 6 Letter, 8 Legal; the odd number after each is the same turned",
        {"type": "integer", "enum": list(PAGE_TYPES), "default": 0},
    ),
    **{
        name: Parameter(f"{name} of a PDF", {"type": "string", "maxLength": TEXT_LENGTH})
        for name in ("author", "creator", "producer", "subject", "title", "keyWords")
    },
    **{
        name: Parameter("Date as PDF writes it, such as D:20250101", {"type": "string", "pattern": DATE})
        for name in ("creationDate", "modifiedDate")
    },
    "version": Parameter(
        "Version of PDF", {"type": "string", "enum": list(PDF_VERSIONS), "default": DEFAULT_PDF_VERSION}
    ),
    "password": Parameter("To open the PDF with", {"type": "string", "maxLength": PASSWORD_CHARACTERS}),
}

QUERY: dict[tuple[str, str], Parameter] = {
    ("/api/device/scanners", "type"): _MASK,
    ("/DWTAPI/Scanners", "type"): _MASK,
    ("/DWTAPI/ScanJobs", "timeout"): Parameter(
        "Seconds for opening the scanner", {"anyOf": [INDEX | {"maximum": 7 * 24 * 3600}, EMPTY]}
    ),
    ("/api/device/scanners/jobs/{jobuid}/scanner/capabilities", "caps"): Parameter(
        "Numbers of capabilities with commas; absent or empty: all",
        {"type": "string", "pattern": "^([0-9]+(,[0-9]+)*)?$"},
    ),
    ("/api/device/scanners/jobs/{jobuid}/scanner/settings", "showui"): Parameter(
        "Whether the driver shows its window",
        {"enum": ["true", "false", "1", "0", ""]},
        strict={"anyOf": [{"type": "boolean"}, EMPTY]},
    ),
    ("/api/device/scanners/jobs/{jobuid}/next-page", "type"): Parameter(
        "Type of the image; PNG where nothing is said", {"anyOf": [IMAGE_TYPE, EMPTY]}
    ),
    ("/api/device/scanners/jobs/{jobuid}/next-page", "page"): Parameter(
        "UID of a page, which is given at once and moves no cursor"
    ),
    ("/api/device/scanners/jobs/{jobuid}/content", "type"): Parameter(
        "Type of the image", {"anyOf": [IMAGE_TYPE, EMPTY]}, IMAGE_TYPE, required=True
    ),
    ("/api/device/scanners/jobs/{jobuid}/content", "page"): Parameter(
        "Which page: its index from 0; where the rules are lenient its UID too", UID_OR_INDEX, INDEX, required=True
    ),
    ("/api/device/scanners/jobs/{jobuid}/content", "pages"): Parameter(
        "The same as page", UID_OR_INDEX, lenient_only=True
    ),
    ("/api/storage/documents", "documentuid"): Parameter("UID of a document", lenient_only=True),
    **{("/api/storage/documents/{documentuid}/content", name): about for name, about in _CONTENT.items()},
}
"""By path and name."""

HEADERS: dict[str, Parameter] = {
    PRODUCT_KEY[0]: Parameter("Licence key; its value is not looked at"),
    PRODUCT_KEY[1]: Parameter("Former name of DWT-PRODUCT-KEY", lenient_only=True),
    DOCUMENT_PASSWORD[0]: Parameter(
        "Password of the document; empty: none", {"type": "string", "maxLength": PASSWORD_CHARACTERS}
    ),
    DOCUMENT_PASSWORD[1]: Parameter(
        "Former name of DWT-DOC-PASSWORD", {"type": "string", "maxLength": PASSWORD_CHARACTERS}, lenient_only=True
    ),
}
"""By name."""
