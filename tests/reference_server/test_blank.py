"""Which pages are blank: only marks within the height band count (rest-api.md 7.2)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_host.encoding import EncodingError, TooLarge
from reference_server.processing.blank import check, is_blank
from sheets import ColourMode, RenderSettings, Sheet, Side, render
from tests.reference_server.pictures import A4_150, jpeg, marked, page, png

BAND = (20, 30)
ROWS, COLUMNS = A4_150


def blank(picture: bytes, band: tuple[int, int] = BAND) -> bool:
    """Whether a file is blank."""
    result, rest = check(picture, *band)
    assert rest == b""
    return result


def scanned(sheet: Sheet, side: Side, dpi: int, mode: ColourMode) -> npt.NDArray[Any]:
    """A side of a sheet as a scanner gives it."""
    pixels = np.asarray(render(sheet, side, RenderSettings(dpi, dpi, mode, 8)))
    return pixels.reshape(pixels.shape[0], -1) if mode is ColourMode.GRAY else pixels


@pytest.mark.parametrize("encode", [png, jpeg])
@pytest.mark.parametrize(("height", "expected"), [(19, True), (20, False), (25, False), (30, False), (31, True)])
def test_the_band(height: int, expected: bool, encode: Any) -> None:
    """One speck of ink makes a page non-blank from 20 to 30 rows, both included, and not beyond; JPEG or not, grey or colour."""
    speck = marked(height)
    assert blank(encode(speck)) is expected
    assert blank(encode(np.repeat(speck[:, :, None], 3, axis=2))) is expected


@given(
    height=st.integers(1, 60),
    width=st.integers(1, 200),
    row=st.integers(1, ROWS - 62),
    column=st.integers(1, COLUMNS - 202),
    band=st.tuples(st.integers(1, 50), st.integers(0, 40)).map(lambda pair: (pair[0], pair[0] + pair[1])),
)
def test_any_speck_in_any_band(height: int, width: int, row: int, column: int, band: tuple[int, int]) -> None:
    """Wherever a block of ink lies, also across the strips in which a page is searched, its height alone decides."""
    assert is_blank(marked(height, width, (row, column)), *band) is not (band[0] <= height <= band[1])


@pytest.mark.parametrize("side", [Side.FRONT, Side.BACK])
@pytest.mark.parametrize("dpi", [100, 300])
def test_sheets(side: Side, dpi: int) -> None:
    """A printed side is not blank and a blank side is, with the noise of the paper and without."""
    for noise in (0.0, 6.0):
        sheet = Sheet(3, seed=9, noise=noise, blank_back=True)
        picture = scanned(sheet, side, dpi, ColourMode.GRAY)
        assert is_blank(picture, *BAND) is (side is Side.BACK), noise


def test_colour_and_one_bit() -> None:
    """The same for pages in colour and for pages of one bit."""
    sheet = Sheet(4, blank_back=True)
    for side, expected in ((Side.FRONT, False), (Side.BACK, True)):
        assert blank(jpeg(scanned(sheet, side, 150, ColourMode.COLOR))) is expected
        grey = scanned(sheet, side, 150, ColourMode.GRAY)
        assert blank(png(grey > 128)) is expected


def shade() -> npt.NDArray[np.float64]:
    """Light that falls off by a third to one corner."""
    down, across = np.mgrid[0:ROWS, 0:COLUMNS]
    made: npt.NDArray[np.float64] = 1 - 0.2 * across / COLUMNS - 0.15 * down / ROWS
    return made


def noisy(brightness: float, spread: float) -> npt.NDArray[np.float64]:
    """A page with noise."""
    return np.random.default_rng(11).normal(brightness, spread, A4_150)


def askew(ink: int) -> npt.NDArray[np.uint8]:
    """A sheet that lies askew: dark wedges along two edges, and beyond a corner."""
    down, across = np.mgrid[0:ROWS, 0:COLUMNS]
    made = page(250)
    made[across < 8 + down * 0.03] = ink
    made[down < 4 + across * 0.02] = ink
    made[across + down < 60] = ink
    return made


UNEVEN: dict[str, npt.NDArray[Any]] = {
    "white": page(),
    "grey": page(140),
    "dark grey": page(90),
    "black": page(0),
    "shaded": 235 * shade(),
    "noise": noisy(200, 8),
    "much noise": noisy(170, 20),
    "noise and shade": noisy(220, 6) * shade(),
    "salt": np.where(np.random.default_rng(3).random(A4_150) < 0.03, 0, 255),
    "shadow": askew(90),
    "black beyond the sheet": askew(0),
    "screen of dots": np.where(np.add.outer(np.arange(ROWS), np.arange(COLUMNS) * 2) % 4 == 0, 0, 255),
}


@pytest.mark.parametrize("name", UNEVEN)
def test_paper_is_blank(name: str) -> None:
    """Grey paper, falling light, noise, dots and the shadows of edges are no marks, and a mark on such paper is found all the same."""
    paper = np.clip(UNEVEN[name], 0, 255).astype(np.uint8)
    assert is_blank(paper, *BAND)
    if name not in {"black", "screen of dots"}:  # nothing can be darker there, or hangs together with the dots
        paper[800:825, 600:640] = 0
        assert not is_blank(paper, *BAND)


def test_ink_of_any_colour() -> None:
    """Yellow is as bright as paper, and still ink; on yellow paper it is paper."""
    picture = np.repeat(page()[:, :, None], 3, axis=2)
    picture[500:525, 300:340] = (255, 255, 0)
    assert not blank(png(picture))
    picture[:, :] = (250, 250, 120)
    assert blank(png(picture))


@pytest.mark.parametrize("shape", [(100, 100), (31, 1100), (300, 64), (400, 700), (1500, 900), (64, 128)])
def test_large_blocks(shape: tuple[int, int]) -> None:
    """A block larger than the tiles of which paper is measured is one mark of its whole height: out of the band, or in it."""
    picture = page()
    picture[101 : 101 + shape[0], 77 : 77 + shape[1]] = 30
    assert is_blank(picture, *BAND)
    assert not is_blank(picture, shape[0], shape[0])
    assert is_blank(picture, 1, shape[0] - 1)


def test_more_pixels_than_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture with too many pixels is refused by its header, before anything of that size is allocated."""
    monkeypatch.setattr("reference_server.processing.images.MAX_PIXELS", ROWS * COLUMNS - 1)
    with pytest.raises(TooLarge):
        blank(png(page()))


def test_faint_marks() -> None:
    """A mark must be a fifth darker than its paper."""
    assert is_blank(marked(25, brightness=200, ink=175), *BAND)
    assert not is_blank(marked(25, brightness=200, ink=150), *BAND)


@pytest.mark.parametrize("at", [(0, 500), (ROWS - 25, 500), (700, 0), (700, COLUMNS - 25)])
def test_what_touches_the_edge_is_no_mark(at: tuple[int, int]) -> None:
    """A block at the very edge of the picture does not count: shadows and rims look so."""
    assert is_blank(marked(25, 25, at), *BAND)


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1), (19, 300), (64, 64), (65, 63), (1025, 70)])
def test_any_size_of_picture(shape: tuple[int, int]) -> None:
    """Pictures of a pixel, of a line, and smaller than the band are blank, and nothing breaks at the sizes of tiles and strips."""
    assert is_blank(np.full(shape, 255, np.uint8), *BAND)
    if min(shape) > 40:
        paper = np.full(shape, 255, np.uint8)
        paper[5:30, 5:20] = 0
        assert not is_blank(paper, *BAND)


def test_a_band_beyond_the_page() -> None:
    """A band as high as the page and beyond is searched like any other."""
    assert not is_blank(marked(1700, 10, at=(20, 500)), 1000, 1_000_000)
    assert is_blank(marked(1700, 10, at=(20, 500)), 1, 1000)
    assert is_blank(marked(1700, 10, at=(20, 500)), 5000, 6000)


def test_a_page_full_of_dots_ends_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a number of dots that no blank page has, a page is not blank, however high they are: memory is bounded."""
    monkeypatch.setattr("reference_server.processing.blank.MAX_RUNS", 100)
    dots = page()
    dots[10:-10:4, 10:-10:4] = 0
    assert not is_blank(dots, *BAND)


@pytest.mark.parametrize(
    "data", [b"", b"hello", png(page())[:-40], jpeg(page())[:300], b"\x89PNG\r\n\x1a\n" + b"x" * 50]
)
def test_no_picture(data: bytes) -> None:
    """What is no picture, or a cut one, is a ValueError of the encoder's family."""
    with pytest.raises(EncodingError):
        blank(data)
