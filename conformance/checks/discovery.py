"""DISC: discovery."""

from __future__ import annotations

from conformance.bench import Bench, read_page
from conformance.checks.options import differences, other_value, settable
from conformance.checks.registry import check
from conformance.outcomes import NeedsOperator
from device_protocol import Code, DeviceError, DeviceInfo, DeviceList
from device_protocol.control import FAIL_TRANSPORT, MEND_TRANSPORT, REPLUG, UNPLUG


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


FAIL_ONE = "make one of the ways in which the driver finds devices fail (stop a daemon, take a permission away) while the others work"


@check("DISC-04")
async def failing_transport_hides_nobody(bench: Bench) -> None:
    """What fails at the moment is told well; then a way fails that does not find this device."""
    listed = await bench.backend.devices()
    _told(bench, listed)
    if not bench.media.offers(FAIL_TRANSPORT, MEND_TRANSPORT):
        raise NeedsOperator(FAIL_ONE)
    before, known = _copy(listed), {failure.transport for failure in listed.failures}
    await bench.media.perform(FAIL_TRANSPORT)
    with bench.legal("devices() while one transport fails"):
        listed = await bench.backend.devices()
    _told(bench, listed)
    failed = {failure.transport for failure in listed.failures}
    bench.require(failed - known, "a transport failed, and no failure in the list says so", "unreported")
    ids = {info.id for info in listed.devices}
    hidden = [info.id for info in before if info.id not in ids and info.transport not in failed]
    bench.require(not hidden, f"while {', '.join(sorted(failed))} fails, {', '.join(hidden)} is not listed", "hidden")
    with bench.legal("open while another transport fails"):
        async with bench.session():
            pass
    await bench.media.perform(MEND_TRANSPORT)
    listed = await bench.backend.devices()
    bench.require(
        {info.id for info in listed.devices} == {info.id for info in before} and len(listed.failures) == len(known),
        "when the transport works again the list is another one than before it failed",
        "mended",
    )


def _told(bench: Bench, listed: DeviceList) -> None:
    """Each failure names its transport, and the device that can be opened is in the list."""
    nameless = [failure for failure in listed.failures if not failure.transport or not isinstance(failure.code, Code)]
    bench.require(not nameless, f"a failure names no transport or no code: {nameless}", "nameless")
    if listed.failures:
        ids = [info.id for info in listed.devices]
        bench.require(bench.device_id in ids, f"with {listed.failures[0]} the list is {ids}", "hidden")


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
            page = await job.first_page()
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
