"""The C interface of SANE as data: structures, numbers and prototypes of SANE standard 1.06, chapter 4.

Nothing here loads a library. Names drop the `SANE_` prefix; section numbers are those of the standard. Python's own
names are used where C has a union or a pointer with a meaning of its own.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import Final

WORD_SIZE: Final = 4
"""Bytes in a SANE_Word (4.2.2). Every back end of sane-backends uses C `int`."""
WORD_MIN: Final = -(2**31)
WORD_MAX: Final = 2**31 - 1
FIXED_ONE: Final = 1 << 16
"""SANE_FIXED_SCALE_SHIFT is 16 (4.2.2.3)."""
MAJOR_VERSION: Final = 1
"""The only major version this binding speaks (4.1)."""
LINES_UNKNOWN: Final = -1
"""SANE_Parameters.lines of a hand scanner (4.3.8)."""


class Status(IntEnum):
    """SANE_Status (4.2.7); the last two are announced by sane.h for later versions and sent by some back ends."""

    GOOD = 0
    UNSUPPORTED = 1
    CANCELLED = 2
    DEVICE_BUSY = 3
    INVAL = 4
    EOF = 5
    JAMMED = 6
    NO_DOCS = 7
    COVER_OPEN = 8
    IO_ERROR = 9
    NO_MEM = 10
    ACCESS_DENIED = 11
    WARMING_UP = 12
    HW_LOCKED = 13


def status_name(status: int) -> str:
    """The name of a status number; `STATUS_n` for one that is not known."""
    try:
        return Status(status).name
    except ValueError:
        return f"STATUS_{status}"


class ValueType(IntEnum):
    """SANE_Value_Type (4.2.9.4)."""

    BOOL = 0
    INT = 1
    FIXED = 2
    STRING = 3
    BUTTON = 4
    GROUP = 5


class Unit(IntEnum):
    """SANE_Unit (4.2.9.5)."""

    NONE = 0
    PIXEL = 1
    BIT = 2
    MM = 3
    DPI = 4
    PERCENT = 5
    MICROSECOND = 6


class Cap(IntFlag):
    """Capability bits of an option (4.2.9.7)."""

    SOFT_SELECT = 1
    HARD_SELECT = 2
    SOFT_DETECT = 4
    EMULATED = 8
    AUTOMATIC = 16
    INACTIVE = 32
    ADVANCED = 64


class ConstraintType(IntEnum):
    """SANE_Constraint_Type (4.2.9.8)."""

    NONE = 0
    RANGE = 1
    WORD_LIST = 2
    STRING_LIST = 3


class Action(IntEnum):
    """SANE_Action of sane_control_option (4.3.7)."""

    GET_VALUE = 0
    SET_VALUE = 1
    SET_AUTO = 2


class Info(IntFlag):
    """Information bits that a set gives back (4.3.7)."""

    INEXACT = 1
    RELOAD_OPTIONS = 2
    RELOAD_PARAMS = 4


class Frame(IntEnum):
    """SANE_Frame (4.3.8)."""

    GRAY = 0
    RGB = 1
    RED = 2
    GREEN = 3
    BLUE = 4


class CDevice(ctypes.Structure):
    """SANE_Device (4.2.8)."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("vendor", ctypes.c_char_p),
        ("model", ctypes.c_char_p),
        ("type", ctypes.c_char_p),
    )


class CRange(ctypes.Structure):
    """SANE_Range (4.2.9.8)."""

    _fields_ = (("min", ctypes.c_int), ("max", ctypes.c_int), ("quant", ctypes.c_int))


class CConstraint(ctypes.Union):
    """The union in SANE_Option_Descriptor (4.2.9.8)."""

    _fields_ = (
        ("string_list", ctypes.POINTER(ctypes.c_char_p)),
        ("word_list", ctypes.POINTER(ctypes.c_int)),
        ("range", ctypes.POINTER(CRange)),
    )


class COptionDescriptor(ctypes.Structure):
    """SANE_Option_Descriptor (4.2.9)."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("title", ctypes.c_char_p),
        ("desc", ctypes.c_char_p),
        ("type", ctypes.c_int),
        ("unit", ctypes.c_int),
        ("size", ctypes.c_int),
        ("cap", ctypes.c_int),
        ("constraint_type", ctypes.c_int),
        ("constraint", CConstraint),
    )


class CParameters(ctypes.Structure):
    """SANE_Parameters (4.3.8)."""

    _fields_ = (
        ("format", ctypes.c_int),
        ("last_frame", ctypes.c_int),
        ("bytes_per_line", ctypes.c_int),
        ("pixels_per_line", ctypes.c_int),
        ("lines", ctypes.c_int),
        ("depth", ctypes.c_int),
    )


@dataclass(frozen=True, slots=True)
class Parameters:
    """SANE_Parameters as values; `lines` is LINES_UNKNOWN when the height is not known in advance (4.3.8)."""

    format: int
    last_frame: bool
    bytes_per_line: int
    pixels_per_line: int
    lines: int
    depth: int


DeviceList = ctypes.POINTER(ctypes.POINTER(CDevice))

PROTOTYPES: Final[dict[str, tuple[object, tuple[object, ...]]]] = {
    # name: (result, arguments), in the order of sections 4.3.1 to 4.3.14
    "sane_init": (ctypes.c_int, (ctypes.POINTER(ctypes.c_int), ctypes.c_void_p)),
    "sane_exit": (None, ()),
    "sane_get_devices": (ctypes.c_int, (ctypes.POINTER(DeviceList), ctypes.c_int)),
    "sane_open": (ctypes.c_int, (ctypes.c_char_p, ctypes.POINTER(ctypes.c_void_p))),
    "sane_close": (None, (ctypes.c_void_p,)),
    "sane_get_option_descriptor": (ctypes.POINTER(COptionDescriptor), (ctypes.c_void_p, ctypes.c_int)),
    "sane_control_option": (
        ctypes.c_int,
        (ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(ctypes.c_int)),
    ),
    "sane_get_parameters": (ctypes.c_int, (ctypes.c_void_p, ctypes.POINTER(CParameters))),
    "sane_start": (ctypes.c_int, (ctypes.c_void_p,)),
    "sane_read": (ctypes.c_int, (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(ctypes.c_int))),
    "sane_cancel": (None, (ctypes.c_void_p,)),
    "sane_set_io_mode": (ctypes.c_int, (ctypes.c_void_p, ctypes.c_int)),
    "sane_get_select_fd": (ctypes.c_int, (ctypes.c_void_p, ctypes.POINTER(ctypes.c_int))),
    "sane_strstatus": (ctypes.c_char_p, (ctypes.c_int,)),
}
