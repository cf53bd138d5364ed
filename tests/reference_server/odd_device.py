"""A third party's device for tests of the capability exchange: options of other names, separate axes, switches, and a picture that it turns."""

from __future__ import annotations

from dataclasses import replace

from device_protocol import Choice, DeviceCaps, Option, Pattern, Range, SourceKind, Unit, ValueType
from device_protocol.options import READ_WRITE, Access
from tests.reference_server.fakes import Script, source

WIDE = replace(source("Feeder", SourceKind.FEEDER), width_mm=300, height_mm=430, resolutions=Range(50, 600, 1))

ODD_CAPS = DeviceCaps(sources=(WIDE,), default_source="Feeder", scan_ahead=2)

ODD_OPTIONS = (
    Option("mode", ValueType.STRING, constraint=Choice(("Lineart", "Gray", "Color")), default="Gray"),
    Option("x-resolution", ValueType.INT, unit=Unit.DPI, constraint=Choice((100, 200, 400)), default=200),
    Option("y-resolution", ValueType.INT, unit=Unit.DPI, constraint=Range(50, 800, 1), default=200),
    Option("tl-x", ValueType.FIXED, unit=Unit.MM, constraint=Range(0, 300), default=0.0),
    Option("tl-y", ValueType.FIXED, unit=Unit.MM, constraint=Range(0, 430), default=0.0),
    Option("br-x", ValueType.FIXED, unit=Unit.MM, constraint=Range(0, 300), default=300.0),
    Option("br-y", ValueType.FIXED, unit=Unit.MM, constraint=Range(0, 430), default=430.0),
    Option("brightness", ValueType.INT, constraint=Range(0, 10, 1), default=5, access=READ_WRITE | Access.AUTO),
    Option("contrast", ValueType.FIXED, constraint=Range(-1, 1), default=0.0),
    Option("threshold", ValueType.INT, constraint=Range(0, 255, 1), default=128, access=READ_WRITE | Access.INACTIVE),
    Option("rotation", ValueType.INT, constraint=Choice((0, 90, 180, 270)), default=0),
    Option("swdeskew", ValueType.BOOL, default=False),
    Option("swcrop", ValueType.BOOL, default=False),
    Option("swderotate", ValueType.BOOL, default=True),
    Option("swskip", ValueType.FIXED, unit=Unit.PERCENT, constraint=Range(0, 100), default=0.0),
    Option("multifeed", ValueType.STRING, constraint=Choice(("stop", "ignore")), default="stop"),
    Option("serial-number", ValueType.STRING, constraint=Pattern(40), default="X-1", access=Access.READ),
    Option("lamp", ValueType.ACTION, access=Access.WRITE),
)


def odd() -> Script:
    """A script of that device."""
    return Script(pages=1, caps=ODD_CAPS, options=ODD_OPTIONS)
