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

PIXEL_TYPES: dict[int, Colour] = {
    0: Colour.LINEART,
    1: Colour.GRAY,
    2: Colour.COLOR,  # RGB
    3: Colour.COLOR,  # palette
    4: Colour.COLOR,  # CMY
    5: Colour.COLOR,  # CMYK
    6: Colour.COLOR,  # YUV
    7: Colour.COLOR,  # YUVK
    8: Colour.COLOR,  # CIE XYZ
    9: Colour.COLOR,  # L*a*b*
    10: Colour.COLOR,  # sRGB
    11: Colour.COLOR,  # scRGB
    16: Colour.GRAY,  # infrared: one channel
}
"""``PixelType`` of a job's config (rest-api.md 5.2) and what is nearest to it."""

EXACT_PIXEL_TYPES = frozenset({0, 1, 2, 10})
"""Those that are met exactly by that colour; the others are met by something else."""

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
    17: ("4A0", 1682, 2378),
    18: ("2A0", 1189, 1682),
    19: ("A0", 841, 1189),
    20: ("A1", 594, 841),
    21: ("A2", 420, 594),
    22: ("A7", 74, 105),
    23: ("A8", 52, 74),
    24: ("A9", 37, 52),
    25: ("A10", 26, 37),
    26: ("ISO B0", 1000, 1414),
    27: ("ISO B1", 707, 1000),
    28: ("ISO B2", 500, 707),
    29: ("ISO B5", 176, 250),
    30: ("ISO B7", 88, 125),
    31: ("ISO B8", 62, 88),
    32: ("ISO B9", 44, 62),
    33: ("ISO B10", 31, 44),
    34: ("JIS B0", 1030, 1456),
    35: ("JIS B1", 728, 1030),
    36: ("JIS B2", 515, 728),
    37: ("JIS B3", 364, 515),
    38: ("JIS B4", 257, 364),
    39: ("JIS B6", 128, 182),
    40: ("JIS B7", 91, 128),
    41: ("JIS B8", 64, 91),
    42: ("JIS B9", 45, 64),
    43: ("JIS B10", 32, 45),
    44: ("C0", 917, 1297),
    45: ("C1", 648, 917),
    46: ("C2", 458, 648),
    47: ("C3", 324, 458),
    48: ("C7", 81, 114),
    49: ("C8", 57, 81),
    50: ("C9", 40, 57),
    51: ("C10", 28, 40),
    52: ("US Statement", 139.7, 215.9),
    53: ("Business card", 90, 55),
}
"""``PageSize`` codes (TWAIN TWSS_*, rest-api.md 5.2): name, width and height in mm. 0 means none, 54 the maximum; nothing has 8."""


MAXIMUM_SIZE = 54
"""The ``PageSize`` that means the largest area of the source (TWAIN TWSS_MAXSIZE)."""


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
    NO_IMAGE = -1035
    OVERLOAD = -2007
    UNKNOWN_JOB = -1034
    UNKNOWN_DOCUMENT = -1040
    WRONG_PASSWORD = -1043
    JPEG_NEEDS_COLOUR = -1073
    METHOD = -2112
    PARAMETER = -2113
    ACCESS = -2137
    LICENCE = -2800
