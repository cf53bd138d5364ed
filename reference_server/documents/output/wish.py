"""What a client asks of the content of a document: the query of rest-api.md 6.1, checked."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from device_protocol import JPEG, PNG
from device_protocol.vocabularies.rest_documents import (
    AUTO,
    DEFAULT_PDF_VERSION,
    DEFAULT_QUALITY,
    PAGE_TYPES,
    PDF,
    PDF_CODINGS,
    PDF_VERSIONS,
    QUALITIES,
    TIFF,
    TIFF_CODINGS,
    Coding,
)
from reference_server.errors import bad_parameter

TYPES = (JPEG, PNG, TIFF, PDF)
KEYS = (
    "type",
    "pages",
    "quality",
    "compression",
    "pageType",
    "author",
    "creator",
    "producer",
    "subject",
    "title",
    "keyWords",
    "creationDate",
    "modifiedDate",
    "version",
    "password",
)
"""All keys of the query."""

PASSWORD_LENGTH = 32
TEXT_LENGTH = 1000
"""Characters of one entry of the information dictionary."""

_TEXTS = {
    "title": "Title",
    "author": "Author",
    "subject": "Subject",
    "keyWords": "Keywords",
    "creator": "Creator",
    "producer": "Producer",
}
_DATES = {"creationDate": "CreationDate", "modifiedDate": "ModDate"}
_TIME = r"([01][0-9]|2[0-3])([0-5][0-9]([0-5][0-9])?)?(Z(00'?(00'?)?)?|[ +-]([01][0-9]|2[0-3])('([0-5][0-9]'?)?)?)?"
DATE = rf"^(D:)?[0-9]{{4}}((0[1-9]|1[0-2])((0[1-9]|[12][0-9]|3[01])({_TIME})?)?)?$"
"""ISO 32000-2 7.9.4; the prefix may be left out, and a plus sign that nobody escaped comes as a space."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted.

    Attributes:
        media_type: of the file.
        pages: names of the pages in order; None: all of them, or the first where the file holds one page.
        coding: of its pages; None is chosen page by page.
        quality: 0 to 100, higher is better (D-12).
        paper, information, version, password: see :class:`reference_server.documents.output.pdf.PdfWords`.
    """

    media_type: str = PDF
    pages: tuple[str, ...] | None = None
    coding: Coding | None = None
    quality: int = DEFAULT_QUALITY
    paper: tuple[float, float] | None = None
    information: Mapping[str, str] = field(default_factory=dict)
    version: str = DEFAULT_PDF_VERSION
    password: str = field(default="", repr=False)

    @property
    def one_page(self) -> bool:
        """Whether such a file holds one page only."""
        return self.media_type in {PNG, JPEG}


def read_wish(query: Mapping[str, str]) -> Wish:
    """The wish that *query* says.

    Raises:
        RestError: 400 -2113, with the name of the key.
    """
    media_type = (query.get("type") or PDF).lower()
    if media_type not in TYPES:
        raise bad_parameter(f"type: one of {', '.join(TYPES)}.")
    version = query.get("version") or DEFAULT_PDF_VERSION
    if version not in PDF_VERSIONS:
        raise bad_parameter(f"version: one of {', '.join(PDF_VERSIONS)}.")
    password = query.get("password", "")
    if len(password) > PASSWORD_LENGTH:
        raise bad_parameter(f"password: at most {PASSWORD_LENGTH} characters.")
    return Wish(
        media_type,
        _pages(query.get("pages", "")),
        _coding(media_type, query),
        _number(query, "quality", DEFAULT_QUALITY, QUALITIES),
        PAGE_TYPES[_number(query, "pageType", 0, PAGE_TYPES)],  # D-18
        _information(query),
        version,
        password,
    )


def _pages(text: str) -> tuple[str, ...] | None:
    if not text.strip():
        return None
    names = tuple(name.strip() for name in text.split(","))
    if "" in names:
        raise bad_parameter("pages: a comma list of indices from 0 or UIDs of pages.")
    return names


def _coding(media_type: str, query: Mapping[str, str]) -> Coding | None:
    """The coding that ``compression`` means; it says nothing about PNG and JPEG."""
    codings = {PDF: PDF_CODINGS, TIFF: TIFF_CODINGS}.get(media_type, PDF_CODINGS | TIFF_CODINGS)
    number = _number(query, "compression", AUTO, (AUTO, *codings))
    return codings.get(number)


def _number(query: Mapping[str, str], name: str, default: int, known: Collection[int]) -> int:
    text = query.get(name, "").strip()
    if not text:
        return default
    number = int(text[:9]) if text.isascii() and text.isdigit() else -1
    if number not in known:
        words = f"{known[0]} to {known[-1]}" if isinstance(known, range) else f"one of {', '.join(map(str, known))}"
        raise bad_parameter(f"{name}: {words}.")
    return number


def _information(query: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, name in _TEXTS.items():
        text = query.get(key, "")
        if len(text) > TEXT_LENGTH:
            raise bad_parameter(f"{key}: at most {TEXT_LENGTH} characters.")
        if text:
            found[name] = text
    for key, name in _DATES.items():
        text = query.get(key, "")
        if not text:
            continue
        if "\n" in text or not re.match(DATE, text):
            raise bad_parameter(f"{key}: a date as PDF writes it, such as D:20250101 or D:20250101120000+01'00'.")
        found[name] = "D:" + text.removeprefix("D:").replace(" ", "+")
    return found
