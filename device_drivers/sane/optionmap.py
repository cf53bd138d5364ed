"""SANE option descriptors as options of the contract, and the way back for values."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from device_drivers.sane import descriptors as native
from device_drivers.sane.descriptors import OptionDescriptor
from device_protocol.constraints import Choice, Constraint, Pattern, Range
from device_protocol.options import (
    AREA_NAMES,
    DEPTH,
    MODE,
    NAME,
    RESOLUTION,
    SOURCE,
    X_RESOLUTION,
    Y_RESOLUTION,
    Access,
    Option,
)
from device_protocol.values import Unit, Value, ValueType
from device_protocol.vocabularies import sane_abi as abi

WELL_KNOWN: Final = frozenset({SOURCE, MODE, DEPTH, RESOLUTION, X_RESOLUTION, Y_RESOLUTION, *AREA_NAMES})

SCALARS: Final = {
    abi.ValueType.BOOL: ValueType.BOOL,
    abi.ValueType.INT: ValueType.INT,
    abi.ValueType.FIXED: ValueType.FIXED,
    abi.ValueType.STRING: ValueType.STRING,
    abi.ValueType.BUTTON: ValueType.ACTION,
}
ARRAYS: Final = {
    abi.ValueType.BOOL: ValueType.INT_ARRAY,  # the contract has no array of flags; no back end is known to have one
    abi.ValueType.INT: ValueType.INT_ARRAY,
    abi.ValueType.FIXED: ValueType.FIXED_ARRAY,
}
UNITS: Final = {
    abi.Unit.NONE: Unit.NONE,
    abi.Unit.PIXEL: Unit.PIXEL,
    abi.Unit.BIT: Unit.BIT,
    abi.Unit.MM: Unit.MM,
    abi.Unit.DPI: Unit.DPI,
    abi.Unit.PERCENT: Unit.PERCENT,
    abi.Unit.MICROSECOND: Unit.MICROSECOND,
}
ACCESS: Final = {
    abi.Cap.SOFT_SELECT: Access.WRITE,
    abi.Cap.HARD_SELECT: Access.HARDWARE,
    abi.Cap.SOFT_DETECT: Access.READ,
    abi.Cap.EMULATED: Access.EMULATED,
    abi.Cap.AUTOMATIC: Access.AUTO,
    abi.Cap.INACTIVE: Access.INACTIVE,
    abi.Cap.ADVANCED: Access.ADVANCED,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """An option of the contract and the descriptor behind it."""

    option: Option
    descriptor: OptionDescriptor


def map_options(descriptors: Sequence[OptionDescriptor], defaults: Mapping[str, Value]) -> dict[str, Entry]:
    """All options but the count and the groups, by name, in the back end's order; groups become headings.

    Names that break the rules (4.2.9.1) are made legal and unique; `native` keeps number and name.
    """
    entries: dict[str, Entry] = {}
    group = ""
    for descriptor in descriptors[1:]:
        if descriptor.type is abi.ValueType.GROUP:
            group = descriptor.title
            continue
        name = _legal_name(descriptor, entries)
        entries[name] = Entry(_option(name, descriptor, group, defaults.get(name)), descriptor)
    return entries


def _legal_name(descriptor: OptionDescriptor, taken: Mapping[str, Entry]) -> str:
    name = descriptor.name
    if not NAME.fullmatch(name):
        name = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        if not NAME.fullmatch(name):
            name = f"option-{descriptor.index}"
    return name if name not in taken else f"{name}-{descriptor.index}"


@functools.lru_cache(maxsize=512)  # a device tells the same of its options again and again, after each set
def _option(name: str, descriptor: OptionDescriptor, group: str, default: Value) -> Option:
    access = Access.NONE
    for cap, flag in ACCESS.items():
        if cap in descriptor.cap:
            access |= flag
    return Option(
        name=name,
        type=(ARRAYS if descriptor.is_array else SCALARS)[descriptor.type],
        title=descriptor.title,
        description=descriptor.description,
        unit=UNITS[descriptor.unit],
        constraint=_constraint(descriptor),
        # Of an inactive option none is told: it may never have been seen, and must not appear by a look that was undone.
        default=default if descriptor.readable else None,
        access=access,
        length=descriptor.length if descriptor.is_array else None,
        group=group,
        vendor=name not in WELL_KNOWN,
        native=f"{descriptor.index} {descriptor.name}",
    )


def _constraint(descriptor: OptionDescriptor) -> Constraint:
    match descriptor.constraint:
        case native.Range(minimum, maximum, step):
            return Range(minimum, maximum, step)
        case native.WordList(values) | native.StringList(values) if values:
            return Choice(tuple(dict.fromkeys(values)))
    if descriptor.type is abi.ValueType.STRING:
        return Pattern(max_bytes=descriptor.size - 1)
    if descriptor.type is abi.ValueType.BOOL and descriptor.is_array:
        return Range(0, 1, 1)
    return None


def to_native(descriptor: OptionDescriptor, value: Value) -> object:
    """A value for the binding."""
    if descriptor.type is abi.ValueType.BOOL and isinstance(value, tuple):
        return tuple(element == 1 for element in value)
    return value


def from_native(descriptor: OptionDescriptor, value: object) -> Value:
    """A value of the binding, for the contract."""
    if descriptor.type is abi.ValueType.BOOL and isinstance(value, tuple):
        return tuple(int(element) for element in value)
    return value  # type: ignore[return-value]  # the binding's values are those of the contract, but for arrays of flags
