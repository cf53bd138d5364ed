"""SANE-33 to 39, 43: values and their constraints."""

from __future__ import annotations

from collections.abc import Callable

from conformance.outcomes import NotApplicable
from conformance.sane.checks.control import indices
from conformance.sane.desk import Desk, Opened
from conformance.sane.model import Option
from conformance.sane.registry import check
from device_protocol.vocabularies.sane_abi import WORD_MAX, WORD_MIN, ConstraintType, Info, Status, ValueType

MOST_ENTRIES = 64
"""Of one list that are set; of a longer one both ends."""
NO_ENTRY = "no such entry"


async def _each(device: Opened, wanted: Callable[[Option], bool]) -> list[tuple[int, bytes]]:
    """Index and value of the options that are settable, readable and *wanted*."""
    found = []
    for index in indices(device):
        option = device.options[index]
        if option.settable and option.readable and wanted(option):
            answer = await device.get(option)
            if answer.good:
                found.append((index, answer.value))
    return found


def _now(device: Opened, index: int) -> Option | None:
    """The option, if it can still be set: another's value may have switched it off."""
    option = device.options[index]
    return option if option.settable and option.readable else None


@check("SANE-33", level=1)
async def switches_switch(desk: Desk) -> None:
    """Each to its other value and back."""
    device = await desk.open()
    for index, value in await _each(device, lambda option: option.type == ValueType.BOOL):
        option = _now(device, index)
        if option is None:
            continue
        first = option.words(value)[0]
        for word in (1 - first, first):
            option = _now(device, index)
            if option is None or word not in (0, 1):
                break
            answer = await device.set(option, option.from_word(word))
            if not desk.expect(answer.good, f"{option.label} set to {word} gives {answer.name}", "refused"):
                continue
            option = _now(device, index)
            if option is not None and not answer.info & Info.INEXACT:
                read = option.words((await device.get(option)).value)[0]
                desk.expect(read == word, f"{option.label} set to {word} reads {read}", "stuck")


@check("SANE-34", level=1)
async def switches_refuse_numbers(desk: Desk) -> None:
    """2 and -1."""
    device = await desk.open()
    for index, value in await _each(device, lambda option: option.type == ValueType.BOOL):
        for word in (2, -1):
            option = _now(device, index)
            if option is None:
                break
            answer = await device.set(option, option.from_word(word))
            told = f"{option.label}, a switch, set to {word} gives {answer.name}"
            if not desk.expect(not answer.good, told, "accepted") and (again := _now(device, index)) is not None:
                await device.set(again, value)


def _beside(option: Option) -> list[int]:
    """Words just outside of its range."""
    assert option.constraint.range is not None
    low, high, _ = option.constraint.range
    return [word for word in (low - 1, high + 1) if WORD_MIN <= word <= WORD_MAX]


@check("SANE-35", level=1)
async def ranges_are_kept(desk: Desk) -> None:
    """One below, one above."""
    device = await desk.open()
    for index, value in await _each(device, lambda option: option.constraint.range is not None):
        option = _now(device, index)
        for word in _beside(option) if option is not None else ():
            option = _now(device, index)
            if option is None:
                break
            answer = await device.set(option, option.from_word(word))
            if not answer.good:
                desk.expect(
                    answer.status == Status.INVAL, f"{option.label} set to {word} gives {answer.name}", "status"
                )
                continue
            limits = option.constraint.range
            option = _now(device, index)
            if option is None:
                break
            corrected = answer.value
            told = f"{option.label}, {limits and limits[:2]}, set to {word}"
            desk.expect(bool(answer.info & Info.INEXACT), f"{told} is GOOD without INEXACT", "silent")
            if desk.expect(option.allows(corrected), f"{told} gives {option.shown(corrected)}", "outside"):
                again = await device.set(option, corrected)
                told = f"{option.label}: the corrected value {option.shown(corrected)}"
                desk.expect(again.good, f"{told} gives {again.name}", "refused")
                desk.expect(not again.info & Info.INEXACT, f"{told} is INEXACT again", "again")
        if (option := _now(device, index)) is not None:
            await device.set(option, value)


def _entries(option: Option) -> list[bytes]:
    """The values of its list."""
    if option.constraint.kind == ConstraintType.STRING_LIST:
        values = [option.from_text(text) for text in option.constraint.texts]
    else:
        values = [option.from_word(word) for word in option.constraint.words]
    return values if len(values) <= MOST_ENTRIES else [*values[: MOST_ENTRIES // 2], *values[-MOST_ENTRIES // 2 :]]


def _has_list(option: Option) -> bool:
    return option.constraint.kind in {ConstraintType.WORD_LIST, ConstraintType.STRING_LIST}


@check("SANE-36", level=1)
async def entries_can_be_set(desk: Desk) -> None:
    """Each of each list, as long as the option can be set."""
    device = await desk.open()
    for index, value in await _each(device, _has_list):
        for entry in _entries(device.options[index]):
            option = _now(device, index)
            if option is None or not option.allows(entry):
                continue
            answer = await device.set(option, entry)
            shown = option.shown(entry)
            if not desk.expect(answer.good, f"{option.label} set to its entry {shown} gives {answer.name}", "refused"):
                continue
            option = _now(device, index)
            if option is not None and not answer.info & Info.INEXACT:
                read = (await device.get(option)).value
                same = option.shown(read) == shown
                desk.expect(same, f"{option.label} set to its entry {shown} reads {option.shown(read)}", "reads")
        if (option := _now(device, index)) is not None:
            await device.set(option, value)


def _no_entry(option: Option) -> bytes | None:
    """A value that its list has not; None if there is none of that size."""
    if option.constraint.kind == ConstraintType.STRING_LIST:
        text = NO_ENTRY[: option.size - 1]
        return None if text in option.constraint.texts else option.from_text(text)
    words = option.constraint.words
    return option.from_word(max(words) + 1) if words and max(words) < WORD_MAX else None


@check("SANE-37", level=1)
async def lists_are_kept(desk: Desk) -> None:
    """One value that no list has."""
    device = await desk.open()
    for index, value in await _each(device, _has_list):
        option = _now(device, index)
        wanted = _no_entry(option) if option is not None else None
        if option is None or wanted is None:
            continue
        answer = await device.set(option, wanted)
        told = f"{option.label} set to {option.shown(wanted)}, which its list has not,"
        if not answer.good:
            desk.expect(answer.status == Status.INVAL, f"{told} gives {answer.name}", "status")
            continue
        desk.expect(bool(answer.info & Info.INEXACT), f"{told} is GOOD without INEXACT", "silent")
        desk.expect(option.allows(answer.value), f"{told} gives {option.shown(answer.value)}", "outside")
        if (option := _now(device, index)) is not None:
            await device.set(option, value)


@check("SANE-38", level=1)
async def texts_end(desk: Desk) -> None:
    """Every text that can be read."""
    device = await desk.open()
    for option in device.options:
        if option.type == ValueType.STRING and option.readable:
            answer = await device.get(option)
            if answer.good:
                ends = b"\0" in answer.value
                desk.expect(ends, f"{option.label}: none of the {option.size} bytes ends the text", "end")


@check("SANE-39", level=1)
async def inexact_says_what_is_set(desk: Desk) -> None:
    """Values beside ranges and between their steps."""
    device = await desk.open()
    seen = 0
    for index, value in await _each(device, lambda option: option.constraint.range is not None):
        option = _now(device, index)
        if option is None or option.constraint.range is None:
            continue
        low, high, step = option.constraint.range
        between = [low + step // 2 + 1] if step > 1 and low + step // 2 + 1 < high else []
        for word in [*between, *_beside(option)]:
            option = _now(device, index)
            if option is None:
                break
            answer = await device.set(option, option.from_word(word))
            option = _now(device, index)
            if option is None or not answer.good or not answer.info & Info.INEXACT:
                continue
            seen += 1
            read = (await device.get(option)).value
            told = f"{option.label} set to {word} is INEXACT, the buffer says {option.shown(answer.value)}"
            desk.expect(read == answer.value, f"{told}, and a get {option.shown(read)}", "differs")
        if (option := _now(device, index)) is not None:
            await device.set(option, value)
    if not seen:
        raise NotApplicable("no value of any range was corrected with INEXACT")


@check("SANE-43", level=1)
async def values_are_within(desk: Desk) -> None:
    """Those that the device has when it is opened."""
    device = await desk.open()
    state = await device.snapshot()
    for option in state.options[1:]:
        value = state.values.get(option.index)
        if value is not None:
            desk.expect(option.allows(value), f"{option.label} has the value {option.shown(value)}", "outside")
