"""What the oracle says of a page."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sheets.expectation import Expectation
from sheets.geometry import Edges
from sheets.measures.results import NOTHING, Measures
from sheets.paper import PaperSize
from sheets.settings import ColourMode
from sheets.sheet import Side

SKEW_DEGREES = 0.3  # below these figures a page counts as true
CROP_MM = 1.0
DPI_SHARE = 0.01
DAMAGE = 0.001
DISTORTION_MM = 0.5
COLOUR_ERROR = 0.12
BLEED = 0.02
FADE = 0.12
SPECKS = 2
CAST = 0.06
LIGHT = 0.06
LIKE = 0.8

_NONE = Edges(0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Reading:
    """What a page is and what happened to it.

    Attributes:
        found: Whether a mark was read; if not, only what concerns the picture itself is set.
        width_px: Width of the picture.
        height_px: Height of the picture.
        number: Sheet number.
        side: Side of the sheet.
        seed: Seed of the sheet.
        size: Paper.
        marks_read: Marks of that page that were read.
        marks_total: Marks that the page has.
        other_pages: Other pages of which marks were read, as ``(number, side)``.
        turned: Degrees clockwise that the sheet is turned in the picture: 0, 90, 180, 270.
        mirrored: Whether left and right of the sheet are exchanged (before turning; upside down in a mirror is mirrored
            and turned by 180).
        inverted: Whether black and white are exchanged.
        mode: What the pixels are; ``None`` if no test patch is on the picture.
        channel_order: Which colour each channel carries, ``"rgb"`` if right; ``None`` if not colour or not known.
        byte_swapped: Whether the bytes of 16-bit samples are exchanged; ``None`` if not 16 bits or not known.
        colour_error: Mean error of the test patches as a share of full scale.
        dpi_x: Measured resolution along the rows of the picture.
        dpi_y: Measured resolution along its columns.
        declared_dpi: What the file or the caller declared.
        skew: Degrees clockwise off the quarter turn.
        crop_mm: What is cut off at each edge of the upright sheet; negative where the picture shows more than the sheet.
        crop_px: The same in pixels.
        truncated: Share of the rows that are missing or empty at the end of the picture, 0 to 1.
        damage: Share of the area that is not what was drawn there, 0 to 1.
        distortion_mm: How far a mark is out of place at most: large if rows within the page are lost or repeated.
        complete: Whether the encoded data was all there.
        blank: Whether the picture is of one shade.
        unreadable: Why the picture could not be looked at at all.
        offset_mm: How far to the right and down the upright sheet lies in the picture, measured at its middle.
        measures: What else was measured: fold, overlap, bleed, fade, dust, streaks, cast, light, noise.
        likeness: How like the expected document the page is, -1 to 1; ``None`` if no document was expected.
    """

    found: bool
    width_px: int = 0
    height_px: int = 0
    number: int | None = None
    side: Side | None = None
    seed: int | None = None
    size: PaperSize | None = None
    marks_read: int = 0
    marks_total: int = 0
    other_pages: tuple[tuple[int, Side], ...] = ()
    turned: int = 0
    mirrored: bool = False
    inverted: bool = False
    mode: ColourMode | None = None
    channel_order: str | None = None
    byte_swapped: bool | None = None
    colour_error: float = 0.0
    dpi_x: float | None = None
    dpi_y: float | None = None
    declared_dpi: tuple[float, float] | None = None
    skew: float = 0.0
    crop_mm: Edges = _NONE
    crop_px: Edges = _NONE
    truncated: float = 0.0
    damage: float = 0.0
    distortion_mm: float = 0.0
    complete: bool = True
    blank: bool = False
    unreadable: str | None = None
    offset_mm: tuple[float, float] = (0.0, 0.0)
    measures: Measures = NOTHING
    likeness: float | None = None

    @property
    def scale(self) -> tuple[float, float] | None:
        """Measured resolution over the declared one, x and y; ``None`` if either is not known."""
        if not (self.dpi_x and self.dpi_y and self.declared_dpi):
            return None
        return self.dpi_x / self.declared_dpi[0], self.dpi_y / self.declared_dpi[1]

    def to_dict(self) -> dict[str, Any]:
        """The reading as plain data for JSON, with ``problems`` added."""
        values: dict[str, Any] = dict(vars(self))
        values["side"] = self.side.value if self.side else None
        values["mode"] = self.mode.value if self.mode else None
        values["size"] = self.size.name if self.size else None
        values["size_mm"] = [self.size.width_mm, self.size.height_mm] if self.size else None
        values["other_pages"] = [[number, side.value] for number, side in self.other_pages]
        values["declared_dpi"] = list(self.declared_dpi) if self.declared_dpi else None
        values["crop_mm"], values["crop_px"] = self.crop_mm.to_dict(), self.crop_px.to_dict()
        values["offset_mm"] = list(self.offset_mm)
        values["scale"] = list(self.scale) if self.scale else None
        values["measures"] = self.measures.to_dict()
        values["problems"] = self.problems()
        return values

    def problems(self) -> list[str]:
        """What is wrong with the page whatever was expected, in words; empty if nothing is."""
        return [*self._identity(), *self._picture(), *self._edges(), *self._paper()]

    def describe(self) -> list[str]:
        """The page in words for people: what it is, how it lies, and what is wrong with it."""
        if not self.found or not self.side or not self.size or not self.dpi_x or not self.dpi_y:
            return self.problems()
        mode = f", {self.mode.value}" if self.mode else ""
        marks = f"{self.marks_read} of {self.marks_total} marks"
        name = f"sheet {self.number} {self.side.value}, seed {self.seed}, {self.size.name}{mode}, {marks}"
        x, y = self.offset_mm
        lie = f"skew {self.skew:+.2f} degrees, offset {x:+.1f} / {y:+.1f} mm, noise {self.measures.noise:.1f}"
        picture = f"{self.width_px} x {self.height_px} pixels, {self.dpi_x:.1f} x {self.dpi_y:.1f} dpi, {lie}"
        return [name, picture, *self.problems()]

    def _paper(self) -> Iterator[str]:
        """What was measured beside where the sheet lies."""
        seen = self.measures
        if seen.overlap:
            yield str(seen.overlap)
        if seen.fold:
            yield str(seen.fold)
        if seen.bleed > BLEED:
            yield f"{seen.bleed:.0%} of the other side shines through"
        if seen.fade > FADE:
            yield f"faded: {seen.fade:.0%} of the contrast is lost"
        if seen.dust and seen.dust.count >= SPECKS:
            yield str(seen.dust)
        yield from map(str, seen.streaks)
        if seen.cast and min(seen.cast) < 1 - CAST:
            red, green, blue = seen.cast
            yield f"colour cast: red {red:.2f}, green {green:.2f}, blue {blue:.2f} of the strongest"
        if seen.light > LIGHT:
            yield f"uneven light: the paper is up to {seen.light:.0%} darker in one place than in another"

    def _identity(self) -> Iterator[str]:
        if self.unreadable:
            yield f"the image cannot be read: {self.unreadable}"
        elif self.blank:
            yield "the page is blank"
        elif not self.found:
            yield "no mark of a sheet was found"
        if not self.complete:
            yield "the image data ends early"
        second = self.measures.overlap.second if self.measures.overlap else None
        if others := [page for page in self.other_pages if page != second]:
            names = ", ".join(f"sheet {number} {side.value}" for number, side in others)
            yield f"the page also carries marks of {names}"

    def _picture(self) -> Iterator[str]:
        if self.mirrored:
            yield "mirrored"
        if self.turned:
            yield f"turned by {self.turned} degrees clockwise"
        if abs(self.skew) > SKEW_DEGREES:
            yield f"skewed by {self.skew:.1f} degrees"
        if self.inverted:
            yield "inverted: black and white are exchanged"
        if self.channel_order not in {None, "rgb"}:
            yield f"channels are in the order {self.channel_order}"
        if self.byte_swapped:
            yield "the bytes of the 16-bit samples are exchanged"
        if self.channel_order in {None, "rgb"} and self.colour_error > COLOUR_ERROR:
            yield f"colours are off by {self.colour_error:.0%}"
        if self.dpi_x and self.dpi_y and self.declared_dpi:
            for axis, measured, declared in zip("xy", (self.dpi_x, self.dpi_y), self.declared_dpi, strict=True):
                if abs(measured / declared - 1) > DPI_SHARE:
                    yield f"declared {round(declared, 1):g} dpi in {axis}, measured {measured:.1f}"
        if self.distortion_mm > DISTORTION_MM:
            yield f"marks are up to {self.distortion_mm:.1f} mm out of place: rows or columns are lost or repeated"
        if self.damage > DAMAGE:
            yield f"{self.damage:.1%} of the area is damaged"

    def _edges(self) -> Iterator[str]:
        for edge, cut in self.crop_mm.to_dict().items():
            if cut > CROP_MM:
                yield f"{cut:.1f} mm are cut off at the {edge} of the sheet"
        if self.truncated:
            yield f"{self.truncated:.1%} of the rows are missing or empty at the end"

    def differences(self, expected: Expectation) -> list[str]:
        """What is not as expected, in words; empty if the page tells the truth.

        Beside what is expected, the page must be upright, not mirrored, inverted, damaged or truncated.
        """
        if expected.blank:
            return [] if self.blank else [f"expected a blank page, found {self._name()}"]
        if expected.document is not None and self.likeness is not None:
            return list(self._likeness())
        if not self.found:
            return [f"expected {_wanted(expected)}", *self._identity()]
        return [
            *_compare("sheet", expected.number, self.number),
            *_compare("side", expected.side, self.side),
            *_compare("seed", expected.seed, self.seed),
            *_compare("size", expected.size and expected.size.tenths, self.size and self.size.tenths),
            *(_compare("mode", expected.mode, self.mode) if self.mode else ()),
            *self._identity(),
            *self._resolution(expected),
            *self._picture(),
            *self._area(expected),
            *self._paper(),
        ]

    def _likeness(self) -> Iterator[str]:
        """What is wrong with a document without marks."""
        if (self.likeness or 0.0) < LIKE:
            yield f"the page is not the expected document: likeness {self.likeness:.2f}"
            return
        if self.mirrored:
            yield "mirrored"
        if self.turned:
            yield f"turned by {self.turned} degrees clockwise"
        if not self.complete:
            yield "the image data ends early"

    def _name(self) -> str:
        if self.found and self.side:
            return f"sheet {self.number} {self.side.value}"
        return "a picture that cannot be read" if self.unreadable else "something else"

    def _resolution(self, expected: Expectation) -> Iterator[str]:
        if not (expected.dpi and self.dpi_x and self.dpi_y):
            return
        for axis, measured, wanted in zip("xy", (self.dpi_x, self.dpi_y), expected.dpi, strict=True):
            if abs(measured / wanted - 1) > expected.dpi_tolerance:
                yield f"expected {wanted:g} dpi in {axis}, measured {measured:.1f}"

    def _area(self, expected: Expectation) -> Iterator[str]:
        if expected.area_mm is None or self.size is None:
            yield from self._edges()
            return
        left, top, right, bottom = expected.area_mm
        wanted = Edges(left, top, self.size.width_mm - right, self.size.height_mm - bottom).to_dict()
        pixel_mm = 25.4 / max(1.0, min(self.dpi_x or 25.4, self.dpi_y or 25.4))
        tolerance = max(expected.edge_tolerance_mm, 2 * pixel_mm)
        for edge, cut in self.crop_mm.to_dict().items():
            if abs(cut - wanted[edge]) > tolerance:
                yield f"the {edge} edge is {cut:.1f} mm inside the sheet, expected {wanted[edge]:.1f} mm"
        if self.truncated:
            yield f"{self.truncated:.1%} of the rows are missing or empty at the end"


def _compare(name: str, wanted: object, found: object) -> Iterator[str]:
    if wanted is not None and wanted != found:
        yield f"expected {name} {wanted}, found {found}"


def _wanted(expected: Expectation) -> str:
    sheet = f"sheet {expected.number}" if expected.number is not None else "a sheet"
    return f"{sheet} {expected.side.value}" if expected.side else sheet
