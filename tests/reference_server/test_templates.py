"""The settings of read-barcode: keywords, templates, and what is neither (rest-api.md 7.1, D-13)."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_server.errors import RestError
from reference_server.processing.symbologies import SYMBOLOGIES
from reference_server.processing.templates import Effort, Template, read_template

QR, CODE_128 = 67108864, 2


@pytest.mark.parametrize(
    ("settings", "effort"),
    [
        (None, Effort.COVERAGE),
        ("", Effort.COVERAGE),
        ("coverage", Effort.COVERAGE),
        ("BestCoverage", Effort.COVERAGE),
        ("BESTSPEED", Effort.SPEED),
        ("Speed", Effort.SPEED),
        (" balance ", Effort.BALANCE),
        ("Balance", Effort.BALANCE),
    ],
)
def test_keywords(settings: str | None, effort: Effort) -> None:
    """The keywords of clients and of the official page, in any case; nothing means best coverage."""
    assert read_template(settings) == Template(effort)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ({}, Template()),
        ({"BarcodeFormatIds": ["BF_QR_CODE", "BF_CODE_128"]}, Template(formats=(CODE_128, QR))),
        ({"barcodeFormatIds": QR | CODE_128}, Template(formats=(CODE_128, QR))),
        ({"barcodeFormatIds": str(QR)}, Template(formats=(QR,))),
        (
            {"ImageParameter": {"BarcodeFormatIds": ["qr_code"], "ExpectedBarcodesCount": 3}},
            Template(formats=(QR,), expected=3),
        ),
        ({"ImageParameterContentArray": [{"BarcodeFormatIds": ["BF_QR_CODE"]}]}, Template(formats=(QR,))),
        ({"BarcodeReaderTaskSettingOptions": [{"ExpectedBarcodesCount": "2"}]}, Template(expected=2)),
        ({"BarcodeFormatIds": ["BF_ALL"]}, Template(formats=tuple(item.id for item in SYMBOLOGIES))),
        ({"BarcodeFormatIds": ["BF_ONED"]}, Template(formats=tuple(item.id for item in SYMBOLOGIES if item.linear))),
        ({"BarcodeFormatIds": "BF_QR_CODE|BF_CODE_128"}, Template(formats=(CODE_128, QR))),
        ({"BarcodeFormatIds": ["BF_PATCHCODE"]}, Template(formats=())),
        ({"BarcodeFormatIds": [], "ExpectedBarcodesCount": -4, "Other": [1]}, Template(formats=())),
        ({"Version": "3.0", "ImageParameter": 7, "ImageParameterContentArray": [1, None]}, Template()),
    ],
)
def test_templates(template: dict[str, Any], expected: Template) -> None:
    """Formats and the expected count of a template count, wherever its version keeps them; the rest is ignored; text and object mean the same."""
    assert read_template(template) == expected
    assert read_template(json.dumps(template)) == expected


@pytest.mark.parametrize("settings", ["fast", "{", "[]", "7", "[" * 100_000, '"coverage"', 7, ["coverage"], True])
def test_neither(settings: Any) -> None:
    """Anything else is 400 -2113."""
    with pytest.raises(RestError) as caught:
        read_template(settings)
    assert (caught.value.status, caught.value.code) == (400, -2113)


def test_strict() -> None:
    """To the letter there are the keywords of the official page, and templates as text (D-13)."""
    assert read_template("BestSpeed", loose=False) == Template(Effort.SPEED)
    assert read_template('{"barcodeFormatIds": 2}', loose=False) == Template(formats=(CODE_128,))
    for settings in ("speed", "bestspeed", {"barcodeFormatIds": 2}):
        with pytest.raises(RestError):
            read_template(settings, loose=False)


KEYS = st.sampled_from(["BarcodeFormatIds", "ExpectedBarcodesCount", "ImageParameter", "x"])
VALUES = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=10)


@given(
    st.recursive(
        VALUES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8
    )
)
def test_any_json(settings: Any) -> None:
    """Whatever JSON comes, there is a template or a typed error."""
    with suppress(RestError):
        template = read_template(settings)
        assert template.expected >= 0
        assert set(template.formats or ()) <= {item.id for item in SYMBOLOGIES}
