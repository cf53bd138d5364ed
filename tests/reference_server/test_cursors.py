"""Cursors and leases: order of arrival, pages that come back, and the end (rest-api.md 5.7, design 6)."""

from __future__ import annotations

import trio

from device_protocol.testing import Jumper, run
from reference_server.pages.cursors import Cursor, Lease


def test_each_reader_another_page_in_order_of_arrival() -> None:
    """Readers that wait are served in the order in which they came, each with another page."""

    async def main() -> None:
        cursor = Cursor()
        got: dict[str, int] = {}

        async def read(name: str) -> None:
            lease = await cursor.claim()
            assert lease is not None
            got[name] = lease.index

        async with trio.open_nursery() as nursery:
            for name in ("first", "second", "third"):
                nursery.start_soon(read, name)
                await trio.testing.wait_all_tasks_blocked()
            assert cursor.waiting == 3
            for _ in range(3):
                cursor.arrived()
        assert got == {"first": 0, "second": 1, "third": 2}

    run(main, clock=Jumper())


def test_a_page_that_is_put_back_goes_to_the_next_in_line() -> None:
    """Until a lease is settled nobody else gets its page; put back, it goes to the next reader before any newer page."""

    async def main() -> None:
        cursor = Cursor()
        cursor.arrived()
        cursor.arrived()
        first = await cursor.claim()
        second = await cursor.claim()
        assert first is not None
        assert second is not None
        assert (first.index, second.index) == (0, 1)
        first.put_back()
        again = await cursor.claim()
        assert again is not None
        assert again.index == 0
        first.deliver()  # too late: it was put back, and somebody else has the page now
        again.put_back()
        assert isinstance(last := await cursor.claim(), Lease)
        assert last.index == 0

    run(main, clock=Jumper())


def test_the_end_waits_for_pages_that_may_come_back() -> None:
    """While another reader is being given the last page, the end is not told; if that page comes back, the waiting reader gets it."""

    async def main() -> None:
        cursor = Cursor()
        cursor.arrived()
        cursor.end()
        held = await cursor.claim()
        assert held is not None
        results: list[Lease | None] = []

        async def read() -> None:
            results.append(await cursor.claim())

        async with trio.open_nursery() as nursery:
            nursery.start_soon(read)
            await trio.testing.wait_all_tasks_blocked()
            assert results == []
            held.put_back()
        assert results[0] is not None
        results[0].deliver()
        assert await cursor.claim() is None
        assert await cursor.claim() is None

    run(main, clock=Jumper())


def test_a_reader_that_leaves_loses_nothing() -> None:
    """A reader that is cancelled while it waits is out of the line, and one that is cancelled in the moment of being served gives the page back."""

    async def main() -> None:
        cursor = Cursor()
        with trio.move_on_after(1):
            await cursor.claim()
        assert cursor.waiting == 0
        cursor.arrived()
        with trio.CancelScope() as scope:
            scope.cancel()
            await cursor.claim()
        assert scope.cancelled_caught
        lease = await cursor.claim()
        assert lease is not None
        assert lease.index == 0

    run(main, clock=Jumper())


def test_wanted_is_the_type_of_the_oldest_waiting_reader() -> None:
    """The encoder is told what the oldest waiting reader wants, and None when nobody waits."""

    async def main() -> None:
        cursor = Cursor()
        told: list[str | None] = []
        cursor = Cursor(lambda: told.append(cursor.wanted))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(cursor.claim, "image/jpeg")
            await trio.testing.wait_all_tasks_blocked()
            nursery.start_soon(cursor.claim, "image/png")
            await trio.testing.wait_all_tasks_blocked()
            seen = [cursor.wanted]
            cursor.arrived()
            await trio.testing.wait_all_tasks_blocked()
            seen.append(cursor.wanted)
            cursor.arrived()
        assert [*seen, cursor.wanted] == ["image/jpeg", "image/png", None]
        assert told == ["image/jpeg", "image/jpeg", "image/png", None]

    run(main, clock=Jumper())
