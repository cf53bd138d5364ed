"""Playing scenarios on time that moves only when nothing else can, and a client that goes through thick and thin."""

from __future__ import annotations

import hashlib
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import trio

from device_protocol import DeviceError, Settings
from device_protocol.aio import ManualClock, Session, read_all
from simulators.backend import VirtualBackend
from simulators.crash import SimulatedCrash
from simulators.devices_file import LabSpec
from simulators.driver import lab_backend
from simulators.fixture_files import fixture
from simulators.profile import load_profile
from simulators.remote import RemoteLab
from simulators.spec import DeviceSpec, Refill, Scenario
from simulators.stacks import Batch

COMBI = load_profile(fixture("profiles/office-combi.toml"))
SMALL = Settings(source="feeder", mode="gray", resolution=75)
PATIENCE_S = 120.0
"""How long the client waits for one call."""


@dataclass
class Story:
    """What a client saw: each outcome with its time, and what the machine wrote down."""

    seen: list[tuple[float, str]] = field(default_factory=list)
    journal: list[dict[str, Any]] = field(default_factory=list)
    state: Mapping[str, Any] = field(default_factory=dict)
    progress: Mapping[str, Any] = field(default_factory=dict)

    @property
    def codes(self) -> list[str]:
        """The outcomes without their times."""
        return [what for _, what in self.seen]


def machine(scenario: Scenario = Scenario(), sheets: int = 4, **changes: Any) -> DeviceSpec:  # noqa: B008  # frozen
    """A feeder with a flatbed, whose stack is renewed when it is opened."""
    spec = DeviceSpec("feeder", COMBI, scenario, (Batch(sheets),), seed=3, refill=Refill.ALWAYS)
    return replace(spec, **changes)


@asynccontextmanager
async def stage(spec: DeviceSpec, socket: Path | None = None) -> AsyncIterator[tuple[VirtualBackend, ManualClock]]:
    """A lab, in this process or behind a socket, and its clock, which moves on whenever everybody waits."""
    clock = ManualClock()

    async def move() -> None:
        while True:
            await trio.testing.wait_all_tasks_blocked()
            due = clock.next_due
            if due is None or math.isinf(due):
                await trio.sleep(0.001)  # nobody waits for this clock; whoever ends the stage does
            else:
                await clock.advance(due - clock.now())

    async with lab_backend(LabSpec((spec,)), clock, socket) as backend, trio.open_nursery() as nursery:
        nursery.start_soon(move)
        used = (
            backend
            if socket is None
            else VirtualBackend(RemoteLab(socket, nursery.start_soon), clock, nursery.start_soon)
        )
        yield used, clock
        nursery.cancel_scope.cancel()


async def act(backend: VirtualBackend, action: str, **arguments: Any) -> dict[str, Any]:
    """Do something to the machine."""
    return dict(await (await backend.control("feeder")).perform(action, arguments))


async def patiently(clock: ManualClock, call: Callable[[], Awaitable[Any]]) -> Any:
    """What *call* gives, or None when it takes longer than a client waits."""
    found: list[Any] = []
    async with trio.open_nursery() as nursery:

        async def give_up() -> None:
            await clock.sleep(PATIENCE_S)
            nursery.cancel_scope.cancel()

        async def wait() -> None:
            try:
                found.append(await call())
            except (DeviceError, SimulatedCrash) as error:
                found.append(error)
            nursery.cancel_scope.cancel()

        nursery.start_soon(give_up)
        nursery.start_soon(wait)
    if found and isinstance(found[0], Exception):
        raise found[0]
    return found[0] if found else None


async def scan_once(
    session: Session, clock: ManualClock, note: Callable[[str], None], settings: Settings = SMALL
) -> None:
    """One scan; each page is noted by its bytes."""
    job = await patiently(clock, lambda: session.start(settings))
    if job is None:
        note("start: gave up")
        return
    while True:
        page = await patiently(clock, job.next_page)
        if page is None:
            note("end")
            return
        read = await patiently(clock, lambda: read_all(page))  # noqa: B023  # awaited within this turn
        if read is None:
            note("read: gave up")
            return
        note(f"page {page.info.number} {page.info.params.width} {hashlib.sha256(read[0]).hexdigest()[:12]}")


async def tell(
    spec: DeviceSpec, rounds: int = 4, socket: Path | None = None, setup: Mapping[str, Any] | None = None
) -> Story:
    """The story of a client that opens, scans, closes and tries again."""
    story = Story()
    async with stage(spec, socket) as (backend, clock):
        if setup is not None:
            await act(backend, "scenario", **setup)

        def note(what: str) -> None:
            story.seen.append((round(clock.now(), 6), what))

        for _ in range(rounds):
            try:
                session = await patiently(clock, lambda: backend.open("feeder"))
                if session is None:
                    note("open: gave up")
                    continue
                try:
                    await scan_once(session, clock, note)
                finally:
                    await session.close()
            except DeviceError as error:
                note(f"{error.phase}: {error.code}")
            except SimulatedCrash:
                note("crash")
            await clock.sleep(3.0)
        story.journal = [
            entry
            for entry in (await act(backend, "journal"))["entries"]
            if not (entry["kind"] == "operator" and entry["what"] == "scenario")
        ]
        story.state = await act(backend, "report")
        story.progress = await act(backend, "progress")
    return story
