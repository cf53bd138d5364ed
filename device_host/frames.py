"""The one frame protocol between a host and its workers, without any input or output of its own. Standard library only, no pickle.

A frame is two lengths of four bytes each (big-endian), a header (a JSON object in UTF-8) and a blob (bytes). Both lengths have a hard limit, checked before
anything is allocated. Values of the contract cross in the header as :mod:`device_protocol.plain`; pixels cross as the blob.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

Buffer: TypeAlias = bytes | bytearray | memoryview

MAX_HEADER: Final = 1 << 20
MAX_BLOB: Final = 64 << 20

_PREFIX = struct.Struct(">II")
_KEEP: Final = 4 << 20
"""A receive buffer above this size is given back after its frame."""


class FrameError(ValueError):
    """What came is no frame: garbage, beyond a limit, or cut off."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A header and a blob."""

    header: dict[str, Any]
    blob: bytes = b""


def encode_head(header: dict[str, Any], blob_bytes: int = 0) -> bytes:
    """Everything of a frame but its blob, so that the blob can be sent from where it lies.

    Raises:
        FrameError: a length is beyond its limit, or the header is no plain data.
    """
    try:
        text = json.dumps(header, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise FrameError(f"a header that is no plain data: {error}") from None
    if len(text) > MAX_HEADER:
        raise FrameError(f"a header of {len(text)} bytes: more than {MAX_HEADER}")
    if blob_bytes > MAX_BLOB:
        raise FrameError(f"a blob of {blob_bytes} bytes: more than {MAX_BLOB}")
    return _PREFIX.pack(len(text), blob_bytes) + text


def encode(header: dict[str, Any], blob: Buffer = b"") -> bytes:
    """A whole frame.

    Raises:
        FrameError: see :func:`encode_head`.
    """
    return encode_head(header, memoryview(blob).nbytes) + bytes(blob)


class Decoder:
    """Makes frames of bytes as they come.

    Receive into :meth:`space` and say how much came by :meth:`received`; the buffer is used again for the next frame. Where the bytes are there
    already, :meth:`feed` does both.
    """

    def __init__(self) -> None:
        self._buffer = bytearray(64 << 10)
        self._start = 0  # of the frame under way
        self._stop = 0  # of what was received
        self._need = _PREFIX.size  # bytes of the frame under way, as far as they are known
        self._broken = False

    def space(self) -> memoryview:
        """Where to receive; at least as much as the frame under way lacks, and never empty."""
        lacking = self._need - (self._stop - self._start)
        if self._start and len(self._buffer) - self._stop < max(lacking, len(self._buffer) // 2):
            self._compact()
        if len(self._buffer) - self._stop < max(lacking, 1):
            self._grow(self._stop + max(lacking, 1))
        return memoryview(self._buffer)[self._stop :]

    def received(self, count: int) -> list[Frame]:
        """*count* bytes were received into :meth:`space`: the frames that are complete now.

        Raises:
            FrameError: the bytes are no frames; the decoder gives nothing more after that.
        """
        self._stop += count
        return list(self._frames())

    def feed(self, data: Buffer) -> list[Frame]:
        """Take *data* and give the frames that are complete now.

        Raises:
            FrameError: as for :meth:`received`.
        """
        frames: list[Frame] = []
        view = memoryview(data)
        while view.nbytes:
            space = self.space()
            count = min(len(space), view.nbytes)
            space[:count] = view[:count]
            space.release()
            view = view[count:]
            frames += self.received(count)
        return frames

    def end(self) -> None:
        """The other side has closed.

        Raises:
            FrameError: in the middle of a frame.
        """
        if self._stop > self._start:
            raise FrameError(f"cut off: {self._stop - self._start} bytes of a frame of at least {self._need}")

    def _frames(self) -> Iterator[Frame]:
        if self._broken:
            raise FrameError("nothing can be read after a broken frame")
        try:
            while self._stop - self._start >= self._need:
                size, blob_bytes = self._lengths()
                self._need = _PREFIX.size + size + blob_bytes
                if self._stop - self._start < self._need:
                    return
                header_start = self._start + _PREFIX.size
                blob_start = header_start + size
                self._start += self._need
                self._need = _PREFIX.size
                with memoryview(self._buffer) as view:
                    yield Frame(
                        _header(bytes(view[header_start:blob_start])), bytes(view[blob_start : blob_start + blob_bytes])
                    )
        except FrameError:
            self._broken = True
            raise
        if self._start == self._stop:
            self._start = self._stop = 0
            if len(self._buffer) > _KEEP:
                self._buffer = bytearray(64 << 10)

    def _lengths(self) -> tuple[int, int]:
        size, blob_bytes = _PREFIX.unpack_from(self._buffer, self._start)
        if not 2 <= size <= MAX_HEADER:
            raise FrameError(f"a header of {size} bytes: a header has 2 to {MAX_HEADER}")
        if blob_bytes > MAX_BLOB:
            raise FrameError(f"a blob of {blob_bytes} bytes: more than {MAX_BLOB}")
        return size, blob_bytes

    def _compact(self) -> None:
        kept = self._stop - self._start
        self._buffer[:kept] = self._buffer[self._start : self._stop]
        self._start, self._stop = 0, kept

    def _grow(self, size: int) -> None:
        grown = bytearray(size)
        kept = self._stop - self._start
        grown[:kept] = memoryview(self._buffer)[self._start : self._stop]
        self._buffer, self._start, self._stop = grown, 0, kept


def _header(text: bytes) -> dict[str, Any]:
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FrameError(f"a header that is no JSON: {error}") from None
    if not isinstance(header, dict):
        raise FrameError(f"a header that is no JSON object but {type(header).__name__}")
    return header
