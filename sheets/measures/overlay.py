"""The sheet as it should be, laid over the picture: where its paper must be bare, and what is seen there."""

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from sheets.arrays import AnyArray, Bools
from sheets.geometry import Pose
from sheets.layout import layout_of
from sheets.renderer import render
from sheets.settings import MM_PER_INCH, ColourMode, RenderSettings
from sheets.sheet import Sheet, Side
from sheets.view import Scaled, View

_SPARE_MM = 0.9  # bare paper is that far from ink and from the edge of the sheet
_SPARE_PX = 3.0  # or that far, for a picture of low resolution
_DPI = (40, 60, 80, 100, 125, 150)  # few, so that what every sheet has is drawn once

Polygon = list[tuple[float, float]]


@dataclass(frozen=True)
class Overlay:
    """A picture and its sheet on one grid of pixels, those of the view's working copy.

    Attributes:
        seen: Light, 0 of ink to 1 of paper, float32.
        paper: Where paper must be bare.
        behind: Ink of the other side, 0 to 1, float32; zero everywhere if it is not known.
        px_per_mm: Pixels of the grid per millimetre, x and y.
        scale: Pixels of the picture per pixel of the grid.
        share: Share of the sheet that is bare paper.
    """

    seen: AnyArray
    paper: Bools
    behind: AnyArray
    px_per_mm: tuple[float, float]
    scale: tuple[float, float]
    share: float


def drawn_sheet(sheet: Sheet, side: Side, view: View, pose: Pose) -> Scaled:
    """A side of a sheet, at about the resolution of the working copy; ``scale`` is in millimetres per pixel."""
    dpi = min(pose.dpi[0] / view.work.scale[0], pose.dpi[1] / view.work.scale[1])
    whole = min(_DPI, key=lambda steps: abs(steps - dpi))
    gray = render(sheet, side, RenderSettings(whole, whole, ColourMode.GRAY)).astype(np.uint8, copy=False)
    return Scaled(gray, (MM_PER_INCH / whole, MM_PER_INCH / whole))


def lay_over(
    view: View,
    pose: Pose,
    levels: tuple[float, float],
    sheet: Sheet,
    drawn: tuple[Scaled, Scaled],
    hidden: list[Polygon],
    end_px: float,
) -> Overlay:
    """Lays a sheet over its picture.

    Args:
        view: The picture.
        pose: Where the sheet lies.
        levels: Grey of ink and paper.
        sheet: Which sheet it is.
        drawn: The side that is seen, and the other one.
        hidden: What of the sheet is not to be looked at, as polygons in millimetres.
        end_px: Where the rows of the picture end that show anything.
    """
    work = view.work
    shape = work.gray.shape
    per_px = drawn[0].scale[0]
    ink = 255 - drawn[0].gray
    steps = tuple(float(np.hypot(*pose.matrix[axis])) / work.scale[axis] for axis in (0, 1))
    spare = max(_SPARE_MM, _SPARE_PX / min(steps))
    bare = _bare(ink, spare / per_px)
    painter = ImageDraw.Draw(bare)
    for polygon in hidden:
        painter.polygon([(x / per_px, y / per_px) for x, y in polygon], fill=0)
    body = layout_of(sheet.size, sheet.marks).body
    if body:
        painter.rectangle([edge / per_px for edge in (body.left, body.top, body.right, body.bottom)], fill=0)
    share = float((np.asarray(bare) > 0).mean())
    paper = np.asarray(_moved(bare, pose, work, per_px, Image.Resampling.NEAREST)) > 0
    paper[math.floor(end_px / work.scale[1] - _SPARE_PX) :] = False
    _edge(paper, 2)
    behind = Image.fromarray(np.ascontiguousarray(255 - drawn[1].gray[:, ::-1]))
    shining = np.asarray(_moved(behind, pose, work, per_px, Image.Resampling.BILINEAR))
    seen = (work.gray.astype(np.float32) - np.float32(levels[0])) / np.float32(levels[1] - levels[0] or 1.0)
    assert seen.shape == shape
    return Overlay(seen, paper, shining.astype(np.float32) / 255, (steps[0], steps[1]), work.scale, share)


def _bare(ink: AnyArray, spare_px: float) -> Image.Image:
    """255 where there is no ink near, nor an edge of the sheet."""
    reach = max(1, math.ceil(spare_px))
    near = np.asarray(Image.fromarray((ink > 3).astype(np.uint8) * 255).filter(ImageFilter.BoxBlur(reach)))
    bare = (near == 0).astype(np.uint8) * 255
    _edge(bare, reach)
    return Image.fromarray(bare)


def _edge(mask: AnyArray, reach: int) -> None:
    mask[:reach] = mask[-reach:] = 0
    mask[:, :reach] = mask[:, -reach:] = 0


def _moved(image: Image.Image, pose: Pose, work: Scaled, per_px: float, method: Image.Resampling) -> Image.Image:
    """An image of the sheet moved to where the sheet lies in the working copy; zero beyond the sheet."""

    def place(x: float, y: float) -> tuple[float, float]:
        at = pose.to_mm(np.array([[x * work.scale[0], y * work.scale[1]]]))[0] / per_px
        return float(at[0]), float(at[1])

    origin, right, down = place(0, 0), place(1, 0), place(0, 1)
    data = (
        *(right[0] - origin[0], down[0] - origin[0], origin[0]),
        *(right[1] - origin[1], down[1] - origin[1], origin[1]),
    )
    return image.transform((work.gray.shape[1], work.gray.shape[0]), Image.Transform.AFFINE, data, method)
