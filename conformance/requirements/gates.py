"""Gates: predicates over what a device declares, each quoting the declaration that excludes it."""

from __future__ import annotations

from collections.abc import Callable

from conformance.requirements.model import Facts, Gate
from device_protocol import RAW, Access, Code, Colour, DeviceKind, SourceKind
from device_protocol.options import AREA_NAMES

SCANS = frozenset({SourceKind.FLATBED, SourceKind.FEEDER, SourceKind.FEEDER_DUPLEX, SourceKind.VENDOR})


def _kinds(facts: Facts) -> str:
    return "caps.sources: " + (", ".join(f"{s.name} ({s.kind.value})" for s in facts.caps.sources) or "none")


def _source(words: str, *kinds: SourceKind) -> Gate:
    return Gate(words, lambda facts: None if facts.caps.first(*kinds) else _kinds(facts))


FEEDER = _source("a source that feeds", SourceKind.FEEDER, SourceKind.FEEDER_DUPLEX)
FLATBED = _source("a flatbed", SourceKind.FLATBED)
DUPLEX = _source("a source that feeds both sides", SourceKind.FEEDER_DUPLEX)
CAMERA = Gate(
    "a camera",
    lambda facts: (
        None
        if facts.info.kind is DeviceKind.CAMERA or facts.caps.first(SourceKind.CAMERA)
        else f"kind: {facts.info.kind.value}; {_kinds(facts)}"
    ),
)


def _when(words: str, holds: Callable[[Facts], bool], quote: str | Callable[[Facts], str]) -> Gate:
    def missing(facts: Facts) -> str | None:
        if holds(facts):
            return None
        return quote if isinstance(quote, str) else quote(facts)

    return Gate(words, missing)


EXCLUSIVE = _when(
    "exclusive use", lambda facts: facts.caps.exclusive, lambda facts: f"caps.exclusive: {facts.caps.exclusive}"
)
DIRECT_OPEN = _when(
    "opening without enumerating again",
    lambda facts: facts.caps.direct_open,
    lambda facts: f"caps.direct_open: {facts.caps.direct_open}",
)
DETERMINISTIC = _when(
    "same sheet, same bytes",
    lambda facts: facts.caps.deterministic,
    lambda facts: f"caps.deterministic: {facts.caps.deterministic}",
)
PAPER_DETECTABLE = _when(
    "a feeder that senses paper",
    lambda facts: any(source.paper_detectable and source.kind.feeds for source in facts.caps.sources),
    "caps.sources[].paper_detectable: false for every source that feeds",
)
ENCODED = _when(
    "an encoded format of the device's own",
    lambda facts: any(name != RAW for source in facts.caps.sources for name in source.formats),
    "caps.sources[].formats: raw only",
)
INACTIVE = _when(
    "an inactive option",
    lambda facts: any(not option.active for option in facts.options),
    "options: all are active",
)
READ_ONLY = _when(
    "a read-only option",
    lambda facts: any(option.readable and not option.writable for option in facts.options),
    "options: every readable one is writable",
)
WRITABLE = _when(
    "a writable option",
    lambda facts: any(option.writable for option in facts.options),
    "options: none is writable",
)
AREA = _when(
    "a scan area that can be set",
    lambda facts: set(AREA_NAMES) <= {option.name for option in facts.options if option.writable},
    "options: tl-x, tl-y, br-x and br-y are not all there and writable",
)
THREE_PASS = _when(
    "delivery in several passes",
    lambda facts: any(option.name == "three-pass" for option in facts.options),
    "options: there is no three-pass",
)


def depth(bits: int) -> Gate:
    """A mode with *bits* per sample."""
    return _when(
        f"a mode of {bits} bits per sample",
        lambda facts: any(bits in mode.depths for source in facts.caps.sources for mode in source.modes),
        f"caps.sources[].modes[].depths: never {bits}",
    )


def has_one_bit(facts: Facts) -> bool:
    """Whether some source has black-and-white pages."""
    return any(
        mode.colour is Colour.LINEART or (mode.colour is Colour.GRAY and 1 in mode.depths)
        for source in facts.caps.sources
        for mode in source.modes
    )


ONE_BIT = _when("a mode of one bit", has_one_bit, "caps.sources[].modes: none of one bit")
MULTIFEED = _when(
    "noticing a double feed",
    lambda facts: any(Code.MULTIFEED in source.detectable for source in facts.caps.sources),
    "caps.sources[].detectable: MULTIFEED nowhere",
)
DETECTS = _when(
    "noticing conditions by their own code",
    lambda facts: any(source.detectable for source in facts.caps.sources),
    "caps.sources[].detectable: empty",
)
LIVE = _when(
    "a live option",
    lambda facts: any(Access.LIVE in option.access for option in facts.options),
    "options: none has access LIVE",
)
