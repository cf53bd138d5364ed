"""SANE-15 to 25: the descriptors of options."""

from __future__ import annotations

import re

from conformance.sane.desk import Desk
from conformance.sane.legal import CORNERS, KNOWN_CAPS, UNITLESS, WELL_KNOWN
from conformance.sane.model import Option
from conformance.sane.registry import check
from device_protocol.vocabularies.sane_abi import WORD_SIZE, Cap, ConstraintType, Unit, ValueType

NAME = re.compile(r"[a-z][a-z0-9-]*")
_WORDS = {ValueType.INT, ValueType.FIXED}
_KINDS = {
    ConstraintType.NONE: set(ValueType),
    ConstraintType.RANGE: _WORDS,
    ConstraintType.WORD_LIST: _WORDS,
    ConstraintType.STRING_LIST: {ValueType.STRING},
}


@check("SANE-15", level=1)
async def option_zero(desk: Desk) -> None:
    """Its descriptor; its value was needed to come here."""
    option = (await desk.open()).options[0]
    desk.expect(option.type == ValueType.INT, f"its type is {option.type}", "type")
    desk.expect(option.size == WORD_SIZE, f"its size is {option.size}", "size")
    desk.expect(option.name == "", f"its name is {option.name!r}", "name")
    desk.expect(bool(option.cap & Cap.SOFT_DETECT), "it cannot be read", "readable")
    selects = option.cap & (Cap.SOFT_SELECT | Cap.HARD_SELECT)
    desk.expect(not selects, "it can be set", "settable")


@check("SANE-16", level=1)
async def indices(desk: Desk) -> None:
    """Each of the count, and four beside it."""
    device = await desk.open()
    count = len(device.options)
    for index in range(count):
        desk.expect(device.options[index].index == index, f"no descriptor {index}", "missing")
    for index in (-1, count, count + 1, count + 2):
        answer = await desk.ask("descriptor", handle=device.handle, index=index)
        desk.expect(answer["option"] is None, f"there is a descriptor {index}, and option 0 counts {count}", "beyond")


@check("SANE-17", level=1)
async def names(desk: Desk) -> None:
    """Of all but groups and option 0."""
    seen: dict[str, int] = {}
    for option in (await desk.open()).options[1:]:
        if option.group:
            continue
        legal = option.name is not None and NAME.fullmatch(option.name) is not None
        desk.expect(legal, f"option {option.index} is called {option.name!r}", "letters")
        first = seen.setdefault(option.name or "", option.index)
        desk.expect(
            first == option.index, f"options {first} and {option.index} are both called {option.name!r}", "twice"
        )


@check("SANE-18", level=1)
async def titles(desk: Desk) -> None:
    """Of all."""
    for option in (await desk.open()).options:
        desk.expect(bool(option.title), f"option {option.index} has the title {option.title!r}", "title")
        desk.expect(option.desc is not None, f"{option.label} has a null pointer as description", "desc")


@check("SANE-19", level=1)
async def types_and_units(desk: Desk) -> None:
    """Of all."""
    for option in (await desk.open()).options:
        known = desk.expect(option.type in set(ValueType), f"{option.label} has type {option.type}", "type")
        desk.expect(option.unit in set(Unit), f"{option.label} has unit {option.unit}", "unit")
        if known and option.type in UNITLESS:
            desk.expect(option.unit == Unit.NONE, f"{option.label} is a {_kind(option)} in {_unit(option)}", "unit")


def _kind(option: Option) -> str:
    return ValueType(option.type).name


def _unit(option: Option) -> str:
    return Unit(option.unit).name if option.unit in set(Unit) else str(option.unit)


@check("SANE-20", level=1)
async def sizes(desk: Desk) -> None:
    """Of all; groups have none that matters."""
    for option in (await desk.open()).options:
        match option.type:
            case ValueType.BOOL:
                legal = option.size == WORD_SIZE
            case ValueType.INT | ValueType.FIXED:
                legal = option.size > 0 and option.size % WORD_SIZE == 0
            case ValueType.STRING:
                legal = option.size >= 1
            case ValueType.BUTTON:
                legal = option.size >= 0
            case _:
                continue
        desk.expect(legal, f"{option.label}, a {_kind(option)}, has the size {option.size}", "size")


@check("SANE-21", level=1)
async def capabilities(desk: Desk) -> None:
    """Of all."""
    for option in (await desk.open()).options:
        unknown = option.cap & ~KNOWN_CAPS
        desk.expect(not unknown, f"{option.label} has capability bits {unknown:#x}", "unknown")
        if option.group:
            continue
        both = option.cap & Cap.SOFT_SELECT and option.cap & Cap.HARD_SELECT
        desk.expect(not both, f"{option.label} can be selected by software and by hardware", "both")
        if option.type != ValueType.BUTTON:
            blind = option.cap & Cap.SOFT_SELECT and not option.cap & Cap.SOFT_DETECT
            desk.expect(not blind, f"{option.label} can be selected by software and not detected", "blind")


@check("SANE-22", level=1)
async def constraints(desk: Desk) -> None:
    """Of all but groups."""
    for option in (await desk.open()).options:
        if option.group:
            continue
        kind = option.constraint.kind
        if not desk.expect(kind in set(ConstraintType), f"{option.label} has a constraint of kind {kind}", "kind"):
            continue
        suits = option.type in _KINDS[ConstraintType(kind)]
        desk.expect(suits, f"{option.label}, a {_kind(option)}, has a {ConstraintType(kind).name}", "suits")
        if desk.expect(not option.constraint.null, f"the constraint of {option.label} is a null pointer", "null"):
            _constraint(desk, option)


def _constraint(desk: Desk, option: Option) -> None:
    constraint = option.constraint
    if constraint.range is not None:
        low, high, step = constraint.range
        desk.expect(low <= high, f"{option.label} goes from {low} to {high}", "upside down")
        desk.expect(step >= 0, f"{option.label} has steps of {step}", "step")
    if constraint.kind == ConstraintType.WORD_LIST:
        desk.expect(0 < constraint.count <= 65536, f"the list of {option.label} counts {constraint.count}", "empty")
    if constraint.kind == ConstraintType.STRING_LIST:
        desk.expect(bool(constraint.texts), f"the list of {option.label} is empty", "empty")
        for text in constraint.texts:
            fits = len(text) < option.size
            desk.expect(fits, f"{text!r} of {option.label} does not fit its size {option.size}", "fits")


@check("SANE-23", level=1)
async def groups(desk: Desk) -> None:
    """Each; the name may be a null pointer or nothing."""
    for option in (await desk.open()).options:
        if option.group:
            desk.expect(not option.name, f"group {option.index} is called {option.name!r}", "name")
            selects = option.cap & (Cap.SOFT_SELECT | Cap.HARD_SELECT)
            desk.expect(not selects, f"group {option.index} ({option.title}) can be set", "settable")


@check("SANE-24", level=1)
async def well_known(desk: Desk) -> None:
    """Those that are there."""
    device = await desk.open()
    for option in device.options:
        if option.name in WELL_KNOWN and not option.group:
            types, units = WELL_KNOWN[option.name]
            desk.expect(option.type in types, f"{option.label} is a {_kind(option)}", "type")
            desk.expect(option.unit in units, f"{option.label} is in {_unit(option)}", "unit")
    corners = [found for name in CORNERS if (found := device.find(name)) is not None]
    kinds = {(corner.type, corner.unit) for corner in corners}
    desk.expect(len(kinds) <= 1, "tl-x, tl-y, br-x and br-y have different types or units", "corners")
    missing = [name for name in CORNERS if device.find(name) is None]
    desk.expect(len(missing) in {0, len(CORNERS)}, f"the area has no {', '.join(missing)}", "corners")


@check("SANE-25", level=1)
async def descriptors_stay(desk: Desk) -> None:
    """While options and parameters are read."""
    device = await desk.open()
    before = device.options
    for option in before:
        if option.readable:
            await device.get(option)
    await device.parameters()
    for old, new in zip(before, await device.descriptors(len(before)), strict=True):
        desk.expect(old.address == new.address, f"the descriptor of {old.label} has moved", "moved")
        desk.expect(
            old.without_address() == new.without_address(), f"the descriptor of {old.label} has changed", "changed"
        )
