"""What a client wants of a scan: the ``config`` and ``caps`` of a job as one list, in the order in which they count (rest-api.md 5.1-5.3).

Keys are matched in lower case. ``caps`` come before ``config``, so that ``config`` wins (D).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from device_protocol.vocabularies.rest import CAP_KEYS, CAP_NUMBERS, LEVEL_OPTIONS
from reference_server.errors import bad_parameter
from reference_server.models import CapabilityWish, CapabilityWishes, as_flag, as_number


class Kind(Enum):
    """What type of value a key takes."""

    NUMBER = "a number"
    FLAG = "a boolean"


KEYS: dict[str, Kind] = {
    "pixeltype": Kind.NUMBER,
    "resolution": Kind.NUMBER,
    "iffeederenabled": Kind.FLAG,
    "ifduplexenabled": Kind.FLAG,
    "ifautofeed": Kind.FLAG,
    "xfercount": Kind.NUMBER,
    "pagesize": Kind.NUMBER,
    "bitdepth": Kind.NUMBER,
    "ifgetextimageinfo": Kind.FLAG,
    "checkfeederloaded": Kind.FLAG,
    "selectsourcebyindex": Kind.NUMBER,
    **dict.fromkeys(LEVEL_OPTIONS, Kind.NUMBER),
}
"""The keys that have an effect here, in lower case; all others are ignored (rest-api.md 5.2)."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that is wanted.

    Attributes:
        key: of :data:`KEYS`; empty for a capability that has no counterpart.
        value: a number or a boolean.
        strict: the job shall fail if it cannot be had exactly (``exception: "fail"``).
        label: how the client called it, for messages.
    """

    key: str
    value: float | bool | None
    strict: bool
    label: str


def collect(config: dict[str, Any] | None, caps: CapabilityWishes | None) -> tuple[Wish, ...]:
    """All wishes of a job.

    Raises:
        RestError: 400, when a known key of ``config`` has a value of the wrong type.
    """
    wishes = [] if caps is None else [_of_capability(wish, caps) for wish in caps.capabilities]
    for name, value in (config or {}).items():
        key = name.lower()
        kind = KEYS.get(key)
        if kind is None or value is None:
            continue
        wishes.append(Wish(key, _typed(name, value, kind), strict=False, label=name[:100]))
    return tuple(wishes)


def latest(wishes: tuple[Wish, ...]) -> dict[str, Wish]:
    """The wish that counts for each key: the last one."""
    return {wish.key: wish for wish in wishes if wish.key}


def capability_number(name: int | str) -> int | None:
    """The number of a capability that may come as a number, a string of digits or its TWAIN name in any case (D-16)."""
    if isinstance(name, int):
        return name
    number = as_number(name)
    return int(number) if number is not None else CAP_NUMBERS.get(name.strip().lower())


def _of_capability(wish: CapabilityWish, caps: CapabilityWishes) -> Wish:
    own = (wish.exception or "").lower()
    strict = own == "fail" or (own != "ignore" and (caps.exception or "").lower() == "fail")
    number = capability_number(wish.capability)
    key = CAP_KEYS.get(number, "") if number is not None else ""
    value = wish.curValue.get("value") if isinstance(wish.curValue, dict) else wish.curValue
    typed = None if not key else (as_flag(value) if KEYS[key] is Kind.FLAG else as_number(value))
    return Wish(key if typed is not None else "", typed, strict, str(wish.capability)[:100])


def _typed(name: str, value: Any, kind: Kind) -> float | bool:
    typed: float | bool | None
    match kind:
        case Kind.FLAG:
            typed = value if isinstance(value, bool) else None  # rest-api.md 1.2: booleans as JSON booleans only
        case Kind.NUMBER:
            typed = as_number(value)
    if typed is None:
        raise bad_parameter(f"config.{name[:100]}: this is not {kind.value}.")
    return typed
