"""The accept loop in the same trio run, with two seats: who gets in, who is sent away, and who gives way (S-073; decision 27)."""

from __future__ import annotations

import errno
import socket
from pathlib import Path

import pytest
import trio
import trio.testing

from reference_server.config import Limits
from reference_server.wire import exchange
from reference_server.wire.connections import Connection, Connections
from reference_server.wire.descriptors import budget
from reference_server.wire.doorway import SWAMPED, SWAMPED_SECONDS, Doorway
from tests.reference_server.client import JOBS
from tests.reference_server.secure_wire import open_tls, running, trusting
from tests.reference_server.wire import read_answer, read_head, wire

TWO_SEATS = Limits(connections=2)
UNFINISHED = f"POST {JOBS} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n".encode()
SECONDS = 10.0
QUIET_SECONDS = 0.1
"""The service has taken what was sent when nothing has happened for so long."""


def request(method: str, path: str) -> bytes:
    """A whole request without a body."""
    return f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


async def test_without_a_seat(tmp_path: Path) -> None:
    """Two clients that send bodies slowly have the seats: what never waits is served, once for each connection; the rest is 503, also of one that hesitates."""
    async with wire(tmp_path, limits=TWO_SEATS) as it:
        taken = [await it.connect() for _ in range(2)]
        for stream in taken:
            await stream.send_all(UNFINISHED)
        await trio.testing.wait_all_tasks_blocked(QUIET_SECONDS)
        with trio.fail_after(SECONDS):
            hesitating = await it.connect()
            await trio.testing.wait_all_tasks_blocked(QUIET_SECONDS)
            for method, path, wanted in (
                ("GET", "/api/server/version", 200),
                ("GET", f"{JOBS}/x", 404),
                ("OPTIONS", "/api/server", 204),
                ("GET", "/api/server", 503),
                ("GET", "/api/device/scanners", 503),
                ("GET", f"{JOBS}/x/next-page", 503),
                ("DELETE", "/DWTAPI/ScanJobs/x", 404),
                ("GET", "/DWTAPI/ScanJobs/x/NextDocument", 503),
                ("POST", JOBS, 503),
            ):
                async with await it.connect() as stream:
                    await stream.send_all(request(method, path))
                    status, headers, _ = await read_head(stream)
                    assert status == wanted, (method, path)
                    assert headers["connection"] == "close"
                    assert ("retry-after" in headers) is (status == 503)
            await hesitating.send_all(request("GET", "/api/device/scanners"))
            assert (await read_answer(hesitating))[0] == 503
            for stream in (*taken, hesitating):
                await stream.aclose()


async def test_without_a_seat_behind_tls(tmp_path: Path) -> None:
    """The same behind TLS, where the first bytes cannot be read: the handshake is made, and the request is refused in HTTP."""
    async with running(tmp_path, limits=TWO_SEATS) as ready:
        port = int(str(ready.https).rsplit(":", 1)[1])
        context = trusting(ready.ca)
        taken = [await open_tls(port, context, "localhost") for _ in range(2)]
        for stream in taken:
            await stream.send_all(UNFINISHED)
        await trio.testing.wait_all_tasks_blocked(QUIET_SECONDS)
        with trio.fail_after(SECONDS):
            for path, wanted in (("/api/server/version", 200), ("/api/device/scanners", 503)):
                stream = await open_tls(port, context, "localhost")
                await stream.send_all(request("GET", path))
                assert (await read_head(stream))[0] == wanted
                await trio.aclose_forcefully(stream)
        for stream in taken:
            await trio.aclose_forcefully(stream)


async def test_a_body_that_trickles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that makes less than its least rate is 408 long before its deadline, although bytes keep coming; one that makes it is waited for."""
    monkeypatch.setattr(exchange, "RATE_SECONDS", 1.0)
    async with wire(tmp_path, limits=Limits(body_rate=20)) as it:
        for pause, wanted in ((0.1, 408), (0.005, 400)):
            stream = await it.connect()
            await stream.send_all(f"POST {JOBS} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 300\r\n\r\n".encode())

            async def trickle(stream: trio.SocketStream = stream, pause: float = pause) -> None:
                try:
                    for _ in range(300):
                        await stream.send_all(b"x")
                        await trio.sleep(pause)
                except (trio.BrokenResourceError, trio.ClosedResourceError):
                    return

            with trio.fail_after(SECONDS):
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(trickle)
                    assert (await read_answer(stream))[0] == wanted
                    nursery.cancel_scope.cancel()
            await stream.aclose()


async def test_without_descriptors() -> None:
    """When something else has used up all descriptors, accepting waits instead of spinning, an idle connection gives way, and it goes on afterwards."""
    connections = Connections(budget(64, Limits()), 10)
    served = trio.Event()

    class Full:
        """A listening socket whose accept fails a few times."""

        left = 3
        tried = 0

        def __init__(self, sock: socket.socket) -> None:
            self.sock = sock

        def __getattr__(self, name: str) -> object:
            return getattr(self.sock, name)

        def accept(self) -> tuple[socket.socket, object]:
            self.tried += 1
            if self.left:
                self.left -= 1
                raise OSError(errno.EMFILE, "Too many open files")
            return self.sock.accept()

    async def serve_one(_stream: trio.SocketStream, _connection: Connection) -> None:
        served.set()

    with socket.socket() as listener, socket.socket() as idle, socket.socket() as client:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.setblocking(False)
        full = Full(listener)
        connections.add(Connection(idle, trio.current_time()))
        async with trio.open_nursery() as nursery:
            doorway = Doorway(listener, connections, serve_one, nursery, peek=True)
            doorway._sock = full  # type: ignore[assignment]  # that is the point
            client.connect(listener.getsockname())
            client.sendall(request("GET", "/"))
            begun = trio.current_time()

            nursery.start_soon(doorway.run)
            with trio.fail_after(SECONDS):
                await served.wait()
            assert idle.fileno() == -1, "the idle one had to go"
            assert trio.current_time() - begun > 0.1
            assert full.tried < 10
            nursery.cancel_scope.cancel()


async def test_swamped() -> None:
    """While new connections come faster than they are served, and have for a while, only what never waits is served; when the queue was empty again, all is."""
    connections = Connections(budget(1024, Limits()), 10)
    served: list[bytes] = []
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(100)
        listener.setblocking(False)

        async def serve_one(stream: trio.SocketStream, _connection: Connection) -> None:
            served.append(bytes(await stream.receive_some(4)))

        def come(path: str) -> socket.socket:
            client = socket.create_connection(listener.getsockname())
            client.sendall(request("GET", path))
            return client

        async with trio.open_nursery() as nursery:
            doorway = Doorway(listener, connections, serve_one, nursery, peek=True)
            doorway._behind_since, doorway._behind = trio.current_time() - 2 * SWAMPED_SECONDS, SWAMPED
            clients = [come("/api/device/scanners"), come("/api/server/version")]
            nursery.start_soon(doorway.run)
            with trio.fail_after(SECONDS):
                assert await trio.to_thread.run_sync(clients[0].recv, 12) == b"HTTP/1.1 503"
                while not served:  # noqa: ASYNC110  # another task of this run serves
                    await trio.sleep(0.01)
                clients.append(come("/api/device/scanners"))
                while len(served) < 2:  # noqa: ASYNC110  # the same
                    await trio.sleep(0.01)
            assert connections.refused == 1
            nursery.cancel_scope.cancel()
        for client in clients:
            client.close()
