"""The REST contract's names and numbers (rest-api.md), and what they are in the contract of this package."""

from __future__ import annotations

from enum import IntEnum

from device_protocol.capabilities import Colour


class DeviceType(IntEnum):
    """Bits of the device type mask (rest-api.md 4)."""

    TWAIN = 0x10
    WIA = 0x20
    TWAIN_X64 = 0x40
    ICA = 0x80
    SANE = 0x100
    ESCL = 0x200
    WIFI_DIRECT = 0x400
    WIA_TWAIN = 0x800


DEFAULT_MASK = 0x1F0
"""TWAIN + TWAIN64 + WIA + ICA + SANE; eSCL is not in the default (rest-api.md 4)."""

ANY_TYPE_ORDER = (64, 16, 256, 32, 128, 512, 2048)
"""A device whose type is "any" shows as the first of these that the client's mask contains (design 6)."""

PIXEL_TYPES: dict[int, Colour] = {0: Colour.LINEART, 1: Colour.GRAY, 2: Colour.COLOR, 10: Colour.COLOR}
"""``PixelType`` of a job's config (rest-api.md 5.2); others have no counterpart and count as colour."""

PIXEL_TYPE_OF: dict[Colour, int] = {Colour.LINEART: 0, Colour.GRAY: 1, Colour.COLOR: 2}

PAGE_SIZES: dict[int, tuple[str, float, float]] = {
    1: ("A4", 210, 297),
    2: ("JIS B5", 182, 257),
    3: ("US Letter", 215.9, 279.4),
    4: ("US Legal", 215.9, 355.6),
    5: ("A5", 148, 210),
    6: ("ISO B4", 250, 353),
    7: ("ISO B6", 125, 176),
    9: ("US Ledger", 279.4, 431.8),
    10: ("US Executive", 184.15, 266.7),
    11: ("A3", 297, 420),
    12: ("ISO B3", 353, 500),
    13: ("A6", 105, 148),
    14: ("C4", 229, 324),
    15: ("C5", 162, 229),
    16: ("C6", 114, 162),
    22: ("A7", 74, 105),
    29: ("ISO B5", 176, 250),
    52: ("US Statement", 139.7, 215.9),
    53: ("Business card", 90, 55),
}
"""``PageSize`` codes (TWAIN TWSS_*, rest-api.md 5.2) that fit desktop scanners: name, width and height in mm. 0 means none, 54 the maximum."""


MAXIMUM_SIZE = 54
"""The ``PageSize`` that means the largest area of the source (TWAIN TWSS_MAXSIZE)."""


class Cap(IntEnum):
    """Capability numbers that the service knows (rest-api.md 5.3; the rest of TWAIN's have no counterpart in the contract)."""

    XFERCOUNT = 1
    PIXELTYPE = 257
    UNITS = 258
    FEEDERENABLED = 4098
    FEEDERLOADED = 4099
    SUPPORTEDCAPS = 4101
    AUTOFEED = 4103
    PAPERDETECTABLE = 4109
    UICONTROLLABLE = 4110
    DEVICEONLINE = 4111
    DUPLEX = 4114
    DUPLEXENABLED = 4115
    CAMERAPREVIEWUI = 4129
    BRIGHTNESS = 4353
    CONTRAST = 4355
    PHYSICALWIDTH = 4369
    PHYSICALHEIGHT = 4370
    XRESOLUTION = 4376
    YRESOLUTION = 4377
    SUPPORTEDSIZES = 4386
    THRESHOLD = 4387
    BITDEPTH = 4395

    @property
    def label(self) -> str:
        """TWAIN's name of it."""
        return f"{'ICAP' if self in _IMAGE_CAPS else 'CAP'}_{self.name}"


_IMAGE_CAPS = frozenset(
    {
        Cap.PIXELTYPE,
        Cap.UNITS,
        Cap.BRIGHTNESS,
        Cap.CONTRAST,
        Cap.PHYSICALWIDTH,
        Cap.PHYSICALHEIGHT,
        Cap.XRESOLUTION,
        Cap.YRESOLUTION,
        Cap.SUPPORTEDSIZES,
        Cap.THRESHOLD,
        Cap.BITDEPTH,
    }
)

CAP_NUMBERS: dict[str, int] = {cap.label.lower(): cap.value for cap in Cap}
"""A client that names capabilities instead of numbering them uses these names, in lower case (rest-api.md 5.3, D-16)."""

CAP_KEYS: dict[int, str] = {
    Cap.XFERCOUNT: "xfercount",
    Cap.PIXELTYPE: "pixeltype",
    Cap.FEEDERENABLED: "iffeederenabled",
    Cap.AUTOFEED: "ifautofeed",
    Cap.DUPLEXENABLED: "ifduplexenabled",
    Cap.BRIGHTNESS: "brightness",
    Cap.CONTRAST: "contrast",
    Cap.XRESOLUTION: "resolution",
    Cap.YRESOLUTION: "resolution",
    Cap.SUPPORTEDSIZES: "pagesize",
    Cap.THRESHOLD: "threshold",
    Cap.BITDEPTH: "bitdepth",
}
"""The key of a job's config, in lower case, that sets the same thing as a capability."""

LEVEL_OPTIONS: dict[str, tuple[float, float]] = {
    "brightness": (-1000, 1000),
    "contrast": (-1000, 1000),
    "threshold": (0, 255),
}
"""Config keys that are options of a device by the same name, and the scale on which clients give them (TWAIN chapter 10)."""

PIXEL_TYPE_LABELS: dict[int, str] = {0: "TWPT_BW", 1: "TWPT_GRAY", 2: "TWPT_RGB"}
DUPLEX_LABELS: dict[int, str] = {0: "TWDX_NONE", 1: "TWDX_1PASSDUPLEX", 2: "TWDX_2PASSDUPLEX"}


class Container(IntEnum):
    """Containers of capability values (rest-api.md 5.3)."""

    TWON_ARRAY = 3
    TWON_ENUMERATION = 4
    TWON_ONEVALUE = 5
    TWON_RANGE = 6


class ItemType(IntEnum):
    """Types of capability values (rest-api.md 5.3) as far as they are used."""

    TWTY_INT16 = 1
    TWTY_UINT16 = 4
    TWTY_BOOL = 6
    TWTY_FIX32 = 7


class RestCode(IntEnum):
    """Codes of error bodies (rest-api.md 1.6)."""

    SUCCESS = 0
    FAILURE = -1001
    NO_SPACE = -1002
    UNKNOWN_DEVICE = -1003
    LOCKED = -1004
    UNSUPPORTED = -1006
    BAD_VALUE = -1010
    WRONG_STATE = -1011
    BAD_CAPABILITY = -1013
    CANCELLED = -1032
    OVERLOAD = -2007
    UNKNOWN_JOB = -1034
    UNKNOWN_DOCUMENT = -1040
    WRONG_PASSWORD = -1043
    JPEG_NEEDS_COLOUR = -1073
    METHOD = -2112
    PARAMETER = -2113
    ACCESS = -2137
    LICENCE = -2800
