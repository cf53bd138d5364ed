"""Hostile peers: what answers at the address of a scanner and means harm, or is none. Each is a verdict, in bounded time and memory."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace

import trio

from conformance.selftest.escl.build import LEGAL, Answering, Build, Serve
from device_protocol.vocabularies.escl import SCAN_NS
from simulators.escl.points import Answer
from simulators.escl.routes import Request
from simulators.escl.scanner import Scanner

PIECE = b"x" * 8000
DRIP_S = 5.0
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"
ROOT = f'<?xml version="1.0"?><scan:ScannerCapabilities xmlns:scan="{SCAN_NS}">'.encode()
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a0 "ha">'
    + b"".join(b'<!ENTITY a%d "%b">' % (n + 1, b"&a%d;" % n * 10) for n in range(9))
    + b"]><a>&a9;</a>"
)
DEEP = ROOT + b"<a>" * 100_000
TLS_ALERT = bytes.fromhex("15030300020246")


@dataclass(frozen=True)
class Hostile:
    """A peer that no client should meet.

    Attributes:
        name: for reports.
        what: what it does.
        requirement: an id by which it fails.
        build: how it is opened.
    """

    name: str
    what: str
    requirement: str
    build: Build


def _sends(pieces: Callable[[], Iterable[bytes]], pause: float = 0.0, *, close: bool = True) -> Serve:
    """Waits for a request, then sends."""

    async def serve(stream: trio.abc.Stream) -> None:
        try:
            if not await stream.receive_some(1 << 16):
                return
            for piece in pieces():
                await stream.send_all(piece)
                await trio.sleep(pause)
            if not close:
                await trio.sleep_forever()
        except trio.BrokenResourceError:
            return
        finally:
            with trio.CancelScope(shield=True):
                await stream.aclose()

    return serve


def _once(*pieces: bytes) -> Callable[[], Iterable[bytes]]:
    return lambda: pieces


def _for_ever(first: bytes, piece: bytes) -> Callable[[], Iterable[bytes]]:
    return lambda: itertools.chain([first], itertools.repeat(piece))


def _document(body: bytes) -> Serve:
    return _sends(_once(OK + b"Content-Length: %d\r\n\r\n" % len(body), body))


async def _hangs_up(stream: trio.abc.Stream) -> None:
    await stream.aclose()


async def _garbage(stream: trio.abc.Stream) -> None:
    """Does not wait for a request."""
    try:
        await stream.send_all(bytes(index * 7 % 251 for index in range(5000)))
    except trio.BrokenResourceError:
        return
    await stream.aclose()


class EndlessJob(Scanner):
    """Gives one page after the other, whatever lies on the glass."""

    page: Answer | None = None

    async def next_document(self, uid: str, client: str = "") -> Answer:
        """See :class:`Scanner`."""
        if self.page is None:
            answer = await super().next_document(uid, client)
            self.page = answer.but(done=None) if answer.status == 200 else None
            return answer
        return self.page


def _large_pages(size: int) -> Callable[[Answering], Answering]:
    """Pages have this size, of nothing."""

    def stand(answering: Answering) -> Answering:
        async def answer(request: Request) -> Answer:
            found = await answering(request)
            if request.target.endswith("/NextDocument") and found.status == 200:
                return found.but(body=bytes(size))
            return found

        return answer

    return stand


def _peer(name: str, what: str, requirement: str, serve: Callable[[trio.abc.Stream], Awaitable[None]]) -> Hostile:
    return Hostile(name, what, requirement, replace(LEGAL, serve=serve))


HOSTILE = (
    _peer("hangs up", "closes every connection at once", "ESCL-01", _hangs_up),
    _peer("silence", "takes requests and says nothing", "ESCL-01", _sends(_once(), close=False)),
    _peer("half a head", "closes within the head", "ESCL-01", _sends(_once(b"HTTP/1.1 200 OK\r\nContent-Le"))),
    _peer("garbage", "sends bytes without being asked", "ESCL-01", _garbage),
    _peer("TLS garbage", "answers as if this were TLS", "ESCL-01", _sends(_once(TLS_ALERT))),
    _peer("another protocol", "greets as a mail server", "ESCL-01", _sends(_once(b"220 mail.example ESMTP\r\n"))),
    _peer("endless field", "sends a header field that never ends", "ESCL-01", _sends(_for_ever(OK + b"A: ", PIECE))),
    _peer("endless fields", "sends header fields without end", "ESCL-01", _sends(_for_ever(OK, b"A: x\r\n" * 500))),
    _peer(
        "1xx flood", "says 100 Continue for ever", "ESCL-01", _sends(_for_ever(b"", b"HTTP/1.1 100 Continue\r\n\r\n"))
    ),
    _peer("endless body", "sends a body without length and end", "ESCL-01", _sends(_for_ever(OK + b"\r\n", PIECE))),
    _peer(
        "endless chunks",
        "sends chunks without end",
        "ESCL-01",
        _sends(_for_ever(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1f40\r\n" + PIECE + b"\r\n")),
    ),
    _peer(
        "slow drip",
        "sends a byte of the body every five seconds",
        "ESCL-01",
        _sends(_for_ever(OK + b"Content-Length: 100000\r\n\r\n", b"x"), DRIP_S),
    ),
    _peer(
        "slow head",
        "sends a byte of the head every five seconds",
        "ESCL-01",
        _sends(_for_ever(OK + b"A: ", b"x"), DRIP_S),
    ),
    _peer(
        "short body", "sends less than it announces", "ESCL-01", _sends(_once(OK + b"Content-Length: 900\r\n\r\n<a/>"))
    ),
    _peer("negative length", "announces -1 bytes", "ESCL-01", _sends(_once(OK + b"Content-Length: -1\r\n\r\n<a/>"))),
    _peer(
        "two lengths",
        "announces two lengths",
        "ESCL-01",
        _sends(_once(OK + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\n<a/>")),
    ),
    _peer(
        "bad chunk",
        "sends a chunk whose size is a word",
        "ESCL-01",
        _sends(_once(OK + b"Transfer-Encoding: chunked\r\n\r\nsome\r\n<a/>\r\n")),
    ),
    _peer(
        "redirects",
        "sends everybody round in a circle",
        "ESCL-04",
        _sends(_once(b"HTTP/1.1 302 Found\r\nLocation: /eSCL/ScannerStatus\r\nContent-Length: 0\r\n\r\n")),
    ),
    _peer("web page", "answers everything with a web page", "WIRE-01", _document(b"<html><body>Log in</body></html>")),
    _peer("entity bomb", "sends XML of a kilobyte that means a gigabyte", "WIRE-01", _document(BOMB)),
    _peer("deep document", "sends XML of a hundred thousand levels", "WIRE-01", _document(DEEP)),
    _peer("huge document", "sends eight megabytes of XML", "ESCL-01", _document(ROOT + b" " * (8 << 20))),
    Hostile("endless job", "gives one page after the other", "WIRE-05", replace(LEGAL, scanner=EndlessJob)),
    Hostile(
        "endless page", "gives a page of 200 MB of nothing", "ESCL-44", replace(LEGAL, around=_large_pages(200 << 20))
    ),
)
"""All of them."""
