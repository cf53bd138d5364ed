"""Defects as they are drawn: the same bytes for the same seed, strips that agree with pages, limits that hold."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from sheets import (
    A6,
    BUSINESS_CARD,
    ColourMode,
    Corner,
    Defects,
    Dust,
    Fold,
    Overlap,
    RenderSettings,
    Sheet,
    SheetError,
    Side,
    Streak,
    render,
    render_rows,
)

SHEET = Sheet(7, A6, seed=3)
SECOND = Sheet(8, A6, seed=3, defects=Defects(skew=-1.5))
DEFECTS: dict[str, Defects] = {
    "skew": Defects(skew=2.5),
    "offset": Defects(offset_mm=(3.3, -1.7)),
    "fold": Defects(fold=Fold(Corner.TOP_RIGHT, 18)),
    "bleed": Defects(bleed=0.15),
    "fade": Defects(fade=0.3),
    "dust": Defects(dust=(Dust(60, 0.8),)),
    "glass dust": Defects(dust=(Dust(60, 0.8, seed=5),)),
    "streaks": Defects(streaks=(Streak(30), Streak(70, 1.5, 0.6))),
    "cast": Defects(cast=(1.1, 0.9, 0.8)),
    "light": Defects(light=0.25),
}
ALL = Defects(
    skew=-3.1,
    offset_mm=(2.0, 4.0),
    fold=Fold(Corner.BOTTOM_LEFT, 22),
    bleed=0.1,
    fade=0.1,
    dust=(Dust(40), Dust(20, 0.5, seed=9)),
    streaks=(Streak(50, 0.4),),
    cast=(1.0, 0.95, 0.9),
    light=0.1,
)
GOLDEN = {
    "skew": "7e3fb5b4ca122676",
    "offset": "176b0a9700e7758d",
    "fold": "06079c62aa8aa8ad",
    "bleed": "d9baa92a05a21058",
    "fade": "fe2f1110cc628be5",
    "dust": "c4425b8a0e522a66",
    "glass dust": "5466bee7ade047ad",
    "streaks": "fb40ed3e7ac48224",
    "cast": "b53c356f01f71247",
    "light": "20af57372d52ff50",
    "all": "e29b092c860c50d5",
    "double feed": "6101b7f92261c7c8",
}
"""Checksums of the front at 120 dpi in colour: a change of any is a change of what users' tests see."""

MODES = [
    (ColourMode.COLOR, 8),
    (ColourMode.COLOR, 16),
    (ColourMode.GRAY, 8),
    (ColourMode.GRAY, 16),
    (ColourMode.LINEART, 1),
]


def sheets() -> dict[str, Sheet]:
    """A sheet for each defect, one with all of them, and two that were picked together."""
    made = {name: replace(SHEET, defects=defects) for name, defects in DEFECTS.items()}
    made["all"] = replace(SHEET, defects=ALL, noise=3.0)
    made["double feed"] = replace(SHEET, overlap=Overlap(SECOND, 60.0))
    return made


def checksum(sheet: Sheet, side: Side = Side.FRONT) -> str:
    """A short checksum of a side."""
    drawn = render(sheet, side, RenderSettings(120, 120))
    return hashlib.blake2b(drawn.tobytes(), digest_size=8).hexdigest()


@pytest.mark.parametrize("name", [*DEFECTS, "all", "double feed"])
def test_golden(name: str) -> None:
    """The same seed gives the same bytes in every run and on every machine (DATA-13)."""
    assert checksum(sheets()[name]) == GOLDEN[name]


@pytest.mark.parametrize("name", [*DEFECTS, "all", "double feed"])
@pytest.mark.parametrize(("mode", "depth"), MODES)
def test_strips_are_the_rows_of_the_page(name: str, mode: ColourMode, depth: int) -> None:
    """A page that is read in strips is byte for byte the page that is drawn at once, across the bands of a skewed one too."""
    sheet = sheets()[name]
    dpi = 300 if name in {"skew", "all"} else 100
    settings = RenderSettings(dpi, dpi, mode, depth, (-4.0, -3.0, 109.0, 155.0))
    for side in Side:
        whole = render(sheet, side, settings)
        for first, count in ((0, 1), (37, 101), (len(whole) // 2 - 5, 120), (len(whole) - 3, 3)):
            assert np.array_equal(render_rows(sheet, side, settings, first, count), whole[first : first + count])


@pytest.mark.parametrize("name", DEFECTS)
def test_each_defect_changes_the_page(name: str) -> None:
    """A defect that is asked for is there, and belongs to the sheet: nobody else's page changes."""
    clean = checksum(SHEET)
    assert checksum(sheets()[name]) != clean
    assert checksum(SHEET) == clean


def test_what_lies_on_the_sheet_differs_from_sheet_to_sheet_and_what_lies_on_the_glass_does_not() -> None:
    """Dust of the paper comes with each sheet; dust and streaks of the glass are at the same pixels of every page."""
    settings = RenderSettings(100, 100, ColourMode.GRAY)

    def dirt(number: int, defects: Defects) -> set[tuple[int, ...]]:
        blank = Sheet(number, A6, seed=3, blank_front=True)
        page = render(replace(blank, defects=defects), Side.FRONT, settings)
        return set(zip(*(axis.tolist() for axis in np.nonzero(page < 200)), strict=True))

    assert dirt(1, Defects(dust=(Dust(50),))) != dirt(2, Defects(dust=(Dust(50),)))
    for defects in (Defects(dust=(Dust(50, seed=1),)), Defects(streaks=(Streak(40),))):
        assert dirt(1, defects) == dirt(2, defects) != set()


def test_beside_a_skewed_sheet_there_is_white() -> None:
    """Beyond the sheet lies the scanner's background, at any depth and noise."""
    for depth in (8, 16):
        sheet = replace(SHEET, defects=Defects(skew=5))
        page = render(sheet, Side.FRONT, RenderSettings(100, 100, ColourMode.GRAY, depth))
        assert (page[:5, :5] == (255 if depth == 8 else 65535)).all()


def test_sheets_that_stick_together_edge_on_edge() -> None:
    """From above the first is seen, from below the second."""
    pair = replace(SHEET, overlap=Overlap(SECOND, 0.0))
    settings = RenderSettings(100, 100)
    assert np.array_equal(render(pair, Side.FRONT, settings), render(SHEET, Side.FRONT, settings))
    assert np.array_equal(render(pair, Side.BACK, settings), render(SECOND, Side.BACK, settings))
    assert pair.extent_mm == pytest.approx((105, 148))
    assert replace(SHEET, overlap=Overlap(SECOND, 50.0)).extent_mm == pytest.approx((105, 198))


def test_two_sheets_show_nothing_only_if_neither_does() -> None:
    """Blank detection sees what the bar sees."""
    printed, blank = SHEET, replace(SHEET, blank_back=True)
    assert blank.shows_nothing(Side.BACK)
    assert not replace(blank, overlap=Overlap(printed, 20.0)).shows_nothing(Side.BACK)
    assert not replace(blank, overlap=Overlap(printed, 0.0)).shows_nothing(Side.BACK)
    assert replace(printed, overlap=Overlap(blank, 0.0)).shows_nothing(Side.BACK)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Defects(skew=21), "the skew must be from -20 to 20, not 21"),
        (lambda: Defects(skew=float("nan")), "skew"),
        (lambda: Defects(bleed=0.7), "bleed-through"),
        (lambda: Defects(fade=-0.1), "fading"),
        (lambda: Defects(light=1), "fall of light"),
        (lambda: Defects(cast=(1, 1, 2)), "gain"),
        (lambda: Defects(cast=(1, 1)), "3 times"),  # type: ignore[arg-type]  # that is the mistake
        (lambda: Defects(offset_mm=(0, 201)), "offset"),
        (lambda: Defects(streaks=(Streak(1),) * 51), "number of streaks"),
        (lambda: Defects(dust=(Dust(1),) * 5), "kinds of dust"),
        (lambda: Dust(0), "number of specks"),
        (lambda: Dust(2001), "number of specks"),
        (lambda: Dust(1, 6.0), "size of specks"),
        (lambda: Streak(-1), "place of a streak"),
        (lambda: Streak(1, 11), "width of a streak"),
        (lambda: Streak(1, 1, 1.1), "shade of a streak"),
        (lambda: Fold(Corner.TOP_LEFT, 2), "folded corner"),
        (lambda: Overlap(SHEET, -1), "lap"),
        (lambda: Overlap(replace(SHEET, overlap=Overlap(SECOND, 1)), 1), "two sheets, not three"),
        (lambda: Sheet(1, lap_mm=1001), "lap"),
    ],
)
def test_limits_hold(make: Callable[[], object], says: str) -> None:
    """What cannot be is refused with the figure and its limits, before anything is drawn."""
    with pytest.raises(SheetError, match=says):
        make()


def test_a_machine_adds_its_own_defects() -> None:
    """Skews, offsets, specks and streaks add up, gains are multiplied, and all stay within the limits."""
    sheet = Defects(skew=15, offset_mm=(1, 2), fold=Fold(Corner.TOP_LEFT, 9), bleed=0.2, cast=(0.5, 1, 1), light=0.5)
    machine = Defects(skew=10, offset_mm=(3, -2), streaks=(Streak(5),), cast=(0.3, 1, 1.5), light=0.5)
    both = sheet.under(machine)
    assert (both.skew, both.offset_mm, both.fold, both.bleed) == (20, (4, 0), sheet.fold, 0.2)
    assert (both.cast, both.light, both.streaks) == ((0.2, 1, 1.5), 0.6, (Streak(5),))
    assert sheet.under(Defects()) is sheet


def test_a_card_with_everything_is_drawn() -> None:
    """No combination of defects is too much for a small paper."""
    card = Sheet(1, BUSINESS_CARD, defects=replace(ALL, fold=Fold(Corner.TOP_LEFT, 100)))
    assert render(card, Side.BACK, RenderSettings(75, 75)).shape == (162, 251, 3)
