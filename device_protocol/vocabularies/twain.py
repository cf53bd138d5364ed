"""TWAIN's names and numbers as far as the REST contract speaks them (rest-api.md 5.3, 5.8): capabilities, containers, types, units and words.

Numbers that rest-api.md does not list are those of the TWAIN specification 2.5, chapters 8 (types), 9 (extended image information) and 10 (capabilities).
"""

from __future__ import annotations

from enum import IntEnum

from device_protocol.vocabularies.rest import PAGE_SIZES


class Cap(IntEnum):
    """Capability numbers that the service knows; the others of TWAIN have no counterpart in the contract."""

    XFERCOUNT = 1
    COMPRESSION = 256
    PIXELTYPE = 257
    UNITS = 258
    XFERMECH = 259
    FEEDERENABLED = 4098
    FEEDERLOADED = 4099
    SUPPORTEDCAPS = 4101
    AUTOFEED = 4103
    INDICATORS = 4107
    PAPERDETECTABLE = 4109
    UICONTROLLABLE = 4110
    DEVICEONLINE = 4111
    AUTOSCAN = 4112
    DUPLEX = 4114
    DUPLEXENABLED = 4115
    CUSTOMDSDATA = 4117
    CAMERAPREVIEWUI = 4129
    SERIALNUMBER = 4132
    DOUBLEFEEDDETECTION = 4159
    AUTOBRIGHT = 4352
    BRIGHTNESS = 4353
    CONTRAST = 4355
    ORIENTATION = 4368
    PHYSICALWIDTH = 4369
    PHYSICALHEIGHT = 4370
    FRAMES = 4372
    XRESOLUTION = 4376
    YRESOLUTION = 4377
    ROTATION = 4385
    SUPPORTEDSIZES = 4386
    THRESHOLD = 4387
    BITDEPTH = 4395
    AUTODISCARDBLANKPAGES = 4404
    AUTOMATICBORDERDETECTION = 4432
    AUTOMATICDESKEW = 4433
    AUTOMATICROTATE = 4434
    FEEDERTYPE = 4436

    @property
    def label(self) -> str:
        """TWAIN's name of it."""
        image = 256 <= self < 4096 or self >= 4352  # CAP_ are 0x0001 and 0x1000...0x10ff, ICAP_ the others
        return f"{'ICAP' if image else 'CAP'}_{self.name}"


CAP_NUMBERS: dict[str, int] = {cap.label.lower(): cap.value for cap in Cap}
"""A client that names capabilities instead of numbering them uses these names, in lower case (rest-api.md 5.3, D-16)."""

CAP_KEYS: dict[int, str] = {
    Cap.XFERCOUNT: "xfercount",
    Cap.COMPRESSION: "compression",
    Cap.PIXELTYPE: "pixeltype",
    Cap.UNITS: "unit",
    Cap.XFERMECH: "xfermech",
    Cap.FEEDERENABLED: "iffeederenabled",
    Cap.AUTOFEED: "ifautofeed",
    Cap.INDICATORS: "indicators",
    Cap.AUTOSCAN: "ifautoscan",
    Cap.DUPLEXENABLED: "ifduplexenabled",
    Cap.DOUBLEFEEDDETECTION: "doublefeeddetection",
    Cap.AUTOBRIGHT: "ifautobright",
    Cap.BRIGHTNESS: "brightness",
    Cap.CONTRAST: "contrast",
    Cap.ORIENTATION: "orientation",
    Cap.FRAMES: "frames",
    Cap.XRESOLUTION: "xresolution",
    Cap.YRESOLUTION: "yresolution",
    Cap.ROTATION: "rotation",
    Cap.SUPPORTEDSIZES: "pagesize",
    Cap.THRESHOLD: "threshold",
    Cap.BITDEPTH: "bitdepth",
    Cap.AUTODISCARDBLANKPAGES: "autodiscardblankpages",
    Cap.AUTOMATICBORDERDETECTION: "ifautomaticborderdetection",
    Cap.AUTOMATICDESKEW: "ifautomaticdeskew",
    Cap.AUTOMATICROTATE: "ifautomaticrotate",
}
"""What a settable capability is called among the wishes of a job: the key of ``config`` in lower case, where there is one that sets the same thing."""

LEVEL_OPTIONS: dict[str, tuple[float, float]] = {
    "brightness": (-1000, 1000),
    "contrast": (-1000, 1000),
    "threshold": (0, 255),
}
"""Keys that are options of a device by the same name, and the scale on which clients give them (TWAIN chapter 10)."""

OPTION_NAMES: dict[str, tuple[str, ...]] = {
    "brightness": ("brightness",),
    "contrast": ("contrast",),
    "threshold": ("threshold",),
    "ifautobright": ("brightness",),
    "rotation": ("rotation",),
    "autodiscardblankpages": ("discard-blank", "swskip"),
    "ifautodiscardblankpages": ("discard-blank", "swskip"),
    "ifautomaticborderdetection": ("detect-size", "swcrop"),
    "ifautomaticdeskew": ("deskew", "swdeskew"),
    "ifautomaticrotate": ("auto-rotate", "swderotate"),
    "doublefeeddetection": ("multifeed",),
}
"""Keys that set one option of the device, and the names under which devices have it, ours first and then SANE's usual ones."""

SERIAL_OPTIONS = ("serial", "serial-number")
"""Names of the option behind CAP_SERIALNUMBER."""

DETECTS, LETS_PASS = "stop", "ignore"
"""Words of the ``multifeed`` option that stand for a detector that is on, and off."""


class Container(IntEnum):
    """Containers of capability values (rest-api.md 5.3)."""

    TWON_ARRAY = 3
    TWON_ENUMERATION = 4
    TWON_ONEVALUE = 5
    TWON_RANGE = 6


class ItemType(IntEnum):
    """Types of capability values (rest-api.md 5.3)."""

    TWTY_INT8 = 0
    TWTY_INT16 = 1
    TWTY_INT32 = 2
    TWTY_UINT8 = 3
    TWTY_UINT16 = 4
    TWTY_UINT32 = 5
    TWTY_BOOL = 6
    TWTY_FIX32 = 7
    TWTY_FRAME = 8
    TWTY_STR32 = 9
    TWTY_STR64 = 10
    TWTY_STR128 = 11
    TWTY_STR255 = 12


class Units(IntEnum):
    """Values of ICAP_UNITS."""

    INCHES = 0
    CENTIMETERS = 1
    PICAS = 2
    POINTS = 3
    TWIPS = 4
    PIXELS = 5
    MILLIMETERS = 6


MM_PER_UNIT: dict[Units, float] = {
    Units.INCHES: 25.4,
    Units.CENTIMETERS: 10.0,
    Units.PICAS: 25.4 / 6,
    Units.POINTS: 25.4 / 72,
    Units.TWIPS: 25.4 / 1440,
    Units.MILLIMETERS: 1.0,
}
"""Lengths; pixels have none of their own, they depend on the resolution."""

UNIT_LABELS: dict[int, str] = {unit.value: f"TWUN_{unit.name}" for unit in Units}
PIXEL_TYPE_LABELS: dict[int, str] = {0: "TWPT_BW", 1: "TWPT_GRAY", 2: "TWPT_RGB"}
DUPLEX_LABELS: dict[int, str] = {0: "TWDX_NONE", 1: "TWDX_1PASSDUPLEX", 2: "TWDX_2PASSDUPLEX"}
COMPRESSION_LABELS: dict[int, str] = {0: "TWCP_NONE"}
TRANSFER_LABELS: dict[int, str] = {0: "TWSX_NATIVE", 2: "TWSX_MEMORY"}
ORIENTATION_LABELS: dict[int, str] = {0: "TWOR_PORTRAIT", 3: "TWOR_LANDSCAPE"}
FEEDER_TYPE_LABELS: dict[int, str] = {0: "TWFE_GENERAL"}
DISCARD_LABELS: dict[int, str] = {-2: "TWBP_DISABLE", -1: "TWBP_AUTO"}
DOUBLE_FEED_LABELS: dict[int, str] = {0: "TWDF_ULTRASONIC"}
SIZE_LABELS: dict[int, str] = {
    0: "TWSS_NONE",
    54: "TWSS_MAXSIZE",
    **{code: f"TWSS_{name.replace(' ', '').replace('-', '').upper()}" for code, (name, _, _) in PAGE_SIZES.items()},
}

NO_EFFECT: dict[str, tuple[int, ...]] = {
    "compression": tuple(COMPRESSION_LABELS),
    "xfermech": tuple(TRANSFER_LABELS),
    "indicators": (0,),
}
"""Capabilities of a kind of transfer that REST does not have. A client that sets the value that it would see anyway is right; any other is refused."""

DISCARD_OFF = -2
"""The value of ICAP_AUTODISCARDBLANKPAGES that keeps all pages; -1 leaves it to the device, from 0 on it is a size in bytes."""

LANDSCAPE = frozenset({1, 3})
"""Values of ICAP_ORIENTATION in which the long side of the paper lies across."""
