"""What a mark says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheets import A4, SheetError, Side
from sheets.marks import modules
from sheets.paper import size_of_tenths
from sheets.payload import DIGITS, Mark, pack, unpack

MARKS = st.builds(
    Mark,
    number=st.integers(0, 2**24 - 1),
    side=st.sampled_from(Side),
    size=st.builds(size_of_tenths, st.integers(400, 8191), st.integers(400, 32767)),
    seed=st.integers(0, 2**32 - 1),
    tile=st.integers(0, 63),
)


@given(MARKS)
def test_a_mark_reads_back_as_it_was_written(mark: Mark) -> None:
    """Any one mark must name its page and place completely."""
    text = pack(mark)
    assert len(text) == DIGITS
    assert unpack(text) == mark


@given(MARKS, st.integers(0, DIGITS - 1), st.integers(1, 9))
def test_a_changed_digit_is_noticed(mark: Mark, place: int, change: int) -> None:
    """A misread mark must be no mark at all: an oracle that names the wrong sheet is worse than none."""
    digits = list(pack(mark))
    digits[place] = str((int(digits[place]) + change) % 10)
    assert unpack("".join(digits)) is None


@pytest.mark.parametrize("text", ["", "hello", "https://example.org/", "1" * 33, "9" * 34, "٣" * 34, "0" * 34])
def test_a_foreign_symbol_is_no_mark(text: str) -> None:
    """Real pages carry QR symbols of their own."""
    assert unpack(text) is None


def test_what_does_not_fit_is_refused() -> None:
    """A tile index beyond its bits would spill into the seed."""
    with pytest.raises(SheetError):
        pack(Mark(1, Side.FRONT, A4, 0, 64))


def test_marks_are_shared_but_cannot_be_changed() -> None:
    """Symbols are cached; a caller that wrote into one would change all later pages."""
    matrix = modules(Mark(1, Side.FRONT, A4, 0, 0))
    assert matrix.shape == (21, 21)
    with pytest.raises(ValueError, match="read-only"):
        matrix[0, 0] = 0
