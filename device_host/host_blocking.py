"""The host of a driver in the blocking form. Standard library only.

The driver owns the main thread: it takes calls from its inbox. Frames come and go on a thread of the host. The one verb that is executed there is
``cancel``, which the contract allows from any thread; everything else that the driver does waits for its turn.
"""

from __future__ import annotations

import os
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any, Final

from device_host.filepage import FilePage
from device_host.frames import Frame, FrameError
from device_host.messages import (
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
from device_host.objects import BlockingControl, Handle, Objects
from device_host.pump_blocking import StagedBlockingJob
from device_host.verbs import phase_of
from device_host.wire import Closed, Wire
from device_host.worker import about
from device_protocol.blocking import BlockingBackend, BlockingJob, BlockingSession, Inbox
from device_protocol.codes import Code
from device_protocol.delivery import Encode
from device_protocol.driver import Driver
from device_protocol.errors import DeviceError
from device_protocol.plain import to_plain
from device_protocol.settings import Settings
from device_protocol.states import JobState

_TICK: Final = 0.25  # seconds between looks at the events of a device that nobody calls


def serve_blocking(wire: Wire, load: int, driver: Driver, config: dict[str, Any]) -> int:
    """Be the host of *driver* until the other side ends it; gives the exit status."""
    try:
        backend: BlockingBackend = driver.factory(config)
    except (Exception, SystemExit) as error:  # noqa: BLE001  # a driver may fail in any way
        wire.send(failure(load, as_device_error(error)))
        return 1
    host = BlockingHost(wire, backend)
    wire.send(reply(load, about(driver, watches=False)))
    return host.run()


class BlockingHost:
    """Frames in, calls on the driver's thread, frames out."""

    def __init__(self, wire: Wire, backend: BlockingBackend) -> None:
        self._wire = wire
        self._backend = backend
        self._inbox = Inbox()
        self._objects = Objects(backend)
        self._streams: dict[int, tuple[int, BlockingSession]] = {}  # stream -> session
        self._farewell = False

    def run(self) -> int:
        """The main thread's part."""
        threading.Thread(target=self._frames, daemon=True, name="frames").start()
        self._backend.run(self._inbox)
        if not self._inbox.closed:
            print("the driver left its main loop", file=sys.stderr)  # noqa: T201  # this is the dump
            return 70
        self._backend.close()
        return 0

    # On the thread of the frames.

    def _frames(self) -> None:
        try:
            while not self._farewell:
                frame = self._wire.receive(_TICK if self._streams else None)
                if frame is None:
                    self._inbox.put(self._tell_events)
                else:
                    self._take(frame)
        except Closed:
            timer = threading.Timer(FAREWELL, os._exit, (0,))
            timer.daemon = True
            timer.start()
        except FrameError as error:
            print(f"the host sent garbage: {error}", file=sys.stderr)  # noqa: T201  # this is the dump
            os._exit(70)
        except BaseException:  # noqa: BLE001  # without this thread nobody would ever hear of the driver again
            traceback.print_exc()
            os._exit(70)
        self._inbox.close()

    def _take(self, frame: Frame) -> None:
        header = frame.header
        match header.get("t"):
            case "call" if header.get("verb") == "cancel":
                self._answer(header, self._cancel)
            case "call" if header.get("verb") == "events":
                self._inbox.put(lambda: self._subscribe(header))
            case "call" if self._is_our_own(header):
                self._execute(header)
            case "call":
                self._inbox.put(lambda: self._execute(header))
            case "prefer":
                job = self._objects.find(header.get("on"))
                if job is not None and isinstance(job.thing, StagedBlockingJob):
                    job.thing.stage.prefer(header.get("type"))
            case "release":
                self._inbox.put(lambda: self._release(header))
            case "bye":
                self._farewell = True
            case "abandon":  # what has begun in native code cannot be given up
                pass
            case other:
                raise FrameError(f"a frame of kind {other!r}")

    def _is_our_own(self, header: dict[str, Any]) -> bool:
        """Whether the driver has no part in a call: files are taken from the stage without waiting for a turn between two strips."""
        handle = self._objects.find(header.get("on"))
        if handle is None:
            return False
        waits_for_file = isinstance(handle.thing, StagedBlockingJob) and header.get("verb") == "next_page"
        return waits_for_file or isinstance(handle.thing, FilePage)

    def _cancel(self, handle: Handle, _: list[Any]) -> None:
        """Drop what is held at once, then tell the device; its own thread brings the cancellation to an end."""
        job = handle.job if handle.kind == "session" else handle
        if job is not None:
            stop(job.thing)
        (inner(job.thing) if job is handle else handle.thing).cancel()
        if job is not None:
            job.over = True
            self._inbox.put(lambda: self._settle(job))

    # On the driver's thread.

    def _execute(self, header: dict[str, Any]) -> None:
        self._answer(header, lambda handle, args: self._call(header, handle, args))

    def _answer(self, header: dict[str, Any], call: Callable[[Handle, list[Any]], Any]) -> None:
        """Answer a call, whatever happens in it; a LATER answer comes by itself."""
        number, verb = header.get("id"), str(header.get("verb"))
        if not isinstance(number, int):
            raise FrameError("a call without a number")
        blob = b""
        try:
            value: Any = call(self._objects.get(header.get("on"), verb), arguments(header))
            if value is LATER:
                return
            if verb == "read" and isinstance(value, bytes):
                blob, value = value, None
            answer = value if isinstance(value, dict) and value.get("t") else reply(number, value)
        except (Exception, SystemExit) as error:  # noqa: BLE001  # any failure of a driver is an answer (ERR-08)
            answer = failure(number, as_device_error(error, phase_of(verb)))
        if threading.current_thread() is threading.main_thread():
            self._tell_events()
        self._send(answer, blob)

    def _call(self, header: dict[str, Any], handle: Handle, args: list[Any]) -> Any:
        number, verb, thing = int(header["id"]), str(header["verb"]), handle.thing
        match verb:
            case "open":
                return reply(number, handle=self._objects.add(Handle("session", thing.open(*args))))
            case "control":
                return reply(number, handle=self._objects.add(Handle("control", BlockingControl.find(thing, *args))))
            case "start":
                return reply(number, handle=self._start(handle, *args))
            case "next_page":
                return self._next_page(number, handle)
            case "settled":
                handle.waiters.append(number)
                self._settle(handle)
                return LATER
            case "read":
                strip = thing.read(min(args[0], MAX_READ) if type(args[0]) is int else args[0])
                return bytes(strip) if isinstance(strip, bytearray | memoryview) else strip
            case "close":
                return self._close(handle)
            case _:
                return getattr(thing, verb)(*args)

    def _start(self, session: Handle, settings: Settings | None, pages: int | str, delivery: Any) -> int:
        native: BlockingJob = session.thing.start(settings or Settings(), pages)
        job = session.job = Handle("job", native)
        if isinstance(delivery, Encode):
            job.thing = StagedBlockingJob(
                native, delivery, self._inbox, lambda: self._finished(job), lambda: self._settle(job)
            )
        return self._objects.add(job)

    def _next_page(self, number: int, job: Handle) -> Any:
        if isinstance(job.thing, StagedBlockingJob):
            job.thing.stage.on_progress = lambda: self._send({"t": PROGRESS, "id": number})
            job.thing.take(lambda taken: self._send(self._page_reply(number, taken)))
            return LATER
        try:
            page = job.thing.next_page()
        except DeviceError:
            self._finished(job)
            raise
        if page is None:
            self._finished(job)
        return self._page_reply(number, page)

    def _page_reply(self, number: int, page: Any) -> dict[str, Any]:
        if isinstance(page, DeviceError):
            return failure(number, page)
        if page is None:
            return reply(number)
        return reply(number, page.info, handle=self._objects.add(Handle("page", page)))

    def _close(self, session: Handle) -> None:
        if session.job is not None:
            stop(session.job.thing, DeviceError(Code.CLOSED))
        try:
            session.thing.close()
        finally:
            if session.job is not None:
                self._finished(session.job)
            self._tell_events()
            for stream, (_, of) in tuple(self._streams.items()):
                if of is session.thing:
                    self._streams.pop(stream, None)
                    self._send({"t": ENDED, "on": stream})

    def _finished(self, job: Handle) -> None:
        job.over = True
        self._settle(job)

    def _settle(self, job: Handle) -> None:
        """Bring a cancellation to its end, and tell those who wait for the terminal state of a job."""
        if not job.over:
            return
        try:
            state: JobState | None = inner(job.thing).settled()
        except (Exception, SystemExit) as error:  # noqa: BLE001  # any failure of a driver is an answer (ERR-08)
            failed = as_device_error(error, phase_of("settled"))
            self._tell_waiters(job, lambda number: failure(number, failed))
            return
        if isinstance(job.thing, StagedBlockingJob) and getattr(state, "terminal", True):
            state = job.thing.outcome  # pages may still wait to be taken
        if getattr(state, "terminal", state is not None):
            self._tell_waiters(job, lambda number: reply(number, state))

    def _tell_waiters(self, job: Handle, answer: Callable[[int], dict[str, Any]]) -> None:
        waiters, job.waiters = job.waiters, []
        for number in waiters:
            self._send(answer(number))

    def _subscribe(self, header: dict[str, Any]) -> None:
        session = self._objects.find(header.get("on"))
        if session is not None and session.kind == "session" and isinstance(header.get("stream"), int):
            self._streams[header["stream"]] = (int(header["on"]), session.thing)

    def _tell_events(self) -> None:
        told: dict[int, tuple[Any, ...]] = {}
        for stream, (number, session) in tuple(self._streams.items()):
            if number not in told:
                try:
                    told[number] = session.poll_events()
                except (Exception, SystemExit):  # noqa: BLE001  # a closed or lost session has no more to say
                    told[number] = ()
            for event in told[number]:
                self._send({"t": EVENT, "on": stream, "event": to_plain(event)})

    def _release(self, header: dict[str, Any]) -> None:
        numbers = header.get("objects")
        self._objects.drop(numbers)
        for number in numbers if isinstance(numbers, list) else []:
            self._streams.pop(number, None)

    def _send(self, header: dict[str, Any], blob: bytes = b"") -> None:
        try:
            self._wire.send(header, blob)
        except OSError:
            self._inbox.close()
        except FrameError as error:
            if "id" in header:
                self._wire.send(failure(header["id"], as_device_error(error)))


def inner(thing: Any) -> BlockingJob:
    """The driver's own job."""
    job: BlockingJob = thing.inner if isinstance(thing, StagedBlockingJob) else thing
    return job


def stop(thing: Any, error: DeviceError | None = None) -> None:
    """Drop what the encoding stage of a job holds, if it has one."""
    if isinstance(thing, StagedBlockingJob):
        thing.stop(error)


class _Later:
    """The answer comes by itself."""


LATER: Final = _Later()
