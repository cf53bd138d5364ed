"""The lab in another process: sessions over its socket behave as in the same process, and machines outlive them."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trio

from device_host.frames import encode
from device_protocol import Code, DeviceError, EventKind, Fault, FaultKind, JobState, SessionState, Settings
from device_protocol.aio import ScaledClock, Session, read_all
from simulators.backend import VirtualBackend
from simulators.devices_file import LabSpec
from simulators.driver import factory, lab_backend, remote_backend
from simulators.remote import RemoteLab
from tests.simulators.benches import FAST, INSTANT, code, feeder, flatbed, lab, profile, scan


@asynccontextmanager
async def door(path: Path, *specs: Any) -> AsyncIterator[tuple[VirtualBackend, VirtualBackend]]:
    """A lab that listens at *path*, and a client of it."""
    spec = LabSpec(specs or (feeder(),), INSTANT)
    async with (
        lab_backend(spec, ScaledClock(INSTANT), path / "lab.sock") as resident,
        remote_backend(path / "lab.sock") as backend,
    ):
        yield resident, backend


async def until_free(resident: VirtualBackend) -> Mapping[str, Any]:
    """Wait until the lab has noticed that a client went away; its report then."""
    control = await resident.control("feeder")
    with trio.fail_after(5):
        while (report := await control.perform("report"))["in_use"]:  # noqa: ASYNC110  # another task's socket, not ours
            await trio.sleep(0.001)
    return report


async def story(backend: VirtualBackend) -> list[Any]:
    """A session with a bit of everything, as a list of what was seen."""
    seen: list[Any] = [await backend.devices()]
    control = await backend.control("feeder")
    seen.append(await control.caps())
    session = await backend.open("feeder")
    events = session.events()
    seen += [await session.caps(), await session.options(), await session.set("mode", "lineart")]
    for _ in range(2):
        job = await session.start(Settings(resolution=100))
        try:
            while (page := await job.next_page()) is not None:
                data, end = await read_all(page)
                seen += [page.info, hashlib.sha256(data).hexdigest(), end]
        except DeviceError as error:
            seen += [error.code, error.page, error.native, await job.settled()]
        seen.append(await control.perform("clear-jam"))
        status = await session.status()
        seen.append((status.state, status.feeder, status.conditions, status.job))
    await control.perform("press-button", {"name": "scan"})
    seen.append(await code(control.perform("load", {"count": 1, "colour": "red"})))
    await session.close()
    seen.append([(event.kind, event.detail) async for event in events])
    seen.append(await control.perform("report"))
    return seen


async def test_socket_equals_in_process(tmp_path: Path) -> None:
    """The same story gives the same pages, errors, events and reports over the socket as in one process."""
    faults = (Fault(FaultKind.JAM, sheet=2), Fault(FaultKind.MULTIFEED, sheet=2))
    async with lab(feeder(4, *faults)) as near:
        expected = await story(near)
    async with door(tmp_path, feeder(4, *faults)) as (_, far):
        assert await story(far) == expected


async def test_two_clients_share_a_machine(tmp_path: Path) -> None:
    """A machine is exclusive across clients, and free again when its session is closed (LIFE-02)."""
    async with door(tmp_path) as (resident, backend):
        session = await backend.open("feeder")
        assert await code(resident.open("feeder")) is Code.BUSY
        await session.close()
        other = await resident.open("feeder")
        assert await code(backend.open("feeder")) is Code.BUSY
        await other.close()


async def test_control_is_seen_when_it_returns(tmp_path: Path) -> None:
    """What is done to a machine from elsewhere is known to its session when the action returns."""
    async with door(tmp_path, feeder(2)) as (resident, backend):
        session = await backend.open("feeder")
        control = await resident.control("feeder")
        events = session.events()
        await control.perform("open-cover")
        assert (await session.status()).conditions == {Code.COVER_OPEN}
        await control.perform("press-button", {"name": "scan"})
        assert [events.receive_nowait().kind for _ in range(2)] == [EventKind.CONDITION, EventKind.BUTTON]
        await control.perform("unplug")
        assert (await session.status()).state is SessionState.LOST
        assert await code(session.options()) is Code.DEVICE_LOST
        await session.close()


async def test_worker_crash_leaves_the_paper(tmp_path: Path) -> None:
    """A client that vanishes in mid-page: its job ends, the sheet stays in the path, the next open works and goes on (lab survival)."""
    async with door(tmp_path, feeder(3)) as (resident, backend):
        async with remote_backend(tmp_path / "lab.sock") as doomed:
            session = await doomed.open("feeder")
            page = await (await session.start(FAST)).next_page()
            assert page is not None
            await page.read(100)
        state = await until_free(resident)
        assert (state["path"], state["hopper"]) == ([1], 2)
        assert state["client"]["neglected"]["session-left-open"] == 1
        assert state["client"]["neglected"]["cancel-forgotten"] == 1
        session = await backend.open("feeder")
        assert len(await scan(await session.start(FAST))) == 4
        await session.close()


async def test_lab_is_lost(tmp_path: Path) -> None:
    """When the resident lab dies every session is lost, and there is nobody to open anything (DEVICE_LOST)."""
    spec = LabSpec((feeder(3),), INSTANT)
    async with trio.open_nursery() as nursery:
        stopped = trio.CancelScope()

        async def resident(task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
            with stopped:
                async with lab_backend(spec, ScaledClock(INSTANT), tmp_path / "lab.sock"):
                    task_status.started()
                    await trio.sleep_forever()

        await nursery.start(resident)
        async with remote_backend(tmp_path / "lab.sock") as backend:
            session = await backend.open("feeder")
            job = await session.start(FAST)
            stopped.cancel()
            assert await code(job.next_page()) is Code.DEVICE_LOST
            assert await job.settled() is JobState.ABORTED if session.state is not SessionState.LOST else True
            assert await code(session.options()) is Code.DEVICE_LOST
            await session.close()
            assert await code(backend.devices()) is Code.DEVICE_LOST
            assert await code(backend.open("feeder")) is Code.DEVICE_LOST


async def test_no_lab_there(tmp_path: Path) -> None:
    """A client without a lab is told so at once."""
    with pytest.raises(DeviceError) as caught:
        async with factory({"resident": {"connect": str(tmp_path / "nobody.sock")}}):
            pytest.fail("it connected")
    assert caught.value.code is Code.DEVICE_LOST


async def test_open_given_up_keeps_no_seat(tmp_path: Path) -> None:
    """A caller that gives up waiting for open leaves a machine that can be opened (CANC-08)."""
    async with door(tmp_path, feeder(1, Fault(FaultKind.HANG, verb="open"))) as (resident, backend):
        with trio.move_on_after(0.05) as scope:
            await backend.open("feeder")
        assert scope.cancelled_caught
        await until_free(resident)
        session = await backend.open("feeder")
        await session.close()


async def test_call_given_up_loses_no_page(tmp_path: Path) -> None:
    """A caller that gives up waiting for a page gets that page when it asks again."""
    async with door(tmp_path, feeder(2, Fault(FaultKind.HANG, verb="next_page", page=2))) as (_, backend):
        session = await backend.open("feeder")
        job = await session.start(FAST)
        page = await job.next_page()
        assert page is not None
        await read_all(page)
        with trio.move_on_after(0.05):
            await job.next_page()
        await session.cancel()
        assert await job.settled() is JobState.CANCELED
        assert (await session.status()).state is SessionState.IDLE
        assert len(await scan(await session.start(FAST))) == 2
        await session.close()


async def test_watch_over_the_socket(tmp_path: Path) -> None:
    """Watching works over the socket, and ends with an error when the lab is gone."""
    async with door(tmp_path, feeder(1), flatbed()) as (resident, _), remote_backend(tmp_path / "lab.sock") as backend:
        changes = backend.watch()
        assert len((await anext(changes)).devices) == 2
        await (await resident.control("flatbed")).perform("unplug")
        assert (await anext(changes)).kind.value == "gone"
        await changes.aclose()  # type: ignore[attr-defined]  # an async generator


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        encode({"call": "feed", "n": 1, "with": {"number": 1}}),
        encode({"call": "open", "n": 1, "with": {}}),
        encode({"call": 7}),
        encode({"heard": "x"}),
        encode({"call": "perform", "n": 1, "with": {"device": "feeder", "action": "load", "arguments": 3}}),
        encode({"call": "hello", "n": 1, "with": {"version": 99}}),
    ],
)
async def test_garbage_at_the_door(tmp_path: Path, garbage: bytes) -> None:
    """Whatever comes through the socket, the lab and its other clients go on."""
    async with door(tmp_path) as (_, backend):
        stream = await trio.open_unix_socket(str(tmp_path / "lab.sock"))
        await stream.send_all(garbage)
        with trio.move_on_after(0.05):
            await stream.receive_some()
        await stream.aclose()
        session = await backend.open("feeder")
        assert len(await scan(await session.start(FAST, 1))) == 1
        await session.close()


async def test_socket_is_private(tmp_path: Path) -> None:
    """Only this user can reach the lab; a stale socket is replaced, a file that is none is not."""
    path = tmp_path / "lab.sock"
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(str(path))
    stale.close()
    async with lab_backend(LabSpec((feeder(),)), None, path):
        assert path.stat().st_mode & 0o777 == 0o600
    other = tmp_path / "precious"
    other.write_text("keep me")
    with pytest.raises(DeviceError):
        async with lab_backend(LabSpec((feeder(),)), None, other):
            pytest.fail("it listens at a file")
    assert other.read_text() == "keep me"


async def test_remembered_options_and_buttons(tmp_path: Path) -> None:
    """With policy "remembered" the machine keeps option values across sessions, and buttons that nobody heard (LIFE-10)."""
    machine = profile(machine={"option_policy": "remembered", "buttons": ["scan"]})
    async with door(tmp_path, feeder(1, machine=machine)) as (resident, backend):
        session: Session = await backend.open("feeder")
        await session.set("mode", "gray")
        await session.set("resolution", 150)
        await session.close()
        await (await resident.control("feeder")).perform("press-button", {"name": "scan"})
        session = await backend.open("feeder")
        assert [await session.get(name) for name in ("mode", "resolution")] == ["gray", 150]
        assert session.events().receive_nowait().detail == "scan"
        await session.close()


def test_remote_lab_is_a_lab_link() -> None:
    """Both links offer the same calls, by name and parameters."""
    from simulators.lab import Lab  # noqa: PLC0415
    from simulators.seat import Seat  # noqa: PLC0415

    for name in ("devices", "watch", "control_caps", "perform", "open"):
        assert hasattr(Lab, name)
        assert hasattr(RemoteLab, name)
    assert {"start", "feed", "reach", "stop", "calibrate", "remember", "note", "release"} <= set(dir(Seat))
