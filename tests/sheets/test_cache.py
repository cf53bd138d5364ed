"""The cache of drawn arrays."""

import numpy as np
import pytest

from sheets import Defects, Dust, RenderSettings, Sheet, Side, render
from sheets.arrays import Bytes
from sheets.cache import BUDGET_BYTES, CACHE, ArrayCache
from sheets.documents.drawing import FILES


def _zeros(size: int) -> Bytes:
    return np.zeros(size, np.uint8)


def test_the_oldest_unused_goes_when_the_budget_is_spent() -> None:
    """A long-running lab renders every size and mode; memory must stay bounded."""
    cache = ArrayCache(budget=100)
    first = cache.get("a", lambda: _zeros(40))
    cache.get("b", lambda: _zeros(40))
    assert cache.get("a", lambda: _zeros(40)) is first
    cache.get("c", lambda: _zeros(40))
    assert cache.held == 80
    assert cache.get("a", lambda: _zeros(40)) is first
    made: list[str] = []

    def again() -> Bytes:
        made.append("again")
        return _zeros(40)

    cache.get("b", again)
    assert made == ["again"]


def test_what_exceeds_the_budget_is_given_but_not_kept() -> None:
    """One huge page must not push everything else out, nor stay."""
    cache = ArrayCache(budget=100)
    small = cache.get("small", lambda: _zeros(10))
    assert cache.get("huge", lambda: _zeros(101)).size == 101
    assert cache.held == 10
    assert cache.get("small", lambda: _zeros(10)) is small


def test_cached_arrays_cannot_be_changed() -> None:
    """They are shared between pages and threads."""
    shared = ArrayCache().get("a", lambda: _zeros(4))
    with pytest.raises(ValueError, match="read-only"):
        shared[0] = 1


def test_clear_forgets() -> None:
    """Tests and benchmarks start cold."""
    cache = ArrayCache()
    cache.get("a", lambda: _zeros(4))
    cache.clear()
    assert cache.held == 0


def test_the_shared_cache_has_the_documented_bound() -> None:
    """128 MiB a process is what the documentation promises."""
    assert CACHE.budget == BUDGET_BYTES == 128 * 2**20
    assert CACHE.held <= CACHE.budget


def test_skewed_and_worn_pages_leave_the_caches_within_their_bounds() -> None:
    """A lab that draws documents and every kind of defect for days holds no more than it says: nothing is kept beside the two caches."""
    assert FILES.budget == 64 * 2**20
    for number in range(6):
        defects = Defects(skew=number / 2, bleed=0.1, dust=(Dust(20),), offset_mm=(number / 10, 0))
        render(Sheet(number, defects=defects), Side.FRONT, RenderSettings(200 + number, 200 + number))
        assert CACHE.held <= CACHE.budget
    assert sum(array.nbytes for array in CACHE._arrays.values()) == CACHE.held  # the books are right
    assert FILES.held <= FILES.budget
