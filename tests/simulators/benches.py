"""What the tests of this room share: small machines, labs around them, and ways through a scan."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from device_protocol import Code, DeviceError, Fault, PageEnd, PageInfo, Settings
from device_protocol.aio import DeviceClock, Job, ScaledClock, Session, read_all
from simulators.backend import VirtualBackend
from simulators.devices_file import LabSpec
from simulators.driver import lab_backend
from simulators.fixture_files import fixture
from simulators.profile import Profile, load_profile, profile_from_data
from simulators.spec import DeviceSpec, Refill, Scenario
from simulators.stacks import Batch

FAST = Settings(mode="gray", resolution=75)
"""Settings of small pages."""

INSTANT = float("inf")


def profile(name: str = "office-duplex-feeder", **tables: Mapping[str, Any] | list[Any] | str) -> Profile:
    """A shipped profile with some tables changed."""
    data = dict(load_profile(fixture(f"profiles/{name}.toml")).data)
    for key, table in tables.items():
        data[key] = {**data.get(key, {}), **table} if isinstance(table, Mapping) else table
    return profile_from_data(data)


def feeder(sheets: int = 3, *faults: Fault, machine: Profile | None = None, **changes: Any) -> DeviceSpec:
    """A feeder whose stack nobody renews."""
    spec = DeviceSpec(
        id="feeder",
        profile=machine or profile(),
        scenario=Scenario(faults),
        batches=(Batch(sheets),),
        refill=Refill.NEVER,
    )
    return replace(spec, **changes)


def flatbed(*faults: Fault, **changes: Any) -> DeviceSpec:
    """A flatbed with a sheet on the glass."""
    spec = DeviceSpec(id="flatbed", profile=profile("flatbed"), scenario=Scenario(faults), batches=(Batch(1),))
    return replace(spec, **changes)


@asynccontextmanager
async def lab(*specs: DeviceSpec, clock: DeviceClock | None = None) -> AsyncIterator[VirtualBackend]:
    """A lab in this process; without waiting, unless it gets a clock."""
    async with lab_backend(LabSpec(specs or (feeder(),)), clock or ScaledClock(INSTANT)) as backend:
        yield backend


async def scan(job: Job) -> list[tuple[PageInfo, bytes, PageEnd]]:
    """All pages of a job."""
    pages = []
    while (page := await job.next_page()) is not None:
        data, end = await read_all(page)
        pages.append((page.info, data, end))
    return pages


async def refusal(call: Any) -> DeviceError:
    """The error with which an awaitable ends; it must end with one."""
    with pytest.raises(DeviceError) as caught:
        await call
    return caught.value


async def code(call: Any) -> Code:
    """The code of that error."""
    return (await refusal(call)).code


async def snapshot(session: Session) -> tuple[Any, ...]:
    """Everything of a session that can be observed without disturbing it."""
    options = await session.options()
    values = [(item.name, await session.get(item.name)) for item in options if item.readable]
    return options, values, await session.status(), await session.params()
