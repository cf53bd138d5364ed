"""Defects of ScannerCapabilities (ESCL-11 to ESCL-23)."""

from __future__ import annotations

from collections.abc import Callable

from conformance.selftest.escl.build import Changes
from conformance.selftest.escl.defects.defect import Defect, defect
from conformance.selftest.escl.edits import lacking, said
from conformance.selftest.escl.proof import CAPABILITIES, ORDER, STATUS, post
from simulators.escl.markup import Node, node
from simulators.escl.points import Answer, Moment, Point, told
from simulators.escl.quirks import CHANGES
from simulators.escl.scanner import Scanner

SERIAL = "VB1234567"


class ShrinksAfterAJob(Scanner):
    """Is smaller when it has scanned once."""

    async def capabilities(self) -> Answer:
        """See :class:`Scanner`."""
        answer = await super().capabilities()
        return answer.but(body=answer.body.replace(b"MaxWidth>1", b"MaxWidth>")) if self.jobs else answer


class PdfIs500(Scanner):
    """Offers PDF and fails at it."""

    async def post(self, body: bytes, base: str, root: str, client: str = "") -> Answer:
        """See :class:`Scanner`."""
        return (
            told(500, "Out of order.") if b"application/pdf" in body else await super().post(body, base, root, client)
        )


class RefusesGray(Scanner):
    """Offers gray and refuses it."""

    async def post(self, body: bytes, base: str, root: str, client: str = "") -> Answer:
        """See :class:`Scanner`."""
        return told(409, "No gray.") if b"Grayscale8" in body else await super().post(body, base, root, client)


def _upside_down() -> Changes:
    limits = (node("scan:Min", 600), node("scan:Max", 75), node("scan:Normal", 300), node("scan:Step", 1))
    band = node("scan:ResolutionRange", node("scan:XResolution", *limits), node("scan:YResolution", *limits))

    def edit(root: Node, moment: Moment) -> Node:
        if root.name == "scan:SupportedResolutions":
            return Node(root.name, None, (band,))
        return Node(root.name, root.text, tuple(edit(child, moment) for child in root.children))

    return {Point.CAPABILITIES: edit}


def _numbered(_text: str, moment: Moment) -> str:
    return f"6f1d2c5e-3b58-5d0f-9c76-{moment.asked:012d}"


def _document(name: str, requirement: str, what: str, changes: Changes) -> Defect:
    return defect(name, requirement, what, CAPABILITIES, CAPABILITIES, changes=changes)


def _doubled(text: str, _moment: Moment) -> str:
    return str(2 * int(text))


QUIRKY: Callable[[str], Changes] = CHANGES.__getitem__

DEFECTS = (
    _document("without-make-and-model", "ESCL-11", "has no name", QUIRKY("without-make-and-model")),
    _document("uuid-is-a-serial", "ESCL-12", "says its serial number as UUID", said("scan:UUID", SERIAL)),
    _document("uuid-changes", "ESCL-12", "has another UUID at each request", said("scan:UUID", _numbered)),
    _document("without-sources", "ESCL-13", "has neither Platen nor Adf", QUIRKY("without-sources")),
    _document("without-most-size", "ESCL-13", "does not say how large its sources are", QUIRKY("without-most-size")),
    _document(
        "least-above-most", "ESCL-14", "says a least width above the largest one", said("scan:MinWidth", "99999")
    ),
    _document("without-resolutions", "ESCL-15", "lists no resolution", QUIRKY("without-resolutions")),
    _document("range-upside-down", "ESCL-15", "has a range of resolutions from 600 to 75", _upside_down()),
    _document(
        "unequal-resolutions", "ESCL-16", "has twice the resolution along the page", said("scan:YResolution", _doubled)
    ),
    _document("without-color-modes", "ESCL-17", "lists no colour mode", QUIRKY("without-color-modes")),
    _document("unknown-color-mode", "ESCL-17", "lists the colour mode Color24", said("scan:ColorMode", "Color24")),
    _document("without-formats", "ESCL-18", "lists no document format", QUIRKY("without-formats")),
    _document("format-is-a-word", "ESCL-18", "calls a document format jpeg", said("pwg:DocumentFormat", "jpeg")),
    _document(
        "feeder-holds-nothing", "ESCL-19", "says that its feeder holds 0 sheets", said("scan:FeederCapacity", "0")
    ),
    _document(
        "duplex-without-caps",
        "ESCL-20",
        "lists Duplex without the capabilities of both sides",
        lacking("scan:AdfDuplexInputCaps"),
    ),
    _document(
        "adf-without-caps",
        "ESCL-20",
        "has an Adf of which it says nothing",
        lacking("scan:AdfDuplexInputCaps", "scan:AdfSimplexInputCaps", "scan:AdfOptions"),
    ),
    _document("unknown-intent", "ESCL-21", "lists the intent Poster", said("scan:Intent", "Poster")),
    defect(
        "caps-shrink",
        "ESCL-22",
        "says another width when it has scanned once",
        post(),
        CAPABILITIES,
        scanner=ShrinksAfterAJob,
    ),
    defect(
        "pdf-is-500",
        "ESCL-23",
        "offers PDF and fails at it",
        post(ORDER.but(format="application/pdf", format_ext="")),
        scanner=PdfIs500,
    ),
    defect("gray-is-refused", "ESCL-23", "offers gray and refuses it", post(), STATUS, scanner=RefusesGray),
)
