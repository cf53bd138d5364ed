"""SANE-26 to 32, 42: what can be read and set, and what calls say and write beside it."""

from __future__ import annotations

from conformance.sane.desk import Desk, Opened
from conformance.sane.model import Answer, Option
from conformance.sane.registry import check
from device_protocol.vocabularies.sane_abi import Action, Cap, Status, ValueType

INFO_BITS = 7
"""INEXACT, RELOAD_OPTIONS, RELOAD_PARAMS (4.3.7)."""
NO_ACTIONS = (3, 77, -1)


def indices(device: Opened) -> range:
    """Those of all options but the count; descriptors may change while one walks through them."""
    return range(1, len(device.options))


async def own_value(device: Opened, option: Option) -> bytes | None:
    """The value that it has, if it can be read."""
    if not option.readable:
        return None
    answer = await device.get(option)
    return answer.value if answer.good else None


@check("SANE-26", level=1)
async def readable_options_are_read(desk: Desk) -> None:
    """Each, by its capabilities; buttons have nothing to read."""
    device = await desk.open()
    for option in device.options:
        if option.type == ValueType.BUTTON:
            continue
        answer = await device.get(option)
        if option.readable:
            desk.expect(
                answer.good, f"{option.label} is active and detectable, and a get gives {answer.name}", "refused"
            )
        else:
            why = "a group" if option.group else "inactive" if not option.active else "not detectable"
            desk.expect(not answer.good, f"{option.label} is {why}, and a get is GOOD", "accepted")


@check("SANE-27", level=1)
async def own_values_are_taken(desk: Desk) -> None:
    """Each option its own value; what cannot be set gets what a get gave, or zeros."""
    device = await desk.open()
    for index in range(len(device.options)):
        option = device.options[index]
        if option.type == ValueType.BUTTON:
            continue  # pressing it does something
        value = await own_value(device, option)
        if option.settable and index:
            if value is not None:
                answer = await device.set(option, value)
                told = f"{option.label} is settable, and its own value {option.shown(value)} gives {answer.name}"
                desk.expect(answer.good, told, "refused")
            continue
        why = "a group" if option.group else "inactive" if not option.active else "not selectable"
        answer = await device.set(option, value if value is not None else bytes(max(4, option.size)))
        desk.expect(not answer.good, f"{option.label} is {why}, and a set is GOOD", "accepted")


@check("SANE-28", level=1)
async def automatic_options(desk: Desk) -> None:
    """Each, with a null pointer and with its own value in the buffer that is to be ignored."""
    device = await desk.open()
    for index in range(len(device.options)):
        if device.options[index].type != ValueType.BUTTON:
            await _auto(desk, device, index, None)
            value = await own_value(device, device.options[index])
            await _auto(desk, device, index, value or bytes(64))


async def _auto(desk: Desk, device: Opened, index: int, value: bytes | None) -> None:
    option = device.options[index]
    answer = await device.auto(option, value)
    how = "" if value is None else " with a value"
    if option.automatic and index:
        desk.expect(answer.good, f"{option.label} has SANE_CAP_AUTOMATIC, and auto{how} gives {answer.name}", "refused")
        return
    if option.group or not option.active:
        why = "a group" if option.group else "inactive"
    else:
        why = "without SANE_CAP_AUTOMATIC" if option.settable else "not settable"
    desk.expect(not answer.good, f"{option.label} is {why}, and auto{how} is GOOD", "accepted")


async def _set_all(device: Opened) -> list[tuple[Option, Answer]]:
    """Every option its own value, and ranges a value outside of them."""
    found = []
    for index in indices(device):
        option = device.options[index]
        value = await own_value(device, option) if option.settable else None
        if value is None:
            continue
        found.append((option, await device.set(option, value)))
        if option.constraint.range is not None and option.constraint.range[1] < 2**31 - 1:
            beyond = await device.set(device.options[index], option.from_word(option.constraint.range[1] + 1))
            found.append((option, beyond))
            await device.set(device.options[index], value)
    return found


@check("SANE-29", level=1)
async def information_bits(desk: Desk) -> None:
    """Of every set."""
    device = await desk.open()
    for option, answer in await _set_all(device):
        unknown = answer.info & ~INFO_BITS
        desk.expect(not unknown, f"a set of {option.label} gives information bits {unknown:#x}", "bits")


@check("SANE-30", level=1)
async def gets_inform_of_nothing(desk: Desk) -> None:
    """Every get."""
    device = await desk.open()
    for option in device.options:
        if option.readable:
            answer = await device.get(option)
            desk.expect(answer.info == 0, f"a get of {option.label} gives information bits {answer.info:#x}", "info")


@check("SANE-31", level=1)
async def guards_of_control(desk: Desk) -> None:
    """Every get and set, and the parameters; texts as long as they may be."""
    device = await desk.open()
    for option in device.options:
        if option.readable:
            answer = await device.get(option)
            desk.expect(not answer.hurt, f"a get of {option.label} wrote {answer.hurt} its buffer", "get")
    for option, answer in await _set_all(device):
        desk.expect(not answer.hurt, f"a set of {option.label} wrote {answer.hurt} its buffer", "set")
    for option in device.options:
        if option.type == ValueType.STRING and option.settable and not option.constraint.texts and option.size > 1:
            value = await own_value(device, option)
            answer = await device.set(option, option.from_text("x" * (option.size - 1)))
            desk.expect(not answer.hurt, f"a set of {option.label} wrote {answer.hurt} its buffer", "set")
            if value is not None:
                await device.set(option, value)
    hurt = (await desk.ask("get_parameters", handle=device.handle))["hurt"]
    desk.expect(not hurt, f"sane_get_parameters wrote {hurt} the structure", "parameters")


@check("SANE-32", level=1)
async def information_is_optional(desk: Desk) -> None:
    """Gets and sets."""
    device = await desk.open()
    for index in range(len(device.options)):
        option = device.options[index]
        if not option.readable:
            continue
        with_info = await device.get(option)
        answer = await device.control(index, Action.GET_VALUE, bytes(option.size), info=False)
        desk.expect(
            answer.status == with_info.status, f"a get of {option.label} gives {answer.name} without info", "get"
        )
        if option.settable and index and with_info.good:
            with_info = await device.set(option, with_info.value)
            option = device.options[index]
            if option.settable:
                answer = await device.set(option, with_info.value, info=False)
                same = answer.good == with_info.good
                desk.expect(same, f"a set of {option.label} gives {answer.name} without info", "set")


@check("SANE-42", level=1)
async def nonsense_is_refused(desk: Desk) -> None:
    """Indices beside the options, and actions that are none."""
    device = await desk.open()
    count = len(device.options)
    for index in (-1, count, count + 1, count + 100, 2**31 - 1, -(2**31)):
        for action in (Action.GET_VALUE, Action.SET_VALUE, Action.SET_AUTO):
            answer = await device.control(index, action, bytes(64))
            told = f"{action.name} of option {index} of {count} gives {answer.name}"
            desk.expect(answer.status == Status.INVAL, told, "index")
    option = next((item for item in device.options[1:] if item.readable and item.cap & Cap.SOFT_SELECT), None)
    if option is not None:
        for number in NO_ACTIONS:
            answer = await device.control(option.index, number, bytes(option.size))
            told = f"action {number} on {option.label} gives {answer.name}"
            desk.expect(answer.status in {Status.INVAL, Status.UNSUPPORTED}, told, "action")
