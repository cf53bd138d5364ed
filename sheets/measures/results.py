"""What the oracle measures, with units. Each knows its words for people and its data for JSON."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from sheets.sheet import Side


@dataclass(frozen=True, slots=True)
class FoldSeen:
    """A corner that is missing.

    Attributes:
        corner: Which corner of the upright page: ``"top-left"`` and so on.
        size_mm: Length of the two short sides of what is missing.
    """

    corner: str
    size_mm: float

    def __str__(self) -> str:
        return f"the {self.corner} corner is folded, {self.size_mm:.0f} mm"


@dataclass(frozen=True, slots=True)
class OverlapSeen:
    """Two sheets that were picked together.

    Attributes:
        first: Number and side of the sheet that leads.
        second: Number and side of the one behind it.
        begins_mm: How far behind the leading edge of the first the second one begins.
    """

    first: tuple[int, Side]
    second: tuple[int, Side]
    begins_mm: float

    def __str__(self) -> str:
        (one, side), (other, other_side) = self.first, self.second
        return (
            f"double feed: sheet {other} {other_side.value} begins {self.begins_mm:.1f} mm "
            f"below the top of sheet {one} {side.value}"
        )


@dataclass(frozen=True, slots=True)
class DustSeen:
    """Dark specks on bare paper.

    Attributes:
        count: Specks seen.
        area_mm2: What they cover together.
        paper: Share of the sheet that is bare paper and was looked at.
    """

    count: int
    area_mm2: float
    paper: float

    def __str__(self) -> str:
        return f"dust: {self.count} specks on the bare {self.paper:.0%} of the page, {self.area_mm2:.1f} mm\N{SUPERSCRIPT TWO} in all"


@dataclass(frozen=True, slots=True)
class StreakSeen:
    """A line through the whole picture.

    Attributes:
        axis: ``"column"`` if it runs down the picture, ``"row"`` if across.
        at_mm: Its middle, from the left or upper edge of the picture.
        at_px: The same in pixels.
        width_mm: Where it takes more than half of what it takes at most.
        shade: Light left where it is darkest, 0 to 1.
    """

    axis: Literal["column", "row"]
    at_mm: float
    at_px: float
    width_mm: float
    shade: float

    def __str__(self) -> str:
        edge = "left" if self.axis == "column" else "top"
        return f"streak along the {self.axis}s {self.at_mm:.1f} mm from the {edge}, {self.width_mm:.2f} mm wide"


@dataclass(frozen=True, slots=True)
class Measures:
    """All that is measured beside where the sheet lies.

    Attributes:
        fold: A folded corner.
        overlap: A second sheet.
        bleed: Share of the other side's ink that shines through.
        fade: Share of the contrast between paper and ink that is lost.
        dust: Specks, if any were seen.
        streaks: Lines through the picture.
        cast: Red, green and blue, relative to the strongest; ``None`` if the page is not colour.
        light: Share by which the darkest place of the paper is darker than the lightest, by a smooth fit.
        noise: Standard deviation of neighbouring pixels on bare paper, in levels of 256.
    """

    fold: FoldSeen | None = None
    overlap: OverlapSeen | None = None
    bleed: float = 0.0
    fade: float = 0.0
    dust: DustSeen | None = None
    streaks: tuple[StreakSeen, ...] = ()
    cast: tuple[float, float, float] | None = None
    light: float = 0.0
    noise: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {name: _plain(getattr(self, name)) for name in self.__slots__}


NOTHING = Measures()
"""Nothing was measured."""


def _plain(value: Any) -> Any:
    if isinstance(value, FoldSeen | DustSeen | StreakSeen):
        return asdict(value)
    if isinstance(value, OverlapSeen):
        return {
            "first": [value.first[0], value.first[1].value],
            "second": [value.second[0], value.second[1].value],
            "begins_mm": value.begins_mm,
        }
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
