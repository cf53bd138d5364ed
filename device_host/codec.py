"""The codec process: makes one file type from another, away from the service's own process."""

from __future__ import annotations

import trio

from device_host.messages import BACKEND
from device_host.pool import Pool
from device_host.realtime import Limit, sleep
from device_host.runners import killed_on_failure
from device_host.workers import Worker
from device_protocol.codes import Code
from device_protocol.errors import DeviceError, Phase


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
        async with self._lock:
            self._jobs += 1
            worker = await self._ready()
            self._nursery.start_soon(self._let_go, self._jobs)
            call = worker.post(BACKEND, "transcode", (source_type, target_type, quality), data)
            try:
                with Limit(self._within):
                    return (await call.wait()).blob
            finally:
                if not call.answered:  # too slow, or nobody wants it any more: the next one must not wait for it
                    worker.kill()
            message = f"The page was not made into {target_type} within {self._within:g} s."
            raise DeviceError(Code.TIMED_OUT, message, phase=Phase.PAGE)

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
