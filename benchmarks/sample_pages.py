"""The pages that benchmarks encode: A4 at 300 dpi, as a driver delivers them."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from device_protocol.pages import PageParams, packed_row
from sheets import ColourMode, RenderSettings, Sheet, Side, noisy_reference_sheet, pixel_size, render


@dataclass(frozen=True)
class SamplePage:
    """A raw page.

    Attributes:
        pixels: ``(3508, 2480, 3)``, ``(3508, 2480)``, or of 1-bit pages ``(3508, 310)``.
        params: of the raw page.
        data: its bytes.
    """

    pixels: npt.NDArray[np.uint8]
    params: PageParams
    data: bytes


@functools.cache
def clean_page() -> SamplePage:
    """The reference sheet as it is drawn."""
    return _page(Sheet(1))


@functools.cache
def noisy_page() -> SamplePage:
    """The reference sheet as a flatbed sees it: with noise in every sample, which nothing compresses well."""
    return _page(noisy_reference_sheet())


@functools.cache
def noisy_grey_page() -> SamplePage:
    """The noisy reference sheet in grey."""
    return _page(noisy_reference_sheet(), ColourMode.GRAY)


@functools.cache
def lineart_page() -> SamplePage:
    """The reference sheet in black and white, one bit a pixel."""
    return _page(Sheet(1), ColourMode.LINEART)


def _page(sheet: Sheet, mode: ColourMode = ColourMode.COLOR) -> SamplePage:
    settings = RenderSettings(mode=mode)
    pixels = render(sheet, Side.FRONT, settings).astype(np.uint8, copy=False)
    width, height = pixel_size(settings, sheet)
    depth = 1 if mode is ColourMode.LINEART else 8
    stride = packed_row(width, settings.channels, depth)
    params = PageParams(width, height, stride, depth, settings.channels, dpi_x=300, dpi_y=300)
    return SamplePage(pixels, params, pixels.tobytes())
