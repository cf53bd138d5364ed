"""Which status each call may give (SANE 1.06, the tables of 4.3.1 to 4.3.13), and other words of the standard, as data."""

from __future__ import annotations

from typing import Final

from device_protocol.vocabularies.sane_abi import Status, Unit, ValueType

_BOTH: Final = frozenset({Status.GOOD, Status.NO_MEM, Status.ACCESS_DENIED})
_MOVES: Final = frozenset(
    {Status.CANCELLED, Status.JAMMED, Status.NO_DOCS, Status.COVER_OPEN, Status.IO_ERROR, Status.WARMING_UP}
)
_HARDWARE: Final = frozenset({Status.IO_ERROR, Status.DEVICE_BUSY, Status.HW_LOCKED})

LEGAL: Final[dict[str, frozenset[Status]]] = {
    "init": _BOTH | {Status.UNSUPPORTED, Status.INVAL, Status.IO_ERROR},
    "get_devices": _BOTH | {Status.IO_ERROR},
    "open": _BOTH | _HARDWARE | {Status.INVAL, Status.WARMING_UP, Status.COVER_OPEN, Status.UNSUPPORTED},
    "control": _BOTH | _HARDWARE | {Status.CANCELLED, Status.UNSUPPORTED, Status.INVAL},
    "get_parameters": _BOTH | _HARDWARE | {Status.INVAL},
    "start": _BOTH | _HARDWARE | _MOVES | {Status.INVAL, Status.UNSUPPORTED},
    "read": _BOTH | _MOVES | {Status.EOF, Status.INVAL, Status.HW_LOCKED},
    "set_io_mode": _BOTH | {Status.INVAL, Status.UNSUPPORTED},
    "get_select_fd": _BOTH | {Status.INVAL, Status.UNSUPPORTED},
}
"""By command of the worker. The tables of the standard, and what its texts and sane.h add to them: INVAL for what is no time or value, the two new statuses."""

DEVICE_TYPES: Final = frozenset(
    {
        "film scanner",
        "flatbed scanner",
        "frame grabber",
        "handheld scanner",
        "multi-function peripheral",
        "sheetfed scanner",
        "still camera",
        "video camera",
        "virtual device",
    }
)
"""4.2.8, and what sane-backends has added to it."""

DEEPEST: Final = 3
"""The highest level of tstbackend."""
KNOWN_CAPS: Final = 0x7F
UNITLESS: Final = frozenset({ValueType.BOOL, ValueType.STRING, ValueType.BUTTON, ValueType.GROUP})
_DPI, _LENGTH = frozenset({Unit.DPI}), frozenset({Unit.MM, Unit.PIXEL})
_NUMBER, _NONE = frozenset({ValueType.INT, ValueType.FIXED}), frozenset({Unit.NONE})

WELL_KNOWN: Final[dict[str, tuple[frozenset[ValueType], frozenset[Unit]]]] = {
    "resolution": (_NUMBER, _DPI),
    "x-resolution": (_NUMBER, _DPI),
    "y-resolution": (_NUMBER, _DPI),
    "preview": (frozenset({ValueType.BOOL}), _NONE),
    "tl-x": (_NUMBER, _LENGTH),
    "tl-y": (_NUMBER, _LENGTH),
    "br-x": (_NUMBER, _LENGTH),
    "br-y": (_NUMBER, _LENGTH),
    "mode": (frozenset({ValueType.STRING}), _NONE),
    "source": (frozenset({ValueType.STRING}), _NONE),
}
"""4.5: name to types and units."""

CORNERS: Final = ("tl-x", "tl-y", "br-x", "br-y")
