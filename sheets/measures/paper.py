"""What is seen on bare paper: how the light falls, the other side, streaks, dust."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from sheets.arrays import AnyArray, Bools, Floats
from sheets.measures.overlay import Overlay
from sheets.measures.results import DustSeen, StreakSeen
from sheets.measures.specks import components
from sheets.view import View

_EVERY = 5  # pixel in each direction is enough for a smooth fit
_MIN_PIXELS = 200
_OUTLIER = 0.2
_BEHIND, _CLEAR = 0.8, 0.02
_STREAK = 0.035
_STREAK_CLIP = 0.5
_STREAK_ROWS = 0.12  # share of the picture's height that must be bare paper for a column to be judged
_WIDEST_MM = 12.0
_SPECK = 0.22
_SD = 4.6  # above that many deviations nothing is noise, which is bounded at 3.5
_BLOT_MM2 = 30.0
_GRAIN_MM2 = 0.035  # a speck of 0.2 mm; what is smaller is grain


@dataclass(frozen=True)
class PaperSeen:
    """What is seen on bare paper; the figures are those of :class:`sheets.measures.results.Measures`."""

    light: float = 0.0
    bleed: float = 0.0
    streaks: tuple[StreakSeen, ...] = ()
    dust: DustSeen | None = None


def look_at_paper(view: View, overlay: Overlay, *, shades: bool) -> PaperSeen:
    """Measures what is seen where paper must be bare."""
    if int(overlay.paper.sum()) < _MIN_PIXELS:
        return PaperSeen()
    ground, light = _ground(overlay)
    dark = ground - overlay.seen
    bleed = _bleed(dark, overlay) if shades else 0.0
    if bleed:
        dark -= np.float32(bleed) * overlay.behind
    columns = _streaks(view, overlay, dark, "column")
    rows = _streaks(view, overlay, dark, "row")
    paper = overlay.paper.copy()
    for streak in (*columns, *rows):
        axis = 0 if streak.axis == "column" else 1
        reach = streak.width_mm / 2 * overlay.px_per_mm[axis] + 2
        low = max(0, int(streak.at_px / overlay.scale[axis] - reach))
        strip = slice(low, int(streak.at_px / overlay.scale[axis] + reach) + 1)
        if axis == 0:
            paper[:, strip] = False
        else:
            paper[strip] = False
    dust = _dust(dark, paper, overlay, bleed)
    return PaperSeen(light if shades else 0.0, bleed, (*columns, *rows), dust)


def _ground(overlay: Overlay) -> tuple[AnyArray, float]:
    """How light bare paper is at each pixel, by a smooth fit, and the share by which it varies."""
    height, width = overlay.paper.shape
    rows, columns = np.nonzero(overlay.paper[::_EVERY, ::_EVERY])
    rows, columns = rows * _EVERY, columns * _EVERY
    values = overlay.seen[rows, columns].astype(np.float64)
    terms = _terms((columns + 0.5) / width * 2 - 1, (rows + 0.5) / height * 2 - 1)
    good = np.abs(values - np.median(values)) < 2 * _OUTLIER
    solution: Floats = np.zeros(terms.shape[1])
    for _ in range(2):
        if int(good.sum()) < 4 * terms.shape[1]:
            return np.full(overlay.seen.shape, np.median(values), np.float32), 0.0
        solution = _fit(terms[good], values[good])
        left = values - terms @ solution
        good = np.abs(left) < max(0.03, 3 * float(np.median(np.abs(left[good]))))
    fitted = terms[good] @ solution
    low, high = float(fitted.min()), float(fitted.max())
    x, y = (np.arange(width) + 0.5) / width * 2 - 1, (np.arange(height) + 0.5) / height * 2 - 1
    across = solution[1] * x + solution[3] * x * x
    down = solution[0] + solution[2] * y + solution[4] * y * y
    ground = (down[:, None] + across[None, :] + solution[5] * y[:, None] * x[None, :]).astype(np.float32)
    return ground, max(0.0, 1 - low / high) if high > 0 else 0.0


def _fit(terms: Floats, values: Floats) -> Floats:
    """Least squares by the normal equations: few and well-scaled terms, and no core is woken for it."""
    normal = np.einsum("ij,ik->jk", terms, terms)
    fitted: Floats = np.linalg.lstsq(normal, np.einsum("ij,i->j", terms, values), rcond=None)[0].astype(np.float64)
    return fitted


def _terms(x: Floats, y: Floats) -> Floats:
    return np.column_stack((np.ones(len(x)), x, y, x * x, y * y, x * y))


def _bleed(dark: AnyArray, overlay: Overlay) -> float:
    """How much darker paper is where ink is behind it."""
    inked = overlay.paper & (overlay.behind > _BEHIND)
    clear = overlay.paper & (overlay.behind < _CLEAR)
    if min(int(inked.sum()), int(clear.sum())) < _MIN_PIXELS:
        return 0.0
    ink = float(np.median(overlay.behind[inked]))
    share = (float(np.median(dark[inked])) - float(np.median(dark[clear]))) / ink
    return max(0.0, share)


def _streaks(view: View, overlay: Overlay, dark: AnyArray, axis: Literal["column", "row"]) -> tuple[StreakSeen, ...]:
    """Lines along which most of the bare paper is dark."""
    if axis == "row":
        dark, paper = dark.T, overlay.paper.T
    else:
        paper = overlay.paper
    counts = paper.sum(axis=0)
    judged = counts >= max(30, _STREAK_ROWS * len(paper))
    if judged.sum() < 20:
        return ()
    means = (np.clip(dark, -_STREAK_CLIP, _STREAK_CLIP) * paper).sum(axis=0, dtype=np.float64) / np.maximum(counts, 1)
    level = float(np.median(means[judged]))
    deviation = 1.4826 * float(np.median(np.abs(means[judged] - level)))
    lines = judged & (means - level > max(_STREAK / 2, 6 * deviation))
    for column in np.flatnonzero(lines):  # many specks in one column are no streak: most of it is dark
        lines[column] = float(np.median(dark[paper[:, column], column])) - level > _STREAK
    index = 0 if axis == "column" else 1
    found = []
    for group in _groups(np.flatnonzero(lines)):
        seen = _streak(view, overlay, paper, group, axis)
        if seen is not None and len(group) / overlay.px_per_mm[index] <= _WIDEST_MM:
            found.append(seen)
    return tuple(found)


def _groups(indices: AnyArray) -> list[AnyArray]:
    return [part for part in np.split(indices, np.flatnonzero(np.diff(indices) > 1) + 1) if len(part)]


def _streak(
    view: View, overlay: Overlay, paper: Bools, group: AnyArray, axis: Literal["column", "row"]
) -> StreakSeen | None:
    """A streak in the pixels of the picture, averaged along it where paper is bare beside it."""
    index = 0 if axis == "column" else 1
    scale, along = overlay.scale[index], overlay.scale[1 - index]
    pixels = view.eight if axis == "column" else view.eight.swapaxes(0, 1)
    spare = 4
    low, high = max(0, int(group[0]) - spare), min(paper.shape[1], int(group[-1]) + spare + 1)
    bare = np.flatnonzero(paper[:, low:high].all(axis=1))
    if len(bare) < 10:
        bare = np.flatnonzero(paper[:, group].all(axis=1))
        if not len(bare):
            return None
    rows = np.minimum((bare * along + along / 2).astype(np.int64), len(pixels) - 1)
    start = int(low * scale)
    strip = pixels[rows, start : int(np.ceil(high * scale))].astype(np.float64)
    profile = np.mean(strip if strip.ndim == 2 else strip.mean(axis=2), axis=0)
    clear = float(np.median(np.concatenate((profile[:3], profile[-3:]))))
    depth = (clear - profile) / clear if clear else np.zeros(len(profile))
    if overlay.seen.mean() < 0 or depth.max() < -depth.min():
        depth = -depth  # an inverted page
    deepest = float(depth.max())
    if deepest < _STREAK:
        return None
    wide = depth > deepest / 2
    at = start + float((np.flatnonzero(wide) + 0.5).mean())
    # Pixels that are dark in part count in part.
    width = float(np.clip(depth[np.flatnonzero(depth > deepest / 10)] / deepest, 0, 1).sum())
    per_mm = overlay.px_per_mm[index] * scale
    return StreakSeen(axis, at / per_mm, at, width / per_mm, max(0.0, 1 - deepest))


def _dust(dark: AnyArray, paper: Bools, overlay: Overlay, bleed: float) -> DustSeen | None:
    """Dark spots that are small, and darker than the edge of what shines through."""
    sample = dark[paper]
    if sample.size < _MIN_PIXELS:
        return None
    level = float(np.median(sample))
    deviation = 1.4826 * float(np.median(np.abs(sample - level)))
    spots = paper & (dark - level > max(_SPECK + bleed / 2, _SD * deviation))
    pixel_mm2 = 1 / (overlay.px_per_mm[0] * overlay.px_per_mm[1])
    sizes = [area for area in components(spots, dark - level, pixel_mm2) if _GRAIN_MM2 < area < _BLOT_MM2]
    return DustSeen(len(sizes), float(sum(sizes)), overlay.share) if sizes else None
