"""What the first contact finds out about a service, and the gates over it, each quoting what excludes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.requirements.model import Gate

PIXEL_TYPE, FEEDER_ENABLED, X_RESOLUTION = 257, 4098, 4376
"""Numbers of capabilities (rest-api.md 5.3)."""
BLACK_AND_WHITE = 0
TWAIN_TYPES = frozenset({0x10, 0x40})


@dataclass(frozen=True, slots=True)
class ScannerFacts:
    """A scanner as the service lists it.

    Attributes:
        name, type, device: as listed.
        capabilities: the answer to a question for all of them, by number; empty if it was not asked or gave nothing.
    """

    name: str
    type: int
    device: str
    capabilities: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)

    def values(self, number: int) -> tuple[Any, ...]:
        """The plain values that an enumeration lists; empty if there is none."""
        listed = self.capabilities.get(number, {}).get("enums")
        if not isinstance(listed, list):
            return ()
        return tuple(item.get("value") if isinstance(item, dict) else item for item in listed)


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """All that a gate may look at.

    Attributes:
        version: what it calls its API.
        scanner: the one that the checks use.
        others: the other scanners that could be used.
        feeder: a scanner with a feeder; the same as *scanner* or another one.
        origins: origins whose pages the service lets in.
        origin_said: what it answered to those that it does not let in.
        missing: parts of the API that are not there, with the answer that says so: ``legacy``, ``documents``, ``metadata``, ``content``,
            ``read-barcode``, ``check-blank``, ``capabilities``, ``web sockets``.
        any_origin: the user says that every origin is let in here.
        protocol: the block about WebSockets that a job got; empty if there is none.
    """

    version: str
    scanner: ScannerFacts
    others: tuple[ScannerFacts, ...] = ()
    feeder: ScannerFacts | None = None
    origins: tuple[str, ...] = ()
    origin_said: str = ""
    missing: Mapping[str, str] = field(default_factory=dict)
    any_origin: bool = False
    protocol: Mapping[str, Any] = field(default_factory=dict)


def _when(words: str, quote: Callable[[ServiceFacts], str | None]) -> Gate:
    return Gate(words, quote)


def _part(name: str, words: str) -> Gate:
    return _when(words, lambda facts: facts.missing.get(name))


LEGACY = _part("legacy", "the legacy API")
DOCUMENTS = _part("documents", "documents")
METADATA = _part("metadata", "metadata of documents")
CONTENT = _part("content", "content of jobs")
READ_BARCODE = _part("read-barcode", "reading of barcodes")
CHECK_BLANK = _part("check-blank", "the check for blank pages")
CAPABILITIES = _part("capabilities", "capabilities of a scanner")
WEB_SOCKETS = _part("web sockets", "notices by WebSocket")
ORIGIN = _when("an origin that is let in", lambda facts: None if facts.origins else facts.origin_said or "no origin")
FOREIGN = _when(
    "origins that are not let in", lambda facts: "--origin *: every one is let in" if facts.any_origin else None
)
TWO_ORIGINS = _when(
    "two origins that are let in",
    lambda facts: None if len(facts.origins) > 1 else facts.origin_said or f"origins: {', '.join(facts.origins)}",
)
TWO_SCANNERS = _when(
    "two scanners", lambda facts: None if facts.others else f"scanners: {facts.scanner.name} and no other"
)
FEEDER = _when(
    "a scanner with a feeder",
    lambda facts: None if facts.feeder else "capabilities: CAP_FEEDERENABLED (4098) of no scanner",
)
ONE_BIT = _when(
    "pages of one bit",
    lambda facts: (
        None
        if BLACK_AND_WHITE in facts.scanner.values(PIXEL_TYPE)
        else "capabilities: ICAP_PIXELTYPE (257) does not list TWPT_BW (0)"
    ),
)
TWAIN = _when(
    "a TWAIN scanner",
    lambda facts: None if facts.scanner.type in TWAIN_TYPES else f"type of {facts.scanner.name}: {facts.scanner.type}",
)
