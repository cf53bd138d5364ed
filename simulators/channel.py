"""One connection between a lab and a client: frames in order, both ways, and calls with numbers."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import trio

from device_host.frames import Decoder, encode
from device_protocol import Code, DeviceError
from device_protocol.aio import hold
from device_protocol.plain import PlainError, error_from_plain
from simulators.manual_time import waiting
from simulators.messages import CrashError
from simulators.wire import lab_lost

MAX_UNSENT = 4096
"""Frames that may wait for a peer that does not read; beyond, the connection is cut."""

_CHUNK = 64 << 10


class Channel:
    """A stream that carries headers.

    ``post`` never waits and is never cut in half by a cancelled caller: one task writes. ``run`` must be running; when it returns, the connection is gone.

    Args:
        stream: connected.
        take: gets every header that is not the reply to a call; must not wait.
    """

    def __init__(self, stream: trio.SocketStream, take: Callable[[dict[str, Any]], None]) -> None:
        self._stream = stream
        self._take = take
        self._unsent: deque[bytes] = deque()
        self._work = trio.Event()
        self._numbers = itertools.count(1)
        self._waiting: dict[int, _Reply] = {}
        self._scope = trio.CancelScope()
        self.gone = trio.Event()
        self.why = "the connection was closed"

    def post(self, header: dict[str, Any]) -> None:
        """Send *header* after everything that was posted before."""
        if len(self._unsent) >= MAX_UNSENT:
            self.why = "the other side does not read"
            self._scope.cancel()
            return
        self._unsent.append(encode(header))
        self._work.set()

    async def call(self, name: str, **arguments: Any) -> Any:
        """Call the other side and wait for its answer.

        Raises:
            DeviceError: the answer, or DEVICE_LOST when the connection is gone.
            CrashError: the answer.
        """
        if self.gone.is_set():
            await trio.lowlevel.checkpoint()
            raise lab_lost(self.why)
        number = next(self._numbers)
        reply = self._waiting[number] = _Reply()
        self.post({"call": name, "n": number, "with": arguments})
        try:
            with hold(), waiting():
                await reply.event.wait()
        finally:
            self._waiting.pop(number, None)  # the answer to a caller that left is dropped
        header = reply.header
        if header is None:
            raise lab_lost(self.why)
        if "error" in header:
            raise _error(header["error"])
        if "crash" in header:
            raise CrashError(str(header["crash"]))
        return header.get("ok")

    def close(self) -> None:
        """Cut the connection."""
        self._scope.cancel()

    async def run(self) -> None:
        """Read and write until the connection is gone."""
        try:
            with self._scope:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(self._write)
                    await self._read()
                    nursery.cancel_scope.cancel()
        finally:
            self.gone.set()
            for reply in self._waiting.values():
                reply.event.set()
            await trio.aclose_forcefully(self._stream)

    async def _read(self) -> None:
        decoder = Decoder()
        try:
            while data := await self._stream.receive_some(_CHUNK):
                for frame in decoder.feed(data):
                    self._receive(frame.header)
            decoder.end()
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            self.why = "the connection broke"
        except (ValueError, KeyError, TypeError) as error:  # no frame, or no message: nothing after it can be trusted
            self.why = f"garbage came: {error}"

    def _receive(self, header: dict[str, Any]) -> None:
        if "n" in header and "call" not in header:
            reply = self._waiting.get(header["n"])
            if reply is not None:
                reply.header = header
                reply.event.set()
        else:
            self._take(header)

    async def _write(self) -> None:
        try:
            while True:
                while self._unsent:
                    await self._stream.send_all(self._unsent.popleft())
                self._work = trio.Event()
                await self._work.wait()
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            self.why = "the connection broke"
            self._scope.cancel()


class _Reply:
    def __init__(self) -> None:
        self.event = trio.Event()
        self.header: Mapping[str, Any] | None = None


def _error(data: Any) -> DeviceError:
    try:
        return error_from_plain(data)
    except PlainError as error:
        return DeviceError(Code.INTERNAL, f"The lab gave an error that is none: {error}.")
