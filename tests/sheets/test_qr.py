"""The QR symbols of marks."""

from typing import Any

import numpy as np
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from sheets.payload import DIGITS
from sheets.qr import symbol

FORMATS = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**DIGITS - 1))
def test_a_foreign_reader_reads_every_symbol(value: int) -> None:
    """The encoder is ours, the reader is not: any 34 digits must be a valid symbol with no error to correct."""
    digits = f"{value:0{DIGITS}d}"
    picture = np.pad(255 - 255 * np.kron(symbol(digits), np.ones((4, 4), np.uint8)), 16, constant_values=255)
    (found,) = zxingcpp.read_barcodes(picture.astype(np.uint8), formats=FORMATS)
    assert found.text == digits
    extra: Any = found.extra
    assert extra["UEC"] == 1.0
    assert (extra["Version"], extra["ECLevel"], extra["DataMask"]) == ("1", "M", 0)


def test_a_symbol_corrects_damage() -> None:
    """Level M restores five of its 26 bytes: a scratch does not silence a mark."""
    digits = "1234567890123456789012345678901234"
    scratched = symbol(digits).copy()
    scratched[9:13, 17:21] ^= 1  # two bytes
    picture = np.pad(255 - 255 * np.kron(scratched, np.ones((4, 4), np.uint8)), 16, constant_values=255)
    (found,) = zxingcpp.read_barcodes(picture.astype(np.uint8), formats=FORMATS)
    assert found.text == digits
