"""How a page lies in its picture: an affine map from millimetres on the sheet to pixels, and what it means."""

import math
from dataclasses import dataclass

import numpy as np

from sheets.arrays import Floats
from sheets.detect import Code
from sheets.layout import Rect, layout_for
from sheets.settings import MM_PER_INCH


@dataclass(frozen=True)
class Edges:
    """A figure for each edge of the sheet as it lies upright."""

    left: float
    top: float
    right: float
    bottom: float

    def to_dict(self) -> dict[str, float]:
        """The four figures by name."""
        return {"left": self.left, "top": self.top, "right": self.right, "bottom": self.bottom}


class Pose:
    """Where a sheet lies in a picture: ``pixel = matrix @ millimetres + offset``.

    Args:
        matrix: (2, 2) pixels per millimetre.
        offset: (2,) pixels.
    """

    def __init__(self, matrix: Floats, offset: Floats) -> None:
        self.matrix = matrix
        self.offset = offset
        self._inverse: Floats = np.linalg.inv(matrix).astype(np.float64)

    def to_pixels(self, points_mm: Floats) -> Floats:
        """(..., 2) millimetres on the sheet to pixels."""
        return _mapped(points_mm, self.matrix, self.offset)

    def to_mm(self, points_px: Floats) -> Floats:
        """(..., 2) pixels to millimetres on the sheet."""
        return _mapped(points_px - self.offset, self._inverse, np.zeros(2))

    @property
    def dpi(self) -> tuple[float, float]:
        """Measured resolution along the rows and columns of the picture."""
        x, y = np.hypot(self.matrix[:, 0], self.matrix[:, 1]) * MM_PER_INCH
        return float(x), float(y)

    @property
    def mirrored(self) -> bool:
        """Whether left and right of the sheet are exchanged."""
        return bool(np.linalg.det(self.matrix) < 0)

    @property
    def angle(self) -> float:
        """Degrees that the sheet is turned clockwise, after mirroring if it is mirrored: -45 up to 315."""
        scale = np.hypot(self.matrix[:, 0], self.matrix[:, 1])
        down = self.matrix[:, 1] / scale  # where the sheet's downward direction points
        degrees = math.degrees(math.atan2(-down[0], down[1]))
        return (degrees + 45.0) % 360.0 - 45.0

    @property
    def turned(self) -> int:
        """The angle to the nearest quarter: 0, 90, 180 or 270 degrees clockwise."""
        return round(self.angle / 90.0) * 90 % 360

    @property
    def skew(self) -> float:
        """What the angle is off that quarter, in degrees clockwise, -45 to 45."""
        return (self.angle - self.turned + 45.0) % 360.0 - 45.0

    def skew_by(self, codes: tuple[Code, ...]) -> float:
        """The skew by the turn, without shear, that fits the corners of the marks best: good even if they stand in one row."""
        points = np.concatenate([_square(code) for code in codes])
        points -= points.mean(axis=0)
        turned = self.matrix / np.hypot(self.matrix[:, 0], self.matrix[:, 1])[:, None]
        if self.mirrored:
            turned = turned * np.array([-1.0, 1.0])
            points = points * np.array([-1.0, 1.0])
        spread = turned @ (points.T @ points)
        degrees = math.degrees(math.atan2(spread[1, 0] - spread[0, 1], spread[0, 0] + spread[1, 1]))
        return (degrees - self.turned + 45.0) % 90.0 - 45.0

    def visible_mm(self, width_px: int, height_px: int) -> Rect:
        """What the picture shows, in millimetres of the sheet, measured half-way along each of its edges."""
        middles = np.array(
            [(0, height_px / 2), (width_px, height_px / 2), (width_px / 2, 0), (width_px / 2, height_px)], np.float64
        )
        (left, top), (right, bottom) = (function(self.to_mm(middles), axis=0) for function in (np.min, np.max))
        return Rect(float(left), float(top), float(right), float(bottom))


def _mapped(points: Floats, matrix: Floats, offset: Floats) -> Floats:
    """``matrix @ point + offset`` for (..., 2) points; written out, as a matrix product of this shape wakes all cores."""
    x, y = points[..., 0], points[..., 1]
    mapped = np.empty(points.shape)
    for axis in (0, 1):
        mapped[..., axis] = x * matrix[axis, 0] + y * matrix[axis, 1] + offset[axis]
    return mapped


def _square(code: Code) -> Floats:
    """The corners of a mark on the sheet, in millimetres: (4, 2)."""
    rect = layout_for(code.mark).tiles[code.mark.tile]
    corners = [(rect.left, rect.top), (rect.right, rect.top), (rect.right, rect.bottom), (rect.left, rect.bottom)]
    return np.array(corners, np.float64)


def fit_pose(codes: tuple[Code, ...]) -> Pose | None:
    """Fits a pose to the corners of the marks; ``None`` if they make no sense together."""
    if not codes:
        return None
    sheet_mm, page_px = [], []
    for code in codes:
        sheet_mm += _square(code).tolist()
        page_px += list(code.corners)
    design = np.column_stack((np.array(sheet_mm), np.ones(len(sheet_mm))))
    solution, _, rank, _ = np.linalg.lstsq(design, np.array(page_px), rcond=None)
    if rank < 3 or abs(np.linalg.det(solution[:2])) < 1e-6 or not np.isfinite(solution).all():
        return None
    return Pose(solution[:2].T, solution[2])
