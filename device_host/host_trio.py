"""The host of a driver in the trio form: the same frames as :mod:`device_host.host_blocking`, each call in a task of its own.

A caller that goes away cancels its call here too, so that hosting a driver does not change what a cancellation does to it.
"""

from __future__ import annotations

import os
import threading
import traceback
from contextlib import AsyncExitStack, suppress
from typing import Any

import trio

from device_host.frames import Decoder, Frame, FrameError, encode, encode_head
from device_host.messages import (
    CHANGE,
    ENDED,
    EVENT,
    FAREWELL,
    MAX_READ,
    PROGRESS,
    arguments,
    as_device_error,
    failure,
    reply,
)
from device_host.objects import Handle, Objects
from device_host.stage import PROGRESS_INTERVAL
from device_host.stage_trio import StagedJob
from device_host.verbs import phase_of
from device_host.wire import Wire
from device_host.worker import about
from device_protocol.aio import Backend, EventStream, WatchableBackend
from device_protocol.codes import Code
from device_protocol.delivery import NATIVE, Encode
from device_protocol.driver import Driver
from device_protocol.errors import DeviceError
from device_protocol.plain import to_plain

_SMALL = 16 << 10


def serve_trio(wire: Wire, load: int, driver: Driver, config: dict[str, Any]) -> int:
    """Be the host of *driver* until the other side ends it; gives the exit status."""
    try:
        return trio.run(_serve, wire, load, driver, config)
    except BaseException:  # noqa: BLE001  # the traceback belongs to the dump
        traceback.print_exc()
        return 70


async def _serve(wire: Wire, load: int, driver: Driver, config: dict[str, Any]) -> int:
    wire.socket.setblocking(False)
    sock = trio.socket.from_stdlib_socket(wire.socket)
    async with AsyncExitStack() as stack:
        try:
            backend: Backend = await stack.enter_async_context(driver.factory(config))
        except (Exception, SystemExit) as error:  # noqa: BLE001  # a driver may fail in any way
            await _Sender(sock).send(failure(load, as_device_error(error)))
            return 1
        async with trio.open_nursery() as nursery:
            host = TrioHost(sock, backend, nursery)
            await host.send(reply(load, about(driver, watches=isinstance(backend, WatchableBackend))))
            if not await host.run(*wire.left_over()):
                _end_soon()
            nursery.cancel_scope.cancel()
    return 0


def _end_soon() -> None:
    """The host is gone, and nobody is left to end a driver that hangs while it gives its devices back."""
    timer = threading.Timer(FAREWELL, os._exit, (0,))
    timer.daemon = True
    timer.start()


class _Sender:
    """The way out: one frame after the other."""

    def __init__(self, sock: trio.socket.SocketType) -> None:
        self._sock = sock
        self._lock = trio.Lock()

    async def send(self, header: dict[str, Any], blob: bytes = b"") -> None:
        """Send a frame whole, whatever becomes of the caller: half a frame would be garbage."""
        pieces = [encode(header, blob)] if len(blob) <= _SMALL else [encode_head(header, len(blob)), blob]
        with trio.CancelScope(shield=True):
            async with self._lock:
                for piece in pieces:
                    view = memoryview(piece)
                    while view.nbytes:
                        view = view[await self._sock.send(view) :]


class TrioHost:
    """Frames in, a task for each call, frames out."""

    def __init__(self, sock: trio.socket.SocketType, backend: Backend, nursery: trio.Nursery) -> None:
        self._sock = sock
        self._backend = backend
        self._nursery = nursery
        self._sender = _Sender(sock)
        self._objects = Objects(backend)
        self._calls: dict[int, trio.CancelScope] = {}
        self._streams: dict[int, tuple[Handle, EventStream]] = {}
        self._watches: dict[int, trio.CancelScope] = {}

    async def send(self, header: dict[str, Any], blob: bytes = b"") -> None:
        """Send a frame; what cannot be sent becomes an error, and a host that has gone is noticed where frames are read."""
        try:
            await self._sender.send(header, blob)
        except FrameError as error:
            if "id" in header:
                await self._sender.send(failure(header["id"], as_device_error(error)))
        except OSError:
            pass

    async def run(self, frames: list[Frame], decoder: Decoder) -> bool:
        """Take frames until the other side says goodbye, or goes away without: whether it said so."""
        while True:
            for frame in frames:
                if frame.header.get("t") == "bye":
                    return True
                self._take(frame.header)
            with decoder.space() as space:
                try:
                    count = await self._sock.recv_into(space)
                except OSError:
                    return False
            if not count:
                return False
            frames = decoder.received(count)

    def _take(self, header: dict[str, Any]) -> None:
        match header.get("t"):
            case "call" if header.get("verb") == "events":
                self._subscribe(header)
            case "call" if header.get("verb") == "watch":
                self._nursery.start_soon(self._watch, header.get("stream"))
            case "call":
                self._begin(header)
            case "prefer":
                job = self._objects.find(header.get("on"))
                if job is not None and isinstance(job.thing, StagedJob):
                    job.thing.prefer(header.get("type"))
            case "release":
                self._release(header.get("objects"))
            case "abandon":
                scope = self._calls.get(header["id"]) if isinstance(header.get("id"), int) else None
                if scope is not None:
                    scope.cancel()
            case other:
                raise FrameError(f"a frame of kind {other!r}")

    def _begin(self, header: dict[str, Any]) -> None:
        """Start the call's task; it can be abandoned at once, since call and abandon may come in one batch of frames."""
        number = header.get("id")
        if not isinstance(number, int):
            raise FrameError("a call without a number")
        self._calls[number] = trio.CancelScope()
        self._nursery.start_soon(self._execute, header, number, self._calls[number])

    async def _execute(self, header: dict[str, Any], number: int, scope: trio.CancelScope) -> None:
        verb, blob = str(header.get("verb")), b""
        with scope:
            try:
                value: Any = await self._call(header, number, verb)
                if verb == "read" and isinstance(value, bytes):
                    value, blob = None, value
                answer = value if isinstance(value, dict) and value.get("t") else reply(number, value)
            except (Exception, SystemExit) as error:  # noqa: BLE001  # any failure of a driver is an answer (ERR-08)
                answer = failure(number, as_device_error(error, phase_of(verb)))
        del self._calls[number]
        if scope.cancelled_caught:
            answer = reply(number, abandoned=True)
        await self._tell_events()
        await self.send(answer, blob)

    async def _call(self, header: dict[str, Any], number: int, verb: str) -> Any:
        handle, args = self._objects.get(header.get("on"), verb), arguments(header)
        thing = handle.thing
        match verb:
            case "open":
                return reply(number, handle=self._objects.add(Handle("session", await thing.open(*args))))
            case "control":
                return reply(number, handle=self._objects.add(Handle("control", await thing.control(*args))))
            case "start":
                return reply(number, handle=await self._start(handle, *args))
            case "next_page":
                return await self._next_page(number, handle)
            case "read":
                strip = await thing.read(min(args[0], MAX_READ) if type(args[0]) is int else args[0])
                return bytes(strip) if isinstance(strip, bytearray | memoryview) else strip
            case "cancel" | "close" if handle.kind == "session":
                if handle.job is not None and isinstance(handle.job.thing, StagedJob):
                    handle.job.thing.stop(DeviceError(Code.CLOSED) if verb == "close" else None)
                await getattr(thing, verb)()
                if verb == "close":
                    await self._end_streams(handle)
                return None
            case _:
                return await getattr(thing, verb)(*args)

    async def _start(self, session: Handle, settings: Any, pages: Any, delivery: Any) -> int:
        native = await session.thing.start(settings, pages, NATIVE)
        thing = StagedJob(native, delivery, self._nursery.start_soon) if isinstance(delivery, Encode) else native
        session.job = Handle("job", thing)
        return self._objects.add(session.job)

    async def _next_page(self, number: int, job: Handle) -> dict[str, Any]:
        if isinstance(job.thing, StagedJob):
            done = trio.CancelScope()
            self._nursery.start_soon(self._tell_progress, number, job.thing, done)
            try:
                page = await job.thing.next_page()
            finally:
                done.cancel()  # without a checkpoint, at which the page could be lost
        else:
            page = await job.thing.next_page()
        if page is None:
            return reply(number)
        return reply(number, page.info, handle=self._objects.add(Handle("page", page)))

    async def _tell_progress(self, number: int, job: StagedJob, done: trio.CancelScope) -> None:
        last = job.progress_at
        with done:
            while True:
                await trio.sleep(PROGRESS_INTERVAL)
                if job.progress_at > last:
                    last = job.progress_at
                    await self.send({"t": PROGRESS, "id": number})

    def _subscribe(self, header: dict[str, Any]) -> None:
        """At once, so that no event of a later call is missed."""
        session, stream = self._objects.find(header.get("on")), header.get("stream")
        if session is None or session.kind != "session" or not isinstance(stream, int):
            return
        with suppress(Exception, SystemExit):  # a closed or lost session has none
            self._streams[stream] = (session, session.thing.events())
        self._nursery.start_soon(self._forward, stream)

    async def _forward(self, stream: int) -> None:
        if stream in self._streams:
            async for event in self._streams[stream][1]:
                await self.send({"t": EVENT, "on": stream, "event": to_plain(event)})
            self._streams.pop(stream, None)
        await self.send({"t": ENDED, "on": stream})

    async def _tell_events(self) -> None:
        """Events before the answer to the call that caused them."""
        for stream, (_, events) in tuple(self._streams.items()):
            try:
                while True:
                    await self.send({"t": EVENT, "on": stream, "event": to_plain(events.receive_nowait())})
            except trio.WouldBlock:
                continue

    async def _end_streams(self, session: Handle) -> None:
        await self._tell_events()
        for _, (of, events) in tuple(self._streams.items()):
            if of is session:
                events.close()

    async def _watch(self, stream: Any) -> None:
        if not isinstance(stream, int) or not isinstance(self._backend, WatchableBackend):
            await self.send({"t": ENDED, "on": stream})
            return
        error: DeviceError | None = None
        with trio.CancelScope() as scope:
            self._watches[stream] = scope
            try:
                async for change in self._backend.watch():
                    await self.send({"t": CHANGE, "on": stream, "change": to_plain(change)})
            except (Exception, SystemExit) as failed:  # noqa: BLE001  # any failure of a driver is an answer (ERR-08)
                error = as_device_error(failed, phase_of("watch"))
        del self._watches[stream]
        await self.send({"t": ENDED, "on": stream, "error": None if error is None else to_plain(error)})

    def _release(self, numbers: Any) -> None:
        self._objects.drop(numbers)
        for number in numbers if isinstance(numbers, list) else []:
            if number in self._streams:
                self._streams.pop(number)[1].close()
            if number in self._watches:
                self._watches[number].cancel()
