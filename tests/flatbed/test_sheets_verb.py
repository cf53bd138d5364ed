"""``flatbed sheets``: decks in any condition, and verdicts on scans."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from flatbed.cli import main
from flatbed.exits import Exit
from sheets import A6, BUSINESS_CARD, Defects, RenderSettings, Sheet, Side, render


def scan(path: Path, sheet: Sheet) -> str:
    """A page as a file."""
    Image.fromarray(np.asarray(render(sheet, Side.FRONT, RenderSettings(150, 150)))).save(path, dpi=(150, 150))
    return str(path)


def test_a_deck_comes_back_as_it_was_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What --with asked for is on the pages, and `read` finds it; the same words give the same bytes."""
    words = ["--count", "2", "--size", "business card", "--dpi", "200", "--with", "skew = 2", "--with", "bleed = 0.1"]
    decks = [tmp_path / "a.pdf", tmp_path / "b.pdf"]
    for deck in decks:
        assert main(["sheets", "-o", str(deck), *words]) == Exit.OK
    assert decks[0].read_bytes() == decks[1].read_bytes()
    capsys.readouterr()
    assert main(["sheets", "read", "--json", str(decks[0])]) == Exit.FAILED
    report = json.loads(capsys.readouterr().out)
    assert (report["schema"], report["clean"]) == (1, False)
    assert [(page["page"], page["number"], page["side"]) for page in report["pages"]] == [
        (1, 1, "front"),
        (2, 1, "back"),
        (3, 2, "front"),
        (4, 2, "back"),
    ]
    for page in report["pages"]:
        assert page["skew"] == pytest.approx(2, abs=0.1)
        assert page["measures"]["bleed"] == pytest.approx(0.1, abs=0.02)
        assert page["size_mm"] == [BUSINESS_CARD.width_mm, BUSINESS_CARD.height_mm]


def test_a_deck_of_documents(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder is printed between marks in the margin."""
    Image.new("RGB", (60, 80), "gray").save(tmp_path / "a.png")
    deck = tmp_path / "deck.pdf"
    words = ["--artwork", str(tmp_path), "--count", "1", "--size", "A6", "--dpi", "150"]
    assert main(["sheets", "-o", str(deck), *words]) == Exit.OK
    assert main(["sheets", "read", str(deck)]) == Exit.OK
    assert "sheet 1 back" in capsys.readouterr().out


def test_a_clean_page_is_clean(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 0 and one word."""
    assert main(["sheets", "read", scan(tmp_path / "page.png", Sheet(4, A6))]) == Exit.OK
    assert "page.png, page 1: clean\n  sheet 4 front" in capsys.readouterr().out


def test_what_cannot_be_read_is_said_and_the_rest_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A broken file among others is a verdict of its own."""
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")
    files = [str(tmp_path / "broken.pdf"), scan(tmp_path / "page.png", Sheet(4, A6, defects=Defects(skew=2)))]
    assert main(["sheets", "read", *files]) == Exit.FAILED
    out = capsys.readouterr().out
    assert "cannot be read as a PDF" in out
    assert "skewed by 2.0 degrees" in out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "no file to write was named"),
        (["read"], "FILE"),
        (["read", "missing.pdf"], "there is no such file"),
        (["-o", "x.pdf", "--with", "skew"], "is not KEY = VALUE"),
        (["-o", "x.pdf", "--with", "skew = 90"], "skew must be from -20 to 20"),
        (["-o", "x.pdf", "--with", "skw = 1"], "did you mean 'skew'"),
        (["-o", "x.pdf", "--artwork", "nowhere"], "there is no such file"),
        (["-o", "x.pdf", "--artwork", ".", "--size", "A6"], "no PDF and no image"),
    ],
)
def test_mistakes_are_said_before_anything_is_done(
    words: list[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2, words with what to do, and no file."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        raise SystemExit(main(["sheets", *words]))
    assert ended.value.code == Exit.USAGE
    assert says in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
