"""The legal scanner keeps the state table, cell by cell, without a guard in front of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from conformance.selftest import SCANNER, legal_backend
from conformance.selftest.build import ZooBackend
from conformance.selftest.family import FAMILY
from conformance.selftest.session import ZooSession
from device_protocol import DeviceError, SessionState, Settings
from device_protocol.aio import read_all
from device_protocol.states import JobHandle, PageHandle, Verb, cell

S, J, P = SessionState, JobHandle, PageHandle


async def reach(backend: ZooBackend, state: SessionState) -> ZooSession:
    """A session in *state*."""
    session = await backend.open(SCANNER)
    if state is S.IDLE:
        return session
    if state is S.CLOSED:
        await session.close()
        return session
    job = await session.start(Settings(source="Duplex"))
    if state is S.LOST:
        await (await backend.control(SCANNER)).perform("unplug")
    elif state is S.CANCELLING:
        await job.cancel()
    elif state is not S.ARMED:
        page = await job.next_page()
        assert page is not None
        if state is S.PAGE_GAP:
            await page.end()
        elif state is S.DRAINING:
            await (await backend.control(SCANNER)).perform("unload")
            await page.end()
    return session


CALLS: dict[Verb, Callable[[ZooSession], Awaitable[Any]]] = {
    Verb.CAPS: lambda session: session.caps(),
    Verb.OPTIONS: lambda session: session.options(),
    Verb.GET: lambda session: session.get("lamp"),
    Verb.PARAMS: lambda session: session.params(),
    Verb.STATUS: lambda session: session.status(),
    Verb.SET: lambda session: session.set("lamp", False),
    Verb.SET_LIVE: lambda session: session.set("panel-light", 1),
    Verb.APPLY: lambda session: session.apply(Settings(mode="Gray")),
    Verb.RESET: lambda session: session.reset(),
    Verb.START: lambda session: session.start(),
    Verb.CANCEL: lambda session: session.cancel(),
    Verb.CLOSE: lambda session: session.close(),
}


@pytest.mark.parametrize("state", list(S))
@pytest.mark.parametrize("verb", list(CALLS))
async def test_session_cell(state: SessionState, verb: Verb) -> None:
    """Each verb in each state of a session gives what the table says; a refused one changes neither state nor options."""
    build = FAMILY["slow"] if state is S.CANCELLING else legal_backend
    async with build() as backend:
        session = await reach(backend, state)
        assert session.state is state
        before = dict(session.store.values)
        wanted = cell(verb, state)
        if wanted.code is None:
            await CALLS[verb](session)
            assert not wanted.then or session.state in wanted.then
            return
        with pytest.raises(DeviceError) as caught:
            await CALLS[verb](session)
        assert caught.value.code is wanted.code
        assert session.state is state
        assert session.store.values == before


async def handles(backend: ZooBackend, end: str) -> tuple[Any, Any]:
    """A job and a page that have come to an end of some kind."""
    session = await backend.open(SCANNER)
    control = await backend.control(SCANNER)
    job = await session.start(Settings(source="Feeder"), 1)
    page = await job.next_page()
    assert page is not None
    match end:
        case "completed":
            await read_all(page)
            assert await job.next_page() is None
        case "cancelled":
            await job.cancel()
        case "lost":
            await control.perform("unplug")
        case "closed":
            await session.close()
    return job, page


@pytest.mark.parametrize(
    ("end", "job_state", "page_state"),
    [
        ("completed", J.COMPLETED, P.ENDED),
        ("cancelled", J.CANCELED, P.CANCELLED),
        ("lost", J.LOST, P.LOST),
        ("closed", J.CLOSED, P.CLOSED),
    ],
)
async def test_stale_handles(end: str, job_state: JobHandle, page_state: PageHandle) -> None:
    """Handles that were overtaken by events answer as the table says."""
    async with legal_backend() as backend:
        job, page = await handles(backend, end)
        calls: list[tuple[Verb, Any, Callable[[], Awaitable[Any]]]] = [
            (Verb.NEXT_PAGE, job_state, job.next_page),
            (Verb.CANCEL, job_state, job.cancel),
            (Verb.SETTLED, job_state, job.settled),
            (Verb.READ, page_state, lambda: page.read(1)),
            (Verb.END, page_state, page.end),
        ]
        for verb, state, call in calls:
            code = None
            try:
                await call()
            except DeviceError as error:
                code = error.code
            assert code is cell(verb, state).code, verb


async def test_one_device_does_not_see_the_other() -> None:
    """Two devices of a backend have options, jobs and paper of their own."""
    async with legal_backend() as backend:
        one, two = await backend.open("scanner"), await backend.open("second")
        await one.set("lamp", False)
        job = await one.start(Settings(source="Feeder"))
        page = await job.next_page()
        assert page is not None
        assert await two.get("lamp") is True
        assert two.state is S.IDLE
        assert len(backend.machines["second"].hopper) == 3
        await two.close()
        assert (await page.read(10)) != b""
