"""Rendering."""

import zlib
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheets import (
    A6,
    BUSINESS_CARD,
    ColourMode,
    RenderSettings,
    Sheet,
    SheetError,
    Side,
    noisy_reference_sheet,
    pixel_size,
    render,
    render_rows,
)
from sheets import cache as cache_module
from sheets.noise import margin

GOLDEN_NOISE = 2846143612  # CRC-32 of the page
GOLDEN_PAGE = 1510818698

MODES = [
    (ColourMode.LINEART, 1),
    (ColourMode.GRAY, 8),
    (ColourMode.GRAY, 16),
    (ColourMode.COLOR, 8),
    (ColourMode.COLOR, 16),
]
CARD = Sheet(12, BUSINESS_CARD, seed=3)


@pytest.mark.parametrize(("mode", "depth"), MODES)
def test_shape_and_type(mode: ColourMode, depth: int) -> None:
    """Every door relies on the documented shape, sample type and packing."""
    wanted = RenderSettings(100, 150, mode, depth)
    width, height = pixel_size(wanted, CARD)
    drawn = render(CARD, Side.FRONT, wanted)
    shape: tuple[int, ...] = (height, (width + 7) // 8) if mode is ColourMode.LINEART else (height, width)
    assert drawn.shape == ((*shape, 3) if mode is ColourMode.COLOR else shape)
    assert drawn.dtype == (np.uint16 if depth == 16 else np.uint8)
    assert drawn.dtype.isnative


def test_depth_defaults_to_what_the_mode_has() -> None:
    """Callers that do not care about depth get the usual one."""
    assert RenderSettings(75, 75, ColourMode.LINEART).depth == 1
    assert RenderSettings(75, 75, ColourMode.GRAY).depth == 8


def test_lineart_is_the_threshold_of_gray_with_one_as_black() -> None:
    """SANE 3.2.1: leftmost pixel in the highest bit, 1 is black; padding bits are zero."""
    gray = render(CARD, Side.FRONT, RenderSettings(101, 101, ColourMode.GRAY))
    packed = render(CARD, Side.FRONT, RenderSettings(101, 101, ColourMode.LINEART))
    assert packed.dtype == np.uint8
    bits = np.unpackbits(packed.astype(np.uint8), axis=1)
    assert np.array_equal(bits[:, : gray.shape[1]], gray < 128)
    assert not bits[:, gray.shape[1] :].any()
    assert gray.shape[1] % 8  # else the padding was not tested


def test_sixteen_bits_say_more_than_eight() -> None:
    """If both bytes of a sample were equal, exchanged bytes could not be told (DATA-07)."""
    fine = render(CARD, Side.FRONT, RenderSettings(100, 100, ColourMode.COLOR, 16))
    coarse = render(CARD, Side.FRONT, RenderSettings(100, 100, ColourMode.COLOR, 8))
    assert np.abs(fine / 257 - coarse).max() <= 1
    assert ((fine >> 8) != (fine & 0xFF)).mean() > 0.05


@pytest.mark.parametrize(
    "sheet", [CARD, Sheet(12, BUSINESS_CARD, noise=5.0), Sheet(12, BUSINESS_CARD, blank_back=True)]
)
@pytest.mark.parametrize(("mode", "depth"), MODES)
@pytest.mark.parametrize("area", [None, (-3.0, -4.5, 60.3, 71.2)])
@settings(max_examples=4, deadline=None)
@given(cuts=st.lists(st.integers(0, 200), max_size=6))
def test_strips_are_the_page(
    sheet: Sheet, mode: ColourMode, depth: int, area: tuple[float, float, float, float] | None, cuts: list[int]
) -> None:
    """A machine delivers strips: put together they are the bytes of the whole page, wherever the cuts are."""
    wanted = RenderSettings(90, 70, mode, depth, area)
    height = pixel_size(wanted, sheet)[1]
    edges = [0, *sorted(min(cut, height) for cut in cuts), height]
    strips = [render_rows(sheet, Side.BACK, wanted, first, last - first) for first, last in pairwise(edges)]
    assert np.array_equal(np.concatenate(strips), render(sheet, Side.BACK, wanted))


def test_a_page_too_large_for_the_cache_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the budget the page is drawn strip by strip: nobody may see a difference."""
    wanted = RenderSettings(150, 150)
    cached = render(CARD, Side.FRONT, wanted)
    monkeypatch.setattr(cache_module.CACHE, "budget", 1000)
    assert np.array_equal(render(CARD, Side.FRONT, wanted), cached)
    assert np.array_equal(render_rows(CARD, Side.FRONT, wanted, 33, 50), cached[33:83])
    cache_module.CACHE.clear()


def test_same_arguments_same_bytes_and_nothing_shared() -> None:
    """Rendering is pure: a caller that scribbles on a page does not change the next one, nor does another sheet."""
    wanted = RenderSettings(100, 100)
    first = render(CARD, Side.FRONT, wanted)
    kept = first.copy()
    first[:] = 0
    render(Sheet(13, BUSINESS_CARD), Side.BACK, wanted)
    assert np.array_equal(render(CARD, Side.FRONT, wanted), kept)


def test_every_part_of_the_name_shows() -> None:
    """Number, side and seed each change the page."""
    wanted = RenderSettings(100, 100, ColourMode.GRAY)
    pages = {
        render(Sheet(number, A6, seed), side, wanted).tobytes() for number in (1, 2) for seed in (0, 1) for side in Side
    }
    assert len(pages) == 8


def test_an_area_is_that_part_of_the_page() -> None:
    """Cropping in the scanner and cropping afterwards agree where pixel borders coincide."""
    whole = render(Sheet(5, A6), Side.FRONT, RenderSettings(100, 100))
    part = render(Sheet(5, A6), Side.FRONT, RenderSettings(100, 100, area_mm=(25.4, 50.8, 76.2, 101.6)))
    difference = np.abs(whole[200:400, 100:300].astype(int) - part)
    assert (difference > 1).mean() < 0.02  # texts are placed on whole pixels, so theirs may differ at the seams


def test_beyond_the_sheet_is_white() -> None:
    """The area may exceed the sheet: there the scanner sees its white background."""
    drawn = render(CARD, Side.FRONT, RenderSettings(100, 100, area_mm=(-10.0, -10.0, 100.0, 70.0)))
    assert (drawn[:38] == 255).all()
    assert (drawn[:, :38] == 255).all()
    assert (drawn[258:] == 255).all()
    assert (drawn[39:257, 39:374] != 255).any()


def test_a_blank_back_is_white() -> None:
    """Blank page detection needs pages without a single mark."""
    sheet = Sheet(1, BUSINESS_CARD, blank_back=True)
    assert (render(sheet, Side.BACK, RenderSettings(75, 75)) == 255).all()
    assert (render(sheet, Side.FRONT, RenderSettings(75, 75)) != 255).any()


@pytest.mark.parametrize(("first", "count"), [(-1, 5), (0, 10_000), (200, -1), (217, 1)])
def test_rows_that_are_not_on_the_page_are_refused(first: int, count: int) -> None:
    """A driver that asks for rows past the end has a bug; white rows would hide it."""
    with pytest.raises(SheetError):
        render_rows(CARD, Side.FRONT, RenderSettings(100, 100), first, count)


def test_a_page_beyond_all_memory_is_refused_but_its_rows_are_not() -> None:
    """9600 dpi is legal; a whole page of it fails before anything is allocated, a strip works."""
    wanted = RenderSettings(9600, 9600, ColourMode.COLOR, 16)
    with pytest.raises(SheetError, match="strips"):
        render(CARD, Side.FRONT, wanted)
    assert render_rows(CARD, Side.FRONT, wanted, 10_000, 2).shape == (2, 32126, 3)


def _noise_of(sheet: Sheet, side: Side = Side.FRONT) -> Any:
    wanted = RenderSettings(100, 100)
    return render(Sheet(sheet.number, sheet.size, sheet.seed, sheet.noise, blank_back=True), side, wanted).astype(int)


def test_noise_is_as_loud_as_asked_and_never_clipped() -> None:
    """The amplitude is the standard deviation in levels; clipping would make white areas too quiet."""
    blank = _noise_of(Sheet(1, A6, noise=4.0), Side.BACK)
    assert blank.std() == pytest.approx(4.0, rel=0.05)
    assert blank.max() <= 255
    assert blank.min() >= 255 - 2 * margin(4.0)
    assert blank.mean() == pytest.approx(255 - margin(4.0), abs=0.1)


def test_noise_differs_by_sheet_side_and_seed_and_repeats_for_the_same() -> None:
    """Two pages with the same noise would compress and compare as no real pages do; the same page must repeat."""
    sheets = [Sheet(1, A6, 0, 4.0), Sheet(2, A6, 0, 4.0), Sheet(1, A6, 1, 4.0)]
    wanted = RenderSettings(50, 50, ColourMode.GRAY)
    pages = [render(sheet, Side.FRONT, wanted).tobytes() for sheet in sheets]
    pages.append(render(sheets[0], Side.BACK, wanted).tobytes())
    assert len(set(pages)) == 4
    cache_module.CACHE.clear()
    assert render(sheets[0], Side.FRONT, wanted).tobytes() == pages[0]


def test_the_noise_stream_is_the_same_on_every_machine() -> None:
    """Golden images hold only if the noise never changes with numpy or the platform."""
    drawn = render(Sheet(1, A6, 7, 3.0, blank_back=True), Side.BACK, RenderSettings(20, 20, ColourMode.GRAY))
    assert zlib.crc32(drawn.tobytes()) == GOLDEN_NOISE


def test_the_artwork_is_the_same_on_every_machine() -> None:
    """Same seed, same bytes: a change of artwork, font or marks is a decision, never an accident of a library."""
    assert zlib.crc32(render(CARD, Side.FRONT, RenderSettings(100, 100)).tobytes()) == GOLDEN_PAGE


def test_a_noisy_page_compresses_like_a_real_one() -> None:
    """Deflate must not find the noise repeating: a page of three levels of noise keeps about a third of its bytes."""
    drawn = render(noisy_reference_sheet(3, A6), Side.FRONT, RenderSettings(200, 200))
    assert len(zlib.compress(drawn.tobytes(), 6)) > 0.3 * drawn.nbytes
