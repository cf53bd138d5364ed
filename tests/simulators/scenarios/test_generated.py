"""Generated scenarios against generated clients: the same again, and everything stays legal."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from device_protocol import DeviceError, FaultKind, SessionState
from device_protocol.aio import Job, ManualClock, Page, Session, read_all
from device_protocol.testing import run
from simulators.crash import SimulatedCrash
from simulators.scenarios.generate import generate
from tests.simulators.scenarios.plays import COMBI, SMALL, act, machine, patiently, stage, tell

SEEDS = st.integers(0, 2**32)
KINDS = tuple(FaultKind)
STEPS = (
    "open",
    "start",
    "next_page",
    "read",
    "read_all",
    "end",
    "cancel",
    "job_cancel",
    "settled",
    "close",
    "status",
    "wait",
)


@settings(max_examples=25)
@example(102, 1)  # the plug is pulled within a page
@given(SEEDS, st.integers(1, 8))
def test_same_again(seed: int, faults: int) -> None:
    """Same machine, scenario and seed: the same bytes, outcomes, journal and times, in this process and behind the lab's socket."""
    spec = machine(generate(COMBI, seed, faults=faults, sheets=4, kinds=KINDS), sheets=3)
    story = run(lambda: tell(spec, 3))
    assert run(lambda: tell(spec, 3)) == story
    with tempfile.TemporaryDirectory() as folder:
        assert run(lambda: tell(spec, 3, Path(folder) / "lab")) == story


class Client:
    """Makes any calls in any order, and takes what comes."""

    def __init__(self, backend: Any, clock: ManualClock) -> None:
        self._backend = backend
        self._clock = clock
        self.session: Session | None = None
        self._job: Job | None = None
        self._page: Page | None = None

    async def do(self, step: str) -> None:
        """One call; only errors of the contract may come of it, or the crash of a driver."""
        with suppress(DeviceError, SimulatedCrash):
            await patiently(self._clock, lambda: self._call(step))

    async def _call(self, step: str) -> Any:
        if step == "wait":
            return await self._clock.sleep(10.0)
        if step == "open":
            self.session = await self._backend.open("feeder")
        elif step == "start" and self.session is not None:
            self._job = await self.session.start(SMALL)
        elif step in {"cancel", "close", "status"} and self.session is not None:
            return await getattr(self.session, step)()
        elif step in {"next_page", "job_cancel", "settled"} and self._job is not None:
            found = await getattr(self._job, step.removeprefix("job_"))()
            self._page = found if step == "next_page" else self._page
        elif self._page is not None and step == "read":
            return await self._page.read(50_000)
        elif self._page is not None and step == "read_all":
            return await read_all(self._page)
        elif self._page is not None and step == "end":
            return await self._page.end()
        return None


@settings(max_examples=60)
@given(SEEDS, st.integers(1, 10), st.lists(st.sampled_from(STEPS), max_size=25))
def test_everything_stays_legal(seed: int, faults: int, steps: list[str]) -> None:
    """After any scenario and any calls the device can be closed, recovered and opened again, and gives the right page."""

    async def main() -> None:
        async with stage(machine()) as (backend, _):
            wanted = await first_page(backend)
        spec = machine(generate(COMBI, seed, faults=faults, sheets=4, kinds=KINDS))
        async with stage(spec) as (backend, clock):
            client = Client(backend, clock)
            for step in ("open", *steps):
                await client.do(step)
            if client.session is not None:
                await client.session.close()
                assert client.session.state is SessionState.CLOSED  # type: ignore[attr-defined]  # the virtual one says so
            await act(backend, "clear-scenario")
            for action in ("replug", "close-cover", "clear-jam", "unload"):
                await act(backend, action)
            await act(backend, "reset")
            await act(backend, "clear-scenario")
            state = await act(backend, "report")
            assert (state["in_use"], state["conditions"], state["faults"], state["path"]) == (False, [], [], [])
            assert await first_page(backend) == wanted

    run(main)


async def first_page(backend: Any) -> bytes:
    """The first page of a new session."""
    session = await backend.open("feeder")
    page = await (await session.start(SMALL)).next_page()
    data: bytes = (await read_all(page))[0]
    await session.close()
    return data
