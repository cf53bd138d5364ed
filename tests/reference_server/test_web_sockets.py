"""The upgrade under the access table, and WebSockets over real connections that behave as badly as they can (design 6, S-073, decision 0021)."""

from __future__ import annotations

import gc
import itertools
import json
import signal
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
import structlog
import trio
from trio_websocket import open_websocket_url

from device_protocol.testing import Jumper, run
from reference_server.access.table import Doing, Facts, HostName, Origin, Peer, Site, decide
from reference_server.config import Limits
from reference_server.log import start_logging
from reference_server.modes import AccessMode
from reference_server.web_sockets import stream as stream_module
from reference_server.wire import sockets
from tests.reference_server.client import JOBS, lab
from tests.reference_server.fakes import FakeHost, Script
from tests.reference_server.socket_client import EVENTS, JOB_SOCKET, talk
from tests.reference_server.test_access import HOSTS, ORIGINS, PEERS, SITES, TOKEN, changes
from tests.reference_server.wire import Wire, read_head, wire

KEY = "dGhlIHNhbXBsZSBub25jZQ=="


async def upgrade(it: Wire, path: str, *lines: str) -> trio.SocketStream:
    """A connection on which an upgrade was asked for."""
    return await ask_upgrade(await it.connect(), path, *lines)


async def ask_upgrade(stream: trio.SocketStream, path: str, *lines: str) -> trio.SocketStream:
    """Ask for an upgrade on a connection."""
    head = [
        f"GET {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Upgrade: websocket",
        "Connection: keep-alive, Upgrade",
        f"Sec-WebSocket-Key: {KEY}",
        "Sec-WebSocket-Version: 13",
        *lines,
    ]
    await stream.send_all("\r\n".join([*head, "", ""]).encode())
    return stream


def masked(opcode: int, payload: bytes, *, first: int = 0x80) -> bytes:
    """A frame of a client with a mask of zeros."""
    size = len(payload)
    if size < 126:
        return bytes([first | opcode, 0x80 | size]) + bytes(4) + payload
    long = size >= 1 << 16
    return bytes([first | opcode, 0xFF if long else 0xFE]) + size.to_bytes(8 if long else 2, "big") + bytes(4) + payload


async def close_code(stream: trio.SocketStream, have: bytes = b"") -> int | None:
    """The code of the close frame at the end of what the service sends; None when there is none."""
    data = have
    while True:
        while len(data) >= 2:
            opcode, size, offset = data[0] & 15, data[1] & 127, 2
            if size == 126:
                size, offset = int.from_bytes(data[2:4], "big"), 4
            if len(data) < offset + size:
                break
            if opcode == 8:
                return int.from_bytes(data[offset : offset + 2], "big")
            data = data[offset + size :]
        try:
            part = await stream.receive_some(1 << 16)
        except trio.BrokenResourceError:
            return None
        if not part:
            return None
        data += part


async def its_end(stream: trio.SocketStream) -> None:
    """Wait until the service closes the connection; it must do so soon."""
    with trio.fail_after(5):
        while await stream.receive_some(1000):
            pass


@pytest.mark.parametrize("mode", AccessMode)
def test_the_matrix_of_upgrades(mode: AccessMode, tmp_path: Path) -> None:
    """Every combination of facts is decided for an upgrade as for a request: accepted, or refused with 403 -2137 before it is accepted."""

    async def main() -> None:
        def other(client: tuple[str, int], _server: tuple[str, int]) -> bool | None:
            return False if client[0] == "127.0.0.9" else None

        async with lab(tmp_path, token=TOKEN, same_user=other, **changes(mode)) as it:
            for peer, host, origin, site in itertools.product(Peer, HostName, Origin, Site):
                if peer is (Peer.TRUSTED if mode is AccessMode.LOCKED else Peer.OTHER_USER):
                    continue  # refused by the configuration already, or not asked in this mode
                row = decide(Facts(mode, peer, host, origin, site, Doing.OTHER))
                address, authorization = PEERS[peer]
                it.client.peer, it.client.host = (address, 50000), HOSTS[host][0]
                named = {"Authorization": authorization, "Origin": ORIGINS[origin][0], "Sec-Fetch-Site": SITES[site][0]}
                headers = {name: value for name, value in named.items() if value is not None}
                async with talk(it.client, EVENTS, headers=headers) as stream:
                    where = (peer, host, origin, site, row.name)
                    assert stream.status == (101 if row.allow else 403), where
                    if not row.allow:
                        assert json.loads(stream.body)["code"] == -2137
                        assert (row.flag in stream.body.decode()) == row.flag.startswith("--"), where

    run(main, clock=Jumper())


def test_the_log_of_an_upgrade(tmp_path: Path) -> None:
    """A refused upgrade is in the log as a refused request is; an accepted one has a line at each end; a token that came as a subprotocol is in neither."""
    before = structlog.get_config()

    async def main() -> None:
        async with lab(tmp_path, token=TOKEN, log_level=30) as it:
            file = start_logging(tmp_path / "server.log", it.service.log_level)
            async with talk(it.client, EVENTS, headers={"Origin": "https://evil.example"}) as stream:
                assert stream.status == 403
            it.client.peer, it.client.host = ("192.0.2.1", 50000), "localhost"
            for protocols, status in (
                (("flatbed.events.v1",), 403),
                (("flatbed.events.v1", f"flatbed.bearer.{TOKEN[:-1]}"), 403),
                (("flatbed.events.v1", f"flatbed.bearer.{TOKEN}"), 101),
            ):
                async with talk(it.client, EVENTS, protocols=protocols) as stream:
                    assert stream.status == status
                    assert stream.subprotocol == ("flatbed.events.v1" if status == 101 else None)
            file.close()

    try:
        run(main, clock=Jumper())
    finally:
        structlog.configure(**before)
    text = (tmp_path / "server.log").read_text()
    assert TOKEN[:-1] not in text
    lines = [json.loads(line) for line in text.splitlines()]
    refused = [line for line in lines if line["event"] == "refused"]
    assert refused[0]["origin"] == "https://evil.example"
    assert refused[0]["flag"] == "--allow-origin"
    assert [line["status"] for line in lines if line["event"] == "request"] == [403, 403, 403, 101]
    assert [line["reason"] for line in lines if line["event"] == "websocket closed"] == ["the client left"]


@pytest.mark.parametrize(
    ("path", "protocols", "status"),
    [
        (EVENTS, (), 101),
        (EVENTS, ("flatbed.events.v1",), 101),
        (EVENTS, ("other", "flatbed.events.v1"), 101),
        (EVENTS, ("other",), 400),
        (EVENTS, ("dwt_command",), 101),
        ("//api//flatbed/events", (), 101),
        (JOB_SOCKET, ("flatbed.job.v1",), 101),
        (JOB_SOCKET, (), 400),
        (JOB_SOCKET, ("flatbed.events.v1",), 400),
        ("/", ("dwt_command",), 101),
        ("/", (), 404),
        ("/api", ("flatbed.job.v1",), 404),
        (JOBS, ("flatbed.job.v1",), 404),
        ("/api/flatbed/../flatbed/events", (), 404),
    ],
)
def test_what_can_be_had_where(path: str, protocols: tuple[str, ...], status: int, tmp_path: Path) -> None:
    """Each WebSocket answers on its path to its subprotocol and to no other; a refusal is a JSON error that names what there is."""

    async def main() -> None:
        async with lab(tmp_path) as it, talk(it.client, path, protocols=protocols) as stream:
            assert stream.status == status
            if status == 101:
                assert stream.subprotocol in {*protocols, None}
                assert (stream.subprotocol is None) == (not protocols)
            else:
                error = json.loads(stream.body)
                assert (error["statusCode"], error["code"]) == (status, -2113)
                assert stream.headers["content-type"] == "application/json"

    run(main, clock=Jumper())


def test_guessed_jobs_count_as_guesses(tmp_path: Path) -> None:
    """Who tries job UIDs over WebSocket meets the same limit as over HTTP: 429 before the upgrade (S-073)."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            statuses = []
            for _ in range(80):
                async with talk(it.client, JOB_SOCKET, protocols=("flatbed.job.v1",)) as guess:
                    statuses.append(guess.status)
                    if guess.status == 101:
                        await guess.say('{"jobuid": "00000000-0000-0000-0000-000000000000", "method": "subscribe"}')
                        await guess.ended.wait()
            assert statuses[0] == 101
            assert statuses[-1] == 429

    run(main, clock=Jumper())


async def test_foreign_pages_over_the_wire(tmp_path: Path) -> None:
    """The handshake of a page of a foreign origin is answered with 403 and a body that says why, and the connection is closed (S-073)."""
    async with wire(tmp_path) as it, await upgrade(it, EVENTS, "Origin: https://evil.example") as stream:
        status, headers, body = await read_head(stream)
        while len(body) < int(headers["content-length"]):
            body += await stream.receive_some(1000)
        assert (status, json.loads(body)["code"]) == (403, -2137)
        await its_end(stream)


@pytest.mark.parametrize(
    ("lines", "status"),
    [(("Sec-WebSocket-Version: 8",), 400), (("Content-Length: 5",), 400)],
)
async def test_broken_upgrades_do_not_stay(lines: tuple[str, ...], status: int, tmp_path: Path) -> None:
    """An upgrade that is none is refused and its connection ends, whatever the client does or does not do then."""
    async with wire(tmp_path) as it, await it.connect() as stream:
        head = [
            f"GET {EVENTS} HTTP/1.1",
            "Host: 127.0.0.1",
            "Upgrade: websocket",
            "Connection: Upgrade",
            *(["Sec-WebSocket-Version: 13"] if "8" not in lines[0] else []),
            *lines,
        ]
        await stream.send_all("\r\n".join([*head, "", ""]).encode())
        assert (await read_head(stream))[0] == status
        await its_end(stream)


async def test_messages_that_are_too_long(tmp_path: Path) -> None:
    """A message beyond 64 kB is closed with 1009, in one frame or in fragments; however much follows, the service does not grow, and serves the next client."""
    async with wire(tmp_path) as it:
        for fragmented in (False, True):
            stream = await upgrade(it, JOB_SOCKET, "Sec-WebSocket-Protocol: flatbed.job.v1")
            status, _, rest = await read_head(stream)
            assert status == 101
            gc.collect()
            before = _resident()
            block = b"x" * 60_000
            sent = 0
            try:
                for number in range(400):
                    first = 0 if fragmented else 0x80
                    frame = masked(0 if fragmented and number else 1, block if fragmented else block * 2, first=first)
                    await stream.send_all(frame)
                    sent += len(frame)
            except trio.BrokenResourceError:
                pass
            assert _resident() - before < 20 << 20
            with trio.fail_after(10):
                code = await close_code(stream, rest)
            assert code in {1009, None}, "None: what was still on its way made the kernel drop the frame"
            await stream.aclose()
        stream = await upgrade(it, JOB_SOCKET, "Sec-WebSocket-Protocol: flatbed.job.v1")
        await read_head(stream)
        await stream.send_all(masked(1, b"x" * 65_000) + masked(1, b"y" * 600))
        with trio.fail_after(10):
            assert await close_code(stream) == 4400, "one that is short enough is read"
        await stream.aclose()
        stream = await upgrade(it, JOB_SOCKET, "Sec-WebSocket-Protocol: flatbed.job.v1")
        await read_head(stream)
        await stream.send_all(masked(1, b"x" * 66_000))
        with trio.fail_after(10):
            assert await close_code(stream) == 1009
        await stream.aclose()


async def test_no_compression_bombs(tmp_path: Path) -> None:
    """Compression that a client offers is not taken up, so that nothing can unpack; a compressed frame all the same is closed with 1002."""
    async with wire(tmp_path) as it:
        offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"
        stream = await upgrade(it, JOB_SOCKET, "Sec-WebSocket-Protocol: flatbed.job.v1", offer)
        status, headers, rest = await read_head(stream)
        assert (status, headers.get("sec-websocket-extensions")) == (101, None)
        packer = zlib.compressobj(wbits=-15)
        bomb = packer.compress(bytes(40 << 20)) + packer.flush(zlib.Z_SYNC_FLUSH)[:-4]
        gc.collect()
        before = _resident()
        await stream.send_all(masked(1, bomb, first=0xC0))
        with trio.fail_after(10):
            assert await close_code(stream, rest) == 1002
        assert _resident() - before < 20 << 20
        await stream.aclose()


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (masked(1, b"\xff\xfe"), 1007),
        (b"\x81\x05hello", 1002),
        (masked(3, b"x"), 1002),
        (masked(9, b"x" * 126), 1002),
        (masked(0, b"x"), 1002),
        (masked(2, b"x"), 1003),
        (masked(8, b""), 1005),
        (masked(8, b"\x03\xe8bye"), 1000),
    ],
    ids=["utf-8", "unmasked", "opcode", "long ping", "continuation", "binary", "close", "close with code"],
)
async def test_frames_that_are_none(frame: bytes, code: int, tmp_path: Path) -> None:
    """What breaks the protocol is closed with the code that the protocol has for it, and a close is answered; then the connection ends (RFC 6455 7.4)."""
    async with wire(tmp_path) as it:
        async with await upgrade(it, JOB_SOCKET, "Sec-WebSocket-Protocol: flatbed.job.v1") as stream:
            await read_head(stream)
            await stream.send_all(frame)
            with trio.fail_after(10):
                got = await close_code(stream)
        assert got == code or (code == 1005 and got == 0), "1005 is never sent: that close has no code"
        assert (await it.ask("GET", "/api/server/version"))[0] == 200


async def test_who_stays_after_a_mistake(tmp_path: Path) -> None:
    """A client that does not take part in the close that its mistake led to does not keep its connection, whatever it sends meanwhile."""
    async with wire(tmp_path) as it, await upgrade(it, JOB_SOCKET, "Sec-WebSocket-Protocol: flatbed.job.v1") as stream:
        await read_head(stream)
        await stream.send_all(masked(3, b"x"))
        with trio.fail_after(10):
            assert await close_code(stream) == 1002
            with suppress(trio.BrokenResourceError):
                for _ in range(20):
                    await stream.send_all(masked(1, b"more") * 100)
                await its_end(stream)


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [(f"{EVENTS}?since={'1' * 9000}", {}, 414), (EVENTS, {f"x-{number}": "1" for number in range(300)}, 431)],
)
def test_heads_that_no_client_sends(path: str, headers: dict[str, str], status: int, tmp_path: Path) -> None:
    """The rules for heads of requests hold for upgrades too."""

    async def main() -> None:
        async with lab(tmp_path) as it, talk(it.client, path, headers=headers) as stream:
            assert stream.status == status

    run(main, clock=Jumper())


async def test_faults_of_the_service_reach_upgrades(tmp_path: Path) -> None:
    """A service that shall drop every connection drops upgrades too, so that an application can be tested against it (S-091)."""
    async with wire(tmp_path, faults=("drop:requests=0",)) as it, await upgrade(it, EVENTS) as stream:
        await its_end(stream)


@pytest.mark.slow
async def test_pings_want_an_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that answers pings stays; one that does not is closed with 1011 and gives its place back."""
    monkeypatch.setattr(stream_module, "PING_SECONDS", 0.2)
    async with (
        wire(tmp_path, limits=Limits(sockets=2)) as it,
        open_websocket_url(f"ws://127.0.0.1:{it.port}{EVENTS}") as alive,
    ):
        await alive.get_message()
        async with await upgrade(it, EVENTS) as dead:
            _, _, rest = await read_head(dead)
            with trio.fail_after(10):
                assert await close_code(dead, rest) == 1011
        async with open_websocket_url(f"ws://127.0.0.1:{it.port}{EVENTS}") as other:
            await other.get_message()
        await it.create()
        assert json.loads(await alive.get_message())["type"] in {"job.created", "device.arrived"}


@pytest.mark.slow
async def test_a_client_that_never_reads(tmp_path: Path) -> None:
    """A reader that takes nothing is given up after the stall limit, its connection is cut and its place is free."""
    host = FakeHost({"virtual:feeder": Script(pages=50, page_bytes=10)})
    async with wire(tmp_path, host, limits=Limits(stall_seconds=0.5, sockets=1)) as it:
        sock = trio.socket.socket()
        sock.setsockopt(trio.socket.SOL_SOCKET, trio.socket.SO_RCVBUF, 4096)  # soon full
        await sock.connect(("127.0.0.1", it.port))
        asleep = await ask_upgrade(trio.SocketStream(sock), EVENTS)
        await read_head(asleep)
        with trio.fail_after(30):
            free = False
            while not free:
                job = await it.create()
                while json.loads((await it.ask("GET", job))[1])["status"] == "running":
                    pass
                await it.ask("DELETE", job)
                probe = await upgrade(it, EVENTS)
                free = (await read_head(probe))[0] == 101
                await probe.aclose()
        await asleep.aclose()


@pytest.mark.slow
async def test_a_reader_who_dozes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that does not read while more happens than is kept gets, when it reads again, what was on its way and then 1013, which says how to go on."""
    monkeypatch.setattr(sockets, "SEND_BUFFER", 4096)  # soon full
    host = FakeHost({"virtual:feeder": Script(pages=100, page_bytes=10)})
    async with wire(tmp_path, host, limits=Limits(events=64)) as it:
        sock = trio.socket.socket()
        sock.setsockopt(trio.socket.SOL_SOCKET, trio.socket.SO_RCVBUF, 4096)
        await sock.connect(("127.0.0.1", it.port))
        async with await ask_upgrade(trio.SocketStream(sock), EVENTS) as dozing:
            _, _, rest = await read_head(dozing)
            for _ in range(4):
                job = await it.create()
                while json.loads((await it.ask("GET", job))[1])["status"] == "running":
                    pass
                await it.ask("DELETE", job)
            with trio.fail_after(10):
                assert await close_code(dozing, rest) == 1013


async def test_a_flood_of_connections(tmp_path: Path) -> None:
    """Three hundred clients want the stream at once: a hundred get it, the others get 503 at once; others are served, and all is free when they leave."""
    async with wire(tmp_path, limits=Limits(sockets=100, sockets_per_origin=100)) as it:
        statuses: list[int] = []
        streams: list[trio.SocketStream] = []

        async def one() -> None:
            stream = await upgrade(it, EVENTS)
            streams.append(stream)
            statuses.append((await read_head(stream))[0])

        with trio.fail_after(20):
            async with trio.open_nursery() as nursery:
                for _ in range(300):
                    nursery.start_soon(one)
            assert sorted(statuses) == [101] * 100 + [503] * 200
            assert (await it.ask("GET", "/api/server/version"))[0] == 200
            for stream in streams:
                await stream.aclose()
            for _ in range(50):
                probe = await upgrade(it, EVENTS)
                status = (await read_head(probe))[0]
                await probe.aclose()
                if status == 101:
                    break
            assert status == 101


async def test_shutdown_over_the_wire(tmp_path: Path) -> None:
    """When the service ends, open WebSockets are closed with 1001 and hold nothing up."""
    codes: list[int | None] = []

    async def listen(stream: trio.SocketStream) -> None:
        async with stream:
            _, _, rest = await read_head(stream)
            codes.append(await close_code(stream, rest))

    with trio.fail_after(20):
        async with wire(tmp_path) as it:
            begun = trio.current_time()
            async with trio.open_nursery() as nursery:
                for _ in range(3):
                    nursery.start_soon(listen, await upgrade(it, EVENTS))
                await it.ask("GET", "/api/server/version")
                signal.raise_signal(signal.SIGTERM)
            assert trio.current_time() - begun < 5
    assert codes == [1001] * 3


def _resident() -> int:
    """Resident memory of this process in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
