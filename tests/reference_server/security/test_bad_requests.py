"""Ten thousand bad requests, or as many as FLATBED_BAD_REQUESTS says (``make test-full``: 100,000): nothing fails, nothing grows, nobody else notices.

A failure prints the seed and the number of the request; FLATBED_SEED runs the same ones again.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
import trio

from device_protocol.testing import Jumper, run
from reference_server.access import guesses
from reference_server.config import Limits
from tests.reference_server.client import lab
from tests.reference_server.fakes import FakeHost, Script
from tests.reference_server.security.bad_requests import Generator
from tests.reference_server.wire import Wire, wire

COUNT = int(os.environ.get("FLATBED_BAD_REQUESTS", "10000"))
OVER_SOCKETS = COUNT // 10
SEED = int(os.environ.get("FLATBED_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
FAILURES = frozenset({503, 507})
"""Statuses from 500 on that are no failure of the service: a limit, and a full disk."""
GROWTH = 20_000
"""Memory blocks of the interpreter, of which a request takes some thousand while it runs."""
WAIT_SECONDS = 120.0
"""Virtual seconds; the longest wait of any request is for a body, 30 seconds."""
TASKS = 4
LOOSE = Limits(body_seconds=0.2, first_answers_seconds=0.1)


@pytest.fixture(autouse=True)
def unlogged() -> Iterator[None]:
    """A hundred thousand lines of log would be the most of it; over sockets the service writes its own."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.configure(**before)


def feeder() -> FakeHost:
    """A feeder that gives three pages at once."""
    return FakeHost({"virtual:feeder": Script(pages=3)})


@pytest.mark.slow
def test_in_process(tmp_path: Path) -> None:
    """No status of 500 and more but 503 and 507; the job that was there is as it was, no other came, and memory is what it was after the first fifth."""

    async def main() -> None:
        async with lab(tmp_path, feeder(), log_level=0) as it:
            job = await it.client.create()
            first = (await it.client.get(f"{job}/next-page")).body
            generate = Generator(SEED, job)
            blocks = 0
            for number in range(COUNT - OVER_SOCKETS):
                request = generate()
                await trio.sleep(1)  # virtual, so that what was missed before is forgiven
                with trio.move_on_after(WAIT_SECONDS) as scope:
                    reply = await it.client.request(request.method, request.path, request.body, request.headers)
                told = f"FLATBED_SEED={SEED}, request {number}: {request} -> {reply.status} {reply.body[:200]!r}"
                assert not scope.cancelled_caught, told
                assert 200 <= reply.status < 500 or reply.status in FAILURES, told
                if number == COUNT // 5:
                    gc.collect()
                    blocks = sys.getallocatedblocks()
            gc.collect()
            assert sys.getallocatedblocks() - blocks < GROWTH, f"FLATBED_SEED={SEED}"
            assert (await it.client.get(f"{job}/content?page=0")).body == first, f"FLATBED_SEED={SEED}"
            assert await it.client.state(job) == "completed"
            assert len(it.registry) == 1, f"FLATBED_SEED={SEED}"
            assert it.client.application.open_requests == 0

    run(main, clock=Jumper())


@pytest.mark.slow
async def test_over_sockets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same over real connections, several on each, where what is no HTTP is refused before it reaches us: an error, or a closed connection, and soon."""
    monkeypatch.setattr(guesses, "PER_SECOND", 1e9)  # else most answers would be 429
    async with wire(tmp_path, feeder(), log_level=30, limits=LOOSE) as it:
        job = await it.create()
        generate = Generator(SEED + 1, job)
        await it.ask("GET", job)
        tasks = trio.lowlevel.current_statistics().tasks_living
        numbers = iter(range(OVER_SOCKETS))

        async def some() -> None:
            for number in numbers:
                request = generate()
                head = [
                    f"{request.method} {request.path} HTTP/1.1",
                    "Host: 127.0.0.1",
                    f"Content-Length: {len(request.body)}",
                ]
                head += [f"{name}: {value}" for name, value in request.headers.items()]
                with trio.fail_after(10):
                    answer = await _answer(it, "\r\n".join([*head, "", ""]).encode() + request.body)
                status = int(answer[9:12] or 0)
                told = f"FLATBED_SEED={SEED}, request {number}: {request} -> {answer[:300]!r}"
                assert status < 500 or status in FAILURES, told

        async with trio.open_nursery() as nursery:
            for _ in range(TASKS):
                nursery.start_soon(some)
        status, body = await it.ask("GET", job)
        assert (status, json.loads(body)["status"]) == (200, "completed"), f"FLATBED_SEED={SEED}"
        with trio.fail_after(10):
            while trio.lowlevel.current_statistics().tasks_living > tasks + TASKS:  # noqa: ASYNC110  # the sweep ends them
                await trio.sleep(0.05)


async def _answer(it: Wire, data: bytes) -> bytes:
    """What comes for *data* until the service closes."""
    stream = await it.connect()
    answer = b""
    async with stream:
        try:
            await stream.send_all(data)
            await stream.send_eof()
            while part := await stream.receive_some(1 << 16):
                answer += part
        except trio.BrokenResourceError:
            pass
    return answer
