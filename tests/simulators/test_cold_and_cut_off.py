"""A lamp that somebody has let go cold, and a way of finding devices that fails."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, cast

import pytest
import trio

from device_protocol import Code, DeviceError
from device_protocol.aio import RealClock
from device_protocol.devices import ChangeKind
from device_protocol.testing import Jumper, run
from tests.simulators.benches import FAST, feeder, flatbed, lab, scan

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from device_protocol import DeviceChange


def test_a_cold_lamp_makes_the_page_late() -> None:
    """The next page waits for the lamp, status says so for as long, and the page after it does not wait."""

    async def main() -> None:
        async with lab(flatbed(), clock=RealClock()) as backend:
            session = await backend.open("flatbed")
            await scan(await session.start(FAST))
            took = []
            for cold in (True, False):
                if cold:
                    await (await backend.control("flatbed")).perform("cool-lamp", {"seconds": 40})
                job = await session.start(FAST)
                begun = trio.current_time()
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(scan, job)
                    await trio.sleep(1)
                    assert (Code.WARMING_UP in (await session.status()).conditions) is cold
                took.append(trio.current_time() - begun)
                assert not (await session.status()).conditions
            assert took[0] >= 40 > took[1]

    run(main, clock=Jumper())


@pytest.mark.parametrize("seconds", [-1, "long", 1e9, None])
async def test_a_lamp_takes_sensible_seconds(seconds: object) -> None:
    """Anything else is refused, and the lamp is as warm as it was."""
    async with lab(flatbed()) as backend:
        control = await backend.control("flatbed")
        with pytest.raises(DeviceError) as caught:
            await control.perform("cool-lamp", {"seconds": seconds})
        assert caught.value.code is Code.INVALID_VALUE
        session = await backend.open("flatbed")
        await scan(await session.start(FAST))


async def test_a_failing_transport_hides_those_it_finds() -> None:
    """It is reported; those that are found otherwise stay, those that are found by it come back when it works again; who watches is told."""
    async with lab(flatbed(), feeder(1)) as backend, contextlib.AsyncExitStack() as stack:
        control = await backend.control("flatbed")
        watch = await stack.enter_async_context(
            contextlib.aclosing(cast("AsyncGenerator[DeviceChange]", backend.watch()))
        )
        assert len((await anext(watch)).devices) == 2
        await control.perform("fail-transport")
        listed = await backend.devices()
        assert [(item.transport, item.code) for item in listed.failures] == [("network", Code.OTHER)]
        assert len(listed.devices) == 2
        told = await anext(watch)
        assert (told.kind, told.failures) == (ChangeKind.LIST, listed.failures)
        await control.perform("fail-transport", {"name": "virtual"})
        assert (await backend.devices()).devices == ()
        await control.perform("mend-transport")
        listed = await backend.devices()
        assert (len(listed.devices), listed.failures) == (2, ())
        await control.perform("fail-transport")
        await control.perform("reset")
        assert (await backend.devices()).failures == ()
