"""Which types the options must have that count here. A driver may call anything ``resolution``; only a number is one."""

from __future__ import annotations

from typing import Final

from device_protocol import Option, ValueType
from device_protocol.options import AREA_NAMES, DEPTH, MODE, RESOLUTION, SOURCE, X_RESOLUTION, Y_RESOLUTION
from device_protocol.vocabularies.twain import SERIAL_OPTIONS

WORD: Final = frozenset({ValueType.STRING})
NUMBER: Final = frozenset({ValueType.INT, ValueType.FIXED})
SWITCH: Final = frozenset({ValueType.BOOL})

TYPES: Final = {
    SOURCE: WORD,
    MODE: WORD,
    DEPTH: frozenset({ValueType.INT}),
    **dict.fromkeys((RESOLUTION, X_RESOLUTION, Y_RESOLUTION, *AREA_NAMES), NUMBER),
    **dict.fromkeys(("brightness", "contrast", "threshold", "rotation"), NUMBER),
    **dict.fromkeys(("discard-blank", "swskip"), NUMBER | SWITCH),
    **dict.fromkeys(("detect-size", "swcrop", "deskew", "swdeskew", "auto-rotate", "swderotate"), SWITCH),
    **dict.fromkeys(("multifeed", *SERIAL_OPTIONS), WORD),
}
"""By name; others may have any."""


def usable(option: Option) -> bool:
    """Whether the device has *option* now, and it is what its name says."""
    return option.active and option.type in TYPES.get(option.name, frozenset(ValueType))
