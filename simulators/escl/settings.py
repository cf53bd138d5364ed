"""``ScanSettings``: what a client wants, read leniently (sane-escl 3.6), and what that is for a device."""

from __future__ import annotations

import math
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from device_protocol import DeviceCaps, Settings, SourceCaps, SourceKind, find_mode
from device_protocol.settings import Area
from device_protocol.vocabularies.escl import ADF, COLOR_MODES, INPUT_SOURCES, JPEG, MM_PER_UNIT, PDF, PLATEN
from simulators.escl.markup import MarkupError, find, local, read, text

MAX_NUMBER = 1_000_000
QUALITY = 80
"""Of JPEG, where the client asks for no compression factor."""


@dataclass(frozen=True, slots=True)
class Region:
    """A region in 1/300 inch; width or height None: as far as the source reaches."""

    x: int = 0
    y: int = 0
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class ScanWish:
    """What a client wants; None where it left the choice.

    Attributes:
        source: PLATEN or ADF.
        duplex: both sides.
        color_mode: as eSCL names it.
        resolution: dpi; the horizontal one.
        format: media type.
        together: all pages in one document.
        region: the first of them.
        quality: of JPEG, 1 to 100.
    """

    source: str | None = None
    duplex: bool = False
    color_mode: str | None = None
    resolution: int | None = None
    format: str | None = None
    together: bool = False
    region: Region | None = None
    quality: int = QUALITY


class Refused(Exception):  # noqa: N818  # a refusal is an answer, not a defect
    """The device cannot do what is wanted; says what it can."""


def read_settings(body: bytes) -> ScanWish:
    """The wish in the body of a POST.

    Raises:
        MarkupError: it is no ScanSettings, or a number in it is none.
    """
    root = read(body)
    if local(root) != "ScanSettings":
        raise MarkupError(f"the document is <{local(root)[:40]}>, not <ScanSettings>")
    source = text(root, "InputSource")
    if source is not None and source not in INPUT_SOURCES:
        raise MarkupError(f"InputSource {source[:40]!r} is none of {', '.join(INPUT_SOURCES)}")
    extended, plain = text(root, "DocumentFormatExt"), text(root, "DocumentFormat")
    return ScanWish(
        source=None if source is None else INPUT_SOURCES[source],
        duplex=(text(root, "Duplex") or "").lower() in {"true", "1"},
        color_mode=text(root, "ColorMode"),
        resolution=_number(root, "XResolution"),
        format=extended or plain,
        together=extended is None and plain == PDF,
        region=_region(root),
        quality=_quality(_number(root, "CompressionFactor")),
    )


def choose(wish: ScanWish, caps: DeviceCaps, formats: tuple[str, ...]) -> tuple[Settings, SourceCaps, str]:
    """The device's own words for a wish: settings, source, and the format of the pages.

    Raises:
        Refused: the device has no such source, colour mode or format.
    """
    source = _source(wish, caps)
    name = wish.color_mode or next(
        reversed(modes_of(source)), ""
    )  # who does not say gets all that there is, as from real scanners
    if name not in modes_of(source):
        raise Refused(f"ColorMode {name[:40]!r}: this source has {', '.join(modes_of(source))}")
    media = wish.format or (JPEG if JPEG in formats else formats[0])
    if media not in formats:
        raise Refused(f"DocumentFormat {media[:60]!r}: this scanner has {', '.join(formats)}")
    colour, depth = COLOR_MODES[name]
    found = find_mode(source, colour)
    assert found is not None, "modes_of names what there is"
    mode, _ = found
    settings = Settings(
        source=source.name,
        mode=mode.value,
        depth=depth if depth in mode.depths else None,
        resolution=source.resolutions.nearest(wish.resolution or 300),
        area=_area(wish.region, source),
    )
    return settings, source, media


def modes_of(source: SourceCaps) -> tuple[str, ...]:
    """The colour modes of a source, as eSCL names them, in eSCL's order."""
    return tuple(name for name, (colour, _) in COLOR_MODES.items() if find_mode(source, colour) is not None)


def _source(wish: ScanWish, caps: DeviceCaps) -> SourceCaps:
    feeders = (
        (SourceKind.FEEDER_DUPLEX, SourceKind.FEEDER) if wish.duplex else (SourceKind.FEEDER, SourceKind.FEEDER_DUPLEX)
    )
    kinds = {PLATEN: (SourceKind.FLATBED,), ADF: feeders, None: (SourceKind.FLATBED, *feeders)}[wish.source]
    found = caps.first(*kinds)
    if found is None:
        raise Refused(f"InputSource: this scanner has no {wish.source or 'source that eSCL has a name for'}")
    if wish.duplex and wish.source != PLATEN and found.kind is SourceKind.FEEDER:
        raise Refused("Duplex: this feeder scans one side")
    return found


def _area(region: Region | None, source: SourceCaps) -> Area:
    """The region in mm, clamped to what the source reaches; the whole source where none is given."""
    if region is None:
        return Area(0.0, 0.0, source.width_mm, source.height_mm)
    left, right = _edges(region.x, region.width, source.width_mm)
    top, bottom = _edges(region.y, region.height, source.height_mm)
    return Area(left, top, right, bottom)


def _edges(start: int, length: int | None, most: float) -> tuple[float, float]:
    low = min(max(0.0, start * MM_PER_UNIT), most - 1.0)
    high = most if length is None else min(most, low + max(1, length) * MM_PER_UNIT)
    return low, max(high, low + 1.0)


def _region(root: Element) -> Region | None:
    found = find(root, "ScanRegion")
    if found is not None:
        return Region(
            _number(found, "XOffset") or 0,
            _number(found, "YOffset") or 0,
            _number(found, "Width"),
            _number(found, "Height"),
        )
    size = find(root, "InputSize")  # scanlib gives a size instead of a region, and offsets beside it (sane-escl 3.4)
    if size is None:
        return None
    x, y = _number(root, "XOffset") or 0, _number(root, "YOffset") or 0
    return Region(x, y, _number(size, "Width"), _number(size, "Height"))


def _number(root: Element, name: str) -> int | None:
    words = text(root, name)
    if words is None:
        return None
    try:
        value = float(words)
    except ValueError:
        value = math.nan
    if not 0 <= value <= MAX_NUMBER:
        raise MarkupError(f"{name} is {words[:40]!r}, which is no number from 0 to {MAX_NUMBER}")
    return round(value)


def _quality(factor: int | None) -> int:
    """The contract's quality, best at 100, for a compression factor, least at 1."""
    return QUALITY if factor is None else max(1, min(100, 100 - factor))
