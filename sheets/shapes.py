"""The kinds of inked shape, in millimetres on the sheet."""

from dataclasses import dataclass

from sheets.inks import Ink
from sheets.layout import Rect
from sheets.payload import Mark


@dataclass(frozen=True)
class Box:
    """A rectangle of one ink."""

    rect: Rect
    ink: Ink


@dataclass(frozen=True)
class Ramp:
    """A grey ramp, black on the left and white on the right, without steps."""

    rect: Rect


@dataclass(frozen=True)
class Tile:
    """A mark."""

    rect: Rect
    mark: Mark


@dataclass(frozen=True)
class Words:
    """A line of text; left and top are those of its capitals, weight is the stroke in sixths of their height."""

    left: float
    top: float
    height: float
    text: str
    ink: Ink
    weight: float = 0.8


Shape = Box | Ramp | Tile | Words
