"""Pages: their parameters, and what is known at their end. The bytes themselves come by ``read``, in strips."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from enum import StrEnum

from device_protocol.capabilities import RAW, Colour


class Side(StrEnum):
    """A side of a sheet; UNKNOWN where the device does not tell."""

    FRONT = "front"
    BACK = "back"
    UNKNOWN = "unknown"


class Polarity(StrEnum):
    """What a set bit or a high sample means (DATA-08)."""

    ONE_IS_BLACK = "one-is-black"
    ONE_IS_WHITE = "one-is-white"


class ByteOrder(StrEnum):
    """Order of the bytes of 16-bit samples (DATA-07)."""

    LITTLE = "little"
    BIG = "big"


NATIVE_ORDER = ByteOrder(sys.byteorder)


@dataclass(frozen=True, slots=True)
class PageParams:
    """What a page is made of.

    Attributes:
        width, height: pixels; height is None while it is unknown (DATA-06).
        stride: bytes of a row, padding included; 0 for encoded pages (DATA-05).
        depth: bits per sample: 1, 8 or 16.
        channels: 1 or 3, interleaved RGB.
        colour: what the samples mean.
        format: ``raw`` or a media type.
        dpi_x, dpi_y: resolution; None for cameras.
        polarity: of 1-bit pixels. SANE has 1 = black. Samples of 8 and 16 bits are always "higher is brighter".
        byte_order: of 16-bit samples.
        final: False for an estimate (SCAN-07).
    """

    width: int
    height: int | None
    stride: int
    depth: int = 8
    channels: int = 3
    colour: Colour = Colour.COLOR
    format: str = RAW
    dpi_x: float | None = None
    dpi_y: float | None = None
    polarity: Polarity = Polarity.ONE_IS_BLACK
    byte_order: ByteOrder = NATIVE_ORDER
    final: bool = True

    @property
    def packed_row(self) -> int:
        """Bytes that the pixels of a row need; the stride is at least that (DATA-05)."""
        return packed_row(self.width, self.channels, self.depth)

    @property
    def total(self) -> int | None:
        """Bytes of the whole raw page, or None while the height is unknown or for encoded pages (DATA-04)."""
        return None if self.height is None or self.format != RAW else self.height * self.stride


def packed_row(width: int, channels: int, depth: int) -> int:
    """Bytes of a row of *width* pixels without padding; rows of 1-bit pixels end on a byte."""
    return (width * channels * depth + 7) // 8


@dataclass(frozen=True, slots=True)
class PageInfo:
    """What is known of a page when it begins.

    Attributes:
        number: from 1 without gaps, in sheet order (PAGE-01).
        side: which side of its sheet.
        params: of this very page (PAGE-09).
        sheet: number of the sheet in this job, from 1; None where the device does not tell.
        sequence: of a camera's frame: counts every frame that was taken since the start, from 0, so that lost ones are missing (CAM-03).
        taken_s: when the frame was taken, in seconds of the camera's clock.
    """

    number: int
    params: PageParams
    side: Side = Side.UNKNOWN
    sheet: int | None = None
    sequence: int | None = None
    taken_s: float | None = None


@dataclass(frozen=True, slots=True)
class PageEnd:
    """What is known of a page when it has ended.

    Attributes:
        number: of the page.
        params: final parameters, the height included (DATA-06).
        bytes: how many were read.
        incomplete: data is missing, because the page was ended early or the transfer was cut (DATA-11).
        multifeed, blank: what the device noticed about the sheet; None where it cannot tell.
    """

    number: int
    params: PageParams
    bytes: int
    incomplete: bool = False
    multifeed: bool | None = None
    blank: bool | None = None
