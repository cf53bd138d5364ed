"""SANE-01 to 14: the library and its devices."""

from __future__ import annotations

from conformance.sane.desk import Desk
from conformance.sane.legal import DEVICE_TYPES
from conformance.sane.model import Device
from conformance.sane.registry import check
from device_protocol.vocabularies.sane_abi import MAJOR_VERSION, Status, ValueType, status_name

TIMES = 10
NOBODY = "flatbed-nobody-has-this-name"


@check("SANE-01", level=0)
async def initialises_ten_times(desk: Desk) -> None:
    """With and without a place for the version, in turn."""
    for number in range(1, TIMES + 1):
        status, _, hurt = await desk.init(version=number % 2 == 1)
        desk.require(status == Status.GOOD, f"sane_init number {number} gives {status_name(status)}", "init")
        desk.expect(not hurt, f"sane_init wrote {hurt} the version", "guard")
        await desk.exit()


@check("SANE-02", level=0)
async def version_stays(desk: Desk) -> None:
    """Three times."""
    seen = []
    for _ in range(3):
        status, version, _ = await desk.init()
        desk.promised(status == Status.GOOD, f"sane_init gives {status_name(status)}")
        seen.append(version)
        await desk.exit()
    major = seen[0] >> 24 & 0xFF
    desk.expect(major == MAJOR_VERSION, f"the major version is {major}", "major")
    desk.expect(len(set(seen)) == 1, f"versions {', '.join(f'{version:#010x}' for version in seen)}", "changes")


async def _listed(desk: Desk, *, local: bool = False) -> tuple[Device, ...]:
    await desk.begin()
    status, found = await desk.devices(local=local)
    desk.promised(status == Status.GOOD and found is not None, f"sane_get_devices gives {status_name(status)}")
    return found or ()


@check("SANE-03", level=0)
async def lists_its_devices(desk: Desk) -> None:
    """Twice everything, then what is local."""
    await desk.begin()
    lists = []
    for local in (False, False, True):
        status, found = await desk.devices(local=local)
        desk.require(status == Status.GOOD, f"sane_get_devices gives {status_name(status)}", "status")
        desk.require(found is not None, "sane_get_devices is GOOD and gives a null pointer for the list", "null")
        lists.append({item.name for item in found or ()})
    desk.expect(lists[0] == lists[1], f"listed first {_names(lists[0])}, then {_names(lists[1])}", "changes")
    ghosts = lists[2] - lists[0]
    desk.expect(not ghosts, f"only with local_only it lists {_names(ghosts)}", "local")


def _names(names: set[str | None]) -> str:
    return ", ".join(sorted(map(repr, names))) or "nothing"


@check("SANE-04", level=0)
async def entries_are_whole(desk: Desk) -> None:
    """Each of the list."""
    names: list[str] = []
    for number, item in enumerate(await _listed(desk)):
        for field in ("name", "vendor", "model", "type"):
            value = getattr(item, field)
            desk.expect(value is not None, f"the {field} of device {number} ({item.name!r}) is a null pointer", field)
        desk.expect(item.name != "", f"device {number} has an empty name", "empty")
        names.append(item.name or "")
    twice = sorted({name for name in names if names.count(name) > 1})
    desk.expect(not twice, f"two devices are called {', '.join(twice)}", "twice")


@check("SANE-05", level=0)
async def types_are_known(desk: Desk) -> None:
    """Each of the list."""
    for item in await _listed(desk):
        desk.expect(item.type in DEVICE_TYPES, f"{item.name}: type {item.type!r}", "type")


@check("SANE-06", level=0)
async def unknown_name_opens_nothing(desk: Desk) -> None:
    """Alone, and behind the name of a device."""
    await desk.begin()
    for name in (NOBODY, f"{NOBODY}:0"):
        status, _ = await desk.open_status(name)
        desk.expect(status != Status.GOOD, f"sane_open({name!r}) is GOOD", "opens")


@check("SANE-07", level=0)
async def unknown_name_is_invalid(desk: Desk) -> None:
    """One."""
    await desk.begin()
    status, _ = await desk.open_status(NOBODY)
    desk.expect(status in {Status.INVAL, Status.GOOD}, f"sane_open({NOBODY!r}) gives {status_name(status)}", "status")


@check("SANE-08", level=0)
async def empty_name_opens_the_first(desk: Desk) -> None:
    """If there is one."""
    found = await _listed(desk)
    status, handle = await desk.open_status("")
    if found:
        good = status == Status.GOOD and handle != 0
        desk.expect(good, f"sane_open('') gives {status_name(status)}, though {found[0].name} is there", "refused")
    else:
        desk.expect(status != Status.GOOD, "sane_open('') is GOOD, though no device is listed", "ghost")


@check("SANE-09", level=0)
async def opens_ten_times(desk: Desk) -> None:
    """Open and close, in one life of the library."""
    await desk.begin()
    for number in range(1, TIMES + 1):
        status, handle = await desk.open_status(desk.device_name)
        desk.require(status == Status.GOOD, f"sane_open number {number} gives {status_name(status)}", "open")
        desk.require(handle != 0, f"sane_open number {number} is GOOD and gives a null pointer", "null")
        await desk.close(handle)


@check("SANE-10", level=0)
async def opening_leaks_nothing(desk: Desk) -> None:
    """Ten times, after one that may fill caches; a leak shows at least every other time."""
    await desk.begin()
    counts = []
    for times in (1, TIMES):
        for _ in range(times):
            status, handle = await desk.open_status(desk.device_name)
            desk.promised(status == Status.GOOD and handle != 0, f"sane_open gives {status_name(status)}")
            await desk.close(handle)
        held = await desk.ask("resources")
        counts.append((sorted(held["files"].values()), held["threads"]))
    (files, threads), (more_files, more_threads) = counts
    grown = len(more_files) - len(files)
    desk.expect(grown < TIMES // 2, f"{grown} files more are open after {TIMES} times: {more_files[-1]}", "files")
    grown = more_threads - threads
    desk.expect(grown < TIMES // 2, f"{grown} threads more run after {TIMES} times", "threads")


@check("SANE-11", level=0)
async def list_stays(desk: Desk) -> None:
    """While the device is opened and closed."""
    found = await _listed(desk)
    status, handle = await desk.open_status(desk.device_name)
    desk.promised(status == Status.GOOD and handle != 0, f"sane_open gives {status_name(status)}")
    for when in ("open", "closed again"):
        now = await desk.devices_again()
        desk.expect(now == found, f"the list says {now} when the device is {when}; it was {found}", when)
        if when == "open":
            await desk.close(handle)


@check("SANE-12", level=0)
async def statuses_have_words(desk: Desk) -> None:
    """Those of the standard."""
    texts: dict[str, str] = {}
    for status in Status:
        if status > Status.ACCESS_DENIED:
            break
        text = (await desk.ask("strstatus", status=int(status)))["text"]
        if desk.expect(bool(text), f"sane_strstatus({status.name}) gives {text!r}", "none"):
            same = texts.setdefault(text, status.name)
            desk.expect(same == status.name, f"{same} and {status.name} are both {text!r}", "twice")


@check("SANE-13", level=1)
async def second_open(desk: Desk) -> None:
    """Options of one, then the other closed."""
    first = await desk.open()
    status, handle = await desk.open_status(desk.device_name)
    if status != Status.GOOD:
        refused = status in {Status.DEVICE_BUSY, Status.ACCESS_DENIED}
        desk.expect(refused, f"the second sane_open gives {status_name(status)}", "status")
        return
    desk.require(handle != first.handle, "both sane_open gave the same handle", "same")
    switch = next(
        (item for item in first.options if item.type == ValueType.BOOL and item.settable and item.readable), None
    )
    second_before = await desk.ask("descriptor", handle=handle, index=0)
    desk.expect(second_before["option"] is not None, "the second handle has no options", "options")
    if switch is not None:
        await desk.ask("descriptor", handle=handle, index=switch.index)
        second = type(first)(desk, handle)
        before = await second.get(switch)
        value = (await first.get(switch)).value
        if (await first.set(switch, switch.from_word(1 - switch.words(value)[0]))).good:
            after = await second.get(switch)
            desk.expect(
                after.value == before.value, f"setting {switch.label} of one handle changed the other's", "shared"
            )
            await first.set(switch, value)
    await first.close()
    answer = await desk.ask("descriptor", handle=handle, index=0)
    desk.expect(answer["option"] is not None, "closing one handle took the other one's options", "closed")


@check("SANE-14", level=0)
async def exit_closes(desk: Desk) -> None:
    """With the device still open; then the process ends."""
    await desk.begin()
    status, handle = await desk.open_status(desk.device_name)
    desk.promised(status == Status.GOOD and handle != 0, f"sane_open gives {status_name(status)}")
    await desk.exit()
    ended = await desk.end()
    said = desk.worker.printed()
    desk.expect(ended == 0, f"the process ends with status {ended}{': ' + said[-600:] if said else ''}", "status")
