"""The legal family: devices that keep every clause and are odd all the same. The suite must not raise an alarm about any of them."""

from __future__ import annotations

from dataclasses import replace

from conformance.bench import OpenBackend
from conformance.selftest.build import FINE, LEGAL, Build
from conformance.selftest.camera import LEGAL_CAMERA
from conformance.selftest.profile import BRIGHTNESS, DUPLEX, FEEDER, FLATBED, LEGAL_CAPS, VENDOR_OPTIONS, Profile
from device_protocol import (
    JPEG,
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
    "one-transport-failed": replace(LEGAL, failures=(TransportFailure("usb", Code.ACCESS_DENIED, "no permission"),)),
}
"""Name -> how to open it. Each backend has the devices ``scanner`` and ``second``."""

CAMERAS: dict[str, OpenBackend] = {"camera": LEGAL_CAMERA}
"""The same for devices that scan nothing."""

EVERYBODY: dict[str, OpenBackend] = {**FAMILY, **CAMERAS}
"""All whom the suite must leave in peace."""

__all__ = ["FAMILY", "Profile"]
