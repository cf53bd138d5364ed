"""Paper sizes."""

import pytest

from sheets import A4, BUSINESS_CARD, LETTER, PAPER_SIZES, PaperSize, SheetError, paper_size
from sheets.paper import size_of_tenths


@pytest.mark.parametrize(
    ("name", "size"), [("a4", A4), ("A4", A4), (" Letter ", LETTER), ("business-card", BUSINESS_CARD)]
)
def test_a_size_is_found_by_its_usual_names(name: str, size: PaperSize) -> None:
    """Users and profiles write names in any case, with dashes; each finds the same paper."""
    assert paper_size(name) == size


def test_landscape_is_found_by_name_too() -> None:
    """A feeder that takes A4 sideways needs the size by name as well."""
    assert paper_size("a4 landscape") == PaperSize("A4 landscape", 297.0, 210.0)


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    """A typing error in a devices file must say what would have been right."""
    with pytest.raises(SheetError, match="a4"):
        paper_size("A44")


def test_every_size_comes_back_from_its_marks() -> None:
    """Marks carry the size in tenths of a millimetre: each named size must survive that, with its name."""
    for size in PAPER_SIZES.values():
        assert size_of_tenths(*size.tenths) == size
        assert size_of_tenths(*size.landscape.tenths) == size.landscape


@pytest.mark.parametrize(
    ("width", "height"), [(39.9, 100), (100, 39), (819.2, 100), (100, 3276.8), (100.05, 100), (float("nan"), 100)]
)
def test_paper_that_marks_cannot_carry_is_refused(width: float, height: float) -> None:
    """A size outside the payload's bits would be read back as another one."""
    with pytest.raises(SheetError):
        PaperSize("odd", width, height)
