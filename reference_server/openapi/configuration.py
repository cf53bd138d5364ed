"""The ``config`` of a job (rest-api.md 5.2), from the keys that the service knows."""

from __future__ import annotations

from device_protocol.vocabularies.twain import PIXEL_TYPE_LABELS, SIZE_LABELS
from reference_server.compat import Rules
from reference_server.jobs.wish_values import Kind
from reference_server.jobs.wishes import KEYS, NUMBERS_AS_TEXT
from reference_server.openapi.schemas import Schema

NAMES = (
    "PixelType",
    "Resolution",
    "IfFeederEnabled",
    "IfDuplexEnabled",
    "IfAutoFeed",
    "IfAutoScan",
    "XferCount",
    "PageSize",
    "BitDepth",
    "Unit",
    "Brightness",
    "Contrast",
    "Threshold",
    "IfAutoBright",
    "IfAutoDiscardBlankpages",
    "IfAutomaticBorderDetection",
    "IfAutomaticDeskew",
    "IfShowUI",
    "IfDisableSourceAfterAcquire",
    "IfCloseSourceAfterAcquire",
    "IfGetImageInfo",
    "IfGetExtImageInfo",
    "extendedImageInfoQueryLevel",
    "CheckFeederLoaded",
    "SelectSourceByIndex",
)
"""The keys as the reference spells them; the service takes them in any case."""

_TEXT_NUMBER = r"^[+-]?[0-9]+(\.[0-9]+)?$"
_WORDS = {
    Kind.PIXEL_TYPE: sorted(PIXEL_TYPE_LABELS.values()),
    Kind.PAGE_SIZE: sorted(SIZE_LABELS.values()),
}


def configuration(rules: Rules) -> Schema:
    """Its schema. Further keys are ignored."""
    return {
        "type": "object",
        "description": "What the scan shall be like; keys are taken in any case, further ones are ignored.",
        "properties": {name: _value(name, rules) for name in NAMES},
        "additionalProperties": True,
    }


def _value(name: str, rules: Rules) -> Schema:
    key = name.lower()
    kind = KEYS[key]
    if kind is Kind.FLAG:
        choices: list[Schema] = [{"type": "boolean"}]
    else:
        choices = [{"type": "number"}]
        if rules.loose_types or key in NUMBERS_AS_TEXT:
            choices.append({"type": "string", "pattern": _TEXT_NUMBER})
        if kind in _WORDS:
            choices.append({"type": "string", "enum": _WORDS[kind]})
    if rules.loose_types:
        choices.append({"type": "null"})
    return choices[0] if len(choices) == 1 else {"anyOf": choices}
