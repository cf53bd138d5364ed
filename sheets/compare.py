"""Laying the page over a fresh rendering of the sheet it says it is: what is missing at the end, what is damaged."""

from dataclasses import dataclass

import numpy as np

from sheets.arrays import Bools, Floats
from sheets.cache import CACHE
from sheets.detect import Code
from sheets.geometry import Pose
from sheets.layout import Rect
from sheets.measures.measuring import Hidden
from sheets.renderer import render
from sheets.settings import ColourMode, RenderSettings
from sheets.sheet import Sheet
from sheets.view import View

_DPI = 40  # three pixels to two millimetres
_OFF = 0.35  # share of the range between black and white by which a damaged spot is off
_BORDER_MM = 0.7
_SHORT_MM = 1.0
_TAIL_MM = 2.0


@dataclass(frozen=True)
class Comparison:
    """How a page differs from its sheet.

    Attributes:
        truncated: Share of the sheet's rows, in the direction of the picture's rows, that are missing or empty at the end.
        end_px: Where the rows of the picture end that show anything.
        damage: Share of the area shown, without those rows, that is not what was drawn there.
    """

    truncated: float
    damage: float
    end_px: float


def compare(view: View, pose: Pose, codes: tuple[Code, ...], area: Rect, hidden: Hidden, *, shades: bool) -> Comparison:
    """Compares a page with its sheet.

    Args:
        view: The page.
        pose: Where the sheet lies on it.
        codes: The marks found.
        area: What of the sheet should be there, in millimetres.
        hidden: What of it cannot be judged.
        shades: Whether shades of grey can be compared; else only black and white are.
    """
    mark = codes[0].mark
    sheet = Sheet(mark.number, mark.size, mark.seed, marks=mark.marks)
    drawn = render(sheet, mark.side, RenderSettings(_DPI, _DPI, ColourMode.GRAY)) / 255.0
    points = _grid(drawn.shape)
    at = pose.to_pixels(points)
    shown = (
        _within(points, area)
        & _within(points, pose.visible_mm(view.width, view.height), _BORDER_MM)
        & _within(at, Rect(0.0, 0.0, view.width, view.height))
        & ~hidden(points)
    )
    dark, light = (float(np.median(levels)) for levels in zip(*((c.dark, c.light) for c in codes), strict=True))
    last_row = _last_row(view, abs(light - dark))
    inked = at[..., 1][shown & (drawn < 0.3)]
    rows_per_mm = pose.dpi[1] / 25.4
    end = float(view.height)
    if inked.size and float(inked.max()) - last_row > _TAIL_MM * rows_per_mm:
        end = last_row
        shown &= at[..., 1] < end - _BORDER_MM * rows_per_mm
    start, goal = _extent(pose, area)
    missing = goal - end
    truncated = missing / (goal - start) if missing > _SHORT_MM * rows_per_mm else 0.0
    factors = tuple(max(1.0, pose_dpi // _DPI) for pose_dpi in pose.dpi)
    seen = view.scaled(factors[0], factors[1]).at(at.reshape(-1, 2)).reshape(drawn.shape)
    seen = (seen - dark) / (light - dark) if light != dark else seen
    if not shades:
        shown &= _solid(drawn)
    off = np.abs(_blurred(seen) - _blurred(drawn)) > _OFF
    damage = float(off[shown].mean()) if shown.any() else 0.0
    return Comparison(min(1.0, max(0.0, truncated)), damage, end)


def _grid(shape: tuple[int, ...]) -> Floats:
    """(rows, columns, 2) millimetres of the pixel centres of a rendering, read-only."""

    def draw() -> Floats:
        y, x = np.mgrid[: shape[0], : shape[1]]
        grid: Floats = (np.stack((x, y), axis=-1) + 0.5) * (25.4 / _DPI)
        return grid

    return CACHE.get(("grid", shape), draw)


def _within(points: Floats, rect: Rect, border: float = 0.0) -> Bools:
    x, y = points[..., 0], points[..., 1]
    inside: Bools = (
        (x > rect.left + border) & (x < rect.right - border) & (y > rect.top + border) & (y < rect.bottom - border)
    )
    return inside


def _last_row(view: View, contrast: float) -> float:
    """Where the last row of the picture that is not of one shade ends, in pixels."""
    gray = view.work.gray
    busy = np.flatnonzero(gray.max(axis=1).astype(np.int64) - gray.min(axis=1) > 0.5 * contrast)
    return float((busy[-1] + 1) * view.work.scale[1]) if busy.size else 0.0


def _extent(pose: Pose, area: Rect) -> tuple[float, float]:
    """First and last row of an area, measured half-way along its edges."""
    x, y = (area.left + area.right) / 2, (area.top + area.bottom) / 2
    middles = np.array([(area.left, y), (area.right, y), (x, area.top), (x, area.bottom)])
    rows = pose.to_pixels(middles)[:, 1]
    return float(rows.min()), float(rows.max())


def _blurred(values: Floats) -> Floats:
    """Averages over 3 x 3."""
    padded = np.pad(values, 1, mode="edge")
    lying = padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]
    blurred: Floats = (lying[:-2] + lying[1:-1] + lying[2:]) / 9
    return blurred


def _solid(values: Floats) -> Bools:
    """Where a rendering is black or white in all of 3 x 3, so that a threshold or a dither changes nothing."""
    solid: Bools = (_blurred((values > 0.97).astype(np.float64)) > 0.99) | (
        _blurred((values < 0.03).astype(np.float64)) > 0.99
    )
    return solid
