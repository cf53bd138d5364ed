"""Pictures: what the scan bar sees, as the firmware delivers it. A pure function of sheet, side and settings."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt

from device_protocol import ByteOrder, Code, Colour, DeviceError, PageParams, Phase, Polarity
from device_protocol.pages import NATIVE_ORDER, packed_row
from sheets import ColourMode, RenderSettings, Sheet, SheetError, Side, render_rows
from sheets.settings import pixel_size

BAND_BYTES = 48 << 20
"""A page up to that size is drawn at once, a larger one in bands."""

MIDDLE = 128

Samples = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Look:
    """Settings of a picture.

    Attributes:
        area: left, top, right, bottom in mm.
        detect_size: whether the page ends where the sheet ends.
        brightness: -100 to 100.
        threshold: samples below it are black in LINEART, 1 to 255.
        row_padding: zero bytes after each row.
        said_dpi: what the page claims to have; 0: *dpi*.
        swapped: whether samples of 16 bits come in the other byte order than they are said to have.
        inverted: whether black and white of 1-bit pages are the wrong way round.
    """

    colour: Colour
    depth: int
    dpi: int
    area: tuple[float, float, float, float]
    detect_size: bool = False
    brightness: int = 0
    threshold: int = MIDDLE
    row_padding: int = 0
    byte_order: ByteOrder = NATIVE_ORDER
    said_dpi: int = 0
    swapped: bool = False
    inverted: bool = False


def area_of(look: Look, sheet: Sheet | None) -> tuple[float, float, float, float]:
    """The area that is delivered of *sheet*."""
    left, top, right, bottom = look.area
    if not look.detect_size or sheet is None:
        return look.area
    width, length = sheet.extent_mm
    # a sheet that does not reach into the area still gives a row and a column
    return left, top, max(left + 0.1, min(right, width)), max(top + 0.1, min(bottom, length))


def params_of(look: Look, sheet: Sheet | None = None, *, height_known: bool = True, final: bool = True) -> PageParams:
    """Parameters of a page."""
    settings = _settings(look, area_of(look, sheet))
    width, height = pixel_size(settings, _ANY_SHEET)
    channels = settings.channels
    return PageParams(
        width=width,
        height=height if height_known else None,
        stride=packed_row(width, channels, look.depth) + look.row_padding,
        depth=look.depth,
        channels=channels,
        colour=look.colour,
        dpi_x=look.said_dpi or look.dpi,
        dpi_y=look.said_dpi or look.dpi,
        polarity=Polarity.ONE_IS_BLACK,
        byte_order=look.byte_order,
        final=final and height_known,
    )


class Picture:
    """The bytes of a page.

    Args:
        look: the settings.
        sheet: what lies there; None for an empty glass, which is white.
        back: whether its back is seen.
    """

    def __init__(self, look: Look, sheet: Sheet | None, *, back: bool = False) -> None:
        self._look = look
        self._sheet = sheet
        self._side = Side.BACK if back else Side.FRONT
        self._settings = _settings(look, area_of(look, sheet))
        self.params = params_of(look, sheet)
        self.blank = sheet is None or sheet.shows_nothing(self._side)
        assert self.params.height is not None
        self.rows = self.params.height
        self.size = self.rows * self.params.stride
        self._band_rows = max(1, min(self.rows, BAND_BYTES // self.params.stride))
        self._band = memoryview(b"")
        self._band_start = 0

    def bytes(self, start: int, end: int) -> bytes:
        """Bytes *start* to *end*; at most to the end of the band, and at least one.

        Raises:
            DeviceError: OTHER, the document that is printed on the sheet is gone.
        """
        if not self._band_start <= start < self._band_start + len(self._band):
            first = start // self.params.stride // self._band_rows * self._band_rows
            self._band_start = first * self.params.stride
            self._band = self._draw(first, min(self._band_rows, self.rows - first))
        offset = self._band_start
        return bytes(self._band[start - offset : end - offset])

    def release(self) -> None:
        """Give the drawn bytes back; they are drawn again if they are asked for."""
        self._band = memoryview(b"")

    def _draw(self, first: int, count: int) -> memoryview:
        samples = self._render(first, count)
        if samples.dtype == np.uint16 and (self._look.byte_order != sys.byteorder) is not self._look.swapped:
            samples = samples.byteswap()
        if self._look.inverted and self._look.depth == 1:
            samples = ~samples
        rows = np.ascontiguousarray(samples).reshape(count, -1).view(np.uint8)
        if self._look.row_padding:
            padded = np.zeros((count, self.params.stride), np.uint8)
            padded[:, : rows.shape[1]] = rows
            rows = padded
        return rows.data.cast("B")

    def _render(self, first: int, count: int) -> Samples:
        look = self._look
        plain = look.brightness == 0 and (look.colour is not Colour.LINEART or look.threshold == MIDDLE)
        if plain:
            return self._see(self._settings, first, count)
        if look.colour is not Colour.LINEART:
            return _brighter(self._see(self._settings, first, count), look.brightness)
        grey = RenderSettings(self._settings.dpi_x, self._settings.dpi_y, ColourMode.GRAY, 8, self._settings.area_mm)
        return np.packbits(_brighter(self._see(grey, first, count), look.brightness) < look.threshold, axis=1)

    def _see(self, settings: RenderSettings, first: int, count: int) -> Samples:
        if self._sheet is not None:
            try:
                return render_rows(self._sheet, self._side, settings, first, count)
            except SheetError as error:  # the document that is printed on it
                raise DeviceError(Code.OTHER, f"The sheet cannot be drawn: {error}.", phase=Phase.READ) from error
        if settings.mode is ColourMode.LINEART:
            return np.zeros((count, (self.params.width + 7) // 8), np.uint8)
        shape = (count, self.params.width) if settings.channels == 1 else (count, self.params.width, 3)
        return np.full(shape, 65535, np.uint16) if settings.depth == 16 else np.full(shape, 255, np.uint8)


_ANY_SHEET = Sheet(0)


def _settings(look: Look, area: tuple[float, float, float, float]) -> RenderSettings:
    return RenderSettings(look.dpi, look.dpi, ColourMode(look.colour.value), look.depth, area)


def _brighter(samples: Samples, percent: int) -> Samples:
    """Samples with *percent* of the range added."""
    top = 65535 if samples.dtype == np.uint16 else 255
    table = np.clip(np.arange(top + 1) + round(percent * top / 100), 0, top).astype(samples.dtype)
    return cast("Samples", table[samples])
