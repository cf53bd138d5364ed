"""Gates of the requirements on SANE back ends, over what first contact gave (``conformance.sane.facts``)."""

from __future__ import annotations

from collections.abc import Callable

from conformance.requirements.model import Gate
from conformance.sane.facts import SaneFacts
from conformance.sane.model import Option
from device_protocol.vocabularies.sane_abi import ConstraintType, ValueType


def _some(words: str, holds: Callable[[Option], bool], quote: str) -> Gate:
    def missing(facts: SaneFacts) -> str | None:
        return None if any(holds(option) for option in facts.settable()) else quote

    return Gate(words, missing)


SETTABLE = _some("an option that can be set", lambda option: option.type != ValueType.BUTTON, "options: none")
BOOL = _some(
    "a switch that can be set", lambda option: option.type == ValueType.BOOL, "options: no settable SANE_TYPE_BOOL"
)
RANGE = _some(
    "a range that can be set",
    lambda option: option.constraint.kind == ConstraintType.RANGE,
    "options: no settable one with SANE_CONSTRAINT_RANGE",
)
LIST = _some(
    "a list to choose from",
    lambda option: option.constraint.kind in {ConstraintType.WORD_LIST, ConstraintType.STRING_LIST},
    "options: no settable one with a list",
)
STRING = Gate(
    "an option with text",
    lambda facts: (
        None
        if any(option.type == ValueType.STRING and option.readable for option in facts.options)
        else "options: no readable SANE_TYPE_STRING"
    ),
)
GROUP = Gate(
    "groups of options",
    lambda facts: None if any(option.group for option in facts.options) else "options: no SANE_TYPE_GROUP",
)
FEEDER = Gate(
    "a source that feeds",
    lambda facts: None if facts.feeders() else "options: source is not there or names no feeder",
)
