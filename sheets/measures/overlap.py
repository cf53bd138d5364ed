"""A double feed: the marks of two sheets in one picture, one lower than the other."""

import math
from dataclasses import dataclass

import numpy as np

from sheets.arrays import Bools, Floats
from sheets.detect import Code
from sheets.geometry import Pose, fit_pose
from sheets.measures.results import OverlapSeen

_MIN_LAP_MM = 3.0
_SAME_SCALE = 0.03
_MAX_ANGLE = 30.0


@dataclass(frozen=True)
class Pair:
    """Two sheets, the leading one first: marks, and where each lies."""

    codes: tuple[Code, ...]
    other_codes: tuple[Code, ...]
    other: Pose
    seen: OverlapSeen

    def covered(self, pose: Pose, points_mm: Floats) -> Bools:
        """Which points of the first sheet, which lies at *pose*, the second one shares."""
        at = self.other.to_mm(pose.to_pixels(points_mm))
        size = self.other_codes[0].mark.size
        x, y = at[..., 0], at[..., 1]
        inside: Bools = (x >= -1) & (x <= size.width_mm + 1) & (y >= -1) & (y <= size.height_mm + 1)
        return inside

    def corners_mm(self, pose: Pose) -> list[tuple[float, float]]:
        """The corners of the second sheet in millimetres of the first."""
        size = self.other_codes[0].mark.size
        wide, high = size.width_mm, size.height_mm
        points = np.array([(-1, -1), (wide + 1, -1), (wide + 1, high + 1), (-1, high + 1)], np.float64)
        return [(float(x), float(y)) for x, y in pose.to_mm(self.other.to_pixels(points))]


def find_pair(codes: tuple[Code, ...], foreign: tuple[tuple[Code, ...], ...]) -> Pair | None:
    """The two sheets of a double feed, or ``None`` if there is no second sheet, or it is not lower than the first.

    Pages that share a picture in one place, as after a transfer that went wrong, are no double feed.
    """
    pose = fit_pose(codes)
    if pose is None:
        return None
    for others in foreign:
        other = fit_pose(others)
        if other is None or not _alike(pose, other):
            continue
        begins, ahead = _below(pose, other, others), _below(other, pose, codes)
        mine, theirs = ((item[0].mark.number, item[0].mark.side) for item in (codes, others))
        if begins > _MIN_LAP_MM:
            return Pair(codes, others, other, OverlapSeen(mine, theirs, begins))
        if ahead > _MIN_LAP_MM:
            return Pair(others, codes, pose, OverlapSeen(theirs, mine, ahead))
    return None


def _below(first: Pose, second: Pose, codes: tuple[Code, ...]) -> float:
    """How far below the top of the first sheet the second one begins, in the middle of its leading edge."""
    middle = np.array([[codes[0].mark.size.width_mm / 2, 0.0]])
    return float(first.to_mm(second.to_pixels(middle))[0, 1])


def _alike(one: Pose, other: Pose) -> bool:
    """Whether two sheets could have come through one scanner at once."""
    scales = [abs(a / b - 1) for a, b in zip(one.dpi, other.dpi, strict=True)]
    turn = math.remainder(one.angle - other.angle, 360.0)
    return max(scales) < _SAME_SCALE and abs(turn) < _MAX_ANGLE and one.mirrored == other.mirrored
