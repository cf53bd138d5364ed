"""Reading barcodes: which formats, what is said of each, and pictures of every kind (rest-api.md 7.1)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import zxingcpp

from device_host.encoding import EncodingError
from reference_server.processing.barcodes import read
from reference_server.processing.models import BarcodeAnswer
from reference_server.processing.symbologies import BY_ZXING, SYMBOLOGIES
from sheets import ColourMode, RenderSettings, Sheet, Side, render
from tests.reference_server.pictures import Grey, jpeg, page, png, with_barcodes

CODES = (
    ("Code128", "ABC-123", 2, "CODE_128", "ABC-123"),
    ("Code39", "HELLO", 1, "CODE_39", "HELLO"),
    ("Code93", "WORLD", 4, "CODE_93", "WORLD"),
    ("Codabar", "A1234B", 8, "CODABAR", "A1234B"),
    ("ITF", "12345678", 16, "ITF", "12345678"),
    ("EAN13", "4006381333931", 32, "EAN_13", "4006381333931"),
    ("EAN8", "96385074", 64, "EAN_8", "96385074"),
    ("UPCA", "036000291452", 128, "UPC_A", "036000291452"),
    ("UPCE", "01234565", 256, "UPC_E", "01234565"),
    ("PDF417", "pdf", 33554432, "PDF417", "pdf"),
    ("QRCode", "qr \u00e4\u20ac", 67108864, "QR_CODE", "qr \u00e4\u20ac"),
    ("DataMatrix", "matrix", 134217728, "DATAMATRIX", "matrix"),
    ("Aztec", "aztec", 268435456, "AZTEC", "aztec"),
)


def found(
    picture: bytes, effort: str = "coverage", formats: Sequence[int] | None = None, expected: int = 0
) -> list[dict[str, Any]]:
    """The results for a picture."""
    results: list[dict[str, Any]] = json.loads(read(picture, effort, formats, expected))
    return results


@pytest.mark.parametrize(("format_", "text", "number", "name", "read_back"), CODES)
def test_each_symbology(format_: str, text: str, number: int, name: str, read_back: str) -> None:
    """Each format of the list is found with its id, name, text and bytes, once, with points and confidence; in the shape that the document declares."""
    (result,) = found(png(with_barcodes([(format_, text)])))
    BarcodeAnswer.model_validate(result)
    assert (result["barcodeFormat"], result["barcodeFormatString"], result["barcodeText"]) == (number, name, read_back)
    assert (result["BarcodeFormat"], result["BarcodeFormatString"]) == (number, name)
    assert result["LocalizationResult"] == result["localizationResult"]
    assert (result["barcodeFormat_2"], result["barcodeFormatString_2"]) == (0, "")
    assert result["results"][0]["bytes"] == result["barcodeBytes"]
    place = result["localizationResult"]
    assert 0 < place["confidence"] <= 100
    assert place["angle"] == 0
    assert place["ResultPoints"] == [f"{place[f'x{corner}']}, {place[f'y{corner}']}" for corner in (1, 2, 3, 4)]
    assert place["x1"] < place["x2"]
    assert place["y1"] < place["y4"]


def test_details() -> None:
    """What follows from the format: rows, columns and version of matrices, check digits, start and stop characters, module size."""
    results = {
        item["barcodeFormatString"]: item["detailedResult"]
        for item in found(png(with_barcodes([code[:2] for code in CODES])))
    }
    assert results["QR_CODE"].items() >= {"rows": 21, "columns": 21, "version": 1, "model": 2, "moduleSize": 4}.items()
    assert results["QR_CODE"]["errorCorrectionLevel"] in "LMQH"
    assert (
        results["DATAMATRIX"].items()
        >= {"rows": 12, "columns": 12, "dataRegionRows": 10, "dataRegionNumber": 1}.items()
    )
    assert results["AZTEC"]["layerNumber"] == 1
    assert results["EAN_13"]["checkDigitBytes"] == [ord("1")]
    assert results["EAN_13"]["moduleSize"] == 4
    assert results["CODE_128"]["checkDigitBytes"] == []
    assert (results["CODABAR"]["startCharsBytes"], results["CODABAR"]["stopCharsBytes"]) == ([65], [66])


@pytest.mark.parametrize("effort", ["coverage", "balance", "speed"])
def test_several_and_again(effort: str) -> None:
    """Many barcodes on a page are each found once at every effort, also two of the same content."""
    codes = [("QRCode", "one"), ("QRCode", "same"), ("Code128", "LINE"), ("QRCode", "same")]
    texts = [item["barcodeText"] for item in found(png(with_barcodes(codes)), effort)]
    assert sorted(texts) == ["LINE", "one", "same", "same"]


def test_formats_and_count() -> None:
    """A template's formats leave the others out, its count ends the search, and formats that nothing reads find nothing."""
    picture = png(with_barcodes([("QRCode", "qr"), ("Code128", "C128"), ("EAN13", "4006381333931")]))
    assert [item["barcodeText"] for item in found(picture, formats=[2])] == ["C128"]
    assert {item["barcodeText"] for item in found(picture, formats=[2, 67108864])} == {"C128", "qr"}
    assert len(found(picture, expected=2)) == 2
    assert len(found(picture, expected=99)) == 3
    assert found(picture, formats=[]) == []
    assert found(picture, formats=[512]) == []
    assert found(png(page())) == []


def test_upc_a_is_an_ean_13_for_those_who_ask_for_that() -> None:
    """An UPC-A symbol is an EAN-13 that begins with 0: which name it has depends on what was asked for."""
    picture = png(with_barcodes([("UPCA", "036000291452")]))
    assert [item["barcodeFormatString"] for item in found(picture, formats=[32])] == ["EAN_13"]
    assert [item["barcodeFormatString"] for item in found(picture, formats=[128])] == ["UPC_A"]
    assert [item["barcodeFormatString"] for item in found(picture, formats=[32, 128])] == ["UPC_A"]


def test_a_format_beyond_the_list() -> None:
    """What has no id in the contract is reported with id 0 and its own name."""
    (result,) = found(png(with_barcodes([("MaxiCode", "maxi code text 123")], scale=8)))
    assert (result["barcodeFormat"], result["barcodeFormatString"]) == (0, "MaxiCode")


def as_colour(grey: Grey) -> bytes:
    """Blue on yellow."""
    paper, ink = np.array((250, 240, 120), np.uint8), np.array((20, 30, 120), np.uint8)
    return jpeg(np.where(grey[:, :, None] > 128, paper, ink).astype(np.uint8), 85)


@pytest.mark.parametrize(
    "encode",
    [
        png,
        jpeg,
        as_colour,
        lambda grey: png(grey > 128),
        lambda grey: png(255 - grey),
        lambda grey: png(np.rot90(grey).copy()),
        lambda grey: png(grey.astype(np.uint16) * 257),
    ],
    ids=["png", "jpeg", "colour", "one bit", "inverted", "turned", "16 bits"],
)
def test_every_kind_of_picture(encode: Any) -> None:
    """PNG and JPEG, grey, colour, one bit and 16 bits, inverted and turned: best coverage reads them all."""
    results = found(encode(with_barcodes([("QRCode", "same"), ("Code128", "SAME")])))
    assert sorted(item["barcodeText"] for item in results) == ["SAME", "same"]


def test_a_turned_barcode_says_so() -> None:
    """The angle is that of the barcode, from 0 to 359."""
    (result,) = found(png(np.rot90(with_barcodes([("QRCode", "turned")])).copy()))
    assert result["localizationResult"]["angle"] == 270


def test_small_modules() -> None:
    """Modules of less than two pixels are read under best coverage, with points in the picture's own pixels."""
    grey = with_barcodes([("QRCode", "tiny tiny tiny")], scale=1)
    (result,) = found(png(grey))
    place = result["localizationResult"]
    assert result["barcodeText"] == "tiny tiny tiny"
    assert 100 <= place["x1"] < place["x2"] <= grey.shape[1] - 100


@pytest.mark.parametrize("mode", [ColourMode.LINEART, ColourMode.GRAY, ColourMode.COLOR])
def test_a_scanned_sheet(mode: ColourMode) -> None:
    """The marks of a sheet, which are QR codes, are all read from its scan."""
    depth = 1 if mode is ColourMode.LINEART else 8
    pixels = np.asarray(render(Sheet(5), Side.FRONT, RenderSettings(150, 150, mode, depth)))
    if mode is ColourMode.LINEART:
        pixels = np.unpackbits(pixels.astype(np.uint8), axis=1) == 0
    elif mode is ColourMode.GRAY:
        pixels = pixels.reshape(pixels.shape[0], -1)
    assert [item["barcodeFormatString"] for item in found(png(pixels))] == ["QR_CODE"] * 12


def test_the_table_names_formats_that_exist() -> None:
    """Every name of zxing-cpp in the table is one of its formats, and no id or name is there twice."""
    for name in BY_ZXING:
        assert hasattr(zxingcpp.BarcodeFormat, name), name
    assert len({item.id for item in SYMBOLOGIES}) == len({item.name for item in SYMBOLOGIES}) == len(SYMBOLOGIES)
    assert all(item.id.bit_count() == 1 for item in SYMBOLOGIES)


@pytest.mark.parametrize("data", [b"", b"GIF89a", png(page())[:-40], jpeg(page())[:400], png(page())[:60]])
def test_no_picture(data: bytes) -> None:
    """What is no PNG or JPEG, or a cut one, is a ValueError of the encoder's family, and nothing worse."""
    with pytest.raises(EncodingError):
        found(data)
