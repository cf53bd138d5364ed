"""The device under test as checks see it: every verb is logged, has a limit of time, and ends in the contract's terms or in a typed outcome.

A verb that does not return becomes :class:`DeviceHung`; one that raises something foreign, or returns something of the wrong type,
:class:`DeviceCrashed`. Nothing else is added: no state is kept and nothing is refused.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import trio

from conformance.bench.limits import Limits
from conformance.bench.log import Log, shown
from conformance.foreign import foreign, waiting_at
from conformance.outcomes import DeviceCrashed, DeviceHung, EndlessPage, NeedsOperator, Untestable
from conformance.shapes import attempt, flaw, has_verbs, sound_error, worded
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

MAX_PAGE_BYTES = 1 << 28
SLACK_BYTES = 1 << 16
"""A page may give four times the bytes that it announced and this much more before it counts as endless."""
MAX_READS = 2_000_000
SLACK_READS = 4096
"""The same for reads: two for each byte that was announced and these."""
MAX_PAGES = 2000


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
        stack: tuple[str, ...] = ()
        try:
            with trio.move_on_after(limit) as scope:
                try:
                    result = await function()
                except trio.Cancelled as cancelled:
                    stack = waiting_at(cancelled.__traceback__)
                    raise
        except DeviceError as error:
            if sound_error(error) is None:
                said = worded(error)
                self.log.finish(command, error=said)
                raise DeviceCrashed(command.call, f"raised {said}, an error that says what none may say") from error
            self.log.finish(command, error=str(error))
            raise
        except trio.Cancelled:
            self.log.finish(command, error="Cancelled (by the caller)")
            raise
        except NeedsOperator as missing:  # the person beside the device said no
            self.log.finish(command, error=missing.evidence)
            raise
        except BaseException as error:
            if not foreign(error):
                raise
            said = worded(error)
            self.log.finish(command, error=said)
            raise DeviceCrashed(command.call, f"raised {said}, which is no DeviceError") from error
        if scope.cancelled_caught:
            self.hung = True
            self.log.finish(command, error=f"no answer within {limit:g} s")
            raise DeviceHung(command.call, limit, stack)
        self.log.finish(command, shown(result), count=len(result) if isinstance(result, bytes) else 0)
        return result

    async def typed(
        self, cls: type[T], handle: str, verb: str, arguments: str, limit: float, function: Callable[[], Awaitable[T]]
    ) -> T:
        """Make a call that returns a *cls*."""
        result = await self.call(handle, verb, arguments, limit, function)
        problem = flaw(result, cls)
        if problem is not None:
            raise DeviceCrashed(f"{handle}.{verb}({arguments})", f"returned {problem}, which is no {cls.__name__}")
        return result  # type: ignore[no-any-return]  # it is a *cls*


def verb_of(handle: object, name: str) -> Callable[[], Awaitable[Any]]:
    """A verb without arguments; its look-up is the driver's too, and so belongs into the call."""
    return lambda: getattr(handle, name)()  # noqa: PLW0108  # the look-up must wait


def has(value: object, call: str, what: str, *verbs: str) -> None:
    """Refuse a handle that lacks one of *verbs*.

    Raises:
        DeviceCrashed: it does.
    """
    problem = has_verbs(value, *verbs)
    if problem is not None:
        raise DeviceCrashed(call, f"returned {problem}, so it is no {what}")


class BenchPage:
    """A page."""

    def __init__(self, wire: Wire, inner: Page) -> None:
        self._wire, self._inner = wire, inner
        self.handle = wire.log.handle("page")
        self._reads = self._bytes = 0
        info, _ = attempt(lambda: inner.info)
        self._most, self._most_reads = MAX_PAGE_BYTES, MAX_READS
        if flaw(info, PageInfo) is None and info.params.total is not None:
            self._most = min(MAX_PAGE_BYTES, 4 * info.params.total + SLACK_BYTES)
            self._most_reads = min(MAX_READS, 2 * info.params.total + SLACK_READS)

    @property
    def info(self) -> PageInfo:
        """See :class:`Page`."""
        info, error = attempt(lambda: self._inner.info)
        if error is not None:
            raise DeviceCrashed(f"{self.handle}.info", f"raised {worded(error)}") from error
        problem = flaw(info, PageInfo)
        if problem is not None:
            raise DeviceCrashed(f"{self.handle}.info", f"is {problem}, which is no PageInfo")
        assert isinstance(info, PageInfo)
        return info

    async def read(self, max_bytes: int) -> bytes:
        """See :class:`Page`."""
        wire = self._wire
        strip = await wire.typed(
            bytes, self.handle, "read", repr(max_bytes), wire.limits.slow, lambda: self._inner.read(max_bytes)
        )
        self._reads += 1
        self._bytes += len(strip)
        if self._bytes > self._most or self._reads > self._most_reads:
            raise EndlessPage(f"{self.handle} gave {self._bytes} bytes in {self._reads} reads, and has no end")
        return strip

    async def end(self) -> PageEnd:
        """See :class:`Page`."""
        return await self._wire.typed(
            PageEnd, self.handle, "end", "", self._wire.limits.slow, verb_of(self._inner, "end")
        )


class BenchJob:
    """A job."""

    def __init__(self, wire: Wire, inner: Job) -> None:
        self._wire, self._inner = wire, inner
        self.handle = wire.log.handle("job")
        self._pages = 0

    async def next_page(self) -> BenchPage | None:
        """See :class:`Job`."""
        page = await self._wire.call(
            self.handle, "next_page", "", self._wire.limits.slow, verb_of(self._inner, "next_page")
        )
        if page is None:
            return None
        has(page, f"{self.handle}.next_page()", "page", "read", "end")
        self._pages += 1
        if self._pages > MAX_PAGES:
            raise EndlessPage(f"{self.handle} gave more than {MAX_PAGES} pages")
        return BenchPage(self._wire, page)

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
        await self._wire.call(self.handle, "cancel", "", self._wire.limits.quick, verb_of(self._inner, "cancel"))

    async def settled(self) -> JobState:
        """See :class:`Job`."""
        return await self._wire.typed(
            JobState, self.handle, "settled", "", self._wire.limits.slow, verb_of(self._inner, "settled")
        )


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
        caps = await self._wire.call(self.handle, "caps", "", self._wire.limits.quick, verb_of(self._inner, "caps"))
        listed = type(caps) is DeviceCaps and isinstance(caps.sources, list)  # CAPS-15 judges that
        problem = flaw(replace(caps, sources=tuple(caps.sources)) if listed else caps, DeviceCaps)
        if problem is not None:
            raise DeviceCrashed(f"{self.handle}.caps()", f"returned {problem}")
        assert isinstance(caps, DeviceCaps)
        return caps

    async def options(self) -> tuple[Option, ...]:
        """See :class:`Session`."""
        options: tuple[Option, ...] = await self._wire.call(
            self.handle, "options", "", self._wire.limits.quick, verb_of(self._inner, "options")
        )
        problem = flaw(options, tuple[Option, ...])
        if problem is not None:
            raise DeviceCrashed(f"{self.handle}.options()", f"returned {problem}")
        return options

    async def get(self, name: str) -> Value:
        """See :class:`Session`."""
        value: Value = await self._wire.call(
            self.handle, "get", repr(name), self._wire.limits.quick, lambda: self._inner.get(name)
        )
        problem = flaw(value, Value)
        if problem is not None:
            raise DeviceCrashed(f"{self.handle}.get({name!r})", f"returned {problem}")
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
        return await self._quick(PageParams, "params", "", verb_of(self._inner, "params"))

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
        has(job, f"{self.handle}.start({arguments})", "job", "next_page", "cancel", "settled")
        return BenchJob(self._wire, job)

    async def status(self) -> Status:
        """See :class:`Session`."""
        return await self._quick(Status, "status", "", verb_of(self._inner, "status"))

    def events(self) -> EventStream:
        """See :class:`Session`."""
        stream, error = attempt(lambda: self._inner.events())  # noqa: PLW0108  # the look-up is the driver's too
        if isinstance(error, DeviceError):
            raise error
        if error is not None:
            raise DeviceCrashed(
                f"{self.handle}.events()", f"raised {worded(error)}, which is no DeviceError"
            ) from error
        if not isinstance(stream, EventStream):
            raise DeviceCrashed(f"{self.handle}.events()", f"returned {shown(stream)}, which is no EventStream")
        return stream

    async def cancel(self) -> None:
        """See :class:`Session`."""
        await self._wire.call(self.handle, "cancel", "", self._wire.limits.quick, verb_of(self._inner, "cancel"))

    async def close(self) -> None:
        """See :class:`Session`."""
        await self._wire.call(self.handle, "close", "", self._wire.limits.close, verb_of(self._inner, "close"))
        self.closed = True


class BenchControl:
    """Control of the device's surroundings."""

    def __init__(self, wire: Wire, inner: Control) -> None:
        self._wire, self._inner = wire, inner

    async def caps(self) -> ControlCaps:
        """See :class:`Control`."""
        return await self._wire.typed(
            ControlCaps, "control", "caps", "", self._wire.limits.quick, verb_of(self._inner, "caps")
        )

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
        return await self._wire.typed(
            DeviceList, "backend", "devices", "", self._wire.limits.slow, verb_of(self._inner, "devices")
        )

    def watch(self) -> AsyncGenerator[DeviceChange, None] | None:
        """The changes, with the list first; None if this backend cannot be watched."""
        watch = getattr(self._inner, "watch", None)
        return watch() if callable(watch) else None

    async def open(self, device_id: str) -> BenchSession:
        """See :class:`Backend`."""
        inner = await self._wire.call(
            "backend", "open", repr(device_id), self._wire.limits.slow, lambda: self._inner.open(device_id)
        )
        has(inner, f"backend.open({device_id!r})", "session", "caps", "options", "start", "close")
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
