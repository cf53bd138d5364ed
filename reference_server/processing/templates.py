"""The ``settings`` of read-barcode: a keyword, or a template as text or as an object (rest-api.md 7.1, D-13).

Of templates those parts count that zxing-cpp can follow: which formats, and how many barcodes are expected. Everything else is ignored.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from reference_server.errors import bad_parameter
from reference_server.models import as_number
from reference_server.processing.symbologies import ids_of_mask, ids_of_name

MAX_TEXT = 64 << 10
MAX_NAMES = 1000
PARAMETERS = ("imageparameter", "imageparametercontentarray", "barcodereadertasksettingoptions")
"""Where templates of different versions keep what counts here."""


class Effort(StrEnum):
    """How hard to look."""

    COVERAGE = "coverage"
    BALANCE = "balance"
    SPEED = "speed"


STRICT_WORDS = {"BestCoverage": Effort.COVERAGE, "BestSpeed": Effort.SPEED, "Balance": Effort.BALANCE}
"""The keywords as the official page writes them (D)."""

WORDS = {word: effort for effort in Effort for word in (effort.value, f"best{effort.value}", f"best_{effort.value}")}
"""The keywords in lower case: those of the clients and those of the official page (D-13)."""


@dataclass(frozen=True, slots=True)
class Template:
    """What to look for.

    Attributes:
        effort: see there.
        formats: ids of formats; None: all, and those that have no id.
        expected: how many barcodes are enough; 0: all that there are.
    """

    effort: Effort = Effort.COVERAGE
    formats: tuple[int, ...] | None = None
    expected: int = 0


def read_template(settings: Any, *, loose: bool = True) -> Template:
    """The meaning of *settings*; nothing at all means best coverage.

    Args:
        settings: from JSON: absent (None), text or an object.
        loose: take every spelling of the keywords, and objects (D-13).

    Raises:
        RestError: 400 for what is neither keyword nor template.
    """
    if settings is None or (isinstance(settings, str) and not settings.strip()):
        return Template()
    if isinstance(settings, str):
        effort = _keyword(settings.strip(), loose=loose)
        if effort is not None:
            return Template(effort)
        return _template(_object(settings))
    if isinstance(settings, dict) and loose:
        return _template(settings)
    raise bad_parameter("settings: give coverage, speed or balance, or a template.")


def _keyword(text: str, *, loose: bool) -> Effort | None:
    return WORDS.get(text.lower()) if loose else STRICT_WORDS.get(text)


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text) if len(text) <= MAX_TEXT else None
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise bad_parameter("settings: this is neither coverage, speed or balance nor a template in JSON.")
    return value


def _template(value: dict[str, Any]) -> Template:
    formats: tuple[int, ...] | None = None
    expected = 0
    for table in _tables(value):
        keys = {str(key).lower(): item for key, item in table.items()}
        if (wanted := keys.get("barcodeformatids")) is not None:
            formats = _formats(wanted)
        number = as_number(keys.get("expectedbarcodescount"))
        if number is not None:
            expected = max(0, int(number))
    return Template(formats=formats, expected=expected)


def _tables(value: dict[str, Any]) -> list[dict[str, Any]]:
    """*value* itself and what it holds at the places where templates keep their parameters."""
    found = [value]
    for key, item in value.items():
        if str(key).lower() in PARAMETERS:
            items = item if isinstance(item, list) else [item]
            found += [entry for entry in items if isinstance(entry, dict)]
    return found


def _formats(wanted: Any) -> tuple[int, ...] | None:
    """Names or bits; None, that is all, for what is neither."""
    mask = as_number(wanted)
    if mask is not None:
        return ids_of_mask(int(mask))
    names = wanted if isinstance(wanted, list) else str(wanted).replace("|", ",").split(",")
    ids: set[int] = set()
    for name in names[:MAX_NAMES]:
        bit = as_number(name)
        ids.update(ids_of_name(str(name)) if bit is None else ids_of_mask(int(bit)))
    return tuple(sorted(ids))
