"""HTTP of the door: GET and HEAD, h11 for the grammar, limits for everything.

A connection that says nothing is closed, a reader who takes nothing is closed, beyond a number of connections new ones are answered 503.
"""

from __future__ import annotations

import html
import json
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import h11
import trio

from device_protocol import Code, DeviceError
from simulators.escl.hosts import Hosts
from simulators.mjpeg.feed import Feed, Frame

logger = logging.getLogger("flatbed.mjpeg")

BOUNDARY = "flatbed-frame"
STRIP = 64 * 1024
SNAPSHOT, LIST = "snapshot.jpg", "cameras.json"

STATUS: dict[Code, int] = {
    Code.ACCESS_DENIED: 403,
    Code.NOT_FOUND: 404,
    Code.BUSY: 503,
    Code.DEVICE_LOST: 503,
    Code.TIMED_OUT: 504,
}
"""Of what a camera says; 500 for anything else."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a client may take.

    Attributes:
        connections: at a time.
        head_bytes: of a request.
        idle_s: until a request has come.
        stall_s: a reader who takes nothing for so long is gone.
        frame_s: a camera that gives no frame for so long does not answer.
    """

    connections: int = 64
    head_bytes: int = 16 * 1024
    idle_s: float = 30.0
    stall_s: float = 15.0
    frame_s: float = 30.0


class Gone(Exception):  # noqa: N818  # no defect of ours
    """The client has left, or was too slow."""


class HttpServer:
    """Serves connections.

    Args:
        feeds: by name; the first one is at ``/stream`` too.
        hosts: which names a client may call us by.
        epoch: unix time at which the lab opened; stamps of frames count from it.
        limits: see there.
    """

    def __init__(self, feeds: Mapping[str, Feed], hosts: Hosts, epoch: float, limits: Limits = Limits()) -> None:
        self._feeds = feeds
        self._hosts = hosts
        self._epoch = epoch
        self._limits = limits
        self._open = 0

    async def serve(self, stream: trio.abc.Stream) -> None:
        """Serve one connection: one request."""
        self._open += 1
        try:
            connection = _Connection(stream, self._limits)
            await self._answer(connection)
        except (Gone, trio.BrokenResourceError, trio.ClosedResourceError) as error:
            logger.debug("connection ended: %s", error)
        finally:
            self._open -= 1
            with trio.move_on_after(1, shield=True):
                await stream.aclose()

    async def _answer(self, connection: _Connection) -> None:
        try:
            head = await connection.head()
        except h11.RemoteProtocolError as error:
            await connection.text(error.error_status_hint, f"Bad request: {error}.")
            return
        if head is None:
            return
        host = next((value.decode("latin-1") for name, value in head.headers if name == b"host"), None)
        if self._open > self._limits.connections:
            await connection.text(503, "Too many look already.", retry=True)
        elif not self._hosts.accepts(host, required=head.http_version != b"1.0"):
            await connection.text(403, f"{(host or 'No Host')[:100]}: not known here; --allow-host makes it known.")
        elif head.method not in {b"GET", b"HEAD"}:
            await connection.text(405, "GET and HEAD only.")
        else:
            await self._route(connection, head.target.decode("ascii", "replace"))

    async def _route(self, connection: _Connection, target: str) -> None:
        try:
            parts = [unquote(part) for part in urlsplit(target).path.strip("/").split("/")]
        except ValueError:
            parts = ["?"]
        first = next(iter(self._feeds.values()), None)
        match parts:
            case [""]:
                await connection.whole(200, "text/html; charset=utf-8", self._index().encode())
            case [name] if name == LIST:
                await connection.whole(200, "application/json", json.dumps(self._list()).encode())
            case ["stream"] if first is not None:
                await _stream(connection, first)
            case [name] if name == SNAPSHOT and first is not None:
                await _snapshot(connection, first)
            case [name] if name in self._feeds:
                await _stream(connection, self._feeds[name])
            case [name, below] if name in self._feeds and below == SNAPSHOT:
                await _snapshot(connection, self._feeds[name])
            case _:
                names = ", ".join(f"/{name}" for name in self._feeds) or "no camera"
                await connection.text(404, f"There is no such camera; there is {names}.")

    def _list(self) -> dict[str, object]:
        cameras = [
            {
                "name": name,
                "stream": f"/{name}",
                "snapshot": f"/{name}/{SNAPSHOT}",
                "modes": [{"format": m.fourcc, "size": m.size, "rates": list(m.rates)} for m in feed.modes],
                "looking": feed.looking,
            }
            for name, feed in self._feeds.items()
        ]
        return {"schema": 1, "epoch": self._epoch, "cameras": cameras}

    def _index(self) -> str:
        shown = "".join(
            f'<h2><a href="/{html.escape(name)}">{html.escape(name)}</a></h2>'
            f'<a href="/{html.escape(name)}/{SNAPSHOT}">snapshot</a>'
            for name in self._feeds
        )
        return (
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>Virtual cameras</title><link rel="icon" href="data:,">'
            f'<h1>Virtual cameras</h1><p><a href="/{LIST}">For machines</a></p>{shown}</html>'
        )


async def _stream(connection: _Connection, feed: Feed) -> None:
    async with feed.look() as frames:
        try:
            frame = await _next(frames, connection.frame_s)
        except DeviceError as error:
            await _refuse(connection, error)
            return
        if not await connection.begin(200, f"multipart/x-mixed-replace; boundary={BOUNDARY}"):
            return
        try:
            while True:
                await connection.part(_part(frame))
                frame = await _next(frames, connection.frame_s)
        except DeviceError as error:
            logger.info("stream ended: %s", error.message)
            await connection.part(f"--{BOUNDARY}--\r\n".encode())
            await connection.finish()


async def _next(frames: AsyncIterator[Frame], seconds: float) -> Frame:
    """The next frame.

    Raises:
        DeviceError: what ended the stream; TIMED_OUT, none came for that long.
    """
    with trio.move_on_after(seconds):
        return await anext(frames)
    raise DeviceError(Code.TIMED_OUT, "The camera gives no frames.")


async def _snapshot(connection: _Connection, feed: Feed) -> None:
    try:
        async with feed.look() as frames:
            frame = await _next(frames, connection.frame_s)
    except DeviceError as error:
        await _refuse(connection, error)
        return
    await connection.whole(200, "image/jpeg", frame.file, _stamps(frame))


async def _refuse(connection: _Connection, error: DeviceError) -> None:
    await connection.text(STATUS.get(error.code, 500), f"{error.code.value}: {error.message}", retry=error.retryable)


def _stamps(frame: Frame) -> list[tuple[str, str]]:
    return [("X-Sequence", str(frame.sequence)), ("X-Timestamp", f"{frame.taken_s:.3f}")]


def _part(frame: Frame) -> bytes:
    headers = [("Content-Type", "image/jpeg"), ("Content-Length", str(len(frame.file))), *_stamps(frame)]
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"--{BOUNDARY}\r\n{head}\r\n".encode() + frame.file + b"\r\n"


class _Connection:
    """One connection, for one request and its answer."""

    def __init__(self, stream: trio.abc.Stream, limits: Limits) -> None:
        self._stream = stream
        self._limits = limits
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=limits.head_bytes)
        self._bare = False
        self.frame_s = limits.frame_s

    async def head(self) -> h11.Request | None:
        """The head of the request; None when none comes."""
        with trio.move_on_after(self._limits.idle_s):
            while True:
                event = self._http.next_event()
                if isinstance(event, h11.Request):
                    self._bare = event.method == b"HEAD"
                    return event
                if event is not h11.NEED_DATA:
                    return None
                self._http.receive_data(bytes(await self._stream.receive_some(STRIP)))
        return None

    async def text(self, status: int, words: str, *, retry: bool = False) -> None:
        """An answer for people."""
        more = [("Retry-After", "1")] if retry else []
        await self.whole(status, "text/plain; charset=utf-8", f"{words}\n".encode(), more)

    async def whole(self, status: int, media: str, body: bytes, more: list[tuple[str, str]] | None = None) -> None:
        """An answer whose body is at hand."""
        if await self.begin(status, media, [("Content-Length", str(len(body))), *(more or [])]):
            await self.part(body)
            await self.finish()

    async def begin(self, status: int, media: str, more: list[tuple[str, str]] | None = None) -> bool:
        """Send the head of an answer; says whether a body is wanted."""
        headers = [("Content-Type", media), ("Cache-Control", "no-store"), ("Connection", "close"), *(more or [])]
        await self._write(self._http.send(h11.Response(status_code=status, headers=headers)) or b"")
        return not self._bare

    async def part(self, data: bytes) -> None:
        """Send some of the body."""
        await self._write(self._http.send(h11.Data(data)) or b"")

    async def finish(self) -> None:
        """End the body."""
        await self._write(self._http.send(h11.EndOfMessage()) or b"")

    async def _write(self, data: bytes) -> None:
        with trio.move_on_after(self._limits.stall_s) as scope:
            await self._stream.send_all(data)
        if scope.cancelled_caught:
            raise Gone("reads nothing")
