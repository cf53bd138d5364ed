"""Reads barcodes with zxing-cpp, in the codec process, and says what it found in the fields of rest-api.md 7.1."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import zxingcpp

from reference_server.processing.barcode_details import detailed, extra_of, module_size
from reference_server.processing.images import Grey, load, luminance
from reference_server.processing.symbologies import BY_ZXING, SYMBOLOGIES, Symbology
from reference_server.processing.templates import Effort

PIXEL_COORDINATES = 1
RECOGNIZED = 32
"""The last phase of a reader that has found something."""
STANDARD_TEXT = 0
MIDDLE = 128
"""A page that is darker than that is light on dark."""
SHORT_SIDE = 1500
"""A page with fewer pixels is looked at once more at twice its size under best coverage: modules of one pixel and a half are too small otherwise."""


def read(data: bytes, effort: str, formats: Sequence[int] | None, expected: int) -> bytes:
    """The barcodes of a page, as JSON.

    Args:
        data: a PNG or JPEG.
        effort: of :class:`Effort`.
        formats: ids of those to look for; None for all.
        expected: how many are enough; 0 for all.

    Raises:
        EncodingError: *data* is no picture that can be read.
    """
    grey = luminance(load(data, grey=True))
    found: list[dict[str, Any]] = []
    for barcode, scale in _look(grey, Effort(effort), formats):
        if expected and len(found) >= expected:
            break
        result = describe(barcode, scale, formats)
        if not any(_same(result, other) for other in found):
            found.append(result)
    return json.dumps(found).encode()


def _look(grey: Grey, effort: Effort, formats: Sequence[int] | None) -> Iterator[tuple[zxingcpp.Barcode, float]]:
    """Barcodes, and by how much the picture was enlarged to see them. A later look can see the same again."""
    wanted = _formats(formats)
    if wanted == []:
        return
    more = effort is Effort.COVERAGE
    options: dict[str, Any] = {
        "try_rotate": effort is not Effort.SPEED,
        "try_invert": more,
        "try_downscale": effort is not Effort.SPEED,
    }
    if wanted is not None:
        options["formats"] = wanted
    picture = np.ascontiguousarray(grey)
    for barcode in zxingcpp.read_barcodes(picture, **options):
        yield barcode, 1.0
    if not more:
        return
    for barcode in zxingcpp.read_barcodes(picture, binarizer=zxingcpp.Binarizer.GlobalHistogram, **options):
        yield barcode, 1.0
    if picture.mean() < MIDDLE:  # zxing-cpp inverts for matrices only
        for barcode in zxingcpp.read_barcodes(255 - picture, **options):
            yield barcode, 1.0
    if min(picture.shape) <= SHORT_SIDE:
        for barcode in zxingcpp.read_barcodes(np.repeat(np.repeat(picture, 2, axis=0), 2, axis=1), **options):
            yield barcode, 2.0


def _formats(ids: Sequence[int] | None) -> list[zxingcpp.BarcodeFormat] | None:
    """zxing-cpp's formats for those of the contract; an empty list where it reads none of them."""
    if ids is None:
        return None
    names = [name for symbology in SYMBOLOGIES if symbology.id in ids for name in symbology.zxing]
    return [getattr(zxingcpp.BarcodeFormat, name) for name in names]


def describe(barcode: zxingcpp.Barcode, scale: float, formats: Sequence[int] | None = None) -> dict[str, Any]:
    """One result of rest-api.md 7.1."""
    symbology, text = _identify(barcode, formats)
    named = {
        "barcodeFormat": symbology.id,
        "barcodeFormatString": symbology.name,
        "barcodeFormat_2": 0,
        "barcodeFormatString_2": "",
    }
    corners = _corners(barcode.position, scale)
    content = list(barcode.bytes)
    confidence = _confidence(barcode)
    size = module_size(barcode, symbology, corners)
    localization = {
        "ResultPoints": [f"{x}, {y}" for x, y in corners],
        **{f"x{number}": x for number, (x, _) in enumerate(corners, 1)},
        **{f"y{number}": y for number, (_, y) in enumerate(corners, 1)},
        "angle": barcode.orientation % 360,
        **named,
        "confidence": confidence,
        "documentName": "",
        "moduleSize": size,
        "pageNumber": 0,
        "regionName": "",
        "resultCoordinateType": PIXEL_COORDINATES,
        "terminatePhase": RECOGNIZED,
        "accompanyingTextBytes": [],
    }
    return {
        **named,
        "barcodeText": text,
        "barcodeBytes": content,
        "localizationResult": localization,
        "detailedResult": detailed(barcode, symbology, text, size),
        "results": [
            {
                "accompanyingTextBytes": [],
                **named,
                "bytes": content,
                "clarity": 0,
                "confidence": confidence,
                "deformation": 0,
                "resultType": STANDARD_TEXT,
            }
        ],
        "BarcodeFormat": symbology.id,
        "BarcodeFormatString": symbology.name,
        "LocalizationResult": localization,
    }


def _identify(barcode: zxingcpp.Barcode, formats: Sequence[int] | None) -> tuple[Symbology, str]:
    """Format and text. An EAN-13 that begins with 0 is an UPC-A, and an UPC-E has a short text of its own."""
    name, text = barcode.format.name, barcode.text
    symbology = BY_ZXING.get(name) or Symbology(0, name, (name,), linear=False)
    upc_a = BY_ZXING["UPCA"]
    if name == "EAN13" and text.startswith("0") and (formats is None or upc_a.id in formats):
        return upc_a, text[1:]
    if name == "UPCA":
        return symbology, text[-12:]
    if name == "UPCE":
        return symbology, str(extra_of(barcode).get("UPCE", text))
    return symbology, text


def _corners(position: zxingcpp.Position, scale: float) -> list[tuple[int, int]]:
    points = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    return [(round(point.x / scale), round(point.y / scale)) for point in points]


def _confidence(barcode: zxingcpp.Barcode) -> int:
    """Per cent of the error correction that was not needed; 100 for symbologies that have none, or do not tell."""
    unused = extra_of(barcode).get("UEC")
    return round(100 * unused) if isinstance(unused, int | float) else 100


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two looks have seen one barcode: same content, and the centre of one lies in the other."""
    if (one["barcodeFormat"], one["barcodeBytes"]) != (other["barcodeFormat"], other["barcodeBytes"]):
        return False
    (x, y, _), (other_x, other_y, radius) = _circle(one), _circle(other)
    return math.hypot(x - other_x, y - other_y) <= radius


def _circle(result: dict[str, Any]) -> tuple[float, float, float]:
    place = result["localizationResult"]
    xs, ys = ([place[f"{axis}{number}"] for number in range(1, 5)] for axis in "xy")
    x, y = sum(xs) / 4, sum(ys) / 4
    return x, y, min(math.hypot(a - x, b - y) for a, b in zip(xs, ys, strict=True)) / 2 + 2
