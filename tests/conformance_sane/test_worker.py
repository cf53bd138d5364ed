"""The worker: what it sees of a library that misbehaves, and what the runner sees of a worker that is gone."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.outcomes import leaf
from conformance.sane.nest import Nest, SaneLibraryError, WorkerSettings
from conformance.sane.process import Loss, Worker, WorkerBrokenError, WorkerLostError, worker
from conformance.sane.worker import frames
from conformance.sane.worker.guarded import GUARD, Guarded
from conformance.sane.worker.ring import SLOT_BYTES, SLOTS, Ring, last_calls, make_ring, progress
from conformance.selftest.c_backend.judge import nest, settings
from tests.parts import need


@pytest.fixture(autouse=True)
def _compiler() -> None:
    need("cc", "gcc libc6-dev")
    need("gdb", "gdb")


@asynccontextmanager
async def opened(defect: str = "", *, stacks: bool = True) -> AsyncIterator[tuple[Worker, int]]:
    """A worker with the scanner open."""
    async with worker(nest(), replace(settings(defect), stacks=stacks)) as process:
        await process.ask("init", version=True)
        answer = await process.ask("open", name="zoo:0")
        yield process, answer["handle"]


async def lost(defect: str, *verbs: str) -> Loss:
    """How a worker is lost by calls without arguments."""
    with pytest.raises(Exception) as caught:  # noqa: PT011, PT012  # a group with one in it
        async with opened(defect) as (process, handle):
            for verb in verbs:
                await process.ask(verb, handle=handle)
    error = leaf(caught.value)
    assert isinstance(error, WorkerLostError)
    return error.loss


def test_the_ring_keeps_the_last_calls(tmp_path: Path) -> None:
    """Oldest first, at most so many, of bounded length; one that has not come back has no arrow; calls to be merged are one."""
    path = tmp_path / "ring"
    make_ring(path)
    ring = Ring(path)
    assert last_calls(path) == ()
    for number in range(SLOTS + 5):
        ring.end(ring.begin(f"call {number}"), "GOOD")
    for number in range(9):
        ring.end(ring.begin(f"descriptor {number}", merge=True), "a pointer")
    ring.begin("x" * 1000)
    calls = last_calls(path, 4)
    assert calls[:3] == (f"call {SLOTS + 3} -> GOOD", f"call {SLOTS + 4} -> GOOD", "descriptor 8 -> a pointer")
    assert len(calls[3]) < SLOT_BYTES
    assert " -> " not in calls[3]
    assert len(last_calls(path, 10_000)) == SLOTS
    assert progress(path) == (SLOTS + 7, SLOTS + 14)


@pytest.mark.parametrize(
    ("at", "words"),
    [(-1, "1 bytes before"), (-GUARD, f"{GUARD} bytes before"), (8, "1 bytes behind"), (20, "13 bytes behind")],
)
def test_guard_words_see_a_single_byte(at: int, words: str) -> None:
    """Before and behind, and how far; what is in the buffer is no damage, and a damage is told once."""
    buffer = Guarded(8)
    buffer.value[:] = b"12345678"
    assert buffer.hurt() == ""
    buffer._view[GUARD + at] ^= 1
    assert buffer.hurt() == words
    assert buffer.hurt() == ""


def test_a_line_that_carries_nonsense_is_refused() -> None:
    """A length that no message has, and a message that is no object."""
    with pytest.raises(ValueError, match="bytes"):
        frames.bounded(frames.MAX_FRAME + 1)
    for data in (b"[]", b"\xff", b"{"):
        with pytest.raises(ValueError):  # noqa: PT011  # of several sorts
            frames.unpack(data)
    assert frames.unpack(frames.pack({"a": 1})[4:]) == {"a": 1}


async def test_a_crash_has_the_native_stack_and_the_last_calls() -> None:
    """The line of C that crashed, the call that did not come back, and where the worker was; the next worker works."""
    loss = await lost("crash-on-idle-cancel", "get_parameters", "cancel")
    assert loss.kind == "crash"
    assert "sane_cancel" in loss.what
    assert "Aborted" in loss.what
    assert "sane_zoo_cancel" in loss.native
    assert "zoo.c:" in loss.native
    assert "binding.py" in loss.python
    assert loss.calls[-1] == "sane_cancel(handle)"
    assert "GOOD" in loss.calls[-2]
    async with opened() as (process, handle):
        assert (await process.ask("start", handle=handle))["status"] == 0


async def test_a_hang_has_the_native_stack_and_the_last_calls() -> None:
    """The function that waits, within the deadline of its call."""
    with pytest.raises(Exception) as caught:  # noqa: PT011, PT012  # a group with one in it
        async with opened("hang-in-cancel") as (process, handle):
            await process.ask("start", handle=handle)
            await process.ask("drain", handle=handle, sizes=[64], limit=1 << 20, stop_after=5)
            await process.ask("cancel", handle=handle)
    loss = leaf(caught.value).loss  # type: ignore[attr-defined]  # of a WorkerLostError, or the test fails
    assert loss.kind == "hang"
    assert "did not come back within 1 s" in loss.what
    assert "sane_zoo_cancel" in loss.native
    assert "calls.py" in loss.python
    assert len(loss.calls) <= 20
    assert loss.report().startswith("sane_cancel(handle) did not come back")


async def test_without_a_debugger_the_verdict_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No gdb is no reason to say nothing: what to install, and what the kernel knows."""
    monkeypatch.setattr("conformance.sane.autopsy.shutil.which", lambda _: None)
    loss = await lost("crash-on-idle-cancel", "cancel")
    assert "apt-get install gdb" in loss.native
    assert loss.calls[-1] == "sane_cancel(handle)"


async def test_a_worker_that_is_killed_from_outside_is_lost() -> None:
    """Its signal is told, and every further command says the same at once."""
    async with opened(stacks=False) as (process, handle):
        os.kill(process._pid, signal.SIGKILL)
        for _ in range(2):
            with pytest.raises(WorkerLostError, match="SIGKILL"):
                await process.ask("start", handle=handle)


async def test_a_defect_of_ours_is_not_the_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command with wrong arguments is an error of the harness, and the worker lives on."""
    async with opened() as (process, handle):
        with pytest.raises(WorkerBrokenError, match="TypeError"):
            await process.ask("start", handle=handle, nonsense=1)
        assert (await process.ask("get_parameters", handle=handle))["status"] == 0


async def test_it_ends_by_itself_with_its_status() -> None:
    """The exit handlers of the library run; a status of its own is told."""
    async with opened() as (process, _):
        assert await process.end() == 0
    async with opened("exit-status-7") as (process, _):
        with pytest.raises(WorkerLostError, match="exit status 7"):
            await process.ask("exit")


async def test_what_is_no_library_is_told(tmp_path: Path) -> None:
    """A file that is not there, one that is no library, one that is no SANE, and a wrapper that does not exist."""
    text = tmp_path / "libsane.so"
    text.write_text("no library")
    cases = {"/nonexistent.so": "cannot open", str(text): "invalid ELF|too short", "libc.so.6": "no SANE library"}
    for library, words in cases.items():
        with pytest.raises(Exception) as caught:  # noqa: PT011  # a group with one in it
            async with worker(nest(), WorkerSettings(library)):
                pass
        error = leaf(caught.value)
        assert isinstance(error, SaneLibraryError)
        assert any(word in str(error) for word in words.split("|")), str(error)
    for wrap, words in {"flatbed-no-such-program": "cannot be started", "false": "did not start"}.items():
        broken = Nest(WorkerSettings(wrap=wrap))
        with pytest.raises(SaneLibraryError, match=words):
            async with worker(broken):
                pass
        broken.close()


LONE_RUNNER = """
import sys, trio
from conformance.sane.process import worker
from conformance.selftest.c_backend.judge import nest, settings

async def main():
    async with worker(nest(), settings("hang-in-cancel")) as process:
        await process.ask("init", version=True)
        handle = (await process.ask("open", name="zoo:0"))["handle"]
        await process.ask("start", handle=handle)
        await process.ask("drain", handle=handle, sizes=[64], limit=1 << 20, stop_after=5)
        print(process._pid, flush=True)
        await trio.sleep_forever()

trio.run(main)
"""


def test_no_worker_outlives_a_runner_that_was_killed() -> None:
    """A scan server that is killed leaves no process behind that holds the scanner."""
    with subprocess.Popen([sys.executable, "-c", LONE_RUNNER], stdout=subprocess.PIPE, text=True) as runner:
        assert runner.stdout is not None
        watched = os.pidfd_open(int(runner.stdout.readline()))
        runner.kill()
    ended, _, _ = select.select([watched], [], [], 20.0)
    os.close(watched)
    assert ended


async def test_what_a_back_end_forks_ends_with_the_worker() -> None:
    """Workers have a session of their own, which is killed as a whole."""
    async with opened() as (process, _):
        assert os.getsid(process._pid) == process._pid
