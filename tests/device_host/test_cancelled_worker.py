"""A worker whose surroundings are cancelled is dead for everybody who waits for its end."""

from __future__ import annotations

import logging

import pytest
import trio

from device_host.workers import Worker


async def test_close_returns_after_a_cancellation_from_outside() -> None:
    """Ctrl-C cancels the nursery in which a worker lives; whoever closes the worker then must not wait for ever."""
    found: list[Worker] = []
    async with trio.open_nursery() as outer:
        home: trio.Nursery = await outer.start(_home)
        found.append(await Worker.start(home))
        home.cancel_scope.cancel()
    with trio.fail_after(30):  # close itself is shielded, so without this a failure would hang
        await found[0].ended.wait()
    await found[0].close(within=5)
    assert found[0].gone is not None


async def test_a_cancelled_worker_is_no_crash(caplog: pytest.LogCaptureFixture) -> None:
    """Whoever ends a verb before its warm spare is ready reads nothing of a worker that died of SIGKILL: we ended it."""
    caplog.set_level(logging.ERROR, "flatbed.host")
    async with trio.open_nursery() as outer:
        home: trio.Nursery = await outer.start(_home)
        worker = await Worker.start(home)
        home.cancel_scope.cancel()
    with trio.fail_after(30):
        await worker.ended.wait()
    assert not caplog.records


async def _home(task_status: trio.TaskStatus[trio.Nursery]) -> None:
    async with trio.open_nursery() as nursery:
        task_status.started(nursery)
        await trio.sleep_forever()
