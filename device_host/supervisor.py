"""What stands around every call to a driver: a deadline, a conversion of every failure into a typed error, and the trace."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

import trio

from device_host.deadlines import Deadlines
from device_host.messages import as_device_error
from device_host.realtime import Limit
from device_host.trace import Record, Trace
from device_host.verbs import ANSWERS, phase_of
from device_protocol.codes import Code
from device_protocol.errors import DeviceError

T = TypeVar("T")


class Incarnation(Protocol):
    """Where a driver runs: a worker, or a task of this process. When it has died, a new one takes its place."""

    @property
    def hosted(self) -> bool:
        """Whether it is another process, whose deadlines are real time."""
        ...

    @property
    def gone(self) -> DeviceError | None:
        """Why it cannot be called any more, or None."""
        ...

    def queue_before(self, verb: str) -> bool:
        """Whether *verb* would wait behind another call that has a deadline of its own."""
        ...

    def end(self, error: DeviceError) -> None:
        """Its driver hangs: end it; others that wait for it get *error*."""
        ...

    def on_end(self, tell: Callable[[DeviceError], None]) -> Callable[[], None]:
        """Have *tell* called when it dies; gives what takes that back."""
        ...

    def spawn(self, task: Callable[[], Awaitable[None]]) -> None:
        """Start a task that ends with it at the latest."""
        ...


class Supervisor:
    """Supervises the calls to one incarnation of a driver.

    Args:
        driver: its id, for messages and the trace.
        incarnation: where it runs.
        deadlines: how long each verb may take.
        trace: where each call is told.
    """

    def __init__(self, driver: str, incarnation: Incarnation, deadlines: Deadlines, trace: Trace | None) -> None:
        self.driver = driver
        self.incarnation = incarnation
        self.deadlines = deadlines
        self._trace = trace

    def refuse_if_gone(self) -> None:
        """Refuse a call to a driver that has died.

        Raises:
            DeviceError: DEVICE_LOST.
        """
        gone = self.incarnation.gone
        if gone is not None:
            raise DeviceError(Code.DEVICE_LOST, gone.message, native=gone.native)

    async def call(
        self,
        kind: str,
        verb: str,
        function: Callable[..., Awaitable[T]],
        *arguments: Any,
        limited: Callable[[Limit], None] | None = None,
        progress: Callable[[], float] | None = None,
    ) -> T:
        """Await ``function(*arguments)``.

        Args:
            kind: of object.
            verb: what is called.
            function: the driver's method.
            arguments: of the call.
            limited: sets another limit than the verb's own.
            progress: ``time.monotonic()`` of the last progress; as long as it moves, the limit is pushed back.

        Raises:
            DeviceError: the driver's; TIMED_OUT; INTERNAL for any other exception, for an answer of the wrong type and for a crash; DEVICE_LOST after
                the driver's death.
        """
        started, clock = time.monotonic(), trio.current_time()
        outcome, detail = "cancelled", ""
        try:
            result = await self._limited(kind, verb, function, arguments, limited, progress)
            self._check(kind, verb, result)
            outcome, detail = "ok", str(len(result)) if isinstance(result, bytes) else ""
            return result
        except DeviceError as error:
            outcome, detail = error.code.value, error.message
            raise
        finally:
            if self._trace is not None:
                seconds = time.monotonic() - started
                self._trace(Record(clock, seconds, self.driver, kind, verb, arguments, outcome, detail))

    async def _limited(
        self,
        kind: str,
        verb: str,
        function: Callable[..., Awaitable[T]],
        arguments: tuple[Any, ...],
        limited: Callable[[Limit], None] | None,
        progress: Callable[[], float] | None,
    ) -> T:
        seconds = self.deadlines.of(verb)
        queued = self.incarnation.queue_before(verb)
        with trio.CancelScope() as crash:
            # A worker's death answers the calls to it; here, nobody would.
            forget = _nothing if self.incarnation.hosted else self.incarnation.on_end(lambda _: crash.cancel())
            try:
                while True:
                    began = time.monotonic()
                    with Limit(seconds, real=self.incarnation.hosted) as bound:
                        if limited is not None:
                            limited(bound)
                        return await self._converted(verb, function, arguments)
                    if progress is None or progress() <= began:
                        break
            finally:
                forget()
        if not crash.cancelled_caught:
            self.refuse_if_gone()
        else:
            gone = self.incarnation.gone or DeviceError(Code.INTERNAL)
            raise DeviceError(Code.INTERNAL, gone.message, phase=phase_of(verb), native=gone.native)
        raise self._timed_out(kind, verb, seconds, queued=queued)

    @staticmethod
    async def _converted(verb: str, function: Callable[..., Awaitable[T]], arguments: tuple[Any, ...]) -> T:
        try:
            return await function(*arguments)
        except DeviceError:
            raise
        except (Exception, SystemExit) as error:  # ERR-08: whatever a driver raises is an error of the contract
            raise as_device_error(error, phase_of(verb)) from error

    def _timed_out(self, kind: str, verb: str, seconds: float, *, queued: bool) -> DeviceError:
        if queued and verb != "close":
            message = f"{verb}: the driver {self.driver} has been busy with another call for {seconds:g} s."
            return DeviceError(Code.BUSY, message, phase=phase_of(verb))
        message = f"The driver {self.driver} did not return from {kind}.{verb} within {seconds:g} s."
        self.incarnation.end(DeviceError(Code.DEVICE_LOST, message, phase=phase_of(verb)))
        return DeviceError(Code.TIMED_OUT, message, phase=phase_of(verb))

    def _check(self, kind: str, verb: str, result: object) -> None:
        """A host must not fall over an answer of the wrong type.

        Raises:
            DeviceError: INTERNAL.
        """
        types = ANSWERS.get((kind, verb))
        if types is not None and not isinstance(result, types):
            wanted = " or ".join(item.__name__ for item in types)
            message = (
                f"The driver {self.driver} answered {kind}.{verb} with {type(result).__name__} instead of {wanted}."
            )
            raise DeviceError(Code.INTERNAL, message, phase=phase_of(verb))


def _nothing() -> None:
    """Nothing is to be taken back."""
