"""Services that send no answer, or none that ends: verdicts, in bounded time and memory."""

from __future__ import annotations

import tracemalloc

import pytest

from conformance import Unreachable, Verdict
from conformance.selftest.services.hostile import HOSTILE
from conformance.selftest.services.judge import judgements
from conformance.wire import WireLimits

LIMITS = WireLimits(head=16 << 10, body=2 << 20, answer=30.0, silence=30.0, transfer=120.0)
MEMORY = 64 << 20
CREATING, PAGES = "REST-24", "REST-58"


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_get_a_verdict(name: str) -> None:
    """What has nothing to do with pages passes; the check of pages ends with a verdict against the service, and says why."""
    judged = judgements(HOSTILE[name].build, [CREATING, PAGES], limits=LIMITS)
    assert judged[CREATING].verdict is Verdict.PASS
    assert judged[PAGES].verdict in {Verdict.FAIL, Verdict.UNTESTABLE}
    assert judged[PAGES].evidence


@pytest.mark.parametrize("name", HOSTILE)
def test_a_service_that_is_hostile_everywhere_is_unreachable(name: str) -> None:
    """The first contact gives up, in bounded time, and says so."""
    with pytest.raises(Unreachable) as caught:
        judgements(HOSTILE[name].everywhere, [CREATING], limits=LIMITS)
    assert str(caught.value)


def test_endless_bodies_do_not_fill_the_memory() -> None:
    """What is taken of a body has a limit, and what was taken is let go."""
    judgements(HOSTILE["cut-short"].build, [PAGES], limits=LIMITS)  # what is loaded once is loaded now
    tracemalloc.start()
    try:
        judgements(HOSTILE["endless-body"].build, [PAGES], limits=LIMITS)
        assert tracemalloc.get_traced_memory()[1] < MEMORY
    finally:
        tracemalloc.stop()
