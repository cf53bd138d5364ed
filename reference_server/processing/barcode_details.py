"""``detailedResult`` and module size, as far as zxing-cpp tells or they follow from the format (rest-api.md 7.1). What is not known is not there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import zxingcpp

from reference_server.processing.symbologies import Symbology

Corners = Sequence[tuple[int, int]]

QR_BASE, QR_STEP = 17, 4
"""Modules of a side of QR version v: 17 + 4v (ISO/IEC 18004)."""

_ONE_REGION_SIDE = 26
_REGIONS = ((26, 1), (52, 2), (104, 4), (144, 6))
"""Data regions of a side of a square Data Matrix up to so many modules (ISO/IEC 16022, table 7)."""


def extra_of(barcode: zxingcpp.Barcode) -> dict[str, Any]:
    """What zxing-cpp says beside the text: version, error correction and the like; empty where it says nothing."""
    extra = barcode.extra
    return extra if isinstance(extra, dict) else {}


def module_size(barcode: zxingcpp.Barcode, symbology: Symbology, corners: Corners) -> int:
    """Pixels of a module; 0 where the number of modules is not known."""
    width = _distance(corners[0], corners[1])
    shape = _shape(barcode, symbology)
    modules = symbology.modules if shape is None else shape[1]
    return max(1, round(width / modules)) if modules else 0


def detailed(barcode: zxingcpp.Barcode, symbology: Symbology, text: str, size: int) -> dict[str, Any]:
    """The details that go with the kind of symbology."""
    if symbology.linear:
        return _linear(symbology, text, size)
    details: dict[str, Any] = {"moduleSize": size}
    shape, extra = _shape(barcode, symbology), extra_of(barcode)
    if shape is not None:
        details |= {"rows": shape[0], "columns": shape[1]}
    if barcode.ec_level:
        details["errorCorrectionLevel"] = barcode.ec_level
    match symbology.name:
        case "QR_CODE":
            details["model"] = 1 if barcode.format.name == "QRCodeModel1" else 2
            if "Version" in extra:
                details["version"] = _number(extra["Version"])
        case "AZTEC":
            if "Version" in extra:
                details["layerNumber"] = _number(extra["Version"])
        case "DATAMATRIX" if shape is not None:
            details |= _regions(*shape)
    return details


def _linear(symbology: Symbology, text: str, size: int) -> dict[str, Any]:
    frame = symbology.name == "CODABAR" and len(text) > 1
    return {
        "moduleSize": size,
        "checkDigitBytes": list(text[-1:].encode()) if symbology.has_check_digit else [],
        "startCharsBytes": list(text[0].encode()) if frame else [],
        "stopCharsBytes": list(text[-1].encode()) if frame else [],
    }


def _shape(barcode: zxingcpp.Barcode, symbology: Symbology) -> tuple[int, int] | None:
    """Rows and columns of a matrix."""
    version = str(extra_of(barcode).get("Version", ""))
    if symbology.name == "QR_CODE" and version.isdigit():
        side = QR_BASE + QR_STEP * int(version)
        return side, side
    rows, cross, columns = version.partition("x")
    if symbology.name == "DATAMATRIX" and cross and rows.isdigit() and columns.isdigit():
        return int(rows), int(columns)
    return None


def _regions(rows: int, columns: int) -> dict[str, int]:
    """How a Data Matrix of that size is divided into data regions."""
    if rows == columns:
        down = across = next((count for most, count in _REGIONS if rows <= most), 1)
    else:  # rectangles have one row of them, and two columns from 32 on
        down, across = 1, 1 if columns <= _ONE_REGION_SIDE else 2
    return {
        "dataRegionRows": rows // down - 2,
        "dataRegionColumns": columns // across - 2,
        "dataRegionNumber": down * across,
    }


def _number(value: object) -> int:
    text = str(value)
    return int(text) if text.isdigit() else 0


def _distance(one: tuple[int, int], other: tuple[int, int]) -> float:
    return math.hypot(one[0] - other[0], one[1] - other[1])
