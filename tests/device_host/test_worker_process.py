"""The worker as a process: its hello, its death with the parent, what it prints, how a driver is loaded into it."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
import trio

from device_host.deadlines import Deadlines
from device_host.frames import Decoder, Frame, encode
from device_host.messages import LOAD, hello
from device_host.proxy import HostedBackend
from device_host.resolve import Target
from device_host.runners import load_worker
from device_host.tasks import open_tasks
from device_host.transport import Started, start_worker
from device_host.workers import Worker, module_path
from device_protocol import CONTRACT_REVISION, Code, DeviceError, Form
from tests.device_host.helpers import MODULE, all_pages, ends, opened
from tests.device_host.machine import pixels

ROOT = Path(__file__).resolve().parents[2]


def target(name: str) -> Target:
    """A driver of the tests' module."""
    return Target(name, MODULE, name)


def pretending(script: str) -> Callable[[], Started]:
    """Starts a process that is no worker: *script* has its socket as ``sock``."""

    def start() -> Started:
        ours, theirs = socket.socketpair()
        printed, prints = os.pipe()
        head = f"import socket, sys, time\nsock = socket.socket(fileno={theirs.fileno()})\n"
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", head + textwrap.dedent(script)],
            pass_fds=(theirs.fileno(),),
            stdout=prints,
            stderr=prints,
        )
        theirs.close()
        os.close(prints)
        return Started(process, ours, printed)

    return start


@pytest.mark.parametrize(
    ("first", "code", "said"),
    [
        (encode(hello() | {"revision": CONTRACT_REVISION + 1}), Code.UNSUPPORTED, "newer"),
        (encode(hello() | {"revision": 0}), Code.UNSUPPORTED, "older"),
        (encode({"t": "reply", "id": 1}), Code.INTERNAL, "hello"),
        (encode({"t": "hello"}), Code.INTERNAL, "hello"),
        (b"HTTP/1.1 200 OK\r\n\r\n", Code.INTERNAL, "garbage"),
        (encode(hello())[:20], Code.INTERNAL, "garbage"),
        (b"", Code.INTERNAL, "status 0"),
    ],
)
async def test_first_frame(first: bytes, code: Code, said: str) -> None:
    """A worker that speaks a newer or older contract is refused with both revisions, and one that speaks something else is no worker."""
    async with open_tasks() as nursery:
        with pytest.raises(DeviceError, match=said) as caught:
            await Worker.start(nursery, starter=pretending(f"sock.sendall({first!r})"))
        assert caught.value.code is code
        if code is Code.UNSUPPORTED:
            assert str(CONTRACT_REVISION) in caught.value.message


async def test_a_worker_that_says_nothing() -> None:
    """A worker that does not say hello in time is given up and ended."""
    started: list[Started] = []

    def start() -> Started:
        started.append(pretending("time.sleep(60)")())
        return started[0]

    async with open_tasks() as nursery:
        with pytest.raises(DeviceError) as caught:
            await Worker.start(nursery, within=0.1, starter=start)
        assert caught.value.code is Code.TIMED_OUT
        assert await ends(started[0].process.pid)


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (encode({"t": "reply", "id": 77}), "nobody made"),
        (encode({"t": "reply", "id": 1, "value": {"$": "os.system", "=": "true"}}), "unknown type"),
        (encode({"t": "reply", "id": 1, "error": 5}), "error"),
        (encode({"t": "reply", "id": 1, "value": {"revision": 1}}), "load"),
        (encode({"t": "nonsense"}), "nonsense"),
        (encode({"t": "part", "id": 9}), "nobody made"),
        (b"\xff" * 40, "header"),
    ],
)
async def test_garbage_later(after: bytes, said: str) -> None:
    """A frame that contradicts the protocol ends the worker, and the call under way is INTERNAL."""
    script = f"sock.sendall({encode(hello())!r})\nsock.recv(8)\nsock.sendall({after!r})\ntime.sleep(60)"
    async with open_tasks() as nursery:
        worker = await Worker.start(nursery, starter=pretending(script))
        with pytest.raises(DeviceError, match=said) as caught:
            await worker.load("a:b", "a", {})
        assert caught.value.code is Code.INTERNAL
        await worker.ended.wait()
        with pytest.raises(DeviceError) as later:
            await worker.call(0, "devices")
        assert later.value.code is Code.DEVICE_LOST


@pytest.mark.parametrize(
    ("module", "code", "said"),
    [
        ("raise ZeroDivisionError('at import')", Code.INTERNAL, "ZeroDivisionError: at import"),
        ("import nowhere_to_be_found", Code.INTERNAL, "nowhere_to_be_found"),
        ("import sys; sys.exit(3)", Code.INTERNAL, "SystemExit"),
        ("this is no Python", Code.INTERNAL, "SyntaxError"),
        ("import os; os.abort()", Code.INTERNAL, "SIGABRT"),
        ("other = 1", Code.NOT_FOUND, "has no 'driver'"),
        ("driver = 5", Code.INTERNAL, "neither a"),
    ],
)
async def test_import_failures(tmp_path: Path, module: str, code: Code, said: str) -> None:
    """A driver that cannot be imported is a typed error with the traceback, and not the death of anybody else."""
    (tmp_path / "a_bad_driver.py").write_text(module)
    async with open_tasks() as nursery:
        worker = await Worker.start(nursery)
        with pytest.raises(DeviceError, match=said) as caught:
            await worker.load("a_bad_driver:driver", "bad", {}, path=(str(tmp_path),))
        assert caught.value.code is code
        if code is Code.INTERNAL and "neither" not in said:
            assert caught.value.native is not None
            assert "a_bad_driver" in caught.value.native.text


async def test_import_that_blocks_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver whose import never returns is TIMED_OUT, and its worker is ended."""
    (tmp_path / "a_slow_driver.py").write_text("import time; time.sleep(3600)")
    monkeypatch.syspath_prepend(tmp_path)
    async with open_tasks() as nursery:
        worker = await Worker.start(nursery)
        with pytest.raises(DeviceError) as caught:
            await load_worker(worker, Target("slow", "a_slow_driver", "driver"), {}, Deadlines(load=0.2))
        assert caught.value.code is Code.TIMED_OUT
        assert await ends(worker.pid)


@pytest.mark.parametrize(
    ("name", "said"), [("newer", "revision 99"), ("elsewhere", "amiga"), ("unusable", "library is missing")]
)
@pytest.mark.parametrize("isolation", ["in-process", "hosted"])
async def test_drivers_that_cannot_be_used(name: str, said: str, isolation: str) -> None:
    """A driver for a newer contract, for another system, or without its library, is UNSUPPORTED and says why."""
    with pytest.raises(DeviceError, match=said) as caught:
        async with opened(f"{name} {isolation}"):
            pass
    assert caught.value.code is Code.UNSUPPORTED


async def test_a_configuration_that_is_no_plain_data() -> None:
    """What cannot cross the border is refused on this side of it."""
    with pytest.raises(DeviceError, match="configuration") as caught:
        async with opened("blocking_form hosted", {"a": object()}):
            pass
    assert caught.value.code is Code.INVALID_VALUE


@pytest.mark.parametrize("form", ["trio_form hosted", "blocking_form hosted"])
async def test_prints_do_not_disturb(form: str, caplog: pytest.LogCaptureFixture) -> None:
    """What a driver prints, by whatever way, is logged and does not get between the frames."""
    caplog.set_level(logging.INFO, "flatbed.worker")
    async with opened(form, {"misbehave": {"read": "print", "open": "print"}}) as backend:
        session = await backend.open("one")
        pages = await all_pages(await session.start())
        assert [data for _, data, _ in pages] == [pixels(1), pixels(2), pixels(3)]
        await session.close()
    assert "printed by the driver" in caplog.text
    assert "raw print" in caplog.text


async def test_the_dump_is_bounded() -> None:
    """Of what a worker printed, the last 64 KiB are kept."""
    async with open_tasks() as nursery:
        script = f"sys.stdout.write('x' * 1000000 + 'last words')\nsys.stdout.flush()\nsock.sendall({encode(hello())!r})\nsys.exit(4)"
        worker = await Worker.start(nursery, starter=pretending(script))
        await worker.ended.wait()
        assert worker.dead is not None
        assert worker.dead.native is not None
        assert worker.dead.native.text.endswith("last words")
        assert len(worker.dead.native.text) <= 64 << 10


async def test_the_blocking_host_needs_the_standard_library_only(tmp_path: Path) -> None:
    """A blocking driver runs in an interpreter without site-packages, and no module of them is looked for in the whole conversation."""
    (tmp_path / "plain_driver.py").write_text(
        textwrap.dedent("""
        import sys
        from tests.device_host.machine import Blocking
        class driver(Blocking):
            form = "blocking"
            def close(self):
                print("foreign:", sorted({"trio", "numpy", "PIL", "pydantic", "attrs"} & set(sys.modules)))
                super().close()
        """)
    )
    async with open_tasks() as nursery:
        worker = await Worker.start(nursery, starter=lambda: start_worker([sys.executable, "-I", "-S"], preload=False))
        about = await worker.load("plain_driver:driver", "plain", {}, path=(str(ROOT), str(tmp_path)))
        assert about.form is Form.BLOCKING
        session = await HostedBackend(worker, nursery).open("one")
        pages = await all_pages(await session.start())
        assert [data for _, data, _ in pages] == [pixels(1), pixels(2), pixels(3)]
        await session.close()
        await worker.close(5)
        assert "foreign: []" in worker.dump.text


async def test_goodbye() -> None:
    """A worker that is told goodbye ends by itself with status 0, whichever host it is, a spare too."""
    async with open_tasks() as nursery:
        for name in (None, "trio_form", "blocking_form"):
            worker = await Worker.start(nursery)
            if name is not None:
                await load_worker(worker, target(name), {}, Deadlines())
            await worker.close(20)
            assert worker.dead is not None
            assert "status 0" in worker.dead.message, name


async def test_a_worker_that_does_not_leave_is_killed() -> None:
    """A driver that hangs when it is to leave does not keep its host."""
    async with open_tasks() as nursery:
        worker = await Worker.start(nursery)
        await load_worker(worker, target("blocking_form"), {"misbehave": {"close": "hang"}}, Deadlines())
        await worker.close(0.1)
        assert await ends(worker.pid)


async def test_a_driver_that_clings_to_life() -> None:
    """When the socket closes without a goodbye, a driver of the trio form that never gets done with leaving does not keep its process."""
    started = start_worker()
    load = {"t": LOAD, "id": 1, "target": f"{MODULE}:clinging", "name": "c", "config": {}, "path": list(module_path())}
    with started.socket as sock:
        sock.settimeout(60)
        sock.sendall(encode(load))
        decoder = Decoder()
        frames: list[Frame] = []
        while len(frames) < 2:  # its hello, and that the driver is there
            with decoder.space() as space:
                count = sock.recv_into(space)
            frames += decoder.received(count)
    try:
        assert "error" not in frames[1].header
        assert await trio.to_thread.run_sync(lambda: started.process.wait(30)) == 0
    finally:
        started.process.kill()
        os.close(started.printed)


HOST = """
    import os, signal, sys, trio
    from pathlib import Path
    from device_host import HostConfig, open_host, open_backend, Isolation
    async def main():
        names = ("tests.device_host.drivers:trio_form", "tests.device_host.drivers:blocking_form", "tests.device_host.drivers:watching")
        async with open_host(HostConfig(Path(sys.argv[1]), names)) as host:
            await host.first_answers(30)
            await host.open(names[0] + ":one")
            hanging = await host.open(names[1] + ":one")
            await (await hanging.start(None)).next_page()
            while host.status()["spare"] is None:
                await trio.sleep(0.01)
            print("ready", flush=True)
            await trio.sleep_forever()
    trio.run(main)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_workers_die_with_their_host(tmp_path: Path, number: signal.Signals) -> None:
    """Whatever ends the host, every worker ends within two seconds: discovery, open devices and the spare."""
    host = await trio.to_thread.run_sync(start_host, tmp_path)
    assert host.stdout is not None
    with host.stdout as said:
        assert await trio.to_thread.run_sync(said.readline) == b"ready\n"
        workers = children(host.pid)
        assert len(workers) == 6
        host.send_signal(number)
        await trio.to_thread.run_sync(host.wait)
        with trio.fail_after(2.0):
            for pid in workers:
                assert await ends(pid)


def start_host(runtime: Path) -> subprocess.Popen[bytes]:
    """A host in a process of its own."""
    script = textwrap.dedent(HOST)
    return subprocess.Popen([sys.executable, "-c", script, str(runtime)], stdout=subprocess.PIPE, cwd=ROOT)


def children(pid: int) -> list[int]:
    """The children of a process."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


async def test_a_driver_s_child_does_not_keep_the_socket(tmp_path: Path) -> None:
    """A process that a driver leaves behind does not hide the worker's death."""
    (tmp_path / "parenting.py").write_text(
        textwrap.dedent("""
        import os, subprocess
        from tests.device_host.machine import Blocking
        class driver(Blocking):
            form = "blocking"
            def get(self, name):
                child = subprocess.Popen(["sleep", "30"], close_fds=False)
                print("child", child.pid)
                os._exit(3)
        """)
    )
    async with open_tasks() as nursery:
        worker = await Worker.start(nursery)
        await worker.load("parenting:driver", "parenting", {}, path=(str(ROOT), str(tmp_path)))
        session = await HostedBackend(worker, nursery).open("one")
        with trio.fail_after(10), pytest.raises(DeviceError, match="status 3") as caught:
            await session.get("resolution")
        assert caught.value.native is not None
        os.kill(int(caught.value.native.text.split()[-1]), signal.SIGKILL)
