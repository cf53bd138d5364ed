"""One camera for many: its stream runs while somebody looks, and everybody gets the latest frame."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

import trio

from device_protocol import ALL, Code, DeviceCaps, DeviceError, PageParams, Settings
from device_protocol.aio import Backend, Session, read_all
from device_protocol.options import FRAME_RATE, FRAME_SIZE, PIXEL_FORMAT
from simulators.cameras.frames import jpeg
from simulators.cameras.model import MJPG
from simulators.cameras.picture import JPEG_TYPE
from simulators.cameras.rows import rows
from simulators.crash import SimulatedCrash

LINGER_S = 2.0
"""How long a camera goes on when the last one has left, so that snapshots in a row do not start it each time."""
QUALITY = 85
"""Of cameras that deliver rows only."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame as a JPEG file. *sequence* is the camera's, *taken_s* in seconds since the lab opened."""

    sequence: int
    taken_s: float
    file: bytes


class Feed:
    """A camera that many look at.

    Args:
        backend: the lab.
        device_id: of the camera.
        caps: what it can do.
        linger_s: see :data:`LINGER_S`.

    Attributes:
        looking: how many look now.
        frames: that the camera has delivered to us.
    """

    def __init__(self, backend: Backend, device_id: str, caps: DeviceCaps, linger_s: float = LINGER_S) -> None:
        self._backend = backend
        self._id = device_id
        self.modes = caps.sources[0].frames
        self._linger_s = linger_s
        self._latest: Frame | None = None
        self._error: DeviceError | None = None
        self._news = trio.Event()
        self._wanted = trio.Event()
        self.looking = 0
        self.frames = 0

    async def run(self) -> None:
        """Serve for ever."""
        while True:
            await self._wanted.wait()
            try:
                await self._stream()
                self._latest = None
            except (DeviceError, SimulatedCrash) as error:  # another camera's streams go on
                self._latest = None
                self._error = error if isinstance(error, DeviceError) else DeviceError(Code.INTERNAL, str(error))
                self._tell()
                self._wanted = trio.Event()

    @asynccontextmanager
    async def look(self) -> AsyncIterator[AsyncIterator[Frame]]:
        """The frames from now on; each is the latest at the time when it is asked for, and none comes twice.

        The iterator raises the DeviceError that ends the stream, such as ACCESS_DENIED, BUSY or DEVICE_LOST.
        """
        self.looking += 1
        self._error = None
        self._wanted.set()
        try:
            async with aclosing(self._frames()) as frames:
                yield frames
        finally:
            self.looking -= 1

    async def _frames(self) -> AsyncGenerator[Frame, None]:
        seen: Frame | None = None
        while True:
            if self._error is not None:
                raise self._error
            if self._latest is not None and self._latest is not seen:
                seen = self._latest
                yield seen
            else:
                await self._news.wait()

    async def _stream(self) -> None:
        session = await self._backend.open(self._id)
        try:
            await self._choose(session)
            job = await session.start(pages=ALL)
            idle_since: float | None = None
            while True:
                page = await job.next_page()
                assert page is not None
                data, end = await read_all(page)
                self._latest = Frame(page.info.sequence or 0, page.info.taken_s or 0.0, _as_jpeg(data, end.params))
                self.frames += 1
                self._tell()
                now = trio.current_time()
                idle_since = None if self.looking else idle_since if idle_since is not None else now
                if idle_since is not None and now - idle_since >= self._linger_s:
                    self._wanted = trio.Event()
                    return
        finally:
            with trio.CancelScope(shield=True):
                await session.close()

    async def _choose(self, session: Session) -> None:
        """The first mode that is a JPEG already, else the first."""
        mode = next((mode for mode in self.modes if mode.fourcc == MJPG), self.modes[0])
        extra = ((PIXEL_FORMAT, mode.fourcc), (FRAME_SIZE, mode.size), (FRAME_RATE, mode.rates[0]))
        await session.apply(Settings(extra=extra))

    def _tell(self) -> None:
        self._news.set()
        self._news = trio.Event()


def _as_jpeg(data: bytes, params: PageParams) -> bytes:
    return data if params.format == JPEG_TYPE else jpeg(rows(data, params), QUALITY)
