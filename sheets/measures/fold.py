"""A folded corner: where the ink of a corner is missing up to a line across it.

The corner bracket and the ruler must be there if the corner is, whatever the light; where greys can be told, the shadow of
the ear against white paper gives the size more finely.
"""

import numpy as np

from sheets.arrays import AnyArray, Bools, Floats
from sheets.geometry import Pose
from sheets.measures.results import FoldSeen
from sheets.paper import PaperSize
from sheets.view import Scaled

_REACH_MM = 100.0
_MIN_MM = 2.5
_INKED, _PAPER = 110, 247  # of 255
_PAPER_EVERY = 3  # pixel of bare paper is enough
_PRESENT, _MISSING = 0.5, 0.6
_EAR = (0.72, 0.9)
_MIN_INK = 5
_TIP_MM, _TIP_POINTS = 12.0, 25


def find_fold(
    pose: Pose, copy: Scaled, drawn: Scaled, levels: tuple[float, float], size: PaperSize, *, shades: bool
) -> FoldSeen | None:
    """The largest folded corner, if there is one.

    Args:
        pose: Where the sheet lies.
        copy: The picture.
        drawn: The sheet as it should be, on a grid of the sheet whose ``scale`` is in millimetres.
        levels: Grey of ink and of paper in the picture.
        size: The paper.
        shades: Whether greys can be told.
    """
    found = []
    for top in (True, False):
        for left in (True, False):
            cut = _corner(pose, copy, drawn, levels, size, left=left, top=top, shades=shades)
            if cut:
                found.append(FoldSeen(f"{'top' if top else 'bottom'}-{'left' if left else 'right'}", cut))
    return max(found, key=lambda fold: fold.size_mm, default=None)


def _corner(
    pose: Pose,
    copy: Scaled,
    drawn: Scaled,
    levels: tuple[float, float],
    size: PaperSize,
    *,
    left: bool,
    top: bool,
    shades: bool,
) -> float:
    """How large the fold of one corner is; 0: none."""
    (per_x, per_y), (rows, columns) = drawn.scale, drawn.gray.shape
    reach = min(_REACH_MM, 0.48 * min(size.width_mm, size.height_mm))
    high, wide = min(rows, int(reach / per_y)), min(columns, int(reach / per_x))
    corner = drawn.gray[:high] if top else drawn.gray[::-1][:high]
    corner = corner[:, :wide] if left else corner[:, ::-1][:, :wide]
    inked = corner < _INKED
    kept = inked.copy()
    kept[::_PAPER_EVERY, ::_PAPER_EVERY] |= corner[::_PAPER_EVERY, ::_PAPER_EVERY] > _PAPER

    def look(chosen: Bools) -> tuple[Floats, Floats, Bools, Floats]:
        """Distances from the two edges, whether there should be ink, and what is seen, of points that are shown."""
        row, column = np.nonzero(chosen)
        x, y = (column + 0.5) * per_x, (row + 0.5) * per_y
        points = np.column_stack((x if left else size.width_mm - x, y if top else size.height_mm - y))
        at = pose.to_pixels(points)
        end = copy.gray.shape[1] * copy.scale[0], copy.gray.shape[0] * copy.scale[1]
        shown = (at[:, 0] > 0) & (at[:, 1] > 0) & (at[:, 0] < end[0]) & (at[:, 1] < end[1])
        seen = (copy.at(at[shown]) - levels[0]) / (levels[1] - levels[0] or 1.0)
        return x[shown], y[shown], inked[row[shown], column[shown]], seen

    tip = inked.copy()
    tip[:, int(_TIP_MM / per_x) :] = False
    tip[int(_TIP_MM / per_y) :] = False
    x, y, _, seen = look(tip)
    nearest = np.argsort(x + y, kind="stable")[:_TIP_POINTS]
    if len(nearest) < _MIN_INK or float(np.median(seen[nearest])) < _MISSING:
        return 0.0  # nothing to go by, or what is nearest to the corner is there
    return _cut(*look(kept), shades=shades)


def _cut(x: Floats, y: Floats, inked: Bools, seen: Floats, *, shades: bool) -> float:
    deep = x + y
    missing, present = inked & (seen > _MISSING), inked & (seen < _PRESENT)
    weight = 1.0 * missing - 1.5 * present
    if shades:  # paper without ink is the flap, which lies beyond the fold on the other side
        weight -= 1.5 * (missing & (seen > _EAR[1] + 0.03))
        weight += ~inked * np.where(seen > _EAR[1] + 0.03, -1.0, 1.0 * (seen > _EAR[0]) * (seen < _EAR[1]))
    order = np.argsort(deep, kind="stable")
    score = np.cumsum(weight[order])
    best = int(np.argmax(score))
    if score[best] <= 0:
        return 0.0
    # Between the last point that is missing and the first that is there.
    there = np.flatnonzero(score < score[best])
    after = there[there > best]
    cut = float(deep[order[best]] + deep[order[after[0] if len(after) else best]]) / 2
    inside, beyond = deep <= cut, (np.maximum(x, y) > 1.05 * cut) & (deep < cut + 70.0)
    if cut < _MIN_MM or not _mostly(missing, inked & inside, 0.8) or not _mostly(present, inked & beyond, 0.5):
        return 0.0
    return cut


def _mostly(good: Bools, among: Bools, share: float) -> bool:
    count = int(among.sum())
    return count >= _MIN_INK and float((good & among).sum()) >= share * count


def left_out(fold: FoldSeen, size: PaperSize, spare_mm: float) -> AnyArray:
    """The three corners, in mm, of what a fold takes away or covers, with some millimetres to spare: (3, 2)."""
    reach = 2 * fold.size_mm + spare_mm
    x, y = (0.0 if "left" in fold.corner else size.width_mm), (0.0 if "top" in fold.corner else size.height_mm)
    along_x, along_y = (reach if x == 0 else -reach), (reach if y == 0 else -reach)
    return np.array([(x, y), (x + along_x, y), (x, y + along_y)])
