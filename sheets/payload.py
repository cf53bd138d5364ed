"""What a mark says, packed into 34 decimal digits: the most that a 21-module QR symbol of level M holds.

From the highest bit: version 3 (1: marks all over, 2: in the margin), sheet number 24, side 1, width 13 and height 15 in tenths of a millimetre, seed 32,
tile index 6, check 18; 112 bits in all, and 10**34 is a little more than 2**112. Any one mark names its page and its
own place on it.
"""

import zlib
from dataclasses import dataclass

from sheets.errors import SheetError
from sheets.paper import PaperSize, size_of_tenths
from sheets.sheet import Marks, Side

VERSIONS = {Marks.GRID: 1, Marks.MARGIN: 2}
DIGITS = 34
MAX_TILES = 64
_FIELDS = (("version", 3), ("number", 24), ("side", 1), ("width", 13), ("height", 15), ("seed", 32), ("tile", 6))
_BODY_BITS = sum(bits for _, bits in _FIELDS)
_CHECK_BITS = 18


@dataclass(frozen=True)
class Mark:
    """What one mark says.

    Attributes:
        number: Sheet number.
        side: Side of the sheet.
        size: Paper.
        seed: Seed of the sheet.
        tile: Index of the mark on the side, row by row from the upper left.
        marks: Where the side has its marks.
    """

    number: int
    side: Side
    size: PaperSize
    seed: int
    tile: int
    marks: Marks = Marks.GRID


def pack(mark: Mark) -> str:
    """The 34 digits of a mark.

    Raises:
        SheetError: If a field does not fit.
    """
    width, height = mark.size.tenths
    values = (VERSIONS[mark.marks], mark.number, int(mark.side is Side.BACK), width, height, mark.seed, mark.tile)
    body = 0
    for (name, bits), value in zip(_FIELDS, values, strict=True):
        if not 0 <= value < 1 << bits:
            raise SheetError(f"{name} {value} does not fit {bits} bits")
        body = body << bits | value
    return f"{body << _CHECK_BITS | _check(body):0{DIGITS}d}"


def unpack(text: str) -> Mark | None:
    """The mark those digits are, or ``None`` for anything that is not one of ours (a foreign QR symbol)."""
    if len(text) != DIGITS or not (text.isascii() and text.isdigit()):
        return None
    body, check = divmod(int(text), 1 << _CHECK_BITS)
    if body >> _BODY_BITS or check != _check(body):
        return None
    values: dict[str, int] = {}
    for name, bits in reversed(_FIELDS):
        body, values[name] = divmod(body, 1 << bits)
    marks = next((kind for kind, version in VERSIONS.items() if version == values["version"]), None)
    if marks is None:
        return None
    try:
        size = size_of_tenths(values["width"], values["height"])
    except SheetError:
        return None
    side = Side.BACK if values["side"] else Side.FRONT
    return Mark(values["number"], side, size, values["seed"], values["tile"], marks)


def _check(body: int) -> int:
    return zlib.crc32(body.to_bytes(16, "big")) & ((1 << _CHECK_BITS) - 1)
