"""ScanSettings: what a client orders, as known clients write it, and in every way in which one of them differs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape

from device_protocol.vocabularies.escl import PWG_NS, SCAN_NS, VERSION

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass(frozen=True, slots=True)
class Region:
    """A region in 1/300 inch."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Order:
    """Settings; what is empty or None is left out.

    Attributes:
        source: as it is spelt, for example ``Platen``.
        source_prefix: ``pwg`` or ``scan``.
        region: see there.
        color_mode, format, format_ext: as they are spelt.
        dpi: for both directions.
        duplex: as it is spelt; said for a feeder only.
        intent: as it is spelt.
        scan, pwg: prefixes that stand for the namespaces; an empty one is the default namespace.
        before: what comes before the XML declaration.
    """

    source: str = ""
    region: Region | None = None
    color_mode: str = ""
    dpi: int | None = None
    format: str = ""
    format_ext: str = ""
    duplex: str = ""
    intent: str = ""
    source_prefix: str = "pwg"
    scan: str = "scan"
    pwg: str = "pwg"
    before: str = ""

    def but(self, **changes: object) -> Order:
        """The same with some fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]  # fields by their names

    @property
    def feeds(self) -> bool:
        """Whether it takes sheets from a feeder."""
        return self.source not in {"Platen", "Flatbed", ""}

    @property
    def both_sides(self) -> bool:
        """Whether it takes both sides of them."""
        return self.duplex.lower() in {"true", "1"}

    @property
    def media(self) -> str:
        """The format that it is for; the extended one wins."""
        return self.format_ext or self.format

    def body(self) -> bytes:
        """The document."""
        scan, pwg = self._name(self.scan), self._name(self.pwg)
        source = scan if self.source_prefix == "scan" else pwg
        lines = [f"<{pwg('Version')}>{VERSION}</{pwg('Version')}>"]
        if self.intent:
            lines.append(self._leaf(scan("Intent"), self.intent))
        if self.region is not None:
            lines += self._regions(self.region, pwg)
        if self.source:
            lines.append(self._leaf(source("InputSource"), self.source))
        if self.color_mode:
            lines.append(self._leaf(scan("ColorMode"), self.color_mode))
        if self.format:
            lines.append(self._leaf(pwg("DocumentFormat"), self.format))
        if self.format_ext:
            lines.append(self._leaf(scan("DocumentFormatExt"), self.format_ext))
        if self.dpi is not None:
            lines += [self._leaf(scan(f"{axis}Resolution"), str(self.dpi)) for axis in "XY"]
        if self.duplex:
            lines.append(self._leaf(scan("Duplex"), self.duplex))
        root = scan("ScanSettings")
        spaces = f"{self._declared(self.scan)}={SCAN_NS!r} {self._declared(self.pwg)}={PWG_NS!r}".replace("'", '"')
        inside = "".join(f"  {line}\n" for line in lines)
        return f"{self.before}{DECLARATION}<{root} {spaces}>\n{inside}</{root}>\n".encode()

    @staticmethod
    def _name(prefix: str) -> Callable[[str], str]:
        return lambda name: f"{prefix}:{name}" if prefix else name

    @staticmethod
    def _declared(prefix: str) -> str:
        return f"xmlns:{prefix}" if prefix else "xmlns"

    @staticmethod
    def _leaf(name: str, words: str) -> str:
        return f"<{name}>{escape(words)}</{name}>"

    def _regions(self, region: Region, pwg: Callable[[str], str]) -> list[str]:
        parts = (
            ("ContentRegionUnits", "escl:ThreeHundredthsOfInches"),
            ("XOffset", str(region.x)),
            ("YOffset", str(region.y)),
            ("Width", str(region.width)),
            ("Height", str(region.height)),
        )
        inside = "".join(self._leaf(pwg(name), words) for name, words in parts)
        regions, one = pwg("ScanRegions"), pwg("ScanRegion")
        return [f"<{regions}><{one}>{inside}</{one}></{regions}>"]
