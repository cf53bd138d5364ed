"""Hostile services: what they send to who asks for a page is no answer, or none that ends. Each must get a verdict in bounded time and memory.

They are no defects of one requirement: whatever is asked for breaks off, so that most checks cannot judge anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import trio

from conformance.selftest.services.build import LEGAL, Build
from conformance.selftest.services.lines import AroundStream
from conformance.selftest.services.pipe import PipeStream

PAGE = b"/next-page"
PIECE = b"x" * 10_000
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


class Strikes(AroundStream):
    """Serves what is asked for, but pages.

    Attributes:
        where: what stands in the requests that it strikes at.
        held: what the service wanted to send.
    """

    where = PAGE

    def __init__(self, inner: PipeStream) -> None:
        super().__init__(inner)
        self.held = b""
        self._struck = False

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """See trio."""
        data = await super().receive_some(max_bytes)
        self._struck = self._struck or self.where in data
        return data

    async def send_all(self, data: bytes) -> None:
        """See trio."""
        self.held = data
        await (self.strike() if self._struck else super().send_all(data))

    async def strike(self) -> None:
        """Send something instead of what is held."""

    async def endlessly(self, start: bytes, piece: bytes, pause: float = 0.0) -> None:
        """Send until nobody is there any more."""
        await self._inner.send_all(start)
        while True:
            await self._inner.send_all(piece)
            await trio.sleep(pause)

    async def wait_for_the_end(self) -> None:
        """Say nothing until the client has left."""
        while not (self._inner.closed or self._inner.left):  # noqa: ASYNC110  # what a client does is no event here
            await trio.sleep(1)


class EndlessHead(Strikes):
    """Sends one header after the other."""

    async def strike(self) -> None:
        """See :class:`Strikes`."""
        await self.endlessly(HEAD, b"X-More: yes\r\n" * 100)


class EndlessField(Strikes):
    """Sends one header without end."""

    async def strike(self) -> None:
        """See :class:`Strikes`."""
        await self.endlessly(HEAD + b"X-Long: ", PIECE)


class EndlessBody(Strikes):
    """Sends a body without end."""

    async def strike(self) -> None:
        """See :class:`Strikes`."""
        await self.endlessly(HEAD + b"Connection: close\r\n\r\n", PIECE)


class EndlessChunks(Strikes):
    """Sends one chunk after the other."""

    async def strike(self) -> None:
        """See :class:`Strikes`."""
        await self.endlessly(CHUNKED, b"2710\r\n" + PIECE + b"\r\n")


class Dribbles(Strikes):
    """Sends a byte now and then."""

    async def strike(self) -> None:
        """See :class:`Strikes`."""
        await self.endlessly(CHUNKED, b"1\r\nx\r\n", pause=9)


class InterimFlood(Strikes):
    """Says again and again that it goes on."""

    async def strike(self) -> None:
        """See :class:`Strikes`."""
        await self.endlessly(b"", b"HTTP/1.1 102 Processing\r\n\r\n")


class Silent(Strikes):
    """Says nothing."""

    async def strike(self) -> None:
        """See :class:`Strikes`."""
        await self.wait_for_the_end()


class SilentInTheMiddle(Strikes):
    """Says nothing more after half of a page."""

    async def strike(self) -> None:
        """See :class:`Strikes`."""
        await self._inner.send_all(self.held[: len(self.held) // 2])
        await self.wait_for_the_end()


class Sends(Strikes):
    """Sends the same thing for every page, and closes."""

    what = b""

    async def strike(self) -> None:
        """See :class:`Strikes`."""
        await self._inner.send_all(self.what)
        await self._inner.aclose()


class CutShort(Sends):
    """Closes in the middle of a page."""

    what = HEAD + b"Content-Length: 40000\r\n\r\n\x89PNG\r\n\x1a\n" + PIECE


class BadChunks(Sends):
    """Says lengths of chunks that are none."""

    what = CHUNKED + b"many\r\nx\r\n"


class ShortChunk(Sends):
    """Says that a chunk is shorter than it is."""

    what = CHUNKED + b"4\r\n\x89PNG\r\n\x1a\n\r\n0\r\n\r\n"


class TwoLengths(Sends):
    """Says two lengths."""

    what = HEAD + b"Content-Length: 4\r\nContent-Length: 9\r\n\r\nxxxxxxxxx"


class NegativeLength(Sends):
    """Says a length below zero."""

    what = HEAD + b"Content-Length: -1\r\n\r\n"


class NoHttp(Sends):
    """Speaks something else."""

    what = b"220 mail.example ESMTP\r\n"


class Circles(Sends):
    """Sends who asks for a page round in a circle."""

    what = b"HTTP/1.1 302 Found\r\nLocation: /api/server\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Closes(Sends):
    """Closes at once."""


@dataclass(frozen=True)
class Hostile:
    """A hostile service.

    Attributes:
        what: what it does, in a sentence.
        build: how to open one that does it to who asks for a page.
        everywhere: how to open one that does it to everybody.
    """

    what: str
    build: Build
    everywhere: Build


def _hostile(kind: type[Strikes]) -> Hostile:
    class Everywhere(kind):  # type: ignore[valid-type,misc]  # a class of its own for each kind
        where = b"HTTP/1.1"

    return Hostile(str(kind.__doc__), replace(LEGAL, wire=kind), replace(LEGAL, wire=Everywhere))


HOSTILE: Mapping[str, Hostile] = {
    "endless-head": _hostile(EndlessHead),
    "endless-field": _hostile(EndlessField),
    "endless-body": _hostile(EndlessBody),
    "endless-chunks": _hostile(EndlessChunks),
    "dribbles": _hostile(Dribbles),
    "interim-flood": _hostile(InterimFlood),
    "silent": _hostile(Silent),
    "silent-in-the-middle": _hostile(SilentInTheMiddle),
    "cut-short": _hostile(CutShort),
    "bad-chunks": _hostile(BadChunks),
    "short-chunk": _hostile(ShortChunk),
    "two-lengths": _hostile(TwoLengths),
    "negative-length": _hostile(NegativeLength),
    "no-http": _hostile(NoHttp),
    "circles": _hostile(Circles),
    "closes": _hostile(Closes),
}
"""By name."""
