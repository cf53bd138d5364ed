"""Pages for the tests: rendered sheets and what pipelines do to them."""

import io
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PIL import Image

from sheets import ColourMode, RenderSettings, Sheet, Side, pixel_size, render, unpack_lineart

Pixels = npt.NDArray[np.uint8]
Step = Callable[[Pixels], Pixels]


def page(sheet: Sheet, side: Side = Side.FRONT, dpi: int = 100, mode: ColourMode = ColourMode.COLOR) -> Pixels:
    """A page as pixels, 0 = black, whatever the mode."""
    settings = RenderSettings(dpi, dpi, mode)
    drawn = render(sheet, side, settings)
    if mode is ColourMode.LINEART:
        return unpack_lineart(drawn, pixel_size(settings, sheet)[0])
    return drawn.astype(np.uint8)


def encode(pixels: Pixels, kind: str, **options: object) -> bytes:
    """An encoded page."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, **options)
    return buffer.getvalue()


def turn(quarters: int) -> Step:
    """Turns a page clockwise."""
    return lambda pixels: np.ascontiguousarray(np.rot90(pixels, -quarters))


def mirror(pixels: Pixels) -> Pixels:
    """Exchanges left and right."""
    return pixels[:, ::-1]


def invert(pixels: Pixels) -> Pixels:
    """Exchanges black and white."""
    return 255 - pixels


def lose_third(edge: str) -> Step:
    """Cuts a third off a page at one edge of the picture."""

    def cut(pixels: Pixels) -> Pixels:
        high, wide = pixels.shape[0] // 3, pixels.shape[1] // 3
        return {
            "left": pixels[:, wide:],
            "top": pixels[high:],
            "right": pixels[:, :-wide],
            "bottom": pixels[:-high],
        }[edge]

    return cut


def skew(degrees: float) -> Step:
    """Turns the content of a page clockwise by a few degrees, leaving its size."""

    def turned(pixels: Pixels) -> Pixels:
        white = (255,) * 3 if pixels.ndim == 3 else 255
        image = Image.fromarray(pixels).rotate(-degrees, Image.Resampling.BICUBIC, fillcolor=white)
        return np.asarray(image)

    return turned
