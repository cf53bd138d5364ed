"""What a client wants of a scan: the ``caps`` and ``config`` of a job as one list, in the order in which they count (rest-api.md 5.1-5.3).

Keys are matched in lower case. ``caps`` come before ``config``, so that ``config`` wins (D).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from device_protocol.vocabularies.rest import RestCode
from device_protocol.vocabularies.twain import CAP_KEYS, CAP_NUMBERS, Cap, Units
from reference_server.compat import Rules
from reference_server.errors import bad_parameter
from reference_server.jobs.wish_values import Kind, Wanted, capability_value, config_value
from reference_server.models import CapabilityWish, CapabilityWishes, as_number

KEYS: dict[str, Kind] = {
    "pixeltype": Kind.PIXEL_TYPE,
    "resolution": Kind.NUMBER,
    "iffeederenabled": Kind.FLAG,
    "ifduplexenabled": Kind.FLAG,
    "ifautofeed": Kind.FLAG,
    "ifautoscan": Kind.FLAG,
    "xfercount": Kind.NUMBER,
    "pagesize": Kind.PAGE_SIZE,
    "bitdepth": Kind.NUMBER,
    "unit": Kind.NUMBER,
    "brightness": Kind.NUMBER,
    "contrast": Kind.NUMBER,
    "threshold": Kind.NUMBER,
    "ifautobright": Kind.FLAG,
    "ifautodiscardblankpages": Kind.FLAG,
    "ifautomaticborderdetection": Kind.FLAG,
    "ifautomaticdeskew": Kind.FLAG,
    "ifshowui": Kind.FLAG,
    "ifdisablesourceafteracquire": Kind.FLAG,
    "ifclosesourceafteracquire": Kind.FLAG,
    "ifgetimageinfo": Kind.FLAG,
    "ifgetextimageinfo": Kind.FLAG,
    "extendedimageinfoquerylevel": Kind.NUMBER,
    "checkfeederloaded": Kind.FLAG,
    "selectsourcebyindex": Kind.NUMBER,
}
"""The keys of ``config`` that mean something here, in lower case; all others are ignored (rest-api.md 5.2)."""

NUMBERS_AS_TEXT = frozenset({"pixeltype", "pagesize", "extendedimageinfoquerylevel"})
"""Those that the reference itself types as number or text."""

CAPABILITY_KEYS: dict[str, Kind] = KEYS | {
    "compression": Kind.NUMBER,
    "xfermech": Kind.NUMBER,
    "indicators": Kind.FLAG,
    "doublefeeddetection": Kind.NUMBERS,
    "orientation": Kind.NUMBER,
    "frames": Kind.FRAME,
    "xresolution": Kind.NUMBER,
    "yresolution": Kind.NUMBER,
    "rotation": Kind.NUMBER,
    "autodiscardblankpages": Kind.NUMBER,
    "ifautomaticrotate": Kind.FLAG,
}
"""The same for ``caps``, which can say more (:data:`device_protocol.vocabularies.twain.CAP_KEYS`)."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that is wanted.

    Attributes:
        key: of :data:`CAPABILITY_KEYS`; empty for what cannot be had at all.
        value: what it shall be; None where *key* is empty.
        strict: the job shall fail if it cannot be had exactly (``exception: "fail"``).
        label: how the client called it, for messages.
        number: of the capability, if it is one that has one.
        from_caps: it stands in ``caps``, not in ``config``.
        unit: in which lengths are given: the ICAP_UNITS in effect at that place of the list.
        refused: why it cannot be had, where *key* is empty.
    """

    key: str
    value: Wanted | None
    strict: bool
    label: str
    number: int | None = None
    unit: Units = Units.INCHES
    refused: RestCode = RestCode.BAD_CAPABILITY
    from_caps: bool = False

    @property
    def capability(self) -> int | str:
        """Number of the capability, or its label where it has none."""
        return self.label if self.number is None else self.number

    @property
    def shown(self) -> str:
        """The value for messages, short whatever the client sent."""
        return f"{self.value:g}" if isinstance(self.value, int | float) else str(self.value)[:100]


def collect(config: dict[str, Any] | None, caps: CapabilityWishes | None, rules: Rules) -> tuple[Wish, ...]:
    """All wishes of a job; where *rules* have loose types, numbers may be texts and null counts as absent.

    Raises:
        RestError: 400, when a known key of ``config`` has a value of the wrong type.
    """
    wishes = [] if caps is None else _of_capabilities(caps)
    for name, value in (config or {}).items():
        key = name.lower()
        kind = KEYS.get(key)
        if kind is None or (value is None and rules.loose_types):
            continue
        exact = rules.loose_types or key in NUMBERS_AS_TEXT or not isinstance(value, str)
        typed = config_value(value, kind) if exact else None
        if typed is None:
            raise bad_parameter(f"config.{name[:100]}: this is not {kind.value}.")
        wishes.append(Wish(key, typed, strict=False, label=name[:100]))
    return tuple(wishes)


def latest(wishes: Iterable[Wish]) -> dict[str, Wish]:
    """The wish that counts for each key, the last one; in the order of those."""
    found: dict[str, Wish] = {}
    for wish in wishes:
        if wish.key:
            found.pop(wish.key, None)
            found[wish.key] = wish
    return found


def capability_number(name: int | str) -> int | None:
    """The number of a capability that may come as a number, a string of digits or its TWAIN name in any case (D-16)."""
    if isinstance(name, int):
        return name
    number = as_number(name)
    if number is not None:
        return int(number) if number == int(number) else None
    return CAP_NUMBERS.get(name.strip().lower())


def _of_capabilities(caps: CapabilityWishes) -> list[Wish]:
    wishes: list[Wish] = []
    unit = Units.INCHES
    for item in caps.capabilities:
        wish = _of_capability(item, caps, unit)
        if wish.key == "unit" and wish.value in set(Units):
            unit = Units(int(wish.value))  # type: ignore[arg-type]  # a member of Units is a number
        wishes.append(wish)
    return wishes


def _of_capability(item: CapabilityWish, caps: CapabilityWishes, unit: Units) -> Wish:
    own = (item.exception or "").lower()
    strict = own == "fail" or (own != "ignore" and (caps.exception or "").lower() == "fail")
    number, label = capability_number(item.capability), str(item.capability)[:100]
    key = "" if number is None else CAP_KEYS.get(number, "")
    if number is None or not key:
        return Wish("", None, strict, label, number, from_caps=True)
    label = Cap(number).label
    typed = capability_value(item, CAPABILITY_KEYS[key])
    if typed is None:
        return Wish("", None, strict, label, number, refused=RestCode.BAD_VALUE, from_caps=True)
    return Wish(key, typed, strict, label, number, unit, from_caps=True)
