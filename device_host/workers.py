"""A worker process, seen from the host: started, told its driver, called, and ended."""

from __future__ import annotations

import logging
import math
import os
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import trio

from device_host.calls import Call, Reply
from device_host.dump import Dump
from device_host.frames import Buffer, Frame, FrameError
from device_host.link import Link
from device_host.messages import (
    ABANDON,
    BYE,
    CALL,
    LOAD,
    PART,
    PART_BYTES,
    RELEASE,
    check_hello,
    check_revision,
)
from device_host.realtime import Limit
from device_host.transport import Started, start_worker
from device_host.verbs import phase_of
from device_protocol.aio import hold
from device_protocol.codes import Code
from device_protocol.driver import Form
from device_protocol.errors import DeviceError, NativeError, Phase
from device_protocol.plain import PlainError, to_plain

logger = logging.getLogger("flatbed.host")

_LAST_WORDS: Final = 0.5  # seconds for what a dying worker printed to arrive
_MAX_PARTS: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class About:
    """What a worker says of the driver that it was told."""

    name: str
    form: Form
    version: str
    revision: int
    resident: bool
    watches: bool


class Worker:
    """A worker process. Made by :meth:`start`; lives until :meth:`close` or its death.

    Attributes:
        pid: of the process.
        dump: what it printed last.
        about: the driver, once loaded.
        dead: why it cannot be called any more, or None.
        on_stream: frames of streams (events, changes) by the stream's number.
        on_death: called once when it has died, with the reason.
    """

    def __init__(self, started: Started, nursery: trio.Nursery, abandoned_s: float) -> None:
        self.pid = started.process.pid
        self.dump = Dump()
        self.about: About | None = None
        self.dead: DeviceError | None = None
        self.on_stream: dict[int, Callable[[dict[str, Any]], None]] = {}
        self.on_death: list[Callable[[DeviceError], None]] = []
        self._process = started.process
        self._printed = trio.lowlevel.FdStream(started.printed)
        self._nursery = nursery
        self._abandoned_s = abandoned_s
        self._link = Link(started.socket, self._take)
        self._calls: dict[int, Call] = {}
        self._parts: dict[int, list[bytes]] = {}
        self._released: list[int] = []
        self._numbers = 0
        self._streams = 0
        self._hello = trio.Event()
        self._silent = trio.Event()
        self._greeted: DeviceError | None = None
        self._killed: DeviceError | None = None
        self._leaving = False
        self.ended = trio.Event()

    @classmethod
    async def start(
        cls,
        nursery: trio.Nursery,
        *,
        within: float = 30.0,
        abandoned_s: float = 60.0,
        starter: Callable[[], Started] = start_worker,
    ) -> Worker:
        """Start a worker and wait for its hello.

        Args:
            nursery: in which its tasks run.
            within: seconds of real time for the start.
            abandoned_s: how long a call may take whose caller has gone.
            starter: makes the process.

        Raises:
            DeviceError: UNSUPPORTED, it speaks a newer revision of the contract; TIMED_OUT; INTERNAL.
        """
        worker = cls(starter(), nursery, abandoned_s)
        nursery.start_soon(worker._run)
        try:
            await worker._be_greeted(within)
        except BaseException as error:
            worker.kill(error if isinstance(error, DeviceError) else None)
            raise
        return worker

    async def _be_greeted(self, within: float) -> None:
        with Limit(within) as bound, hold():
            await self._hello.wait()
        if bound.ran_out:
            raise DeviceError(Code.TIMED_OUT, f"The worker did not start within {within:g} s.", phase=Phase.DISCOVER)
        if self._greeted is not None:
            raise self._greeted

    async def load(
        self,
        target: str,
        name: str,
        config: Mapping[str, Any],
        *,
        resident: Mapping[str, str] | None = None,
        path: tuple[str, ...] = (),
    ) -> About:
        """Tell it its driver.

        Args:
            target: ``module:name``.
            name: the driver's id.
            config: plain data.
            resident: what a resident driver is told in ``config["resident"]``.
            path: where else to look for modules.

        Raises:
            DeviceError: the driver cannot be imported, made or used; INVALID_VALUE for a configuration that is no plain data.
        """
        self.dump.name = f"{name} ({self.pid})"
        try:
            plain = to_plain(dict(config))
        except PlainError as error:
            raise DeviceError(
                Code.INVALID_VALUE, f"The configuration of {name}: {error}.", phase=Phase.DISCOVER
            ) from None
        header = {"t": LOAD, "target": target, "name": name, "config": plain, "path": list(path)}
        reply = await self._post(header | {"resident": dict(resident or {})}, "load").wait()
        about = reply.value
        try:
            check_revision(about["revision"], f"The driver {name}")
            self.about = About(
                str(about["name"]),
                Form(about["form"]),
                str(about["version"]),
                about["revision"],
                about["resident"] is True,
                about["watches"] is True,
            )
        except (TypeError, KeyError, ValueError) as error:
            raise self.garbage(f"an answer to load that is none: {error!r}") from None
        return self.about

    async def load_functions(self) -> None:
        """Make it a codec process, which looks for modules where this one does."""
        self.dump.name = f"codec ({self.pid})"
        await self._post({"t": LOAD, "functions": True, "path": list(module_path())}, "load").wait()

    # Calls

    def post(
        self, on: int, verb: str, arguments: tuple[Any, ...] = (), blob: Buffer = b"", *, waits_for_device: bool = False
    ) -> Call:
        """Send a call; wait for its answer by :meth:`Call.wait`, or :meth:`abandon` it.

        Raises:
            DeviceError: DEVICE_LOST, the worker is dead; INVALID_VALUE, an argument does not cross borders.
        """
        try:
            plain = [to_plain(item) for item in arguments]
        except PlainError as error:
            raise DeviceError(Code.INVALID_VALUE, f"{verb}: {error}.", phase=phase_of(verb)) from None
        return self._post(
            {"t": CALL, "on": on, "verb": verb, "args": plain}, verb, blob, waits_for_device=waits_for_device
        )

    async def call(self, on: int, verb: str, *arguments: Any, late: Callable[[Reply], None] | None = None) -> Reply:
        """Call and wait. A caller that is cancelled leaves a tombstone: *late* gets a reply that comes nevertheless."""
        call = self.post(on, verb, arguments)
        call.late = late
        try:
            return await call.wait()
        except trio.Cancelled:
            self.abandon(call)
            raise

    def abandon(self, call: Call) -> None:
        """Nobody waits for *call* for the time being; a worker that never answers it is killed."""
        if call.answered or self.dead is not None:
            return
        if not call.abandoned:
            call.abandoned = True
            self._nursery.start_soon(self._watch_abandoned, call)
        self.tell({"t": ABANDON, "id": call.number})

    def tell(self, header: dict[str, Any]) -> None:
        """Send a frame that has no answer."""
        if self.dead is None:
            with suppress(FrameError):
                self._queue(header)

    def release(self, number: int) -> None:
        """Nobody can call that object any more; said along with the next frame."""
        self._released.append(number)

    def new_stream(self, take: Callable[[dict[str, Any]], None]) -> int:
        """A number for a stream whose frames shall go to *take*."""
        self._streams -= 1
        self.on_stream[self._streams] = take
        return self._streams

    @property
    def busy(self) -> bool:
        """Whether a call has no answer yet, whoever waits; one for the end of a job takes nobody's time."""
        return any(call.verb != "settled" for call in self._calls.values())

    @property
    def gone(self) -> DeviceError | None:
        """Why it cannot be called any more: it is dead, or about to be."""
        return self.dead or self._killed

    # The end

    def kill(self, error: DeviceError | None = None) -> None:
        """End it now; calls under way get *error*."""
        if self._killed is None:
            self._killed = error or DeviceError(Code.DEVICE_LOST, "The worker was ended.")
        self._process.kill()

    def garbage(self, what: str) -> DeviceError:
        """It does not keep to the protocol: it is killed. Gives the error to raise."""
        error = DeviceError(Code.INTERNAL, f"The worker {self.dump.name} sent garbage: {what}.")
        logger.error("%s", error.message)
        self.kill(error)
        return error

    async def close(self, within: float) -> None:
        """Say goodbye and wait for its end; kill it when that takes longer than *within* seconds of real time."""
        if not self.ended.is_set():
            self._leaving = True
            if any(call.verb == "load" for call in self._calls.values()):
                self.kill()  # it has no device to give back
            self.tell({"t": BYE})
            with Limit(within, shield=True), hold():
                await self.ended.wait()
            self.kill()
            with trio.CancelScope(shield=True), hold():
                await self.ended.wait()

    async def _run(self) -> None:
        """The life of the process: tasks for its frames and its prints, and the post-mortem."""
        broken: DeviceError | None = None
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._link.send)
                nursery.start_soon(self._keep_prints)
                try:
                    await self._link.receive()
                except (FrameError, PlainError) as error:
                    broken = self.garbage(str(error))
                await self._bury()
                nursery.cancel_scope.cancel()
        finally:
            if trio.current_effective_deadline() == -math.inf:
                self._leaving = True  # whoever had it is cancelled: it is we who end it
            self._process.kill()
            with trio.CancelScope(shield=True), hold():
                await trio.to_thread.run_sync(self._process.wait)
                # Not outside the shield: there it would raise Cancelled before anybody was told.
                await trio.aclose_forcefully(self._printed)
            self._link.close()
            self._die(broken)

    async def _bury(self) -> None:
        """The socket is closed: see that the process ends, and hear its last words."""
        with Limit(_LAST_WORDS), hold():
            await trio.to_thread.run_sync(self._process.wait, abandon_on_cancel=True)
        self._process.kill()
        with Limit(_LAST_WORDS), hold():
            await self._silent.wait()

    async def _keep_prints(self) -> None:
        with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            while data := await self._printed.receive_some(1 << 16):
                self.dump.add(data)
        self._silent.set()

    def _die(self, broken: DeviceError | None) -> None:
        """Tell everybody who waits, once."""
        how = _ending(self._process.returncode)
        native = NativeError("worker", self._process.returncode, self.dump.text)
        who = self.dump.name
        crashed = broken or self._killed or DeviceError(Code.INTERNAL, f"The worker of {who} {how}.", native=native)
        self.dead = DeviceError(Code.DEVICE_LOST, f"The worker of {who} {how}.", native=native)
        if not (self._leaving or self._killed):
            logger.error("The worker of %s %s.", who, how)
        self._greeted = self._greeted or crashed
        self._hello.set()
        calls, self._calls = self._calls, {}
        for call in calls.values():
            call.fail(crashed)
        for tell in self.on_death:
            tell(self.dead)
        self.ended.set()

    async def _watch_abandoned(self, call: Call) -> None:
        with Limit(self._abandoned_s) as bound, suppress(DeviceError):
            await call.wait()
        if bound.ran_out and call.abandoned:
            self.kill(DeviceError(Code.TIMED_OUT, f"{call.verb} did not return.", phase=phase_of(call.verb)))

    # Frames

    def _post(self, header: dict[str, Any], verb: str, blob: Buffer = b"", *, waits_for_device: bool = False) -> Call:
        if self.gone is not None:
            raise DeviceError(Code.DEVICE_LOST, self.gone.message, phase=phase_of(verb), native=self.gone.native)
        self._numbers += 1
        call = Call(self._numbers, verb, waits_for_device=waits_for_device)
        view = memoryview(blob)
        try:
            while view.nbytes > PART_BYTES:
                self._queue({"t": PART, "id": call.number}, view[:PART_BYTES])
                view = view[PART_BYTES:]
            self._queue(header | {"id": call.number}, view)
        except FrameError as error:
            raise DeviceError(Code.INVALID_VALUE, f"{verb}: {error}.", phase=phase_of(verb)) from None
        self._calls[call.number] = call
        return call

    def _queue(self, header: dict[str, Any], blob: Buffer = b"") -> None:
        try:
            if self._released:
                released, self._released = self._released, []
                self._link.queue({"t": RELEASE, "objects": released})
            self._link.queue(header, blob)
        except BrokenPipeError as error:
            self.kill(DeviceError(Code.INTERNAL, f"The worker does not read: {error}."))

    def _take(self, frame: Frame) -> None:
        header = frame.header
        if not self._hello.is_set():
            try:
                check_hello(header)
            except DeviceError as error:
                self._greeted = error
            self._hello.set()
            return
        match header.get("t"):
            case "reply":
                self._take_reply(header, frame.blob)
            case "part":
                self._take_part(header, frame.blob)
            case "progress":
                call = self._calls.get(header.get("id", 0))
                if call is not None and call.on_progress is not None:
                    call.on_progress()
            case "event" | "change" | "ended":
                take = self.on_stream.get(header.get("on", 0))
                if take is not None:
                    take(header)
            case other:
                raise FrameError(f"a frame of kind {other!r}")

    def _take_reply(self, header: dict[str, Any], blob: bytes) -> None:
        number = header.get("id")
        call = self._calls.get(number) if isinstance(number, int) else None
        if call is None:
            raise FrameError(f"an answer to call {number!r}, which nobody made")
        parts = self._parts.pop(call.number, None)
        call.settle(header, b"".join([*parts, blob]) if parts else blob)
        del self._calls[call.number]

    def _take_part(self, header: dict[str, Any], blob: bytes) -> None:
        number = header.get("id")
        if not isinstance(number, int) or number not in self._calls:
            raise FrameError(f"a part of an answer to call {number!r}, which nobody made")
        parts = self._parts.setdefault(number, [])
        parts.append(blob)
        if sum(map(len, parts)) > _MAX_PARTS:
            raise FrameError("an answer without end")


def module_path() -> tuple[str, ...]:
    """Where this process looks for modules, absolute."""
    return tuple(os.path.join(os.getcwd(), item) for item in sys.path)  # noqa: PTH109, PTH118  # an empty one is "here"


def _ending(status: int | None) -> str:
    if status is None:
        return "is gone"
    if status >= 0:
        return f"ended with status {status}"
    with suppress(ValueError):
        return f"died of signal {-status} ({signal.Signals(-status).name})"
    return f"died of signal {-status}"
