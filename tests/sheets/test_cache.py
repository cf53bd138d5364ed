"""The cache of drawn arrays."""

import numpy as np
import pytest

from sheets.arrays import Bytes
from sheets.cache import BUDGET_BYTES, CACHE, ArrayCache


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
