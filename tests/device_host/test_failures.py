"""Whatever a driver does, its caller gets a typed error within a deadline, and the next open works (ERR-08)."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing

from device_host import Deadlines
from device_protocol import JPEG, Code, DeviceError, Encode, EventKind, SessionState
from device_protocol.aio import Backend, Session
from device_protocol.settings import Settings
from device_protocol.testing import Jumper, run
from tests.device_host.helpers import FORMS, HOSTED, misbehave, opened, soon


async def _in_session(backend: Backend, verb: str) -> None:
    session = await backend.open("one")
    try:
        await SESSION_VERBS[verb](session)
    finally:
        await session.close()


async def _page(session: Session, verb: str) -> None:
    job = await session.start()
    page = await job.next_page()
    assert page is not None
    await (page.read(100) if verb == "read" else page.end())


async def _next_page(session: Session) -> None:
    await (await session.start()).next_page()


async def _control(backend: Backend) -> None:
    await (await backend.control("one")).perform("load")


SESSION_VERBS: dict[str, Callable[[Session], Awaitable[Any]]] = {
    "caps": lambda session: session.caps(),
    "options": lambda session: session.options(),
    "get": lambda session: session.get("resolution"),
    "set": lambda session: session.set("resolution", 75),
    "apply": lambda session: session.apply(Settings()),
    "reset": lambda session: session.reset(),
    "params": lambda session: session.params(),
    "status": lambda session: session.status(),
    "start": lambda session: session.start(),
    "next_page": _next_page,
    "read": lambda session: _page(session, "read"),
    "end": lambda session: _page(session, "end"),
    "cancel": lambda session: session.cancel(),
    "close": lambda session: session.close(),
}
VERBS: Mapping[str, Callable[[Backend], Awaitable[Any]]] = {
    "devices": lambda backend: backend.devices(),
    "open": lambda backend: _in_session(backend, "status"),
    "perform": _control,
} | {verb: functools.partial(_in_session, verb=verb) for verb in SESSION_VERBS}


@pytest.mark.parametrize("what", ["crash", "exit"])
@pytest.mark.parametrize("form", FORMS)
async def test_exception_in_each_verb(form: str, what: str) -> None:
    """Any exception of a driver, in any verb, is INTERNAL with the traceback in the native text; afterwards the driver works on."""
    async with opened(form) as backend:
        for verb, call in VERBS.items():
            await misbehave(backend, **{verb: what})
            with pytest.raises(DeviceError) as caught:
                await call(backend)
            error = caught.value
            assert error.code is Code.INTERNAL, verb
            assert error.native is not None
            assert "machine.py" in error.native.text
            assert error.native.code == ("ZeroDivisionError" if what == "crash" else "SystemExit")
            if verb == "perform":
                break  # it cannot be told anything else any more
            await misbehave(backend)
            if verb in {"close", "cancel"}:
                continue
            await _in_session(backend, "status")


@pytest.mark.parametrize(
    ("what", "verb"),
    [("gone", verb) for verb in ("devices", "open", "set", "start", "next_page", "cancel", "close")]
    + [("abort", "open"), ("abort", "read")],
)
async def test_death_in_each_verb(verb: str, what: str) -> None:
    """A worker that dies during a call makes it INTERNAL with what it printed last; the next open works with a new one."""
    async with opened("blocking_form hosted") as backend:
        await misbehave(backend, **{verb: what})
        with pytest.raises(DeviceError) as caught:
            await VERBS[verb](backend)
        error = caught.value
        assert error.code is Code.INTERNAL
        assert error.native is not None
        if what == "abort":
            assert "SIGABRT" in error.message
            assert "in enter" in error.native.text  # the stack, by faulthandler
        else:
            assert "status 7" in error.message
        await _in_session(backend, "status")


@pytest.mark.parametrize("form", HOSTED)
async def test_after_death(form: str) -> None:
    """After its worker's death a session is lost: its status and its events say so, it can be cancelled and closed, all else is DEVICE_LOST."""
    async with opened(form) as backend:
        session = await backend.open("one")
        events = session.events()
        job = await session.start()
        page = await job.next_page()
        assert page is not None
        await misbehave(backend, get="gone")
        with pytest.raises(DeviceError):
            await session.get("resolution")
        for call in (lambda: page.read(10), page.end, job.next_page, session.options, session.start, job.settled):
            with pytest.raises(DeviceError) as caught:
                await call()
            assert caught.value.code is Code.DEVICE_LOST
        assert (await session.status()).state is SessionState.LOST
        assert [event.kind async for event in events] == [EventKind.LOST]
        await session.cancel()
        await job.cancel()
        await session.close()
        await _in_session(backend, "read")


async def test_others_waiting_when_it_dies() -> None:
    """Every call that is under way when a worker dies is answered."""
    async with opened("trio_form hosted") as backend:
        session = await backend.open("one")
        await misbehave(backend, get="hang", set="gone")
        codes: list[Code] = []

        async def waiting() -> None:
            with pytest.raises(DeviceError) as caught:
                await session.get("resolution")
            codes.append(caught.value.code)

        async with trio.open_nursery() as nursery:
            for _ in range(3):
                nursery.start_soon(waiting)
            await trio.testing.wait_all_tasks_blocked()
            with pytest.raises(DeviceError):
                await session.set("resolution", 75)
        assert codes == [Code.INTERNAL] * 3


@pytest.mark.parametrize(
    ("form", "verb"),
    [("blocking_form hosted", verb) for verb in ("devices", "open", "start", "next_page", "read")]
    + [("trio_form hosted", verb) for verb in ("open", "read")],
)
async def test_hang(form: str, verb: str) -> None:
    """A driver that hangs is TIMED_OUT at the verb's deadline and its worker is ended; the next open works."""
    async with opened(form, deadlines=soon(verb)) as backend:
        await misbehave(backend, **{verb: "hang" if form.startswith("blocking") else "block"})
        session = None if verb in {"devices", "open", "perform"} else await backend.open("one")
        with pytest.raises(DeviceError) as caught:
            await (VERBS[verb](backend) if session is None else SESSION_VERBS[verb](session))
        assert caught.value.code is Code.TIMED_OUT
        if session is not None:
            with pytest.raises(DeviceError) as lost:
                await session.get("resolution")
            assert lost.value.code is Code.DEVICE_LOST
            await session.close()
        await _in_session(backend, "status")


def test_hang_under_a_virtual_clock() -> None:
    """Here deadlines move with trio's clock, and a hosted driver's with the wall, however long the virtual clock stands still."""

    async def main() -> None:
        async with opened("trio_form in-process") as backend:
            await misbehave(backend, read="hang")
            with pytest.raises(DeviceError) as caught:
                await _in_session(backend, "read")
            assert caught.value.code is Code.TIMED_OUT
            await _in_session(backend, "read")
        async with opened("blocking_form hosted", deadlines=soon("read")) as backend:
            await misbehave(backend, read="hang")
            with pytest.raises(DeviceError) as caught:
                await _in_session(backend, "read")
            assert caught.value.code is Code.TIMED_OUT

    clock = Jumper()
    run(main, clock=clock)
    assert clock.current_time() >= Deadlines().read


@pytest.mark.parametrize("form", FORMS)
async def test_slow_is_not_hanging(form: str) -> None:
    """An encoded page may take longer than its deadline as long as its bytes come."""
    config = {"pages": 1, "strip": 1000, "misbehave": {"read": "slow"}}
    async with opened(form, config, Deadlines(next_page=1.0)) as backend:
        session = await backend.open("one")
        began = trio.current_time()
        page = await (await session.start(None, "all", Encode(JPEG))).next_page()
        assert page is not None
        assert trio.current_time() - began > 1.0
        await session.close()


async def test_hang_in_close() -> None:
    """A close that hangs ends at its own deadline, with the worker, and the device can be opened again."""
    async with opened("blocking_form hosted", deadlines=soon("close")) as backend:
        session = await backend.open("one")
        await misbehave(backend, close="hang")
        with pytest.raises(DeviceError) as caught:
            await session.close()
        assert caught.value.code is Code.TIMED_OUT
        await session.close()
        await misbehave(backend)
        await _in_session(backend, "status")


async def test_a_busy_driver_is_not_killed() -> None:
    """A quick verb behind a slow one of a blocking driver is BUSY at its deadline; the slow one goes on."""
    deadlines = soon("status")
    async with opened("blocking_form hosted", {"misbehave": {"read": "until-cancel"}}, deadlines) as backend:
        session = await backend.open("one")
        job = await session.start()
        page = await job.next_page()
        assert page is not None
        async with trio.open_nursery() as nursery:

            async def read() -> None:
                with pytest.raises(DeviceError) as caught:
                    await page.read(10)
                assert caught.value.code is Code.CANCELLED

            nursery.start_soon(read)
            await trio.testing.wait_all_tasks_blocked()
            with pytest.raises(DeviceError) as busy:
                await session.status()
            assert busy.value.code is Code.BUSY
            await job.cancel()
        await session.close()


@pytest.mark.parametrize("form", FORMS)
async def test_answers_of_the_wrong_type(form: str) -> None:
    """An answer of the wrong type is INTERNAL wherever the driver runs, instead of an accident of whoever reads it."""
    async with opened(form, {"misbehave": {"devices": "odd", "caps": "odd"}}) as backend:
        with pytest.raises(DeviceError, match="instead of DeviceList"):
            await backend.devices()
        session = await backend.open("one")
        with pytest.raises(DeviceError, match="instead of DeviceCaps") as caught:
            await session.caps()
        assert caught.value.code is Code.INTERNAL
        await session.close()


@pytest.mark.parametrize("form", HOSTED)
async def test_garbage_on_the_socket(form: str) -> None:
    """A worker that does not keep to the protocol is killed at once, and the call is INTERNAL; the next open works."""
    async with opened(form) as backend:
        await misbehave(backend, get="garbage")
        with pytest.raises(DeviceError, match="garbage") as caught:
            await _in_session(backend, "get")
        assert caught.value.code is Code.INTERNAL
        await _in_session(backend, "get")


@pytest.mark.parametrize("form", FORMS)
async def test_an_exception_in_the_background(form: str, tmp_path: Path) -> None:
    """A driver whose own task fails is dead: calls under way are INTERNAL, its session is lost, and it is made anew for the next open."""
    fail = tmp_path / "fail"
    form = form.replace("trio_form", "background").replace("blocking_form", "background")
    async with opened(form, {"fail-when": str(fail)}) as backend:
        session = await backend.open("one")
        await misbehave(backend, get="hang")
        async with trio.open_nursery() as nursery:

            async def get() -> None:
                with pytest.raises(DeviceError) as caught:
                    await session.get("resolution")
                assert caught.value.code is Code.INTERNAL
                assert caught.value.native is not None
                assert "in the background" in caught.value.native.text

            nursery.start_soon(get)
            await trio.testing.wait_all_tasks_blocked()
            fail.touch()
        fail.unlink()
        with pytest.raises(DeviceError) as lost:
            await session.get("resolution")
        assert lost.value.code is Code.DEVICE_LOST
        await session.close()
        await _in_session(backend, "status")


@pytest.mark.parametrize("form", FORMS)
async def test_a_driver_that_cannot_be_made(form: str) -> None:
    """A factory that fails is INTERNAL with its traceback; one that refuses gives its own error."""
    for what, code in (("crash", Code.INTERNAL), ("exit", Code.INTERNAL), ("refuse", Code.JAM)):
        with pytest.raises(DeviceError) as caught:
            async with opened(form, {"misbehave": {"factory": what}}):
                pass
        assert caught.value.code is code


async def test_a_driver_that_leaves_its_loop() -> None:
    """A blocking driver whose main loop ends or fails is a crash, and not a silence."""
    async with opened("blocking_form hosted", {"misbehave": {"run": "crash"}}) as backend:
        with pytest.raises(DeviceError) as caught:
            await backend.devices()
        assert caught.value.native is not None
        assert "ZeroDivisionError" in caught.value.native.text
