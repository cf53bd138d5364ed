"""All measures of a page, in the order in which they need each other."""

from dataclasses import dataclass

import numpy as np

from sheets.arrays import AnyArray, Bools, Floats
from sheets.detect import Code
from sheets.geometry import Pose
from sheets.layout import layout_of
from sheets.measures.fold import find_fold, left_out
from sheets.measures.overlap import Pair
from sheets.measures.overlay import Polygon, drawn_sheet, lay_over
from sheets.measures.paper import look_at_paper
from sheets.measures.results import FoldSeen, Measures
from sheets.measures.tones import cast_of, fade_of, noise_of
from sheets.sheet import Marks, Sheet, Side
from sheets.view import Scaled, View

_SPARE_MM = 2.0
_LAP_SPARE_MM = 3.0


@dataclass(frozen=True)
class Subject:
    """A page whose marks were read.

    Attributes:
        view: The picture.
        pose: Where the sheet lies.
        codes: Its marks.
        pair: The other sheet, if two were picked together.
        shades: Whether greys can be told.
    """

    view: View
    pose: Pose
    codes: tuple[Code, ...]
    pair: Pair | None
    shades: bool

    @property
    def sheet(self) -> Sheet:
        """The sheet, clean."""
        mark = self.codes[0].mark
        return Sheet(mark.number, mark.size, mark.seed, marks=mark.marks)

    @property
    def side(self) -> Side:
        """Its side."""
        return self.codes[0].mark.side

    @property
    def levels(self) -> tuple[float, float]:
        """Grey of ink and of paper."""
        dark, light = zip(*((code.dark, code.light) for code in self.codes), strict=True)
        return float(np.median(dark)), float(np.median(light))


class Hidden:
    """What of the sheet is not there to be seen: a folded corner, what another sheet covers, and a document's place.

    Attributes:
        fold: The folded corner.
        drawn: The side that is seen and the other one, as they should be.
    """

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        sheet, side = subject.sheet, subject.side
        other = Side.BACK if side is Side.FRONT else Side.FRONT
        self.drawn: tuple[Scaled, Scaled] = (
            drawn_sheet(sheet, side, subject.view, subject.pose),
            drawn_sheet(sheet, other, subject.view, subject.pose),
        )
        self.fold: FoldSeen | None = None
        # A document's margin has no bracket and no ruler in its corners.
        if sheet.marks is Marks.GRID:
            self.fold = find_fold(
                subject.pose, subject.view.work, self.drawn[0], subject.levels, sheet.size, shades=subject.shades
            )
            if self.fold and self._under_other(self.fold):
                self.fold = None

    def __call__(self, points_mm: Floats) -> Bools:
        """Which points, (..., 2) millimetres of the sheet, are hidden."""
        subject = self._subject
        hidden = np.zeros(points_mm.shape[:-1], np.bool_)
        if subject.pair:
            hidden |= subject.pair.covered(subject.pose, points_mm)
        if self.fold:
            corner, along_x, _ = left_out(self.fold, subject.sheet.size, _SPARE_MM)
            reach = abs(along_x[0] - corner[0])
            hidden |= np.abs(points_mm - corner).sum(axis=-1) < reach
        body = layout_of(subject.sheet.size, subject.sheet.marks).body
        if body:
            x, y = points_mm[..., 0], points_mm[..., 1]
            hidden |= (x > body.left - 1) & (x < body.right + 1) & (y > body.top - 1) & (y < body.bottom + 1)
        return hidden

    def polygons(self) -> list[Polygon]:
        """The same as polygons, without the document's place."""
        found: list[Polygon] = []
        if self._subject.pair:
            corners = self._subject.pair.corners_mm(self._subject.pose)
            top, bottom = (y + step for y, step in zip(_ends(corners), (-_LAP_SPARE_MM, _LAP_SPARE_MM), strict=True))
            low, high = -1e3, 1e3 + self._subject.sheet.size.width_mm
            found.append([(low, top), (high, top), (high, bottom), (low, bottom)])
        if self.fold:
            found.append(_polygon(left_out(self.fold, self._subject.sheet.size, _SPARE_MM)))
        return found

    def _under_other(self, fold: FoldSeen) -> bool:
        if self._subject.pair is None:
            return False
        corner = left_out(fold, self._subject.sheet.size, 0.0)[:1]
        return bool(self._subject.pair.covered(self._subject.pose, corner)[0])


def measure(subject: Subject, hidden: Hidden, end_px: float, grays: AnyArray | None) -> Measures:
    """Measures a page.

    Args:
        subject: The page.
        hidden: What of it cannot be seen.
        end_px: Where the rows of the picture end that show anything.
        grays: The grey patches, (patches, red green blue), if the page is colour.
    """
    overlay = lay_over(
        subject.view, subject.pose, subject.levels, subject.sheet, hidden.drawn, hidden.polygons(), end_px
    )
    seen = look_at_paper(subject.view, overlay, shades=subject.shades)
    noise = noise_of(subject.view, overlay) if subject.shades else 0.0
    return Measures(
        fold=hidden.fold,
        overlap=subject.pair.seen if subject.pair else None,
        bleed=seen.bleed,
        fade=fade_of(subject.view, overlay, subject.codes, subject.levels, noise) if subject.shades else 0.0,
        dust=seen.dust,
        streaks=seen.streaks,
        cast=None if grays is None else cast_of(grays, seen.bleed),
        light=seen.light,
        noise=noise,
    )


def _ends(corners: Polygon) -> tuple[float, float]:
    downs = [y for _, y in corners]
    return min(downs), max(downs)


def _polygon(points: AnyArray) -> Polygon:
    return [(float(x), float(y)) for x, y in points]
