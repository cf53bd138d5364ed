"""A raw page on its way through the encoding stage: its bytes in a buffer that is used again. Standard library only."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from device_host.encoding.errors import BadPage, TooLarge
from device_host.encoding.limits import MAX_RAW_BYTES
from device_host.messages import as_device_error
from device_protocol.codes import Code
from device_protocol.errors import DeviceError, Phase
from device_protocol.pages import PageEnd, PageInfo, PageParams

if TYPE_CHECKING:
    from device_host.stage import EncodedPage

_SPARE: Final = 2


class Buffers:
    """Memory for raw pages: fresh memory costs a page fault every 4 KiB, 20 ms for A4 at 300 dpi in colour."""

    def __init__(self) -> None:
        self._spare: list[bytearray] = []
        self._lock = threading.Lock()

    def get(self, size: int) -> bytearray:
        """A buffer of at least *size* bytes, content undefined; from any thread."""
        with self._lock:
            for buffer in self._spare:
                if size <= len(buffer) <= max(2 * size, 1 << 20):
                    self._spare.remove(buffer)
                    return buffer
        return bytearray(size)

    def give_back(self, page: RawPage) -> None:
        """*page* is not needed any more; from any thread."""
        buffer = page.take_buffer()
        with self._lock:
            if len(self._spare) >= _SPARE:
                self._spare.pop(0)
            self._spare.append(buffer)


BUFFERS = Buffers()
"""Of this process: the next job takes over what the last one has left."""


class RawPage:
    """What has come of a page.

    Attributes:
        info: from its beginning.
        end: from its end.
        size: bytes so far.
    """

    def __init__(self, info: PageInfo, buffers: Buffers) -> None:
        self.info = info
        self.end = PageEnd(info.number, info.params, 0)
        self.size = 0
        expected = info.params.total
        if expected is not None and expected > MAX_RAW_BYTES:
            raise DeviceError(
                Code.NO_MEMORY, f"A page of {expected} bytes is too large.", phase=Phase.PAGE, page=info.number
            )
        self._buffer = buffers.get(expected or 1 << 20)

    def add(self, data: bytes) -> None:
        """Append *data*.

        Raises:
            DeviceError: NO_MEMORY beyond MAX_RAW_BYTES.
        """
        stop = self.size + len(data)
        if stop > MAX_RAW_BYTES:
            raise DeviceError(
                Code.NO_MEMORY,
                f"The page has more than {MAX_RAW_BYTES} bytes.",
                phase=Phase.READ,
                page=self.info.number,
            )
        if stop > len(self._buffer):
            grown = bytearray(min(MAX_RAW_BYTES, max(stop, 2 * len(self._buffer))))
            with memoryview(grown) as view:
                view[: self.size] = memoryview(self._buffer)[: self.size]
            self._buffer = grown
        with memoryview(self._buffer) as view:  # a slice of the bytearray itself would copy twice
            view[self.size : stop] = data
        self.size = stop

    def take_buffer(self) -> bytearray:
        """The buffer, for another page."""
        buffer, self._buffer = self._buffer, bytearray()
        return buffer

    def as_it_is(self) -> EncodedPage:
        """The file that the device itself delivered."""
        from device_host.stage import EncodedPage  # noqa: PLC0415  # the two modules need each other

        data = bytes(memoryview(self._buffer)[: self.size])
        return EncodedPage(replace(self.info, params=self.end.params), data, replace(self.end, bytes=self.size))

    def encode(
        self, encoder: Callable[[PageParams, memoryview, str, int], bytes], media_type: str, quality: int
    ) -> EncodedPage:
        """The page as a file.

        Args:
            encoder: :func:`device_host.encoding.encode_page` or one like it.
            media_type: what it shall become.
            quality: of JPEG.

        Raises:
            DeviceError: TRANSFER_BROKEN, there is not even one whole row, or more than the page was to have.
        """
        from device_host.stage import EncodedPage  # noqa: PLC0415  # the two modules need each other

        params, end = self.end.params, self.end
        rows = self._rows(params)
        short = params.height is not None and rows < params.height
        params = replace(params, height=rows, final=True)
        with memoryview(self._buffer) as whole, whole[: min(self.size, rows * params.stride)] as data:
            encoded = encoder(params, data, media_type, quality)
        params = replace(params, stride=0, format=media_type)
        end = replace(end, params=params, bytes=len(encoded), incomplete=end.incomplete or short)
        return EncodedPage(replace(self.info, params=params), encoded, end)

    def _rows(self, params: PageParams) -> int:
        """How many whole rows there are; the last one needs no padding."""
        stride = params.stride
        rows, rest = divmod(self.size, stride) if stride > 0 else (0, 0)
        if rest >= params.packed_row > 0:
            rows += 1
        if rows < 1 or (params.height is not None and self.size > params.height * stride):
            raise DeviceError(
                Code.TRANSFER_BROKEN,
                f"Page {self.info.number} came with {self.size} bytes instead of {params.total}.",
                phase=Phase.READ,
                page=self.info.number,
            )
        return rows


def encoding_error(error: Exception, number: int) -> DeviceError:
    """What a failing encoder means for the job."""
    if isinstance(error, DeviceError):
        return error
    code = {TooLarge: Code.NO_MEMORY, MemoryError: Code.NO_MEMORY, BadPage: Code.TRANSFER_BROKEN}.get(type(error))
    if code is None:
        failed = as_device_error(error, Phase.PAGE)
        return DeviceError(
            Code.INTERNAL,
            f"Page {number} was not encoded: {error}.",
            phase=Phase.PAGE,
            page=number,
            native=failed.native,
        )
    return DeviceError(code, f"Page {number}: {error}.", phase=Phase.PAGE, page=number)
