"""How DATA-02 reads where no small page can be had: single bytes at borders alone, and it still sees what is lost there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.api import judge
from conformance.checks import data_reads
from conformance.selftest.build import LEGAL, SCANNER, Build
from conformance.selftest.page import ZooPage
from conformance.verdicts import Judgement, Verdict
from device_protocol.testing import Jumper, run


class Counting(ZooPage):
    """Counts the reads of single bytes."""

    single = 0

    async def read(self, max_bytes: int) -> bytes:
        """See the contract."""
        type(self).single += max_bytes == 1
        return await super().read(max_bytes)


class LosesAtARow(ZooPage):
    """The last byte of the first row is lost if it is read alone."""

    async def read(self, max_bytes: int) -> bytes:
        """See the contract."""
        if max_bytes == 1 and self.position == self.params.stride - 1:
            await super().read(max_bytes)
        return await super().read(max_bytes)


def judged(build: Build) -> Judgement:
    """DATA-02 on a machine."""
    return run(lambda: judge(build, SCANNER, {"DATA-02"}), clock=Jumper())["DATA-02"]


@pytest.mark.usefixtures("_no_small_page")
def test_single_bytes_are_read_at_borders_alone() -> None:
    """A few dozen calls, not one for each byte of the page."""
    Counting.single = 0
    assert judged(replace(LEGAL, page=Counting)).verdict is Verdict.PASS
    assert 20 <= Counting.single <= 120


@pytest.mark.usefixtures("_no_small_page")
def test_what_is_lost_at_a_border_is_seen() -> None:
    """The reason to read there singly at all."""
    judgement = judged(replace(LEGAL, page=LosesAtARow))
    assert (judgement.verdict, judgement.signature) == (Verdict.FAIL, "DATA-02/length")
    assert "single bytes at borders" in judgement.evidence


@pytest.fixture
def _no_small_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the device had no area to set."""
    monkeypatch.setattr(data_reads, "MOST_SINGLE_BYTES", 100)
