"""Time on the service clock: job timers and the deadline of each step with a scanner (rest-api.md 5.1, 5.6)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from device_protocol import Code, DeviceError, Phase
from device_protocol.aio import DeviceClock
from reference_server.together import unless

T = TypeVar("T")


async def within(clock: DeviceClock, seconds: float, call: Callable[[], Awaitable[T]]) -> T:
    """What *call* gives, if it comes within *seconds* of *clock*.

    Raises:
        TimeoutError: it did not; *call* was cancelled.
        Exception: what *call* raised.
    """
    done = await unless(lambda: clock.sleep(seconds), call)
    if done is None:
        raise TimeoutError
    return done.value


class Steps:
    """Gives each step with a scanner its deadline, ``scannerFailureTimeout``.

    Args:
        clock: service clock.
        seconds: limit of a step; 0 means none.
    """

    def __init__(self, clock: DeviceClock, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds

    async def __call__(self, phase: Phase, call: Callable[[], Awaitable[T]]) -> T:
        """One step.

        Raises:
            DeviceError: TIMED_OUT, or what the device said.
        """
        if not self._seconds:
            return await call()
        try:
            return await within(self._clock, self._seconds, call)
        except TimeoutError:
            message = f"The scanner did not answer within {self._seconds:g} seconds ({phase.value})."
            raise DeviceError(Code.TIMED_OUT, message, phase=phase) from None
