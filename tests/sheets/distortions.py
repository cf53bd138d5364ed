"""Known distortions: what a pipeline may do to a page, drawn by lot from a seed, and what the oracle must then say."""

import io
import random
from dataclasses import dataclass

import numpy as np
from PIL import Image

from sheets import (
    A5,
    A6,
    BUSINESS_CARD,
    ColourMode,
    Defects,
    Dust,
    PaperSize,
    RenderSettings,
    Sheet,
    Side,
    Streak,
    pixel_size,
    render,
    unpack_lineart,
)
from tests.sheets.pages import Pixels

SIZES: tuple[PaperSize, ...] = (A5, A6, A6.landscape, BUSINESS_CARD, PaperSize("slip", 99.0, 140.0))
"""Small papers, so that hundreds of pages take seconds."""

DPI = (75, 100, 150, 200, 240, 300, 400, 600)
PAPERS = {100: SIZES, 200: SIZES[1:], 600: (BUSINESS_CARD,)}
"""Which of them up to which resolution: what is tested does not depend on how many pixels there are."""

MAX_SKEW = 6.0
SEEDS = (0, 1, 2**32 - 1)  # few, since noise is drawn once for each


@dataclass(frozen=True)
class Case:
    """A distorted page and the truth about it.

    Attributes:
        pixels: The page, or its JPEG file.
        sheet: What it shows.
        side: Of it.
        dpi: Resolution along the picture's rows and columns.
        skew: Degrees clockwise off the quarter turn.
        turned: Degrees clockwise, 0, 90, 180, 270.
        mirrored: Whether left and right are exchanged.
        crop_px: Cut off at the left, top, right and bottom of the upright sheet; ``None`` where skew leaves no single figure.
        words: What was done, for whoever reads a failure.
    """

    pixels: Pixels | bytes
    sheet: Sheet
    side: Side
    dpi: tuple[float, float]
    skew: float
    turned: int
    mirrored: bool
    crop_px: tuple[int, int, int, int]
    words: str


def case(seed: int, number: int) -> Case:
    """Case *number* of a seed; the same every time."""
    dice = random.Random(f"{seed}/{number}")
    dpi = dice.choice(DPI)
    mode = dice.choice(tuple(ColourMode))
    if mode is ColourMode.LINEART:
        dpi = max(dpi, 200)
    size = dice.choice(next(sizes for most, sizes in PAPERS.items() if dpi <= most))
    skew = round(dice.uniform(-MAX_SKEW, MAX_SKEW), 2) if dice.random() < 0.6 else 0.0
    dirt = dice.random() < 0.4
    defects = Defects(
        skew=skew,
        dust=(Dust(dice.randint(1, 60), dice.uniform(0.2, 0.8)),) if dirt else (),
        streaks=(Streak(dice.uniform(0, size.width_mm), 0.2, 0.4),) if dirt and dice.random() < 0.5 else (),
    )
    noise = dice.choice((0.0, 0.0, 3.0, 8.0))
    sheet = Sheet(dice.randint(0, 2**24 - 1), size, dice.choice(SEEDS), noise=noise, defects=defects)
    side = dice.choice(tuple(Side))
    settings = RenderSettings(dpi, dpi, mode)
    drawn = render(sheet, side, settings)
    pixels = (
        unpack_lineart(drawn, pixel_size(settings, sheet)[0]) if mode is ColourMode.LINEART else drawn.astype(np.uint8)
    )
    scale_x = scale_y = 1.0
    if mode is not ColourMode.LINEART and dice.random() < 0.25:
        height, width = pixels.shape[:2]
        wanted = round(width * dice.uniform(0.8, 1.4)), round(height * dice.uniform(0.8, 1.4))
        if skew:  # uneven scales shear a sheet that lies askew
            wanted = wanted[0], round(height * wanted[0] / width)
        pixels = np.asarray(Image.fromarray(pixels).resize(wanted, Image.Resampling.BICUBIC))
        scale_x, scale_y = wanted[0] / width, wanted[1] / height
    high, wide = pixels.shape[:2]
    cut = [round(dice.uniform(0, 0.12) * length) if dice.random() < 0.4 else 0 for length in (wide, high, wide, high)]
    first, second = dice.random() < 0.5, dice.random() < 0.5
    # These papers have two columns of marks or two rows: one must be left whole.
    cut = [cut[0] * first, cut[1] * second, cut[2] * (not first), cut[3] * (not second)]
    if size is BUSINESS_CARD and skew:  # two marks of 16 mm in one corner do not tell an angle to a tenth of a degree
        cut = [0, 0, 0, 0]
    left, top, right, bottom = cut
    pixels = pixels[top : high - bottom, left : wide - right]
    mirrored, quarters = dice.random() < 0.25, dice.choice((0, 0, 1, 2, 3))
    if mirrored:
        pixels = pixels[:, ::-1]
    pixels = np.ascontiguousarray(np.rot90(pixels, -quarters))
    quality = dice.choice((None, 50, 75, 90)) if mode is not ColourMode.LINEART else None
    found = (dpi * scale_x, dpi * scale_y)
    words = (
        f"seed {seed} case {number}: {size.name} {side.value}, {dpi} dpi x {scale_x:.3f} / {scale_y:.3f}, {mode.value}, "
        f"quality {quality}, skew {skew}, turned {90 * quarters}, mirrored {mirrored}, cut {cut}, noise {noise}, dirt {dirt}"
    )
    return Case(
        pixels if quality is None else _jpeg(pixels, quality),
        sheet,
        side,
        found if quarters % 2 == 0 else found[::-1],
        -skew if mirrored else skew,
        90 * quarters,
        mirrored,
        (left, top, right, bottom),
        words,
    )


def _jpeg(pixels: Pixels, quality: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()
