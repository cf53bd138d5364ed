"""What an eSCL scanner declares about itself in ScannerCapabilities, and the gates over it, each quoting what excludes the requirement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from conformance.requirements.model import Gate


@dataclass(frozen=True, slots=True)
class Band:
    """A range of resolutions, as it is written; a number that is none is None."""

    low: int | None
    high: int | None
    step: int | None


@dataclass(frozen=True, slots=True)
class InputCaps:
    """One way to scan: PlatenInputCaps, AdfSimplexInputCaps or AdfDuplexInputCaps.

    Attributes:
        name: of the element.
        numbers: texts of MinWidth, MaxWidth, MinHeight, MaxHeight and MaxScanRegions, as far as they are there.
        color_modes, formats, formats_ext, intents: as listed.
        discrete: pairs of X and Y in dpi; None for what is no number.
        bands: ranges of resolutions, those of X first.
    """

    name: str
    numbers: Mapping[str, str] = field(default_factory=dict)
    color_modes: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    formats_ext: tuple[str, ...] = ()
    intents: tuple[str, ...] = ()
    discrete: tuple[tuple[int | None, int | None], ...] = ()
    bands: tuple[Band, ...] = ()

    def number(self, name: str) -> int | None:
        """The number called *name*; None if it is not there, or none."""
        text = self.numbers.get(name, "")
        return int(text) if text.isascii() and text.isdigit() else None

    @property
    def resolutions(self) -> tuple[int, ...]:
        """Resolutions that can be asked for in both directions, ascending; of a range its ends."""
        named = {x for x, y in self.discrete if x and x == y}
        if not named and self.bands:
            named = {value for value in (self.bands[0].low, self.bands[0].high) if value}
        return tuple(sorted(named))

    @property
    def media(self) -> tuple[str, ...]:
        """Every format, in either list, each once."""
        return tuple(dict.fromkeys((*self.formats, *self.formats_ext)))


@dataclass(frozen=True, slots=True)
class EsclCaps:
    """ScannerCapabilities.

    Attributes:
        version, make_and_model, uuid, capacity: texts; empty if they are not there.
        platen, simplex, duplex: the ways to scan that there are.
        adf: whether there is an Adf at all.
        options: of the feeder.
    """

    version: str = ""
    make_and_model: str = ""
    uuid: str = ""
    capacity: str = ""
    platen: InputCaps | None = None
    simplex: InputCaps | None = None
    duplex: InputCaps | None = None
    adf: bool = False
    options: tuple[str, ...] = ()

    @property
    def inputs(self) -> tuple[InputCaps, ...]:
        """The ways to scan, the platen first."""
        return tuple(item for item in (self.platen, self.simplex, self.duplex) if item is not None)


@dataclass(frozen=True, slots=True)
class EsclFacts:
    """All that a gate may look at.

    Attributes:
        caps: what the scanner declares; None if that cannot be read.
        said: why it cannot.
        secure: whether it is spoken to over TLS.
    """

    caps: EsclCaps | None
    said: str = ""
    secure: bool = False


def _when(words: str, quote: Callable[[EsclCaps], str | None]) -> Gate:
    """A gate over the capabilities; a scanner whose capabilities cannot be read passes it, since its checks say so themselves."""

    def missing(facts: EsclFacts) -> str | None:
        return None if facts.caps is None else quote(facts.caps)

    return Gate(words, missing)


def _inputs(caps: EsclCaps) -> str:
    return "ScannerCapabilities: " + (", ".join(item.name for item in caps.inputs) or "no source")


FEEDER = _when("a feeder", lambda caps: None if caps.simplex or caps.duplex else _inputs(caps))
ADF = _when("an Adf", lambda caps: None if caps.adf else _inputs(caps))
DUPLEX = _when("a feeder that scans both sides", lambda caps: None if caps.duplex else _inputs(caps))
CAPACITY = _when("FeederCapacity", lambda caps: None if caps.capacity else "ScannerCapabilities: no FeederCapacity")
INTENTS = _when(
    "SupportedIntents",
    lambda caps: None if any(item.intents for item in caps.inputs) else "ScannerCapabilities: no Intent",
)
DISCRETE = _when(
    "discrete resolutions",
    lambda caps: None if any(item.discrete for item in caps.inputs) else "ScannerCapabilities: no DiscreteResolution",
)
FORMAT_EXT = _when(
    "DocumentFormatExt and two formats",
    lambda caps: (
        None
        if any(item.formats_ext and len(item.media) > 1 for item in caps.inputs)
        else "ScannerCapabilities: "
        + (", ".join(dict.fromkeys(m for item in caps.inputs for m in item.media)) or "no format")
    ),
)
SECURE = Gate("TLS", lambda facts: None if facts.secure else "the address that was given is http:")
