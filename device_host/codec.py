"""The codec process: makes one file type from another, and runs whatever else needs pixels, away from the service's own process."""

from __future__ import annotations

from typing import Any, Final

import trio

from device_host.messages import BACKEND
from device_host.pool import Pool
from device_host.realtime import Limit, sleep
from device_host.runners import killed_on_failure
from device_host.workers import Worker
from device_protocol.codes import Code
from device_protocol.errors import DeviceError, Phase

_TRANSCODE: Final = "device_host.encoding:transcode"


class Codec:
    """At most one codec process, started when it is needed and ended after a while without work.

    Args:
        pool: where workers come from.
        nursery: for its tasks.
        within: seconds of real time that one file may take.
        keep_alive: seconds that it stays.
    """

    def __init__(self, pool: Pool, nursery: trio.Nursery, within: float, keep_alive: float) -> None:
        self.worker: Worker | None = None
        self._pool = pool
        self._nursery = nursery
        self._within = within
        self._keep_alive = keep_alive
        self._lock = trio.Lock()
        self._jobs = 0

    async def transcode(self, data: bytes, source_type: str, target_type: str, quality: int) -> bytes:
        """*data* as a file of another type.

        Raises:
            DeviceError: UNSUPPORTED, that cannot be made of it; TIMED_OUT; INTERNAL.
        """
        try:
            _, made = await self.compute(_TRANSCODE, data, source_type, target_type, quality)
        except DeviceError as error:
            if error.code is Code.UNSUPPORTED:
                message = f"The page cannot be made into another type: {error.message}."
                raise DeviceError(Code.UNSUPPORTED, message, phase=Phase.PAGE) from None
            raise
        return made

    async def compute(self, target: str, data: bytes, *arguments: Any) -> tuple[Any, bytes]:
        """What a function gives for *data*: a value and bytes.

        Args:
            target: ``module:function``, which the caller has from its own code and never from a client. It takes the data and the arguments, and
                returns bytes, or a plain value and bytes; ValueError says that it cannot use what it was given.
            data: of any size; files cross the border in parts.
            arguments: plain values.

        Raises:
            DeviceError: UNSUPPORTED for a ValueError; TIMED_OUT; INTERNAL.
        """
        async with self._lock:
            self._jobs += 1
            worker = await self._ready()
            self._nursery.start_soon(self._let_go, self._jobs)
            call = worker.post(BACKEND, target, arguments, data)
            try:
                with Limit(self._within):
                    reply = await call.wait()
                    return reply.value, reply.blob
            finally:
                if not call.answered:  # too slow, or nobody wants it any more: the next one must not wait for it
                    worker.kill()
            raise DeviceError(Code.TIMED_OUT, f"{target} took longer than {self._within:g} s.", phase=Phase.PAGE)

    async def _ready(self) -> Worker:
        if self.worker is None or self.worker.gone is not None:
            worker = await self._pool.new()
            with killed_on_failure(worker), Limit(self._within):
                await worker.load_functions()
            self.worker = worker
        return self.worker

    async def _let_go(self, jobs: int) -> None:
        await sleep(self._keep_alive)
        if self._jobs == jobs and self.worker is not None:
            worker, self.worker = self.worker, None
            await worker.close(self._within)
