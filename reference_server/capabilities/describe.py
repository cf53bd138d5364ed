"""All capabilities, and which of them a device has."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from device_protocol import DeviceKind
from device_protocol.vocabularies.twain import (
    COMPRESSION_LABELS,
    SERIAL_OPTIONS,
    TRANSFER_LABELS,
    Cap,
    ItemType,
)
from reference_server.capabilities import area, paper, picture
from reference_server.capabilities.containers import Json, array, flag, one
from reference_server.capabilities.view import View

MAX_SERIAL = 255
"""Characters of a TW_STR255."""


def describe(view: View, wanted: Iterable[int] | None = None) -> list[Json]:
    """The capabilities of *view*, or those of *wanted* that the device has, in their order."""
    found = {cap.value: made for cap, make in MAKERS.items() if (made := make(view)) is not None}
    found[Cap.SUPPORTEDCAPS.value] = array(sorted({*found, Cap.SUPPORTEDCAPS.value}))
    numbers = sorted(found) if wanted is None else [number for number in dict.fromkeys(wanted) if number in found]
    return [{"capability": {"value": number, "label": Cap(number).label}, **found[number]} for number in numbers]


def _serial(view: View) -> Json | None:
    option = view.option(SERIAL_OPTIONS)
    value = None if option is None else view.values.get(option.name)
    return one(ItemType.TWTY_STR255, value[:MAX_SERIAL]) if isinstance(value, str) and value else None


MAKERS: dict[Cap, Callable[[View], Json | None]] = {
    Cap.XFERCOUNT: paper.count,
    Cap.COMPRESSION: picture.transfer(COMPRESSION_LABELS),
    Cap.PIXELTYPE: picture.pixel_type,
    Cap.UNITS: area.units,
    Cap.XFERMECH: picture.transfer(TRANSFER_LABELS),
    Cap.FEEDERENABLED: paper.if_feeder(paper.feeder_enabled),
    Cap.FEEDERLOADED: paper.if_feeder(paper.feeder_loaded),
    Cap.AUTOFEED: paper.if_feeder(paper.auto_feed),
    Cap.INDICATORS: lambda _view: flag(False, settable=True),
    Cap.PAPERDETECTABLE: paper.paper_detectable,
    Cap.UICONTROLLABLE: lambda _view: flag(True),
    Cap.DEVICEONLINE: lambda _view: flag(True),
    Cap.AUTOSCAN: paper.if_feeder(paper.auto_scan),
    Cap.DUPLEX: paper.duplex,
    Cap.DUPLEXENABLED: paper.if_feeder(paper.duplex_enabled),
    Cap.CUSTOMDSDATA: lambda view: flag(view.dsdata),
    Cap.CAMERAPREVIEWUI: lambda view: (
        flag(True) if view.info.kind is DeviceKind.CAMERA else None  # S-112: it marks a camera
    ),
    Cap.SERIALNUMBER: _serial,
    Cap.DOUBLEFEEDDETECTION: paper.double_feed,
    Cap.AUTOBRIGHT: picture.auto_bright,
    Cap.BRIGHTNESS: picture.level("brightness"),
    Cap.CONTRAST: picture.level("contrast"),
    Cap.ORIENTATION: area.orientation,
    Cap.PHYSICALWIDTH: area.physical_width,
    Cap.PHYSICALHEIGHT: area.physical_height,
    Cap.FRAMES: area.frames,
    Cap.XRESOLUTION: picture.x_resolution,
    Cap.YRESOLUTION: picture.y_resolution,
    Cap.ROTATION: picture.rotation,
    Cap.SUPPORTEDSIZES: area.sizes,
    Cap.THRESHOLD: picture.level("threshold"),
    Cap.BITDEPTH: picture.bit_depth,
    Cap.AUTODISCARDBLANKPAGES: paper.discard_blank,
    Cap.AUTOMATICBORDERDETECTION: paper.switch("ifautomaticborderdetection"),
    Cap.AUTOMATICDESKEW: paper.switch("ifautomaticdeskew"),
    Cap.AUTOMATICROTATE: paper.switch("ifautomaticrotate"),
    Cap.FEEDERTYPE: paper.if_feeder(paper.feeder_type),
}
"""How each capability is made from what the device says; None where the device has nothing of the kind."""
