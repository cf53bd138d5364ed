"""A driver in a worker, as if it were here: ``Backend``, ``Session`` and ``Control`` of the trio form over a :class:`device_host.workers.Worker`.

A caller that goes away leaves a tombstone: what its call brings nevertheless is given back (a session is closed, a job cancelled) before the same thing is
asked for again, or kept for the next caller (a page, a strip). So a device can be closed and opened again after a cancellation at any await (CANC-08).
"""

from __future__ import annotations

import weakref
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any

import trio

from device_host.calls import Reply
from device_host.messages import BACKEND
from device_host.proxyjob import HostedJob
from device_host.workers import Worker
from device_protocol.aio import EventStream
from device_protocol.capabilities import DeviceCaps
from device_protocol.codes import Code
from device_protocol.control import ControlCaps
from device_protocol.delivery import NATIVE, Delivery
from device_protocol.devices import DeviceChange, DeviceList
from device_protocol.errors import DeviceError
from device_protocol.options import ApplyResult, Option, SetResult
from device_protocol.pages import PageParams
from device_protocol.plain import PlainError, from_plain
from device_protocol.settings import ALL, Settings
from device_protocol.status import Event, Status
from device_protocol.values import Auto, Value

_WATCH_LIMIT = 1024


class Remote:
    """An object in a worker; it is released there when nobody has it here."""

    def __init__(self, worker: Worker, handle: int) -> None:
        self._worker = worker
        self._handle = handle
        weakref.finalize(self, worker.release, handle).atexit = False

    async def _call(self, verb: str, *arguments: Any) -> Any:
        return (await self._worker.call(self._handle, verb, *arguments)).value


class HostedBackend:
    """A driver in a worker."""

    def __init__(self, worker: Worker, nursery: trio.Nursery) -> None:
        self._worker = worker
        self._nursery = nursery
        self._tombs: dict[str, trio.Event] = {}

    async def devices(self) -> DeviceList:
        """See :class:`Backend`."""
        found: DeviceList = (await self._worker.call(BACKEND, "devices")).value
        return found

    async def open(self, device_id: str) -> HostedSession:
        """See :class:`Backend`; an earlier open of the same device whose caller has gone is undone first."""
        if device_id in self._tombs:
            await self._tombs[device_id].wait()
        call = self._worker.post(BACKEND, "open", (device_id,))
        try:
            reply = await call.wait()
        except trio.Cancelled:
            self._tombs[device_id] = done = trio.Event()

            async def undo() -> None:
                with suppress(DeviceError):
                    late = await call.wait()
                    if late.handle:
                        await self._worker.call(late.handle, "close")
                del self._tombs[device_id]
                done.set()

            self._worker.abandon(call)
            self._nursery.start_soon(undo)
            raise
        return HostedSession(self._worker, reply.handle, self._nursery)

    async def undone(self) -> None:
        """Wait until every open whose caller has gone is undone."""
        for done in tuple(self._tombs.values()):
            await done.wait()

    async def control(self, device_id: str) -> HostedControl:
        """See :class:`Backend`."""

        def undo(late: Reply) -> None:
            self._worker.release(late.handle)

        return HostedControl(self._worker, (await self._worker.call(BACKEND, "control", device_id, late=undo)).handle)


class HostedWatchableBackend(HostedBackend):
    """A driver in a worker that tells when its list of devices changes."""

    async def watch(self) -> AsyncIterator[DeviceChange]:
        """See :class:`WatchableBackend`."""
        send, receive = trio.open_memory_channel[DeviceChange | DeviceError | None](_WATCH_LIMIT)

        def take(header: dict[str, Any]) -> None:
            error = header.get("error")
            said = from_plain(header.get("change") if header.get("t") == "change" else error)
            if not isinstance(said, DeviceChange | DeviceError | None):
                raise PlainError("a change that is none")
            try:
                send.send_nowait(said)
            except trio.WouldBlock:
                self._worker.on_stream.pop(stream, None)  # nobody reads; who does will start again
                send.close()

        def died(error: DeviceError) -> None:
            with suppress(trio.WouldBlock, trio.ClosedResourceError):
                send.send_nowait(error)

        stream = self._worker.new_stream(take)
        self._worker.on_death.append(died)
        try:
            self._worker.tell({"t": "call", "on": BACKEND, "verb": "watch", "stream": stream})
            if self._worker.gone is not None:
                raise self._worker.gone
            async for said in receive:
                if said is None:
                    return
                if isinstance(said, DeviceError):
                    raise said
                yield said
        finally:
            self._worker.on_death.remove(died)
            self._worker.on_stream.pop(stream, None)
            self._worker.tell({"t": "release", "objects": [stream]})


class HostedSession(Remote):
    """An open device in a worker."""

    def __init__(self, worker: Worker, handle: int, nursery: trio.Nursery) -> None:
        super().__init__(worker, handle)
        self._nursery = nursery
        self._streams: dict[int, EventStream] = {}
        self._tomb: trio.Event | None = None
        self._closed = False

    async def caps(self) -> DeviceCaps:
        """See :class:`Session`."""
        caps: DeviceCaps = await self._call("caps")
        return caps

    async def options(self) -> tuple[Option, ...]:
        """See :class:`Session`."""
        options: tuple[Option, ...] = await self._call("options")
        return options

    async def get(self, name: str) -> Value:
        """See :class:`Session`."""
        value: Value = await self._call("get", name)
        return value

    async def set(self, name: str, value: Value | Auto) -> SetResult:
        """See :class:`Session`."""
        await self._undone()
        result: SetResult = await self._call("set", name, value)
        return result

    async def apply(self, settings: Settings) -> ApplyResult:
        """See :class:`Session`."""
        await self._undone()
        result: ApplyResult = await self._call("apply", settings)
        return result

    async def reset(self, names: tuple[str, ...] | None = None) -> ApplyResult:
        """See :class:`Session`."""
        await self._undone()
        result: ApplyResult = await self._call("reset", names)
        return result

    async def params(self) -> PageParams:
        """See :class:`Session`."""
        params: PageParams = await self._call("params")
        return params

    async def start(
        self, settings: Settings | None = None, pages: int | str = ALL, delivery: Delivery = NATIVE
    ) -> HostedJob:
        """See :class:`Session`; an earlier start whose caller has gone is undone first."""
        await self._undone()
        call = self._worker.post(self._handle, "start", (settings, pages, delivery))
        try:
            reply = await call.wait()
        except trio.Cancelled:
            self._tomb = done = trio.Event()

            async def undo() -> None:
                with suppress(DeviceError):
                    late = await call.wait()
                    if late.handle:
                        await self._worker.call(late.handle, "cancel")
                        await self._worker.call(late.handle, "settled")
                self._tomb = None
                done.set()

            self._worker.abandon(call)
            self._nursery.start_soon(undo)
            raise
        return HostedJob(self._worker, reply.handle)

    async def status(self) -> Status:
        """See :class:`Session`."""
        status: Status = await self._call("status")
        return status

    def events(self) -> EventStream:
        """See :class:`Session`."""
        if self._closed:
            raise DeviceError(Code.CLOSED, "The session is closed.")
        events = EventStream()

        def take(header: dict[str, Any]) -> None:
            if header.get("t") == "ended" or events.closed:
                self._end(stream)
                return
            event = from_plain(header.get("event"))
            if not isinstance(event, Event):
                raise PlainError("an event that is none")
            events.put(event)

        if self._worker.gone is not None:
            events.close()
            return events
        stream = self._worker.new_stream(take)
        self._streams[stream] = events
        self._worker.tell({"t": "call", "on": self._handle, "verb": "events", "stream": stream})
        return events

    async def cancel(self) -> None:
        """See :class:`Session`."""
        await self._call("cancel")

    async def close(self) -> None:
        """See :class:`Session`."""
        if self._closed:
            await trio.lowlevel.checkpoint()
            return
        await self._call("close")
        self._closed = True
        for stream in tuple(self._streams):
            self._end(stream)

    async def _undone(self) -> None:
        if self._tomb is not None:
            await self._tomb.wait()

    def _end(self, stream: int) -> None:
        self._worker.on_stream.pop(stream, None)
        events = self._streams.pop(stream, None)
        if events is not None:
            events.close()
            self._worker.tell({"t": "release", "objects": [stream]})


class HostedControl(Remote):
    """Control of a device in a worker."""

    async def caps(self) -> ControlCaps:
        """See :class:`Control`."""
        caps: ControlCaps = await self._call("caps")
        return caps

    async def perform(self, action: str, arguments: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """See :class:`Control`."""
        result: Mapping[str, Any] = await self._call("perform", action, None if arguments is None else dict(arguments))
        return result
