"""A supervised driver: the interfaces of the trio form, every call through a :class:`device_host.supervisor.Supervisor`.

``cancel`` and ``close`` are shielded from the caller's cancellation and have a deadline of their own. When the driver has died, its sessions are lost: their
status says so, they can be cancelled and closed, and everything else is DEVICE_LOST; the next open starts the driver again.
"""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any, Protocol, TypeVar

import trio

from device_host.stage_trio import StagedJob
from device_host.supervised_job import SupervisedJob
from device_host.supervisor import Supervisor
from device_protocol.aio import Backend, Control, EventStream, Session, WatchableBackend
from device_protocol.capabilities import DeviceCaps
from device_protocol.codes import Code
from device_protocol.control import ControlCaps
from device_protocol.delivery import NATIVE, Delivery, Encode
from device_protocol.devices import DeviceChange, DeviceList
from device_protocol.errors import DeviceError
from device_protocol.options import ApplyResult, Option, SetResult
from device_protocol.pages import PageParams
from device_protocol.settings import ALL, Settings
from device_protocol.states import SessionState
from device_protocol.status import Event, EventKind, Status
from device_protocol.values import Auto, Value

T = TypeVar("T")


class Runner(Protocol):
    """Keeps a driver running."""

    async def current(self) -> tuple[Supervisor, Backend]:
        """The driver, started again if it has died.

        Raises:
            DeviceError: it cannot be started.
        """
        ...


class SupervisedBackend:
    """A driver that is started again when it has died."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    async def devices(self) -> DeviceList:
        """See :class:`Backend`."""
        supervisor, backend = await self._runner.current()
        return await supervisor.call("backend", "devices", backend.devices)

    async def open(self, device_id: str) -> SupervisedSession:
        """See :class:`Backend`."""
        supervisor, backend = await self._runner.current()
        return SupervisedSession(supervisor, await supervisor.call("backend", "open", backend.open, device_id))

    async def control(self, device_id: str) -> SupervisedControl:
        """See :class:`Backend`."""
        supervisor, backend = await self._runner.current()
        return SupervisedControl(supervisor, await supervisor.call("backend", "control", backend.control, device_id))


class SupervisedWatchableBackend(SupervisedBackend):
    """The same for a driver that watches its devices."""

    async def watch(self) -> AsyncGenerator[DeviceChange]:
        """See :class:`WatchableBackend`.

        Raises:
            DeviceError: the driver failed; watch again.
        """
        supervisor, backend = await self._runner.current()
        assert isinstance(backend, WatchableBackend), "a driver does not unlearn to watch"
        changes = backend.watch()

        async def following() -> DeviceChange | None:
            try:
                return await anext(changes)
            except StopAsyncIteration:
                return None

        try:
            while (
                change := await supervisor.call(
                    "backend", "watch", following, limited=lambda bound: bound.within(math.inf)
                )
            ) is not None:
                yield change
        finally:
            close = getattr(changes, "aclose", None)
            if close is not None:
                with trio.CancelScope(shield=True):
                    await close()


class SupervisedSession:
    """A session that never hangs and never surprises."""

    def __init__(self, supervisor: Supervisor, inner: Session) -> None:
        self._supervisor = supervisor
        self._inner = inner
        self._job: SupervisedJob | None = None
        self._streams: list[EventStream] = []
        self._revision = 0
        self._closed = False
        self._forget = supervisor.incarnation.on_end(self._lost)

    async def caps(self) -> DeviceCaps:
        """See :class:`Session`."""
        return await self._call("caps", self._inner.caps)

    async def options(self) -> tuple[Option, ...]:
        """See :class:`Session`."""
        return await self._call("options", self._inner.options)

    async def get(self, name: str) -> Value:
        """See :class:`Session`."""
        return await self._call("get", self._inner.get, name)

    async def set(self, name: str, value: Value | Auto) -> SetResult:
        """See :class:`Session`."""
        return await self._call("set", self._inner.set, name, value)

    async def apply(self, settings: Settings) -> ApplyResult:
        """See :class:`Session`."""
        return await self._call("apply", self._inner.apply, settings)

    async def reset(self, names: tuple[str, ...] | None = None) -> ApplyResult:
        """See :class:`Session`."""
        return await self._call("reset", self._inner.reset, names)

    async def params(self) -> PageParams:
        """See :class:`Session`."""
        return await self._call("params", self._inner.params)

    async def start(
        self, settings: Settings | None = None, pages: int | str = ALL, delivery: Delivery = NATIVE
    ) -> SupervisedJob:
        """See :class:`Session`; pages are encoded here if the driver runs here."""
        incarnation = self._supervisor.incarnation
        if isinstance(delivery, Encode) and not incarnation.hosted:
            native = await self._call("start", self._inner.start, settings, pages, NATIVE)
            self._job = SupervisedJob(self._supervisor, StagedJob(native, delivery, incarnation.spawn))
        else:
            job = await self._call("start", self._inner.start, settings, pages, delivery)
            self._job = SupervisedJob(self._supervisor, job)
        return self._job

    async def status(self) -> Status:
        """See :class:`Session`."""
        if self._supervisor.incarnation.gone is not None and not self._closed:
            await trio.lowlevel.checkpoint()
            return Status(SessionState.LOST, revision=self._revision + 1)
        status = await self._call("status", self._inner.status)
        self._revision = max(self._revision, status.revision)
        return status

    def events(self) -> EventStream:
        """See :class:`Session`."""
        self._refuse_if_gone()
        events = self._inner.events()
        self._streams = [stream for stream in self._streams if not stream.closed]
        self._streams.append(events)
        return events

    async def cancel(self) -> None:
        """See :class:`Session`."""
        if self._supervisor.incarnation.gone is not None and not self._closed:
            await trio.lowlevel.checkpoint()
            return
        with trio.CancelScope(shield=True):
            if self._job is not None:
                self._job.cancelling()
            await self._call("cancel", self._inner.cancel)
        await trio.lowlevel.checkpoint_if_cancelled()

    async def close(self) -> None:
        """See :class:`Session`; of a driver that has died there is nothing left to close."""
        if self._supervisor.incarnation.gone is not None:
            await trio.lowlevel.checkpoint()
        else:
            with trio.CancelScope(shield=True):
                if self._job is not None:
                    self._job.cancelling(DeviceError(Code.CLOSED))
                await self._call("close", self._inner.close)
        self._closed = True
        self._forget()

    async def _call(self, verb: str, function: Callable[..., Awaitable[T]], *arguments: Any) -> T:
        self._refuse_if_gone()
        return await self._supervisor.call("session", verb, function, *arguments)

    def _refuse_if_gone(self) -> None:
        if not self._closed:
            self._supervisor.refuse_if_gone()

    def _lost(self, _: DeviceError) -> None:
        for events in self._streams:
            events.put(Event(EventKind.LOST, self._revision + 1, Code.DEVICE_LOST.value))
            events.close()


class SupervisedControl:
    """Control of a device."""

    def __init__(self, supervisor: Supervisor, inner: Control) -> None:
        self._supervisor = supervisor
        self._inner = inner

    async def caps(self) -> ControlCaps:
        """See :class:`Control`."""
        self._supervisor.refuse_if_gone()
        return await self._supervisor.call("control", "caps", self._inner.caps)

    async def perform(self, action: str, arguments: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """See :class:`Control`."""
        self._supervisor.refuse_if_gone()
        return await self._supervisor.call("control", "perform", self._inner.perform, action, arguments)
