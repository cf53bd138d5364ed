"""The handle of an encoded page, with the answers of the state table. Standard library only; both forms use it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from device_protocol.codes import Code
from device_protocol.errors import DeviceError, Phase
from device_protocol.pages import PageEnd, PageInfo

if TYPE_CHECKING:
    from device_host.stage import EncodedPage


class FilePage:
    """A page of an encoded job, in the blocking form."""

    def __init__(self, page: EncodedPage) -> None:
        self.info: PageInfo = page.info
        self._data: bytes = page.data
        self._end = page.end
        self._position = 0
        self._at_end = False
        self._ended: PageEnd | None = None
        self._cancelled = False

    def cancel(self) -> None:
        """The job was cancelled: no bytes follow (CANC-02)."""
        if self._ended is None:
            self._cancelled = True
            self._data = b""

    def read(self, max_bytes: int) -> bytes:
        """1 to *max_bytes* bytes of the file; ``b""`` once at its end.

        Raises:
            DeviceError: CANCELLED, WRONG_STATE after the end marker, INVALID_VALUE for *max_bytes* below 1.
        """
        if self._cancelled:
            raise DeviceError(Code.CANCELLED, phase=Phase.READ, page=self.info.number)
        if self._at_end or self._ended is not None:
            raise DeviceError(Code.WRONG_STATE, "The page has been read to its end.", phase=Phase.READ)
        if max_bytes < 1:
            raise DeviceError(
                Code.INVALID_VALUE, f"Cannot read {max_bytes!r} bytes.", phase=Phase.READ, value=max_bytes
            )
        strip = self._data[self._position : self._position + max_bytes]
        self._position += len(strip)
        self._at_end = not strip
        return strip

    def end(self) -> PageEnd:
        """Leave the page; one that was not read to its end is incomplete."""
        if self._cancelled:
            raise DeviceError(Code.CANCELLED, phase=Phase.PAGE, page=self.info.number)
        if self._ended is None:
            unread = self._position < len(self._data)
            self._ended = replace(self._end, bytes=self._position, incomplete=self._end.incomplete or unread)
            self._data = b""
        return self._ended
