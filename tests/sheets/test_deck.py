"""The deck to print."""

import io
from pathlib import Path

import pypdfium2
import pytest

from sheets import A4, A6, BUSINESS_CARD, Sheet, SheetError, Side, read_page, write_deck

DECK = [Sheet(1, A6, seed=2), Sheet(2, BUSINESS_CARD), Sheet(3, A6, noise=5.0, blank_back=True)]


def _deck(dpi: int = 150) -> bytes:
    buffer = io.BytesIO()
    write_deck(buffer, DECK, dpi)
    return buffer.getvalue()


def test_pages_are_in_duplex_order_with_true_sizes() -> None:
    """Printed on both sides, each sheet must carry its own front and back, at 100 % of its size."""
    pdf = pypdfium2.PdfDocument(_deck())
    assert len(pdf) == 6
    for index, page in enumerate(pdf):
        sheet, side = DECK[index // 2], (Side.FRONT, Side.BACK)[index % 2]
        width, height = (points / 72 * 25.4 for points in page.get_size())
        assert (width, height) == pytest.approx((sheet.size.width_mm, sheet.size.height_mm), abs=0.1)
        reading = read_page(page.render(scale=150 / 72).to_pil())
        if sheet.is_blank(side):
            assert reading.blank
        else:
            assert (reading.number, reading.side, reading.seed) == (sheet.number, side, sheet.seed)
            assert reading.problems() == []
    pdf.close()


def test_the_same_sheets_give_the_same_bytes() -> None:
    """No clock and no random identifier may get into the file."""
    assert _deck(75) == _deck(75)


def test_a_deck_goes_to_a_path_or_a_file(tmp_path: Path) -> None:
    """Users give a path, services a stream; the number of pages is told."""
    path = tmp_path / "deck.pdf"
    assert write_deck(path, DECK, 75) == 6
    assert path.read_bytes() == _deck(75)
    assert write_deck(str(path), iter(DECK[:1]), 75) == 2


@pytest.mark.parametrize("sheets", [[], [Sheet(1, A4)] * 1001])
def test_a_deck_of_nothing_or_too_much_is_refused(sheets: list[Sheet], tmp_path: Path) -> None:
    """A refused call leaves no file behind."""
    path = tmp_path / "deck.pdf"
    with pytest.raises(SheetError):
        write_deck(path, sheets)
    assert not path.exists()
