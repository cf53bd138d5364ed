"""``ScannerCapabilities``: what a device declares, in eSCL's words.

Resolutions are discrete, with X = Y, since the ranges of the standard are misread by drivers (sane-escl 3.3); JPEG stands first.
"""

from __future__ import annotations

from device_protocol import Choice, DeviceCaps, SourceCaps, SourceKind
from device_protocol.vocabularies.escl import MM_PER_UNIT, VERSION
from simulators.escl.identity import Identity
from simulators.escl.markup import Node, node
from simulators.escl.settings import modes_of

STEPS = (75, 100, 150, 200, 240, 300, 400, 600, 1200, 2400)
"""Of a range of resolutions these are named, and its ends."""

LEAST = 16
"""Width and height in 1/300 inch below which nothing is scanned."""


def capabilities(identity: Identity, caps: DeviceCaps, formats: tuple[str, ...]) -> Node:
    """The document of a device."""
    platen, simplex = caps.first(SourceKind.FLATBED), caps.first(SourceKind.FEEDER)
    duplex = caps.first(SourceKind.FEEDER_DUPLEX)
    feeding = simplex or duplex
    return node(
        "scan:ScannerCapabilities",
        node("pwg:Version", VERSION),
        node("pwg:MakeAndModel", identity.make_and_model),
        node("scan:Manufacturer", identity.manufacturer),
        node("pwg:SerialNumber", identity.serial),
        node("scan:UUID", identity.uuid),
        node("scan:Platen", node("scan:PlatenInputCaps", *_input(platen, formats))) if platen is not None else None,
        node(
            "scan:Adf",
            node("scan:AdfSimplexInputCaps", *_input(feeding, formats)),
            node("scan:AdfDuplexInputCaps", *_input(duplex, formats)) if duplex is not None else None,
            node("scan:FeederCapacity", identity.capacity),
            node(
                "scan:AdfOptions",
                node("scan:AdfOption", "DetectPaperLoaded") if feeding.paper_detectable else None,
                node("scan:AdfOption", "Duplex") if duplex is not None else None,
            ),
        )
        if feeding is not None
        else None,
    )


def resolutions(source: SourceCaps) -> tuple[int, ...]:
    """The resolutions that are named."""
    limits = source.resolutions
    if isinstance(limits, Choice):
        return tuple(int(value) for value in limits.values if isinstance(value, int | float))
    between = {int(limits.nearest(step)) for step in STEPS if limits.minimum <= step <= limits.maximum}
    return tuple(sorted(between | {int(limits.minimum), int(limits.maximum)}))


def units(millimetres: float) -> int:
    """1/300 inch, not more than there is."""
    return int(millimetres / MM_PER_UNIT + 1e-6)


def _input(source: SourceCaps, formats: tuple[str, ...]) -> list[Node]:
    width, height = units(source.width_mm), units(source.height_mm)
    named = [
        node("scan:DiscreteResolution", node("scan:XResolution", dpi), node("scan:YResolution", dpi))
        for dpi in resolutions(source)
    ]
    return [
        node("scan:MinWidth", LEAST),
        node("scan:MaxWidth", width),
        node("scan:MinHeight", LEAST),
        node("scan:MaxHeight", height),
        node("scan:MaxScanRegions", 1),
        node(
            "scan:SettingProfiles",
            node(
                "scan:SettingProfile",
                node("scan:ColorModes", *(node("scan:ColorMode", name) for name in modes_of(source))),
                node(
                    "scan:DocumentFormats",
                    *(node("pwg:DocumentFormat", media) for media in formats),
                    *(node("scan:DocumentFormatExt", media) for media in formats if media.startswith("image/")),
                ),
                node("scan:SupportedResolutions", node("scan:DiscreteResolutions", *named)),
            ),
        ),
        node("scan:SupportedIntents", *(node("scan:Intent", name) for name in ("Document", "TextAndGraphic", "Photo"))),
        node("scan:MaxOpticalXResolution", max(resolutions(source))),
        node("scan:MaxOpticalYResolution", max(resolutions(source))),
    ]
