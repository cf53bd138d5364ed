"""A mutant is put in by exchanging code where that can be done, and the function is a mutant for everybody who holds it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from conformance.selftest.mutants.candidates import Mutant, candidates
from conformance.selftest.mutants.swapping import swap

TEXT = """\
class Base:
    def size(self):
        return 1

class Sheet(Base):
    @property
    def area(self):
        return 6 * 7

    @area.setter
    def area(self, value):
        self.seen = value + 1

    def size(self):
        return super().size() + 10

    def lazily(self):
        def inner():
            return 2 + 3
        return inner()

    def scaled(self, by=2):
        return by
"""


@pytest.fixture
def paper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A module of its own."""
    (tmp_path / "paper_to_swap.py").write_text(TEXT)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield importlib.import_module("paper_to_swap")
    del sys.modules["paper_to_swap"]


def mutant(after: str) -> Mutant:
    """The one whose line becomes *after*."""
    return next(item for item in candidates("paper_to_swap", TEXT) if item.after == after)


def test_code_is_exchanged(paper: ModuleType) -> None:
    """Methods, getters and setters of properties, and functions in functions; in objects that were there before."""
    sheet = paper.Sheet()
    assert swap(mutant("return 6 / 7"))
    assert swap(mutant("return 2 - 3"))
    assert swap(mutant("return super().size() - 10"))
    assert (round(sheet.area, 2), sheet.lazily(), sheet.size()) == (0.86, -1, -9)
    assert swap(mutant("self.seen = value + 2"))
    sheet.area = 1
    assert sheet.seen == 3


def test_what_cannot_be_exchanged_is_left(paper: ModuleType) -> None:
    """A default, a function that no longer closes over its class, and a module that nobody has loaded."""
    assert not swap(mutant("def scaled(self, by=3):"))
    gone = next(
        item
        for item in candidates("paper_to_swap", TEXT)
        if item.function == "Sheet.size" and item.after == "return None"
    )
    assert not swap(gone)
    assert not swap(candidates("nobody_has_loaded_this", TEXT)[0])
    assert (paper.Sheet().scaled(), paper.Sheet().size()) == (2, 11)
