"""The device under test as checks see it: every verb is logged, has a limit of time, and ends in the contract's terms or in a typed outcome.

A verb that does not return becomes :class:`DeviceHung`; one that raises something foreign, or returns something of the wrong type,
:class:`DeviceCrashed`. Nothing else is added: no state is kept and nothing is refused.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any, TypeVar

import trio

from conformance.bench.limits import Limits
from conformance.bench.log import Log, shown
from conformance.outcomes import DeviceCrashed, DeviceHung, NeedsOperator, Untestable
from device_protocol import (
    ALL,
    NATIVE,
    ApplyResult,
    Auto,
    ControlCaps,
    Delivery,
    DeviceCaps,
    DeviceChange,
    DeviceError,
    DeviceList,
    JobState,
    Option,
    PageEnd,
    PageInfo,
    PageParams,
    SetResult,
    Settings,
    Status,
    Value,
)
from device_protocol.aio import Backend, Control, EventStream, Job, Page, Session

T = TypeVar("T")


class Wire:
    """How calls are made: the log, the limits, and the one place where both apply."""

    def __init__(self, log: Log, limits: Limits) -> None:
        self.log = log
        self.limits = limits
        self.hung = False

    async def call(
        self, handle: str, verb: str, arguments: str, limit: float, function: Callable[[], Awaitable[Any]]
    ) -> Any:
        """Make a call.

        Raises:
            DeviceError: what the device said.
            DeviceHung, DeviceCrashed: see above.
        """
        command = self.log.begin(handle, verb, arguments)
        try:
            with trio.move_on_after(limit) as scope:
                result = await function()
        except DeviceError as error:
            self.log.finish(command, error=str(error))
            raise
        except trio.Cancelled:
            self.log.finish(command, error="Cancelled (by the caller)")
            raise
        except NeedsOperator as missing:  # the person beside the device said no
            self.log.finish(command, error=missing.evidence)
            raise
        except Exception as error:
            self.log.finish(command, error=repr(error))
            raise DeviceCrashed(command.call, f"raised {error!r}, which is no DeviceError") from error
        if scope.cancelled_caught:
            self.hung = True
            self.log.finish(command, error=f"no answer within {limit:g} s")
            raise DeviceHung(command.call, limit)
        self.log.finish(command, shown(result), count=len(result) if isinstance(result, bytes) else 0)
        return result

    async def typed(
        self, cls: type[T], handle: str, verb: str, arguments: str, limit: float, function: Callable[[], Awaitable[T]]
    ) -> T:
        """Make a call that returns a *cls*."""
        result = await self.call(handle, verb, arguments, limit, function)
        if not isinstance(result, cls):
            raise DeviceCrashed(
                f"{handle}.{verb}({arguments})", f"returned {shown(result)}, which is no {cls.__name__}"
            )
        return result


class BenchPage:
    """A page."""

    def __init__(self, wire: Wire, inner: Page) -> None:
        self._wire, self._inner = wire, inner
        self.handle = wire.log.handle("page")

    @property
    def info(self) -> PageInfo:
        """See :class:`Page`."""
        try:
            info = self._inner.info
        except Exception as error:
            raise DeviceCrashed(f"{self.handle}.info", f"raised {error!r}") from error
        if not isinstance(info, PageInfo):
            raise DeviceCrashed(f"{self.handle}.info", f"is {shown(info)}, which is no PageInfo")
        return info

    async def read(self, max_bytes: int) -> bytes:
        """See :class:`Page`."""
        wire = self._wire
        return await wire.typed(
            bytes, self.handle, "read", repr(max_bytes), wire.limits.slow, lambda: self._inner.read(max_bytes)
        )

    async def end(self) -> PageEnd:
        """See :class:`Page`."""
        return await self._wire.typed(PageEnd, self.handle, "end", "", self._wire.limits.slow, self._inner.end)


class BenchJob:
    """A job."""

    def __init__(self, wire: Wire, inner: Job) -> None:
        self._wire, self._inner = wire, inner
        self.handle = wire.log.handle("job")

    async def next_page(self) -> BenchPage | None:
        """See :class:`Job`."""
        page = await self._wire.call(self.handle, "next_page", "", self._wire.limits.slow, self._inner.next_page)
        return None if page is None else BenchPage(self._wire, page)

    async def first_page(self) -> BenchPage:
        """A page that must be there: the source has paper, and the page target is not reached.

        Raises:
            Untestable: there is none.
        """
        page = await self.next_page()
        if page is None:
            raise Untestable(f"{self.handle}.next_page() gave the end where a page is due")
        return page

    async def cancel(self) -> None:
        """See :class:`Job`."""
        await self._wire.call(self.handle, "cancel", "", self._wire.limits.quick, self._inner.cancel)

    async def settled(self) -> JobState:
        """See :class:`Job`."""
        return await self._wire.typed(JobState, self.handle, "settled", "", self._wire.limits.slow, self._inner.settled)


class BenchSession:
    """A session."""

    def __init__(self, wire: Wire, inner: Session) -> None:
        self._wire, self._inner = wire, inner
        self.handle = wire.log.handle("session")
        self.closed = False

    async def _quick(self, cls: type[T], verb: str, arguments: str, function: Callable[[], Awaitable[T]]) -> T:
        return await self._wire.typed(cls, self.handle, verb, arguments, self._wire.limits.quick, function)

    async def caps(self) -> DeviceCaps:
        """See :class:`Session`."""
        return await self._quick(DeviceCaps, "caps", "", self._inner.caps)

    async def options(self) -> tuple[Option, ...]:
        """See :class:`Session`."""
        options = await self._quick(tuple, "options", "", self._inner.options)
        if not all(isinstance(option, Option) for option in options):
            raise DeviceCrashed(f"{self.handle}.options()", "returned something else than options")
        return options

    async def get(self, name: str) -> Value:
        """See :class:`Session`."""
        value: Value = await self._wire.call(
            self.handle, "get", repr(name), self._wire.limits.quick, lambda: self._inner.get(name)
        )
        return value

    async def set(self, name: str, value: Value | Auto) -> SetResult:
        """See :class:`Session`."""
        return await self._quick(SetResult, "set", f"{name!r}, {shown(value)}", lambda: self._inner.set(name, value))

    async def apply(self, settings: Settings) -> ApplyResult:
        """See :class:`Session`."""
        return await self._quick(ApplyResult, "apply", shown_settings(settings), lambda: self._inner.apply(settings))

    async def reset(self, names: tuple[str, ...] | None = None) -> ApplyResult:
        """See :class:`Session`."""
        arguments = "" if names is None else repr(names)
        return await self._quick(ApplyResult, "reset", arguments, lambda: self._inner.reset(names))

    async def params(self) -> PageParams:
        """See :class:`Session`."""
        return await self._quick(PageParams, "params", "", self._inner.params)

    async def start(
        self, settings: Settings | None = None, pages: int | str = ALL, delivery: Delivery = NATIVE
    ) -> BenchJob:
        """See :class:`Session`."""
        arguments = ", ".join(
            part
            for part in (
                shown_settings(settings) if settings is not None else "",
                f"pages={pages!r}",
                f"delivery={delivery!r}" if delivery is not NATIVE else "",
            )
            if part
        )
        job = await self._wire.call(
            self.handle,
            "start",
            arguments,
            self._wire.limits.slow,
            lambda: self._inner.start(settings, pages, delivery),
        )
        if not callable(getattr(job, "next_page", None)):
            raise DeviceCrashed(f"{self.handle}.start({arguments})", f"returned {shown(job)}, which is no job")
        return BenchJob(self._wire, job)

    async def status(self) -> Status:
        """See :class:`Session`."""
        return await self._quick(Status, "status", "", self._inner.status)

    def events(self) -> EventStream:
        """See :class:`Session`."""
        try:
            return self._inner.events()
        except DeviceError:
            raise
        except Exception as error:
            raise DeviceCrashed(f"{self.handle}.events()", f"raised {error!r}, which is no DeviceError") from error

    async def cancel(self) -> None:
        """See :class:`Session`."""
        await self._wire.call(self.handle, "cancel", "", self._wire.limits.quick, self._inner.cancel)

    async def close(self) -> None:
        """See :class:`Session`."""
        await self._wire.call(self.handle, "close", "", self._wire.limits.close, self._inner.close)
        self.closed = True


class BenchControl:
    """Control of the device's surroundings."""

    def __init__(self, wire: Wire, inner: Control) -> None:
        self._wire, self._inner = wire, inner

    async def caps(self) -> ControlCaps:
        """See :class:`Control`."""
        return await self._wire.typed(ControlCaps, "control", "caps", "", self._wire.limits.quick, self._inner.caps)

    async def perform(self, action: str, arguments: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """See :class:`Control`."""
        text = ", ".join([repr(action), *(f"{key}={value!r}" for key, value in (arguments or {}).items())])
        result: Mapping[str, Any] = await self._wire.call(
            "control", "perform", text, self._wire.limits.hands, lambda: self._inner.perform(action, arguments)
        )
        return result


class BenchBackend:
    """A backend; it remembers the sessions that it opened, so that none is left behind."""

    def __init__(self, wire: Wire, inner: Backend) -> None:
        self._wire, self._inner = wire, inner
        self.sessions: list[BenchSession] = []

    async def devices(self) -> DeviceList:
        """See :class:`Backend`."""
        return await self._wire.typed(DeviceList, "backend", "devices", "", self._wire.limits.slow, self._inner.devices)

    def watch(self) -> AsyncGenerator[DeviceChange, None] | None:
        """The changes, with the list first; None if this backend cannot be watched."""
        watch = getattr(self._inner, "watch", None)
        return watch() if callable(watch) else None

    async def open(self, device_id: str) -> BenchSession:
        """See :class:`Backend`."""
        inner = await self._wire.call(
            "backend", "open", repr(device_id), self._wire.limits.slow, lambda: self._inner.open(device_id)
        )
        if not callable(getattr(inner, "caps", None)):
            raise DeviceCrashed(f"backend.open({device_id!r})", f"returned {shown(inner)}, which is no session")
        session = BenchSession(self._wire, inner)
        self.sessions.append(session)
        return session

    async def control(self, device_id: str) -> BenchControl:
        """See :class:`Backend`."""
        inner = await self._wire.call(
            "backend", "control", repr(device_id), self._wire.limits.quick, lambda: self._inner.control(device_id)
        )
        return BenchControl(self._wire, inner)


def shown_settings(settings: Settings) -> str:
    """Only what is set."""
    parts = []
    for name in ("source", "mode", "depth", "resolution", "area", "extra"):
        value = getattr(settings, name)
        if value is not None and value != ():
            parts.append(f"{name}={value!r}")
    return f"Settings({', '.join(parts)})"
