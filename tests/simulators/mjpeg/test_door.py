"""The MJPEG door: one camera for many, each with the latest frame, and a typed answer to whatever is wrong."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
import simplejpeg
import trio

from device_protocol import Code, Fault, FaultKind
from sheets.test_card import Seen, judge, read_frame
from simulators.devices_file import LabSpec
from simulators.mjpeg import Door, DoorConfig, open_door
from simulators.mjpeg.http import BOUNDARY, Limits
from tests.simulators.benches import flatbed
from tests.simulators.cameras.eyes import camera

LIMITS = Limits()


@asynccontextmanager
async def door(limits: Limits = LIMITS) -> AsyncIterator[Door]:
    """A door with two cameras, of which the second refuses, and a scanner, which it does not show."""
    refusing = replace(camera(habits={"shutter": "refuses", "shutter_closed": True}), id="shy")
    async with open_door(DoorConfig(limits=limits), LabSpec((camera(), refusing, flatbed()))) as opened:
        yield opened


async def connect(opened: Door) -> trio.SocketStream:
    """A connection to *opened*."""
    return await trio.open_tcp_stream("127.0.0.1", int(opened.url.rpartition(":")[2]))


async def ask(opened: Door, request: str) -> tuple[int, dict[str, str], bytes]:
    """The answer to one request that is not a stream: status, headers, body."""
    stream = await connect(opened)
    async with stream:
        await stream.send_all(request.encode("latin-1"))
        data = b"".join([chunk async for chunk in stream])
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    return int(lines[0].split()[1]) if lines[0] else 0, headers, body


def get(path: str, host: str = "127.0.0.1", method: str = "GET") -> str:
    """A request."""
    return f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n\r\n"


async def look(opened: Door, name: str, count: int) -> list[bytes]:
    """The next *count* files of a stream."""
    async with await connect(opened) as stream:
        await stream.send_all(f"GET /{name} HTTP/1.0\r\n\r\n".encode())  # without chunks
        data, files = b"", list[bytes]()
        async for chunk in stream:
            data += chunk
            while (
                at := data.find(b"\r\n\r\n", data.find(f"--{BOUNDARY}".encode()))
            ) >= 0 and b"Content-Length" in data[:at]:
                length = int(data[:at].rpartition(b"Content-Length: ")[2].split(b"\r\n")[0])
                if len(data) < at + 4 + length:
                    break
                files.append(data[at + 4 : at + 4 + length])
                data = data[at + 4 + length :]
                if len(files) == count:
                    return files
    return files


async def test_a_stream_has_every_frame() -> None:
    """Whoever keeps up gets every frame, whole, once and in order."""
    async with door() as opened:
        files = await look(opened, "cam", 6)
    found = judge(Seen(read_frame(simplejpeg.decode_jpeg(file))) for file in files)
    assert found.clean
    assert found.frames == 6
    assert found.rate == pytest.approx(20, rel=0.05)


async def test_many_share_a_camera_and_a_slow_one_hurts_nobody() -> None:
    """Three look at once, while a fourth takes nothing: the three miss no frame, and the camera is opened once."""
    async with door() as opened:
        lazy = await connect(opened)
        await lazy.send_all(get("/cam").encode())
        seen: list[list[bytes]] = []

        async def one() -> None:
            seen.append(await look(opened, "cam", 5))

        async with trio.open_nursery() as nursery:
            for _ in range(3):
                nursery.start_soon(one)
        await lazy.aclose()
        for files in seen:
            assert judge(Seen(read_frame(simplejpeg.decode_jpeg(file))) for file in files).drops == 0
        report = await (await opened.backend.control("cam")).perform("report")
        assert report["client"]["sessions"] == 1


async def test_a_snapshot_says_which_frame_it_is() -> None:
    """A snapshot is a JPEG with its sequence and time in the headers; at /snapshot.jpg it is of the first camera."""
    async with door() as opened:
        for path in ("/cam/snapshot.jpg", "/snapshot.jpg"):
            status, headers, body = await ask(opened, get(path))
            assert (status, headers["content-type"]) == (200, "image/jpeg")
            assert read_frame(simplejpeg.decode_jpeg(body)).number == int(headers["x-sequence"])
            assert float(headers["x-timestamp"]) >= 0


async def test_the_list_and_the_index() -> None:
    """The list has each camera with its modes, and no scanner; the index links to each; HEAD has no body."""
    async with door() as opened:
        _, _, body = await ask(opened, get("/cameras.json"))
        listed = json.loads(body)
        assert [item["name"] for item in listed["cameras"]] == ["cam", "shy"]
        assert listed["cameras"][0]["modes"][0] == {"format": "RGB3", "size": "320x180", "rates": [10.0]}
        status, headers, page = await ask(opened, get("/"))
        assert (status, b'href="/cam"' in page, headers["content-type"]) == (200, True, "text/html; charset=utf-8")
        assert (await ask(opened, get("/cameras.json", method="HEAD")))[2] == b""


async def test_a_refusal_is_told_and_can_end() -> None:
    """A camera whose shutter is closed answers 403 with the code, and streams once somebody has opened it."""
    async with door() as opened:
        for path in ("/shy", "/shy/snapshot.jpg"):
            status, _, body = await ask(opened, get(path))
            assert (status, Code.ACCESS_DENIED.value.encode() in body) == (403, True)
        await (await opened.backend.control("shy")).perform("open-shutter")
        assert (await ask(opened, get("/shy/snapshot.jpg")))[0] == 200


async def test_an_unplugged_camera_ends_its_streams_alone() -> None:
    """A stream ends when its camera is unplugged, a new one is answered 404; plugged in again it streams."""
    async with door() as opened:
        control = await opened.backend.control("cam")
        ended = trio.Event()

        async def watch() -> None:
            await look(opened, "cam", 10_000)
            ended.set()

        async with trio.open_nursery() as nursery:
            nursery.start_soon(watch)
            await look(opened, "cam", 1)
            await control.perform("unplug")
            await ended.wait()
        assert (await ask(opened, get("/cam")))[0] == 404
        await control.perform("replug")
        assert len(await look(opened, "cam", 2)) == 2


@pytest.mark.parametrize(
    ("fault", "status"), [(Fault(FaultKind.CRASH), 500), (Fault(FaultKind.HANG), 504), (Fault(FaultKind.BUSY), 503)]
)
async def test_a_camera_in_trouble_is_nobody_elses(fault: Fault, status: int) -> None:
    """A crash, a hang and a camera in use are answered with a status each, while another camera streams on."""
    two = LabSpec((camera(fault), replace(camera(), id="other")))
    async with open_door(DoorConfig(limits=Limits(frame_s=0.5)), two) as opened:
        assert (await ask(opened, get("/cam/snapshot.jpg")))[0] == status
        assert len(await look(opened, "other", 2)) == 2


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (get("/nobody"), 404),
        (get("/cam/further"), 404),
        (get("/%zz"), 404),
        (get("//["), 404),
        (get("/cam", method="POST"), 405),
        (get("/cam", host="evil.example"), 403),
        ("GET /cam HTTP/1.1\r\n\r\n", 400),
        ("nonsense\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + "x" * 20_000, 431),
    ],
)
async def test_bad_requests(request_: str, status: int) -> None:
    """Each is answered with its status, and the door goes on."""
    async with door() as opened:
        assert (await ask(opened, request_))[0] == status
        assert (await ask(opened, get("/cameras.json")))[0] == 200


async def test_limits() -> None:
    """One connection too many is answered 503; one that says nothing is closed."""
    async with door(Limits(connections=2, idle_s=0.05)) as opened:
        first, second = await connect(opened), await connect(opened)
        await first.send_all(get("/cam").encode())
        await second.send_all(get("/cam").encode())
        await first.receive_some(10)
        await second.receive_some(10)
        status, headers, _ = await ask(opened, get("/cameras.json"))
        assert (status, headers["retry-after"]) == (503, "1")
        await first.aclose()
        await second.aclose()
        silent = await connect(opened)
        assert await silent.receive_some(10) == b""
        await silent.aclose()
