"""Starting and ending: ready file, ports, signals, standard input, idleness, and what a ready process has not imported (design 6)."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
from pathlib import Path

import pytest
import trio
import trio.lowlevel

from reference_server.access.peers import holder, same_user
from reference_server.app import run, serve
from reference_server.config import ServerConfig
from reference_server.exits import EXIT_START
from reference_server.ready import Ready, ready_file
from reference_server.wire.sockets import AddressError, listen, url
from tests.reference_server.fakes import FakeHost, Script
from tests.reference_server.processes import service
from tests.reference_server.wire import Wire, read_answer, read_head, wire


@pytest.mark.slow
def test_what_a_ready_service_has_not_imported(tmp_path: Path) -> None:
    """A ready process, with the drivers of a plain start, has loaded nothing heavy and nothing that draws, simulates, drives or judges."""
    with service(tmp_path, drivers=None) as (process, _):
        assert process.stdout is not None
        words = process.stdout.readline().decode().split()
    assert words[0] == "MODULES"
    assert "reference_server" in words
    heavy = {
        "numpy",
        "PIL",
        "hypothesis",
        "conformance",
        "simulators",
        "device_drivers",
        "sheets",
        "zxingcpp",
        "pikepdf",
    }
    heavy |= {"httpx", "typer", "pytest", "flatbed", "simplejpeg", "isal"}
    assert not heavy & set(words)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_it_cleanly(number: signal.Signals, tmp_path: Path) -> None:
    """The ready file is whole, private and true while the service answers; after a signal the process ends with 0, silently, and the file is gone."""
    with service(tmp_path) as (process, ready):
        path = tmp_path / "ready.json"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert set(ready) == {"schema", "http", "https", "status", "control", "token", "pid", "ca"}
        assert (ready["schema"], ready["pid"], ready["token"]) == (1, process.pid, None)
        port = int(str(ready["http"]).rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"GET /api/server/version HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert client.recv(1000).startswith(b"HTTP/1.1 200")
            process.send_signal(number)
            assert process.wait(30) == 0
        assert process.stderr is not None
        assert process.stderr.read() == b""
        assert not path.exists()


@pytest.mark.slow
def test_it_ends_with_standard_input(tmp_path: Path) -> None:
    """With exit_with_stdin the service ends when whoever started it closes its standard input."""
    with service(tmp_path, exit_with_stdin=True) as (process, _):
        assert process.stdin is not None
        process.stdin.write(b"anything")
        process.stdin.flush()
        assert process.poll() is None
        process.stdin.close()
        assert process.wait(30) == 0
        process.stdin = None


async def test_it_ends_when_idle(tmp_path: Path) -> None:
    """With exit_when_idle the service ends after so long without a request; a request that waits and a running job keep it up."""
    host = FakeHost({"virtual:feeder": Script(pages=1, hang_at=1)})
    with trio.fail_after(20):
        async with wire(tmp_path, host, exit_when_idle=1, ready_file=tmp_path / "ready") as it:
            job = await it.create(scannerFailureTimeout=1)
            waiting = await it.send("GET", f"{job}/next-page")
            assert (await read_head(waiting))[0] == 204, "after the fault of the job, a second later"
            await waiting.aclose()
            assert (tmp_path / "ready").exists()  # a look at the disk
            begun = trio.current_time()
            while (tmp_path / "ready").exists():  # noqa: ASYNC110  # another task of this run ends meanwhile
                await trio.sleep(0.01)
            assert trio.current_time() - begun >= 0.5


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    """The exit code is 2, the message names the process that holds the port, and nothing was started or left behind."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said: list[str] = []
        config = ServerConfig(tmp_path / "data", port=port, ready_file=tmp_path / "ready")
        assert run(config, announce=said.append) == EXIT_START
        assert len(said) == 1
        assert f"Port {port}" in said[0]
        assert f"process {os.getpid()}" in said[0]
        assert holder(port).startswith(f"process {os.getpid()} (")
    assert list(tmp_path.iterdir()) == []
    assert run(ServerConfig(tmp_path / "data", port=0, host="192.0.2.1"), announce=said.append) == EXIT_START
    assert "192.0.2.1" in said[1]


def test_folders_that_cannot_be_had(tmp_path: Path) -> None:
    """A data folder that is a file, and a ready file in a folder that is not there, end the start with 2 and words."""
    (tmp_path / "file").write_text("")
    said: list[str] = []
    assert run(ServerConfig(tmp_path / "file", port=0), announce=said.append) == EXIT_START
    config = ServerConfig(tmp_path / "data", port=0, ready_file=tmp_path / "nowhere" / "ready")
    assert run(config, announce=said.append) == EXIT_START
    assert "file" in said[0]
    assert "nowhere" in said[1]


def test_holder_of_a_free_port() -> None:
    """Of a port that nobody holds nothing is said."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert holder(free.getsockname()[1]) == ""


def test_addresses() -> None:
    """A socket says its URL, IPv6 in brackets; what is no address is a typed error."""
    for host, start in (
        ("127.0.0.1", "http://127.0.0.1:"),
        ("localhost", "http://127.0.0.1:"),
        ("0.0.0.0", "http://127.0.0.1:"),
    ):
        with listen(host, 0, 60) as sock:
            assert url(sock).startswith(start)
    with listen("::1", 0, 60) as sock:
        assert url(sock).startswith("http://[::1]:")
    for host in ("no.such.host.invalid", "192.0.2.1"):
        with pytest.raises(AddressError):
            listen(host, 0, 60)


def test_same_user() -> None:
    """The owner of the other end of a local connection is found; an unknown connection is unknown."""
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.socket(family) as server:
            server.bind((address, 0))
            server.listen()
            with socket.create_connection(server.getsockname()[:2]) as client:
                assert same_user(client.getsockname()[:2], client.getpeername()[:2]) is True
                assert same_user(("127.0.0.1", 1), ("127.0.0.1", 2)) is None


def test_ready_file_of_somebody_else(tmp_path: Path) -> None:
    """A file that another service has put there meanwhile is not removed, a file that was there before is replaced whole."""
    path = tmp_path / "ready"
    path.write_text("old")
    with ready_file(path, Ready("http://x", None, 1)):
        assert json.loads(path.read_text())["http"] == "http://x"
        assert [item.name for item in tmp_path.iterdir()] == ["ready"]
        path.write_text("{}")
    assert path.read_text() == "{}"


@pytest.mark.slow
async def test_shutdown_is_not_held_up(tmp_path: Path) -> None:
    """Clients that wait get 503, clients that read nothing are cut off, and a service with both ends within seconds, its devices closed."""
    host = FakeHost({"virtual:feeder": Script(pages=1, page_bytes=40_000_000), "virtual:flatbed": Script(hang_at=1)})
    with trio.fail_after(20):
        async with wire(tmp_path, host, ready_file=tmp_path / "ready") as it:
            big, stuck = await it.create(), await it.create(device="virtual:flatbed")
            asleep = await it.send("GET", f"{big}/next-page")
            await read_head(asleep)
            waiting = await it.send("GET", f"{stuck}/next-page")
            await it.ask("GET", big)
            os.kill(os.getpid(), signal.SIGTERM)
            status, body = await read_answer(waiting)
            assert (status, json.loads(body)["code"]) == (503, -2007)
            with pytest.raises(OSError, match="all attempts to connect"):
                await _connect_for_ever(it)
            while (tmp_path / "ready").exists():  # noqa: ASYNC110  # another task of this run ends meanwhile
                await trio.sleep(0.01)
            assert host.open_devices == set()
            await asleep.aclose()
            await waiting.aclose()


async def _connect_for_ever(it: Wire) -> None:
    while True:
        await (await it.connect()).aclose()


@pytest.mark.parametrize(
    "changes",
    [
        {"port": -1},
        {"port": 65535},
        {"end_of_pages": 404},
        {"jpeg_quality": 0},
        {"log_level": 31},
        {"buffer_bytes": -1},
        {"exit_when_idle": 0},
        {"access": "open"},
        {"compat": "x"},
        {"allow_origin": ("*",)},
        {"token": "short"},
        {"trust_network": ("10.0.0.0/8",), "access": "locked"},
        {"trust_network": ("nonsense",)},
    ],
)
def test_configuration_that_makes_no_sense(changes: dict[str, object], tmp_path: Path) -> None:
    """Each is refused with a ValueError before anything starts."""
    with pytest.raises(ValueError, match=r"."):
        ServerConfig(tmp_path, **changes)  # type: ignore[arg-type]  # that is the point


@pytest.mark.parametrize(
    "origin",
    [
        "https://app.example:8443",
        "http://[fd00::1]:3000",
        "null",
        "file://",
        "chrome-extension://abcdefghijklmnop",
        "moz-extension://5c2d0c5e-1b1c-4b52-8f0e-6f5f0e3d7a11",
        "dynamic-web-twain.net://QUJDRA==",
    ],
)
def test_origins_that_clients_send(origin: str, tmp_path: Path) -> None:
    """Whatever a browser, an extension or the .NET client sends as its Origin can be allowed (S-038)."""
    assert ServerConfig(tmp_path, allow_origin=(origin,)).allow_origin == (origin,)


async def test_beyond_loopback_there_is_a_token(tmp_path: Path) -> None:
    """A service that other machines can reach makes a token and puts it into its ready file and its announcement, a loopback one has none."""
    said: list[str] = []
    for host, wanted in (("0.0.0.0", True), ("127.0.0.1", False)):
        config = ServerConfig(tmp_path, port=0, host=host)
        async with trio.open_nursery() as nursery:

            async def start(
                config: ServerConfig, task_status: trio.TaskStatus[Ready] = trio.TASK_STATUS_IGNORED
            ) -> None:
                await serve(config, announce=said.append, task_status=task_status)

            ready = await nursery.start(start, ServerConfig(config.data_dir, port=0, host=host, drivers=()))
            assert (ready.token is not None) is wanted
            await trio.lowlevel.checkpoint()
            assert any(str(ready.token) in line for line in said) is wanted
            nursery.cancel_scope.cancel()
