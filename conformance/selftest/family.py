"""The legal family: devices that keep every clause and are odd all the same. The suite must not raise an alarm about any of them."""

from __future__ import annotations

from dataclasses import replace

from conformance.bench import OpenBackend
from conformance.selftest.build import FINE, LEGAL, Build
from conformance.selftest.camera import LEGAL_CAMERA
from conformance.selftest.oddities import (
    ClosesSlowly,
    InEights,
    Leaps,
    NoArea,
    Noisy,
    OpensSlowly,
    Restless,
    Silent,
    Talkative,
    many,
)
from conformance.selftest.profile import (
    BRIGHTNESS,
    DUPLEX,
    FEEDER,
    FEEDER_CONDITIONS,
    FLATBED,
    LEGAL_CAPS,
    MODES,
    RESOLUTIONS,
    VENDOR_OPTIONS,
    Profile,
)
from device_protocol import (
    JPEG,
    Access,
    ByteOrder,
    Choice,
    Code,
    Colour,
    EarlyEnd,
    Mode,
    Option,
    OptionPolicy,
    Polarity,
    Range,
    ReportPoint,
    SourceCaps,
    SourceKind,
    TransportFailure,
    ValueType,
)

BASE = LEGAL.profile


def _build(**changes: object) -> Build:
    return replace(LEGAL, profile=replace(BASE, **changes))  # type: ignore[arg-type]  # fields of Profile, by name


def _sources(*sources: SourceCaps, default: str = "Flatbed", **more: object) -> Build:
    caps = replace(LEGAL_CAPS, sources=sources, default_source=default, **more)  # type: ignore[arg-type]  # fields of DeviceCaps
    return _build(caps=caps)


def _feeding(**changes: object) -> Build:
    """The legal scanner, with *changes* in what its feeders declare."""
    feeder, duplex = replace(FEEDER, **changes), replace(DUPLEX, **changes)  # type: ignore[arg-type]  # fields of SourceCaps
    return _sources(FLATBED, feeder, duplex)


JPEG_MODES = (Mode("Color", Colour.COLOR, (8,)), Mode("Gray", Colour.GRAY, (8,)))

ONE_BIT = (Mode("Lineart", Colour.LINEART, (1,)),)

THREE_PASS = (
    Option("three-pass", ValueType.BOOL, default=False),
    Option("three-pass-order", ValueType.STRING, constraint=Choice(("RGB", "BGR")), default="RGB"),
)

SIXTEEN = (Mode("Color", Colour.COLOR, (16,)), Mode("Gray", Colour.GRAY, (16,)))

GRAY_OF_ONE_BIT = (Mode("Gray", Colour.GRAY, (1, 8)), Mode("Color", Colour.COLOR, (8,)))
"""As SANE's test back end has it (sane-escl 1.2)."""

LOCAL_MODES = (
    Mode("Graustufen · 8 Bit", Colour.GRAY, (8,)),
    Mode("カラー", Colour.COLOR, (8,)),
    Mode("Schwarzweiß", Colour.LINEART, (1,)),
)
LOCAL_SOURCES = (
    ("Vorlagenglas (Übergröße)", FLATBED),
    ("Einzug, einseitig", FEEDER),
    ("Einzug\u00a0· beidseitig", DUPLEX),
)
LOCALISED = (
    Option(
        "papier",
        ValueType.STRING,
        title="Papierstärke  📄",
        description="Wie dick das Papier ist:\n„Karton“ ist langsamer.",
        constraint=Choice(("dünn", "normal", "Karton 240 g/m²", "")),
        default="normal",
        vendor=True,
        group="Erweitert → Papier",
    ),
)
"""Values in the language of the country (device-models 4d: localised values)."""

HAND_FED = SourceCaps(
    "Straight path",
    SourceKind.VENDOR,
    210.0,
    297.0,
    MODES,
    RESOLUTIONS,
    detectable=FEEDER_CONDITIONS,
    paper_detectable=True,
)
"""Of no known kind, and takes sheets out of the hopper."""

FAMILY: dict[str, Build] = {
    "plain": LEGAL,
    "reports-at-first-page": _feeding(conditions_at=ReportPoint.FIRST_PAGE),
    "padded-rows": _build(padding=13),
    "unknown-height": _sources(
        *(replace(source, unknown_height=True) for source in (FLATBED, FEEDER, DUPLEX)),
    ),
    "estimates-first": _build(estimates=True),
    "remembers-options": _build(caps=replace(LEGAL_CAPS, option_policy=OptionPolicy.REMEMBERED)),
    "rounds-everything": _build(
        rounds=frozenset({BRIGHTNESS, "tl-x", "tl-y", "br-x", "br-y", "resolution", "depth", "exposure", "panel-light"})
    ),
    "rounds-nothing": _build(rounds=frozenset()),
    "single-resolution": _sources(
        *(replace(source, resolutions=Choice((75,))) for source in (FLATBED, FEEDER, DUPLEX)),
    ),
    "resolution-range": _sources(
        *(replace(source, resolutions=Range(10, 75, 1)) for source in (FLATBED, FEEDER, DUPLEX)),
    ),
    "fine-resolutions": FINE,
    "one-bit-only": _sources(
        *(replace(source, modes=ONE_BIT) for source in (FLATBED, FEEDER, DUPLEX)),
    ),
    "flatbed-only": _sources(FLATBED),
    "feeder-only": _sources(FEEDER, default="Feeder"),
    "simplex-that-senses-nothing": _sources(
        FLATBED, replace(FEEDER, paper_detectable=False, detectable=frozenset({Code.NO_MEDIA}))
    ),
    "strips-of-odd-sizes": _build(strips=(1, 8191, 977, 20000)),
    "scan-ahead": _build(caps=replace(LEGAL_CAPS, scan_ahead=3)),
    "no-control": _build(controlled=False, refills=True),
    "early-end-ends-job": _build(caps=replace(LEGAL_CAPS, early_end=EarlyEnd.ENDS_JOB)),
    "film-adapter-too": _sources(
        FLATBED,
        FEEDER,
        DUPLEX,
        SourceCaps("Film", SourceKind.FLATBED, 36.0, 72.0, (Mode("Gray", Colour.GRAY, (16,)),), Choice((50, 75))),
    ),
    "back-first-as-declared": _sources(FLATBED, FEEDER, replace(DUPLEX, sides=("back", "front"))),
    "big-endian": _build(byte_order=ByteOrder.BIG),
    "one-is-white": _build(polarity=Polarity.ONE_IS_WHITE),
    "slow": _build(cancel_s=1.5, page_s=2.0),
    "flags-double-feeds": _build(multifeed_flagged=True),
    "cut-is-an-error": _build(cut_is_error=True),
    "tight-promises": _build(caps=replace(LEGAL_CAPS, close_deadline_s=1.0, cancel_deadline_s=1.0)),
    "bare": _build(vendor=()),
    "own-jpeg": _build(
        format=JPEG,
        caps=replace(
            LEGAL_CAPS,
            sources=tuple(replace(source, modes=JPEG_MODES, formats=(JPEG,)) for source in (FLATBED, FEEDER, DUPLEX)),
            lossy=True,
        ),
    ),
    "three-pass": _build(vendor=(*VENDOR_OPTIONS, *THREE_PASS)),
    "duplex-only": _sources(DUPLEX, default="Duplex"),
    "sixteen-bits-only": _sources(
        *(replace(source, modes=SIXTEEN) for source in (FLATBED, FEEDER, DUPLEX)),
    ),
    "one-bit-as-gray": _sources(
        *(replace(source, modes=GRAY_OF_ONE_BIT) for source in (FLATBED, FEEDER, DUPLEX)),
    ),
    "resolution-without-steps": _sources(
        *(replace(source, resolutions=Range(10, 75)) for source in (FLATBED, FEEDER, DUPLEX)),
    ),
    "fractions-of-dpi": _sources(
        *(replace(source, resolutions=Choice((12.5, 33.3, 74.8))) for source in (FLATBED, FEEDER, DUPLEX)),
    ),
    "forty-resolutions": _sources(
        *(replace(source, resolutions=Choice(tuple(range(10, 90, 2)))) for source in (FLATBED, FEEDER, DUPLEX)),
    ),
    "odd-ratios": _sources(
        replace(FLATBED, width_mm=211.71, height_mm=303.33),
        replace(FEEDER, width_mm=215.9, height_mm=355.6),
        replace(DUPLEX, width_mm=148.7, height_mm=1219.2),
    ),
    "card-reader": _sources(replace(FLATBED, name="Card", width_mm=54.0, height_mm=86.0), default="Card"),
    "another-language": _build(
        vendor=LOCALISED,
        caps=replace(
            LEGAL_CAPS,
            sources=tuple(replace(source, name=name, modes=LOCAL_MODES) for name, source in LOCAL_SOURCES),
            default_source="Vorlagenglas (Übergröße)",
        ),
    ),
    "many-sources": _sources(
        *(replace(FLATBED, name=f"Flatbed {number}", width_mm=100.0 + number) for number in range(5)),
        *(replace(FEEDER, name=f"Tray {number}") for number in range(5)),
        *(replace(DUPLEX, name=f"Tray {number}, both sides") for number in range(3)),
        default="Tray 4",
    ),
    "vendor-source": _sources(FLATBED, FEEDER, HAND_FED),
    "only-a-vendor-source": _sources(HAND_FED, default=HAND_FED.name),
    "pulls-the-whole-stack": _build(caps=replace(LEGAL_CAPS, scan_ahead=100), sheets=12),
    "two-hundred-options": _build(vendor=(*VENDOR_OPTIONS, *many(200))),
    "actions-only": _build(
        vendor=tuple(Option(f"do-{number}", ValueType.ACTION, access=Access.WRITE, vendor=True) for number in range(8))
    ),
    "no-area": replace(_sources(replace(FLATBED, width_mm=60.0, height_mm=60.0)), store=NoArea),
    "widths-in-eights": replace(_build(caps=replace(LEGAL_CAPS, size_tolerance_px=8)), store=InEights),
    "wide-padding": _build(padding=1024),
    "slow-open": replace(LEGAL, backend=OpensSlowly),
    "slow-close": replace(LEGAL, session=ClosesSlowly),
    "late-cancel": _build(cancel_s=4.9),
    "revision-leaps": replace(LEGAL, machine=Leaps),
    "restless-revision": replace(LEGAL, session=Restless),
    "talkative": replace(LEGAL, session=Talkative),
    "no-events": replace(LEGAL, session=Silent),
    "noisy-sensor": replace(_build(caps=replace(LEGAL_CAPS, deterministic=False)), page=Noisy),
    "one-transport-failed": replace(
        LEGAL, failures=(TransportFailure("bluetooth", Code.ACCESS_DENIED, "no permission"),)
    ),
}
"""Name -> how to open it. Each backend has the devices ``scanner`` and ``second``."""

CAMERAS: dict[str, OpenBackend] = {"camera": LEGAL_CAMERA}
"""The same for devices that scan nothing."""

EVERYBODY: dict[str, OpenBackend] = {**FAMILY, **CAMERAS}
"""All whom the suite must leave in peace."""

__all__ = ["FAMILY", "Profile"]
