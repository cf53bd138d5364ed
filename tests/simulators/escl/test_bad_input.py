"""Whatever a client sends, the door answers with a clear error, and other devices are undisturbed."""

from __future__ import annotations

from pathlib import Path

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from device_protocol.testing import Jumper, run
from simulators.escl import job
from simulators.escl.hosts import Hosts
from simulators.escl.http_server import HttpServer, Limits
from simulators.escl.markup import MarkupError, node, read, write
from simulators.escl.points import Answer, told
from simulators.escl.routes import Request
from simulators.escl.settings import read_settings
from tests.simulators.escl.clients import Client, client, control, jumping, settings

BOMB = (
    b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>"""
)
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>"""


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not xml",
        b"<a>",
        BOMB,
        OUTSIDE,
        b"<a/>",
        settings(source="Shelf"),
        settings(dpi="many"),
        settings(dpi="1e99"),
        settings(dpi="nan"),
        settings(width="-5"),
        settings()[:400],
        settings().replace(b"UTF-8", b"klingon"),
        b"<?xml version='1.0' encoding='UTF-16'?><a/>",
        b"\xff\xfe<\x00a\x00",
        b"<a>" * 300 + b"</a>" * 300,
        b"<a>" + b"<b/>" * 5000 + b"</a>",
    ],
)
async def test_bad_documents_are_400_and_start_nothing(body: bytes, tmp_path: Path) -> None:
    """Broken, hostile and senseless settings get 400 with a sentence; the scanner stays idle and works."""
    async with client(tmp_path) as one:
        reply = await one.ask("POST", "/eSCL/ScanJobs", body)
        assert reply.status == 400
        assert reply.body.startswith(b"Bad settings: ")
        assert (await one.ask("GET", "/eSCL/ScannerStatus")).text("State") == "Idle"
        assert len(await one.pages(await one.start())) == 3


async def test_documents_in_other_encodings_are_read(tmp_path: Path) -> None:
    """UTF-16 with its mark, and Latin-1 that says so, are good XML."""
    words = settings().decode()
    async with client(tmp_path) as one:
        for body in (
            words.replace("UTF-8", "UTF-16").encode("utf-16"),
            words.replace("UTF-8", "ISO-8859-1").encode("latin-1"),
        ):
            reply = await one.ask("POST", "/eSCL/ScanJobs", body)
            assert reply.status == 201, reply.body
            assert (
                await one.ask("DELETE", reply.headers["Location"].removeprefix("http://localhost:8290"))
            ).status == 200


@pytest.mark.parametrize(
    "changes",
    [{"mode": "RGB48"}, {"format": "image/x-photocd"}, {"source": "Platen"}],
    ids=["mode", "format", "source"],
)
async def test_what_the_device_cannot_do_is_409(changes: dict[str, str], tmp_path: Path) -> None:
    """A wish that is well said and cannot be had is refused with what there is (sane-escl 3.5)."""
    async with client(tmp_path) as one:
        reply = await one.ask("POST", "/eSCL/ScanJobs", settings(**changes))
        assert reply.status == 409
        assert reply.body.startswith(b"Refused: ")
        assert (await one.ask("GET", "/eSCL/ScannerStatus")).text("State") == "Idle"


async def test_fifty_megabytes_are_refused_unread(tmp_path: Path) -> None:
    """A body beyond the limit is 413 at its head, and without a length as soon as it is beyond; then the connection is closed."""
    async with client(tmp_path) as one:
        head = b"POST /eSCL/ScanJobs HTTP/1.1\r\nHost: localhost\r\n"
        assert (await one.raw(head + b"Content-Length: 52428800\r\n\r\n")).startswith(b"HTTP/1.1 413 ")
        chunk = b"ffff\r\n" + b" " * 0xFFFF + b"\r\n"
        assert (await one.raw(head + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 2)).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GARBAGE\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n", 505),
        (b"GET /eSCL/ScannerStatus HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 20000 + b"\r\n\r\n", 431),
        (b"GET /eSCL/ScannerStatus HTTP/1.1\r\n\r\n", 400),
        (b"GET /eSCL/ScannerStatus HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403),
        (b"POST /eSCL/ScanJobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n", 400),
        (b"POST /eSCL/ScanJobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 400),
        (b"GET http://[ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 404),
        (b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 404),
        (b"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 404),
        (b"GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 404),
        (b"BREW /eSCL/ScannerStatus HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 405),
        (b"DELETE /eSCL/ScannerStatus HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 405),
    ],
)
async def test_oddities_of_http(data: bytes, status: int, tmp_path: Path) -> None:
    """Each gets its status, in canonical HTTP, and the next client is served."""
    async with client(tmp_path) as one:
        assert (await one.raw(data)).startswith(b"HTTP/1.1 %d " % status)
        assert (await one.ask("GET", "/eSCL/ScannerStatus")).status == 200


async def test_ways_of_asking_that_are_right(tmp_path: Path) -> None:
    """HTTP/1.0 without Host, targets in absolute form, keep-alive, Expect, percent signs: all are answered."""
    async with client(tmp_path) as one:
        assert (await one.raw(b"GET /eSCL/ScannerStatus HTTP/1.0\r\n\r\n")).startswith(b"HTTP/1.1 200 OK\r\n")
        absolute = b"GET http://localhost/eSCL/ScannerStatus HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        assert (await one.raw(absolute)).startswith(b"HTTP/1.1 200 OK\r\n")
        for _ in range(3):
            assert (await one.ask("GET", "/%65SCL/ScannerStatus")).status == 200
        body = settings()
        head = f"POST /eSCL/ScanJobs HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        answer = await one.raw(head.encode() + body)
        assert answer.startswith(b"HTTP/1.1 100 ")
        assert b"HTTP/1.1 201 Created\r\n" in answer


@jumping
async def test_silent_and_slow_clients_are_left(tmp_path: Path) -> None:
    """Who says nothing, stops in a head or in a body, is closed within the limits."""
    async with client(tmp_path, limits=Limits(idle_s=30, request_s=20)) as one:
        body = b"POST /eSCL/ScanJobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n\r\n<a>"
        for begun in (b"G", b"GET /eSCL", body):
            began = trio.current_time()
            answer = await one.raw(begun)
            assert trio.current_time() - began <= 30
            assert answer == b"" or answer.startswith(b"HTTP/1.1 408 ")


async def test_too_many_connections_are_told(tmp_path: Path) -> None:
    """Beyond the limit a connection is answered 503 and closed; when others leave, there is room again."""
    async with client(tmp_path, limits=Limits(connections=3)) as one:
        others = [Client(one._door, one._nursery) for _ in range(3)]  # further connections to the same door
        for other in others:
            assert (await other.ask("GET", "/eSCL/ScannerStatus")).status == 200
        assert (await one.raw(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")).startswith(b"HTTP/1.1 503 ")
        await others[0].leave()
        await trio.testing.wait_all_tasks_blocked()
        assert (await one.ask("GET", "/eSCL/ScannerStatus")).status == 200


async def test_200_clients_at_once(tmp_path: Path) -> None:
    """All are answered, while a scan goes on undisturbed."""
    async with client(tmp_path) as one:
        job = await one.start()
        statuses: list[int] = []

        async def look() -> None:
            other = Client(one._door, one._nursery)  # a further connection to the same door
            statuses.append((await other.ask("GET", "/flatbed/eSCL/ScannerStatus")).status)
            await other.leave()

        async with trio.open_nursery() as nursery:
            for _ in range(200):
                nursery.start_soon(look)
            pages = await one.pages(job)
        assert statuses == [200] * 200
        assert len(pages) == 3


FRAGMENTS = (
    b"GET ",
    b"POST ",
    b"/eSCL/ScannerStatus",
    b" HTTP/1.1\r\n",
    b" HTTP/1.0\r\n",
    b"Host: localhost\r\n",
    b"Content-Length: 5\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Expect: 100-continue\r\n",
    b"Connection: close\r\n",
    b"\r\n",
    b"5\r\nhello\r\n",
    b"0\r\n\r\n",
    b"\x00\xff",
    b": ",
)


@given(st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.binary(max_size=8)), max_size=14).map(b"".join))
def test_any_bytes_at_the_front(data: bytes) -> None:
    """Whatever comes is answered by HTTP or not at all, and the connection ends within the limits; no defect of ours shows."""

    async def right(_: Request) -> Answer:
        return told(200, "fine")

    async def talk() -> bytes:
        ours, theirs = trio.testing.memory_stream_pair()
        answer = b""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(HttpServer(right, Hosts()).serve, theirs)
            await ours.send_all(data)
            with trio.fail_after(60):
                while part := await ours.receive_some(65536):
                    answer += part
        return answer

    answer = run(talk, clock=Jumper())
    assert not answer or answer.startswith(b"HTTP/1.1 ")
    assert b"HTTP/1.1 500" not in answer


async def test_pages_that_wait_are_few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The device waits for a client that does not fetch, by number and by size, and nothing of the pages is lost; a PDF that would be too large is an error."""
    monkeypatch.setattr(job, "AHEAD_BYTES", 1)
    async with client(tmp_path) as one:
        path = await one.start()
        await trio.testing.wait_all_tasks_blocked(0.05)
        assert next(iter(one._door.scanners.values()))._jobs[0].buffered == 1  # what a test alone may look at
        assert len(await one.pages(path)) == 3
        monkeypatch.setattr(job, "MAX_TOGETHER_BYTES", 10)
        await control(one, "feeder", "load", count=3)
        body = (
            settings()
            .replace(b"<scan:DocumentFormatExt>image/jpeg</scan:DocumentFormatExt>", b"")
            .replace(b"image/jpeg", b"application/pdf")
        )
        posted = await one.ask("POST", "/eSCL/ScanJobs", body)
        path = posted.headers["Location"].removeprefix("http://localhost:8290")
        reply = await one.ask("GET", f"{path}/NextDocument")
        assert reply.status == 500
        assert b"A document has at most" in reply.body


@given(st.binary(max_size=400))
def test_the_reader_of_xml_never_fails_otherwise(data: bytes) -> None:
    """Any bytes give a document or a MarkupError."""
    try:
        read(data)
    except MarkupError:
        return


@given(st.integers(0, 1400), st.binary(min_size=1, max_size=12))
def test_damaged_settings_are_read_or_refused(place: int, junk: bytes) -> None:
    """Settings with some bytes replaced give a wish or a MarkupError."""
    body = settings()
    try:
        read_settings(body[:place] + junk + body[place + len(junk) :])
    except MarkupError:
        return


@given(st.text(max_size=50))
def test_what_is_written_can_be_read(words: str) -> None:
    """Names of devices are hostile input too; a document with any text is well-formed."""
    found = read(write(node("scan:Name", words)))
    assert (found.text or "").isprintable() or found.text is not None
