"""The moving test card says which frame it is, whatever it came through."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageFilter

from sheets.arrays import Bytes
from sheets.test_card import NUMBERS, STAMPS, Card, FrameReading, View, draw_scene, read_frame

SIZES = ((1280, 720), (640, 480), (320, 180), (1920, 1080))


def card(width: int = 1280, height: int = 720, zoom: float = 1.0) -> Card:
    """A card of that size."""
    return Card(draw_scene(View(width, height, zoom, seed=7)))


def through_jpeg(picture: Bytes, quality: int) -> Bytes:
    """*picture* as 4:2:0 JPEG gives it back."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=quality, subsampling=2)
    return np.asarray(Image.open(file))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("quality", [30, 90])
def test_number_and_time_survive_jpeg(size: tuple[int, int], quality: int) -> None:
    """Number and time are read at every size through a harsh JPEG with half the chroma, at the ends of their ranges too."""
    drawn = card(*size)
    for number, stamp in ((0, 0), (1, 33), (123_456, 987_654_321), (NUMBERS - 1, STAMPS - 1)):
        read = read_frame(through_jpeg(drawn.frame(number, stamp), quality))
        assert (read.number, read.stamp_ms, read.torn, read.black) == (number, stamp, False, False)


@pytest.mark.parametrize("to", [(640, 360), (1920, 1080), (853, 479), (500, 500)])
def test_scaling_does_no_harm(to: tuple[int, int]) -> None:
    """A frame that was scaled to another size and shape is the same frame."""
    picture = Image.fromarray(card().frame(4321, 5678)).resize(to, Image.Resampling.BILINEAR)
    read = read_frame(np.asarray(picture))
    assert (read.number, read.stamp_ms, read.torn) == (4321, 5678, False)


@pytest.mark.parametrize("share", [0.04, 0.2, 0.5, 0.8, 0.97])
def test_a_torn_frame_says_where(share: float) -> None:
    """Rows of two frames in one picture are found, and the seam to an eighth of the picture; the newer frame's number is told."""
    drawn = card()
    torn = drawn.frame(500, 1000)
    seam = round(720 * share)
    torn[:seam] = drawn.frame(501, 1033)[:seam]
    read = read_frame(through_jpeg(torn, 80))
    assert read.torn
    assert read.torn_at == pytest.approx(share, abs=1 / 8)
    assert read.number == 500
    assert {number % 4096 for number in read.numbers} == {500, 501}


def test_what_is_no_card_has_no_number() -> None:
    """Noise, a flat picture and a black one give no number; only the last one is black."""
    noise = np.random.default_rng(5).integers(0, 255, (720, 1280, 3), dtype=np.uint8)
    assert read_frame(noise).number is None
    assert read_frame(np.full((720, 1280, 3), 128, np.uint8)) == FrameReading()
    assert read_frame(np.zeros((720, 1280, 3), np.uint8)) == FrameReading(black=True)


@pytest.mark.parametrize(
    "bad",
    [np.zeros((40, 1280, 3), np.uint8), np.zeros((720, 1280, 3)), np.zeros((720, 1280, 4), np.uint8), np.zeros(9)],
)
def test_what_is_no_picture_is_refused(bad: Bytes) -> None:
    """Arrays of another shape or type, and pictures too small for the marks, are an error that says so."""
    with pytest.raises(ValueError, match="frame"):
        read_frame(bad)


@pytest.mark.parametrize("zoom", [1.0, 1.3, 2.0, 3.1, 4.0])
@pytest.mark.parametrize("size", SIZES)
def test_zoom_is_measured(zoom: float, size: tuple[int, int]) -> None:
    """Zoom is told within 2 %, and exposure stays what it is."""
    read = read_frame(through_jpeg(card(*size, zoom).frame(1, 1), 85))
    assert read.zoom == pytest.approx(zoom, rel=0.02)
    assert read.exposure_ev == pytest.approx(0, abs=0.05)


def test_blur_light_and_tint_are_measured() -> None:
    """The width of a blur within a fifth, exposure within a tenth of a stop, the balance within 3 %."""
    scene = draw_scene(View(1280, 720))
    assert (read_frame(Card(scene).frame(1, 1)).blur_px or 9) < 0.6
    for sigma in (2.0, 4.0):
        soft = np.asarray(Image.fromarray(scene).filter(ImageFilter.GaussianBlur(sigma)))
        assert read_frame(Card(soft).frame(1, 1)).blur_px == pytest.approx(sigma, rel=0.2)
    linear = (scene / 255.0) ** 2.2 * 0.5
    dark = (255 * linear ** (1 / 2.2)).round().astype(np.uint8)
    assert read_frame(Card(dark).frame(1, 1)).exposure_ev == pytest.approx(-1, abs=0.1)
    warm = np.clip(scene * np.array([1.2, 1.0, 0.8]), 0, 255).astype(np.uint8)
    read = read_frame(Card(warm).frame(1, 1))
    assert read.red == pytest.approx(1.2, rel=0.03)
    assert read.blue == pytest.approx(0.8, rel=0.03)


def test_same_number_same_picture() -> None:
    """A frame is a pure function of scene, number and time, and neighbours differ."""
    assert (card().frame(5, 6) == card().frame(5, 6)).all()
    assert (card().frame(5, 6) != card().frame(6, 6)).any()
    assert (draw_scene(View(320, 180, seed=1)) != draw_scene(View(320, 180, seed=2))).any()
