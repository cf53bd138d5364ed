"""The stroke font."""

import string

import numpy as np
import pytest

from sheets.font import advances, glyph, text_width

SCALE = (4.0, 4.0)


@pytest.mark.parametrize("char", string.ascii_uppercase + string.digits + "-+.,:/%")
def test_every_letter_leaves_ink_inside_its_picture(char: str) -> None:
    """A stroke that ran off the glyph's picture would be cut; no letter may be empty."""
    cover = glyph(char, 6.0, 0.8, SCALE)
    assert cover.max() > 128
    assert not cover[0].any()
    assert not cover[-1].any()
    assert not cover[:, 0].any()
    assert not cover[:, -1].any()


def test_letters_differ() -> None:
    """A human reads the number: no two digits may look alike."""
    digits = [glyph(char, 6.0, 0.8, SCALE).tobytes() for char in string.digits]
    assert len(set(digits)) == 10


def test_an_unknown_letter_is_a_dash() -> None:
    """A paper name of the user's may hold any character; drawing it must not fail."""
    assert np.array_equal(glyph("漢", 6.0, 0.8, SCALE), glyph("-", 6.0, 0.8, SCALE))


def test_width_is_where_the_last_glyph_ends() -> None:
    """Texts are fitted by width: the measure and the drawing must agree."""
    assert advances("ABC", 6.0)[0] == 0
    assert text_width("ABC", 6.0) == pytest.approx(advances("ABC", 6.0)[2] + text_width("C", 6.0))
    assert text_width("", 6.0) == 0


def test_stretched_pixels_stretch_the_glyph() -> None:
    """At 300 x 150 dpi letters must keep their shape on paper."""
    tall, wide = glyph("H", 10.0, 0.8, (2.0, 8.0)), glyph("H", 10.0, 0.8, (8.0, 2.0))
    assert tall.shape[0] > 2 * tall.shape[1]
    assert wide.shape[1] > 2 * wide.shape[0]
