"""SANE's names and numbers, and what they are in the contract.

Sources: SANE Standard 1.06, section 4.2.7 (status; 12 and 13 are announced by sane.h, and some back ends send them already), 4.5 (well-known options);
sane-escl.md 1.3 (message texts as scanimage prints them).
"""

from __future__ import annotations

from device_protocol.capabilities import Colour, SourceKind
from device_protocol.codes import Code

STATUS_NAMES: dict[int, str] = {
    0: "GOOD",
    1: "UNSUPPORTED",
    2: "CANCELLED",
    3: "DEVICE_BUSY",
    4: "INVAL",
    5: "EOF",
    6: "JAMMED",
    7: "NO_DOCS",
    8: "COVER_OPEN",
    9: "IO_ERROR",
    10: "NO_MEM",
    11: "ACCESS_DENIED",
    12: "WARMING_UP",
    13: "HW_LOCKED",
}

STATUS_TEXTS: dict[int, str] = {
    1: "Operation not supported",
    2: "Operation was canceled",
    3: "Device busy",
    4: "Invalid argument",
    5: "End of file reached",
    6: "Document feeder jammed",
    7: "Document feeder out of documents",
    8: "Scanner cover is open",
    9: "Error during device I/O",
    10: "Out of memory",
    11: "Access to resource has been denied",
}
"""What sane_strstatus says (libsane 1.2.1); of use only to who has lost the number."""

CODES: dict[int, Code] = {
    1: Code.UNSUPPORTED,
    2: Code.CANCELLED,
    3: Code.BUSY,
    4: Code.INVALID_VALUE,
    6: Code.JAM,
    7: Code.NO_MEDIA,
    8: Code.COVER_OPEN,
    9: Code.TRANSFER_BROKEN,
    10: Code.NO_MEMORY,
    11: Code.ACCESS_DENIED,
    12: Code.WARMING_UP,
    13: Code.LOCKED,
}
"""Status to code (device-models.md 7a). INVAL at open means NOT_FOUND; a status that is not listed is OTHER."""

MODES: dict[str, Colour] = {
    "lineart": Colour.LINEART,
    "binary": Colour.LINEART,
    "black & white": Colour.LINEART,
    "halftone": Colour.LINEART,
    "gray": Colour.GRAY,
    "grayscale": Colour.GRAY,
    "true gray": Colour.GRAY,
    "color": Colour.COLOR,
    "24bit color": Colour.COLOR,
}
"""Values of the ``mode`` option in lower case (SANE 4.5.3 and what back ends write instead)."""

SOURCES: tuple[tuple[str, SourceKind], ...] = (
    ("duplex", SourceKind.FEEDER_DUPLEX),
    ("both sides", SourceKind.FEEDER_DUPLEX),
    ("adf", SourceKind.FEEDER),
    ("feeder", SourceKind.FEEDER),
    ("flatbed", SourceKind.FLATBED),
    ("flat bed", SourceKind.FLATBED),
    ("platen", SourceKind.FLATBED),
)
"""Words in the lower-case value of the ``source`` option; the first that occurs decides. Anything else is a VENDOR source."""
