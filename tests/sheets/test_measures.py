"""Each measure of the oracle against known defects, with its tolerance; and no alarm where there is nothing."""

import io
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sheets import (
    A5,
    A6,
    ColourMode,
    Corner,
    Defects,
    Dust,
    Fold,
    Marks,
    Overlap,
    PaperSize,
    Reading,
    RenderSettings,
    Sheet,
    Side,
    Streak,
    pixel_size,
    read_page,
    render,
    unpack_lineart,
)
from tests.sheets.pages import Pixels, encode, invert, mirror, turn

SHEET = Sheet(31, A5, seed=4)
PIPELINES = [
    pytest.param(75, ColourMode.COLOR, 60, id="75 dpi colour JPEG 60"),
    pytest.param(100, ColourMode.GRAY, 75, id="100 dpi grey JPEG 75"),
    pytest.param(150, ColourMode.COLOR, None, id="150 dpi colour"),
    pytest.param(300, ColourMode.GRAY, 85, id="300 dpi grey JPEG 85"),
]
every_pipeline = pytest.mark.parametrize(("dpi", "mode", "quality"), PIPELINES)


def picture(sheet: Sheet, dpi: int = 150, mode: ColourMode = ColourMode.COLOR, side: Side = Side.FRONT) -> Pixels:
    """A page as pixels, 0 = black."""
    settings = RenderSettings(dpi, dpi, mode)
    drawn = render(sheet, side, settings)
    return (
        unpack_lineart(drawn, pixel_size(settings, sheet)[0]) if mode is ColourMode.LINEART else drawn.astype(np.uint8)
    )


def seen(defects: Defects, dpi: int = 150, mode: ColourMode = ColourMode.COLOR, quality: int | None = None) -> Reading:
    """What the oracle says of the sheet with defects, through a pipeline."""
    pixels = picture(replace(SHEET, defects=defects), dpi, mode)
    return read_page(pixels if quality is None else encode(pixels, "JPEG", quality=quality))


@every_pipeline
@pytest.mark.parametrize("size_mm", [8.0, 20.0, 45.0])
def test_a_folded_corner_is_measured(dpi: int, mode: ColourMode, quality: int | None, size_mm: float) -> None:
    """Which corner, and its size to 1.5 mm."""
    for corner in (Corner.TOP_LEFT, Corner.BOTTOM_RIGHT):
        fold = seen(Defects(fold=Fold(corner, size_mm)), dpi, mode, quality).measures.fold
        assert fold
        assert fold.corner == corner.value
        assert fold.size_mm == pytest.approx(size_mm, abs=1.5)


@pytest.mark.parametrize("corner", Corner)
def test_the_back_shows_the_fold_at_the_mirrored_corner(corner: Corner) -> None:
    """A dog-ear is at the left of one side and at the right of the other; on the back its flap covers what is below."""
    sheet = replace(SHEET, defects=Defects(fold=Fold(corner, 20)))
    fold = read_page(picture(sheet, side=Side.BACK)).measures.fold
    assert fold
    assert fold.corner == corner.mirrored.value
    assert fold.size_mm == pytest.approx(20, abs=1.5)


def test_a_fold_in_black_and_white_is_told() -> None:
    """Without greys the corner is right and the size rough: to half as much again, or 10 mm."""
    fold = seen(Defects(fold=Fold(Corner.TOP_RIGHT, 30)), 200, ColourMode.LINEART).measures.fold
    assert fold
    assert fold.corner == "top-right"
    assert fold.size_mm == pytest.approx(30, abs=15)


@every_pipeline
@pytest.mark.parametrize("share", [0.04, 0.1, 0.3])
def test_bleed_through_is_measured(dpi: int, mode: ColourMode, quality: int | None, share: float) -> None:
    """The share of the other side's ink to 0.02; what shines through is neither dust nor cast."""
    reading = seen(Defects(bleed=share), dpi, mode, quality)
    assert reading.measures.bleed == pytest.approx(share, abs=0.02)
    assert [words for words in reading.problems() if "shines" not in words] == []


@every_pipeline
@pytest.mark.parametrize("share", [0.15, 0.4])
def test_fading_is_measured(dpi: int, mode: ColourMode, quality: int | None, share: float) -> None:
    """The share of contrast lost to 0.03."""
    assert seen(Defects(fade=share), dpi, mode, quality).measures.fade == pytest.approx(share, abs=0.03)


@every_pipeline
def test_dust_is_counted(dpi: int, mode: ColourMode, quality: int | None) -> None:
    """Specks of 0.3 to 0.6 mm on bare paper are counted to a fifth of what chance leaves there."""
    dust = seen(Defects(dust=(Dust(200, 0.6),)), dpi, mode, quality).measures.dust
    assert dust
    assert dust.count == pytest.approx(200 * dust.paper, rel=0.3)
    assert dust.area_mm2 == pytest.approx(dust.count * np.pi / 4 * 0.21, rel=0.35)  # mean of the squares of 0.3 to 0.6


@every_pipeline
def test_streaks_are_measured(dpi: int, mode: ColourMode, quality: int | None) -> None:
    """The columns to half a pixel and 0.15 mm, the width to a pixel."""
    streaks = (Streak(20, 0.4), Streak(71.5, 1.0, 0.6), Streak(120, 0.3, 0.1))
    found = seen(Defects(streaks=streaks), dpi, mode, quality).measures.streaks
    assert [streak.axis for streak in found] == ["column"] * 3
    pixel = 25.4 / dpi
    for streak, known in zip(found, streaks, strict=True):
        assert streak.at_mm == pytest.approx(known.x_mm, abs=0.15 + pixel / 2)
        assert streak.width_mm == pytest.approx(known.width_mm, abs=0.1 + pixel)


def test_streaks_of_a_turned_page_run_along_its_rows() -> None:
    """A page that was turned after the scan still shows what is wrong with the glass."""
    pixels = turn(1)(picture(replace(SHEET, defects=Defects(streaks=(Streak(40, 0.4),)))))
    (streak,) = read_page(pixels).measures.streaks
    assert streak.axis == "row"
    assert streak.at_mm == pytest.approx(40, abs=0.2)


@pytest.mark.parametrize("cast", [(1.0, 0.9, 0.8), (0.85, 1.0, 1.0), (1.2, 1.0, 1.0)])
@pytest.mark.parametrize(("dpi", "quality"), [(75, 60), (150, None), (300, 85)])
def test_a_colour_cast_is_measured(cast: tuple[float, float, float], dpi: int, quality: int | None) -> None:
    """Each channel against the strongest to 0.04, whatever the light."""
    reading = seen(Defects(cast=cast, light=0.1), dpi, quality=quality)
    assert reading.measures.cast == pytest.approx([gain / max(cast) for gain in cast], abs=0.04)
    assert any("colour cast" in words for words in reading.problems())


@every_pipeline
@pytest.mark.parametrize("share", [0.12, 0.3])
def test_uneven_light_is_measured(dpi: int, mode: ColourMode, quality: int | None, share: float) -> None:
    """How much darker the edges are, to 0.03."""
    assert seen(Defects(light=share), dpi, mode, quality).measures.light == pytest.approx(share, abs=0.03)


@pytest.mark.parametrize("noise", [1.0, 3.0, 8.0])
@pytest.mark.parametrize("mode", [ColourMode.GRAY, ColourMode.COLOR])
def test_noise_is_measured(noise: float, mode: ColourMode) -> None:
    """The deviation of the sensor to a tenth; a noisy page is not called faded for not reaching black."""
    measures = read_page(picture(replace(SHEET, noise=noise), 200, mode)).measures
    assert measures.noise == pytest.approx(noise, rel=0.1, abs=0.1)
    assert measures.fade < 0.08


@every_pipeline
def test_skew_and_offset_are_measured(dpi: int, mode: ColourMode, quality: int | None) -> None:
    """Offset to 0.3 mm along the edges of the scanner, skew to 0.1 degrees, each in the presence of the other."""
    reading = seen(Defects(skew=-2.2, offset_mm=(4.0, 6.5)), dpi, mode, quality)
    assert reading.skew == pytest.approx(-2.2, abs=0.1)
    assert reading.offset_mm == pytest.approx((4.0, 6.5), abs=0.3)


@every_pipeline
@pytest.mark.parametrize("lap_mm", [40.0, 110.0])
def test_both_sheets_of_a_double_feed_are_named(dpi: int, mode: ColourMode, quality: int | None, lap_mm: float) -> None:
    """Which sheet leads, which lies over it, and where that begins to 1 mm; neither covered nor missing marks are damage."""
    sheet = replace(SHEET, overlap=Overlap(Sheet(32, A5, seed=4, defects=Defects(skew=0.5)), lap_mm))
    pixels = picture(sheet, dpi, mode)
    reading = read_page(pixels if quality is None else encode(pixels, "JPEG", quality=quality))
    overlap = reading.measures.overlap
    assert overlap
    assert (reading.number, overlap.first, overlap.second) == (31, (31, Side.FRONT), (32, Side.FRONT))
    assert overlap.begins_mm == pytest.approx(lap_mm, abs=1.0)
    assert reading.other_pages == ((32, Side.FRONT),)
    assert [words for words in reading.problems() if "double feed" not in words] == []


def test_what_a_fold_and_an_overlap_hide_is_no_damage() -> None:
    """Damage is what was not drawn and has no better name."""
    assert seen(Defects(fold=Fold(Corner.TOP_LEFT, 30))).damage == 0


def test_a_paper_that_only_its_owner_has_a_name_for_is_clean() -> None:
    """Marks carry the size and not its name, so what is printed must not depend on the name."""
    for name in ("odd", "A4"):
        pixels = picture(Sheet(2, PaperSize(name, 100.0, 120.0)), 100, ColourMode.GRAY)
        assert read_page(pixels).problems() == []
        assert np.array_equal(pixels, picture(Sheet(2, PaperSize("other", 100.0, 120.0)), 100, ColourMode.GRAY))


@pytest.mark.parametrize("mode", ColourMode)
@pytest.mark.parametrize("marks", [Marks.GRID, Marks.MARGIN])
@pytest.mark.parametrize("noise", [0.0, 16.0])
def test_no_false_alarm(mode: ColourMode, marks: Marks, noise: float) -> None:
    """A clean page has none of the defects, whatever pipeline it came through."""
    dpi = 200 if mode is ColourMode.LINEART else 100
    pixels = picture(Sheet(5, A6, noise=noise, marks=marks), dpi, mode)
    changes: dict[str, Any] = {
        "as it is": pixels,
        "inverted": invert(pixels),
        "mirrored": mirror(pixels),
        "turned": turn(1)(pixels),
    }
    if mode is ColourMode.LINEART:
        changes["Group 4"] = _tiff(pixels)
    else:
        for quality in (30, 50, 75, 95):
            changes[f"JPEG {quality}"] = encode(pixels, "JPEG", quality=quality)
        changes["dithered"] = Image.fromarray(pixels).convert("1") if dpi >= 200 else pixels
        larger = (round(pixels.shape[1] * 1.7), round(pixels.shape[0] * 1.7))
        changes["scaled"] = np.asarray(Image.fromarray(pixels).resize(larger, Image.Resampling.BICUBIC))
    for name, page in changes.items():
        measures = read_page(page).measures
        alarms = (measures.fold, measures.overlap, measures.streaks, measures.bleed > 0.015, measures.light > 0.04)
        assert alarms == (None, None, (), False, False), name
        assert measures.dust is None or measures.dust.count < 2, name
        assert measures.fade < 0.12, name
        assert measures.cast is None or min(measures.cast) > 0.94, name


def _tiff(pixels: Pixels) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).convert("1", dither=Image.Dither.NONE).save(buffer, "TIFF", compression="group4")
    return buffer.getvalue()


def test_a_reading_is_plain_data_and_words() -> None:
    """Every measure is in the JSON form by name, and in the words for people."""
    defects = Defects(
        skew=1,
        fold=Fold(Corner.TOP_LEFT, 15),
        bleed=0.1,
        dust=(Dust(50),),
        streaks=(Streak(60),),
        cast=(1, 0.9, 0.9),
        light=0.2,
    )
    reading = seen(defects)
    plain = reading.to_dict()["measures"]
    assert plain["fold"] == {"corner": "top-left", "size_mm": pytest.approx(15, abs=1.5)}
    assert set(plain) == {"fold", "overlap", "bleed", "fade", "dust", "streaks", "cast", "light", "noise"}
    assert plain["streaks"][0]["axis"] == "column"
    words = " / ".join(reading.describe())
    for said in (
        "sheet 31 front",
        "skewed by 1.0",
        "corner is folded",
        "shines through",
        "dust",
        "streak",
        "cast",
        "light",
    ):
        assert said in words
