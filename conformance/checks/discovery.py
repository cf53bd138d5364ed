"""DISC: discovery."""

from __future__ import annotations

from conformance.bench import Bench, read_page
from conformance.checks.options import differences, other_value, settable
from conformance.checks.registry import check
from device_protocol import Code, DeviceError, DeviceInfo, DeviceList
from device_protocol.control import REPLUG, UNPLUG


@check("DISC-01")
async def ids_are_unique(bench: Bench) -> None:
    """Three enumerations."""
    for _ in range(3):
        with bench.legal("devices()"):
            listed = await bench.backend.devices()
        ids = [info.id for info in listed.devices]
        bench.require(all(str(name) for name in ids) and None not in ids, f"ids: {ids!r}", "empty")
        twice = sorted({name for name in ids if ids.count(name) > 1})
        bench.require(not twice, f"two devices are called {', '.join(twice)}", "twice")


def _copy(listed: DeviceList) -> tuple[DeviceInfo, ...]:
    return tuple(listed.devices)


@check("DISC-02")
async def lists_do_not_change(bench: Bench) -> None:
    """While others are made, a session comes and goes, and a device is unplugged."""
    listed = await bench.backend.devices()
    before, failures = _copy(listed), tuple(listed.failures)
    await bench.backend.devices()
    async with bench.session():
        await bench.backend.devices()
    if bench.media.offers(UNPLUG, REPLUG):
        await bench.media.perform(UNPLUG)
        await bench.backend.devices()
        bench.require(_copy(listed) == before, "a list changed when a device was unplugged", "unplugged")
        await bench.media.perform(REPLUG)
        await bench.backend.devices()
    bench.require(_copy(listed) == before, "a list that was returned changed later", "devices")
    bench.require(tuple(listed.failures) == failures, "the failures in a list changed later", "failures")


@check("DISC-03")
async def unknown_id_is_not_found(bench: Bench) -> None:
    """Nonsense, nothing, and an id with a tail; and the device itself is still free."""
    for name in ("no-such-device-at-all", "", f"{bench.device_id}-and-more"):
        with bench.refuses(f"open({name!r})", Code.NOT_FOUND):
            session = await bench.backend.open(name)
            await session.close()
        with bench.legal(f"open of the device after open({name!r})"):
            async with bench.session():
                pass


@check("DISC-05", sheets=2)
async def enumeration_disturbs_nothing(bench: Bench) -> None:
    """With options set, in each state of a job, between two reads."""
    settings = bench.settings()
    reference = await bench.page(settings)
    await bench.supply(settings)
    async with bench.session() as session:
        await session.apply(settings)
        option = next((item for item in settable(await session.options()) if item.vendor), None)
        if option is not None:
            old = await session.get(option.name)
            try:
                await session.set(option.name, other_value(option, old))
            except DeviceError:
                option = None
        values = await bench.values(session)
        await bench.backend.devices()
        changed = differences(values, await bench.values(session))
        bench.require(not changed, f"enumeration changed {changed}", "options")
        if option is not None:
            await session.reset((option.name,))
        job = await session.start(None, 1)
        await bench.backend.devices()
        with bench.legal("a job during which devices were enumerated"):
            page = await job.next_page()
            assert page is not None
            head = await page.read(64)
            before = (await session.status()).state
            await bench.backend.devices()
            after = (await session.status()).state
            bench.require(before is after, f"enumeration took the session from {before} to {after}", "state")
            rest = await read_page(page)
        data = head + rest.data
        same = data == reference.data if bench.caps.deterministic else len(data) == len(reference.data)
        bench.require(same, "a page during which devices were enumerated is another one", "page")


@check("DISC-06")
async def opens_without_enumeration(bench: Bench) -> None:
    """In a new backend that was never asked for its devices."""
    async with bench.other_backend() as backend:
        with bench.legal("open in a backend that has not enumerated"):
            session = await backend.open(bench.device_id)
        await session.close()
