"""SANE-40 and 41: what setting an option changes beside it, and whether it says so."""

from __future__ import annotations

from conformance.outcomes import NotApplicable
from conformance.sane.checks.control import indices
from conformance.sane.desk import Desk, Opened
from conformance.sane.model import Option, described
from conformance.sane.registry import check
from device_protocol.vocabularies.sane_abi import ConstraintType, Info, ValueType


def other_values(option: Option, value: bytes) -> list[bytes]:
    """Legal values of an option other than the one that it has: both ends of what it takes."""
    words = option.words(value)
    if option.type == ValueType.BOOL:
        found = [option.from_word(1 - words[0])] if words[0] in (0, 1) else []
    elif option.constraint.range is not None:
        found = [option.from_word(word) for word in option.constraint.range[:2]]
    elif option.constraint.kind == ConstraintType.WORD_LIST:
        found = [option.from_word(word) for word in dict.fromkeys(option.constraint.words)]
    elif option.constraint.kind == ConstraintType.STRING_LIST:
        found = [option.from_text(text) for text in option.constraint.texts]
    else:
        found = []
    ends = [item for item in found if item != value]
    return ends if len(ends) <= 2 else [ends[0], ends[-1]]


async def _changes(device: Opened) -> list[tuple[Option, bytes, bytes]]:
    """Option, value and another value, for all that can be set; each is put back before the next."""
    found = []
    for index in indices(device):
        option = device.options[index]
        if option.settable and option.readable:
            answer = await device.get(option)
            if answer.good:
                found += [(option, answer.value, other) for other in other_values(option, answer.value)]
    return found


@check("SANE-40", level=1)
async def reload_options(desk: Desk) -> None:
    """Everything before and after each set."""
    device = await desk.open()
    before = await device.snapshot()
    for option, value, other in await _changes(device):
        now = device.options[option.index]
        if not now.settable:
            continue
        answer = await device.control(now.index, 1, other)
        after = await device.snapshot()
        if answer.good and not answer.info & Info.RELOAD_OPTIONS:
            changed = before.differences(after, now.index)
            told = f"{now.label} set to {now.shown(other)} without RELOAD_OPTIONS changed {', '.join(changed[:3])}"
            desk.expect(not changed, told, "silent")
        await device.control(now.index, 1, value)
        before = await device.snapshot()


@check("SANE-41", level=1)
async def reload_parameters(desk: Desk) -> None:
    """Parameters before and after each set; estimates that change by themselves tell nothing (4.3.8)."""
    device = await desk.open()
    for option, value, other in await _changes(device):
        now = device.options[option.index]
        if not now.settable:
            continue
        seen = [await device.parameters() for _ in range(3)]
        if len(set(seen)) > 1:
            told = "; ".join(described(found) for _, found in seen)
            raise NotApplicable(f"parameters before a scan are estimates that change by themselves: {told}")
        answer = await device.set(now, other)
        if answer.good:
            after = await device.parameters()
            told = f"{now.label} set to {now.shown(other)} without RELOAD_PARAMS"
            told = f"{told}: {described(seen[0][1])} became {described(after[1])}"
            desk.expect(bool(answer.info & Info.RELOAD_PARAMS) or after == seen[0], told, "silent")
        if (now := device.options[option.index]).settable:
            await device.set(now, value)
