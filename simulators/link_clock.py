"""A session's clock where the lab's time is manual: the lab says what time it is, and wakes."""

from __future__ import annotations

import itertools
import math

import trio

from simulators.channel import Channel


class LinkClock:
    """See :class:`device_protocol.aio.DeviceClock`.

    Args:
        channel: of the session, so that the time comes before the answer that depends on it.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._now = 0.0
        self._numbers = itertools.count(1)

    def now(self) -> float:
        """The lab's time, as it was told last."""
        return self._now

    def move_to(self, moment: float) -> None:
        """It is *moment*."""
        self._now = moment

    async def sleep(self, seconds: float) -> None:
        """Return when *seconds* have been advanced.

        Raises:
            DeviceError: DEVICE_LOST, the lab is gone.
        """
        if seconds <= 0:
            await trio.lowlevel.checkpoint()
        elif math.isinf(seconds):
            await trio.sleep_forever()
        else:
            number = next(self._numbers)
            try:
                await self._channel.call("sleep", id=number, seconds=seconds)
            except trio.Cancelled:
                self._channel.post({"wake": number})
                raise
