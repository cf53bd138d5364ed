"""Barcode formats: the ids and names of rest-api.md 7.1, and what zxing-cpp calls them.

What zxing-cpp reads beyond that list (MaxiCode, DataBar, Micro QR and others) has no id there: it is reported with id 0 and zxing-cpp's own name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Symbology:
    """A format.

    Attributes:
        id: bit of the contract.
        name: as the contract writes it.
        zxing: names of zxing-cpp's formats that are it.
        linear: whether it is one-dimensional.
        modules: across the symbol, quiet zones apart, where that is always the same; 0 where it is not.
        has_check_digit: whether the last character of its text is always a check digit.
    """

    id: int
    name: str
    zxing: tuple[str, ...]
    linear: bool = True
    modules: int = 0
    has_check_digit: bool = False


SYMBOLOGIES: Final = (
    Symbology(1, "CODE_39", ("Code39", "Code39Std")),
    Symbology(2, "CODE_128", ("Code128",)),
    Symbology(4, "CODE_93", ("Code93",)),
    Symbology(8, "CODABAR", ("Codabar",)),
    Symbology(16, "ITF", ("ITF", "ITF14")),
    Symbology(32, "EAN_13", ("EAN13", "ISBN"), modules=95, has_check_digit=True),
    Symbology(64, "EAN_8", ("EAN8",), modules=67, has_check_digit=True),
    Symbology(128, "UPC_A", ("UPCA",), modules=95, has_check_digit=True),
    Symbology(256, "UPC_E", ("UPCE",), modules=51, has_check_digit=True),
    Symbology(512, "INDUSTRIAL_25", ()),  # zxing-cpp does not read it
    Symbology(1024, "CODE_39_EXTENDED", ("Code39Ext",)),
    Symbology(33554432, "PDF417", ("PDF417", "CompactPDF417"), linear=False),
    Symbology(67108864, "QR_CODE", ("QRCode", "QRCodeModel1", "QRCodeModel2"), linear=False),
    Symbology(134217728, "DATAMATRIX", ("DataMatrix",), linear=False),
    Symbology(268435456, "AZTEC", ("Aztec", "AztecCode", "AztecRune"), linear=False),
)

BY_ZXING: Final = {name: symbology for symbology in SYMBOLOGIES for name in symbology.zxing}

GROUPS: Final = {
    "ALL": tuple(symbology.id for symbology in SYMBOLOGIES),
    "ONED": tuple(symbology.id for symbology in SYMBOLOGIES if symbology.linear),
}
"""Names in templates that stand for several."""

BY_NAME: Final = {symbology.name: (symbology.id,) for symbology in SYMBOLOGIES} | GROUPS


def ids_of_mask(mask: int) -> tuple[int, ...]:
    """The formats whose bits are in *mask*."""
    return tuple(symbology.id for symbology in SYMBOLOGIES if symbology.id & mask)


def ids_of_name(name: str) -> tuple[int, ...]:
    """The formats of a name in a template, with or without the prefix that templates use; none for a name that is not known."""
    return BY_NAME.get(name.strip().upper().removeprefix("BF_"), ())
