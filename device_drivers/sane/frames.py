"""Frames to pages (SANE 3.2.1, 4.3.8): pure logic, no libsane.

A page is one GRAY or RGB frame, or three frames RED, GREEN and BLUE in any order, which are merged here. What comes out
is described by a `Layout` that tells the truth: the real stride, padding included; 16-bit samples in the machine's own
byte order, as the standard has it; None for a height that nobody knows yet. Whether all announced bytes came is always
known at the end: a page that a cancel cut short looks like any other to python-sane, and never here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from device_drivers.sane.bitcolor import BitInterleaver
from device_drivers.sane.errors import SaneBindingError
from device_protocol.vocabularies.sane_abi import LINES_UNKNOWN, Frame, Parameters

PLANES: Final = (Frame.RED, Frame.GREEN, Frame.BLUE)
MERGE_ROWS: Final = 256
"""Rows merged at a time, to keep the extra memory small."""
PAGE_LIMIT: Final = 1 << 31
"""Bytes of a page whose planes have to be held in memory; a page that passes through has no limit."""


class FrameError(SaneBindingError):
    """The back end announced frames that make no page: odd geometry, a repeated colour, planes that differ."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How the bytes of a page are to be read.

    Attributes:
        width: Pixels of a row.
        height: Rows, or None while unknown.
        stride: Bytes from row to row.
        depth: Bits per sample: 1, 8 or 16. Bits are filled from the left, samples of 16 bits are in native order.
        channels: 1 or 3 (red, green, blue, interleaved by sample).
        one_is_black: What a set bit means at depth 1. Black in a GRAY frame (3.2.1). In colour a set bit is full
            intensity: that is what SANE's `test` sends, the only back end known to offer it.
    """

    width: int
    height: int | None
    stride: int
    depth: int
    channels: int
    one_is_black: bool = False


@dataclass(frozen=True, slots=True)
class PageEnding:
    """How a page ended.

    Attributes:
        layout: With the true height: complete rows that came.
        received: Bytes that the back end sent for it.
        missing: Bytes that were announced and did not come.
        ragged: Bytes after the last complete row, of a page of unknown height.
        ended: Whether the back end said that the page is at its end.
    """

    layout: Layout
    received: int
    missing: int
    ragged: int
    ended: bool

    @property
    def complete(self) -> bool:
        """Whether the page is whole: ended, with all that was announced, and with anything at all."""
        return self.ended and self.received > 0 and not self.missing and not self.ragged


def layout_of(parameters: Parameters) -> Layout:
    """The layout of a page whose (first) frame has these parameters.

    Raises:
        FrameError: The parameters cannot describe pixels.
    """
    try:
        frame = Frame(parameters.format)
    except ValueError:
        raise FrameError(f"frames of format {parameters.format} are not in the SANE standard") from None
    if parameters.depth not in {1, 8, 16}:
        raise FrameError(f"{parameters.depth} bits per sample")
    if parameters.pixels_per_line < 1 or parameters.lines < LINES_UNKNOWN or parameters.lines == 0:
        raise FrameError(f"{parameters.pixels_per_line} x {parameters.lines} pixels")
    channels = 3 if frame is Frame.RGB else 1
    packed = channels * _plane_row(parameters.pixels_per_line, parameters.depth)
    if parameters.bytes_per_line < packed:
        raise FrameError(f"{parameters.bytes_per_line} bytes per line where the pixels need {packed}")
    passes = 3 if frame in PLANES else 1
    return Layout(
        width=parameters.pixels_per_line,
        height=None if parameters.lines == LINES_UNKNOWN else parameters.lines,
        stride=parameters.bytes_per_line * passes,
        depth=parameters.depth,
        channels=channels * passes,
        one_is_black=parameters.depth == 1 and frame is Frame.GRAY,
    )


def _plane_row(width: int, depth: int) -> int:
    return (width * depth + 7) // 8


class PageAssembler:
    """Takes the frames of one page and gives its bytes.

    Use: `begin` with each frame's parameters, `feed` with its bytes, `end_frame` at its end, until that gives True.
    `take` gives what is ready at any time; `ending` closes the account.
    """

    def __init__(self, first: Parameters) -> None:
        self._single = first.format in {Frame.GRAY, Frame.RGB}
        self.layout = layout_of(first)
        self._first = first
        self._planes: dict[Frame, bytearray] = {}
        self._frame: Frame | None = None
        self._ready = bytearray()
        self._passing: bytes = b""  # bytes that need no change: handed on without a copy
        self._merged = 0  # rows
        self._received = 0
        self._done = False
        bits_in_colour = self.layout.depth == 1 and self.layout.channels == 3
        self._bits = BitInterleaver(self.layout.width, self.layout.stride) if bits_in_colour else None

    def begin(self, parameters: Parameters) -> None:
        """A frame begins.

        Raises:
            FrameError: It does not belong to this page: another geometry, a colour that came already, or a frame of one
                piece that says it is not the last.
        """
        if self._done or self._frame is not None:
            raise FrameError("a frame begins where none can")
        layout_of(parameters)
        frame = Frame(parameters.format)
        if replace(parameters, format=0, last_frame=True) != replace(self._first, format=0, last_frame=True):
            raise FrameError(f"the frames of one page differ: {self._first} and {parameters}")
        if self._single:
            if not parameters.last_frame:
                raise FrameError(f"a page of several {frame.name} frames")
        else:
            if frame not in PLANES or frame in self._planes:
                raise FrameError(f"a {frame.name} frame after {', '.join(plane.name for plane in self._planes)}")
            if parameters.last_frame != (len(self._planes) == len(PLANES) - 1):
                raise FrameError(f"frame {len(self._planes) + 1} of three says last_frame {parameters.last_frame}")
            if parameters.lines > 0 and 3 * parameters.lines * parameters.bytes_per_line > PAGE_LIMIT:
                raise FrameError(f"three planes of {parameters.lines * parameters.bytes_per_line} bytes")
            self._planes[frame] = bytearray()
        self._frame = frame

    def feed(self, data: bytes) -> None:
        """Bytes of the current frame.

        Raises:
            FrameError: More than announced, or planes beyond every limit.
        """
        if self._frame is None:
            raise FrameError("bytes outside of a frame")
        self._received += len(data)
        total = self._announced()
        if total is not None and self._received > total:
            raise FrameError(f"{self._received} bytes where {total} were announced")
        if self._single and self._bits is None and not self._ready and not self._passing:
            self._passing = data
            return
        if self._single:
            self._settle()
            self._ready += data if self._bits is None else self._bits.feed(data)
            return
        if self._received > PAGE_LIMIT:
            raise FrameError(f"planes of more than {PAGE_LIMIT} bytes")
        self._planes[self._frame] += data

    def end_frame(self) -> bool:
        """The current frame is at its end; True if the page is too."""
        if self._frame is None:
            raise FrameError("a frame ends where none is")
        self._frame = None
        self._done = self._single or len(self._planes) == len(PLANES)
        return self._done

    def take(self, max_bytes: int) -> bytes:
        """Up to *max_bytes* bytes of the page, `b""` if none are ready (merged pages only at their end)."""
        if self._passing and len(self._passing) <= max_bytes:
            passed, self._passing = self._passing, b""
            return passed
        self._settle()
        if not self._ready and self._done and not self._single:
            self._merge()
        if len(self._ready) <= max_bytes:
            taken = bytes(self._ready)
            self._ready.clear()
            return taken
        taken = bytes(memoryview(self._ready)[:max_bytes])
        del self._ready[:max_bytes]
        return taken

    def ending(self) -> PageEnding:
        """The account, at any time; final once `end_frame` gave True or nothing more will come."""
        stride = self.layout.stride
        if self._single:
            rows, ragged = divmod(self._received, stride)
        else:
            per_plane = [len(plane) for plane in self._planes.values()]
            shortest = min(per_plane) if len(per_plane) == len(PLANES) else 0
            rows = shortest // self._first.bytes_per_line
            ragged = self._received - rows * stride
        total = self._announced()
        if total is not None:
            return PageEnding(self.layout, self._received, total - self._received, 0, self._done)
        return PageEnding(replace(self.layout, height=rows), self._received, 0, ragged, self._done)

    def _settle(self) -> None:
        if self._passing:
            self._ready += self._passing
            self._passing = b""

    def _announced(self) -> int | None:
        return None if self.layout.height is None else self.layout.height * self.layout.stride

    def _merge(self) -> None:
        """Bring the next rows of the three planes together, as far as all three reach."""
        row = self._first.bytes_per_line
        rows = min(len(plane) for plane in self._planes.values()) // row
        count = min(MERGE_ROWS, rows - self._merged)
        if count <= 0:
            return
        begin, end = self._merged * row, (self._merged + count) * row
        parts = [memoryview(self._planes[plane])[begin:end] for plane in PLANES]
        merged = merge_planes(parts[0], parts[1], parts[2], 2 if self.layout.depth == 16 else 1)
        self._ready += merged if self._bits is None else self._bits.feed(bytes(merged))
        self._merged += count


def merge_planes(red: memoryview, green: memoryview, blue: memoryview, sample_bytes: int) -> bytearray:
    """Interleave three planes by sample of *sample_bytes* bytes (at depth 1: by byte, as an RGB frame of SANE has it).

    Padding at the end of the rows is interleaved with the rest, so a row of the result is three times as long.
    """
    merged = bytearray(3 * len(red))
    if sample_bytes == 1:
        merged[0::3], merged[1::3], merged[2::3] = red, green, blue
        return merged
    view = memoryview(merged).cast("H")
    for place, plane in enumerate((red, green, blue)):
        view[place::3] = plane.cast("H")
    return merged
