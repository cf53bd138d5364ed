"""The page of what arrives: every machine has a row, and rows that are made again are those of the page."""

from __future__ import annotations

import pytest

from tests.real.escl.interop import ROADS, machines, made, written

pytestmark = [pytest.mark.real, pytest.mark.slow]

AGAIN = ("flatbed", "office-duplex-feeder", "resolution-liar", "fax-unit")
"""One that works everywhere, a feeder, one that is found out, and one that most drivers cannot use."""


def test_every_machine_has_a_row() -> None:
    """A machine that is added or goes, or a road, makes the page stale: `make interop` writes it."""
    page = written()
    assert set(page) == set(machines())
    assert {len(cells) for cells in page.values()} == {len(ROADS)}


def test_rows_made_again_are_those_of_the_page() -> None:
    """What arrives of these machines at each client is what the page says, whatever the day."""
    page = written()
    assert made(AGAIN) == {name: page[name] for name in AGAIN}
