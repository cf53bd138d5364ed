"""What a person would say when a page asks for a scanner, as text in the configuration: ``allow``, ``deny``, ``ask``, ``ask:3`` or ``ask:3:deny``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reference_server.access.origins import check_origins

NO_ORIGIN = "none"
"""Stands for clients that send no Origin."""
MAX_SECONDS = 3600.0

_RULE = re.compile(r"(allow|deny|ask)(?::([0-9]+(?:\.[0-9]+)?)(?::(allow|deny))?)?")


@dataclass(frozen=True, slots=True)
class ConsentRule:
    """The rule for an origin.

    Attributes:
        answer: yes or no; None: a person is asked.
        seconds: after which a simulated person answers; None: nobody does, the control API decides.
        then: what that person says.
    """

    answer: bool | None = True
    seconds: float | None = None
    then: bool = True

    @property
    def asks(self) -> bool:
        """Whether somebody has to answer."""
        return self.answer is None


def parse_rule(text: str) -> ConsentRule:
    """The rule that *text* says.

    Raises:
        ValueError: it says none.
    """
    match = _RULE.fullmatch(text)
    if match is None:
        raise ValueError(f"consent is allow, deny, ask, ask:SECONDS or ask:SECONDS:deny, not {text!r}")
    word, seconds, then = match.groups()
    if word != "ask":
        if seconds is not None:
            raise ValueError(f"consent {text!r}: {word} takes no seconds, nobody is asked")
        return ConsentRule(word == "allow")
    if seconds is not None and float(seconds) > MAX_SECONDS:
        raise ValueError(f"consent {text!r}: at most {MAX_SECONDS:g} seconds")
    return ConsentRule(None, None if seconds is None else float(seconds), then != "deny")


def parse_overrides(texts: Iterable[str]) -> Mapping[bytes | None, ConsentRule]:
    """The rules of single origins, from ``ORIGIN=RULE``; the origin ``none`` stands for clients without one.

    Raises:
        ValueError: a text is no such thing.
    """
    rules: dict[bytes | None, ConsentRule] = {}
    for text in texts:
        origin, equals, rule = text.rpartition("=")
        if not equals or not origin:
            raise ValueError(f"consent for an origin is ORIGIN=RULE, not {text!r}")
        if origin != NO_ORIGIN:
            check_origins([origin])
        rules[None if origin == NO_ORIGIN else origin.encode()] = parse_rule(rule)
    return rules
