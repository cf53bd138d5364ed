"""Every operation of the table either waits for nothing, or notices that its client has left (service-behaviour.md S-073)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import trio

from device_protocol.testing import Jumper, run
from reference_server.endpoints.call import Call
from reference_server.endpoints.operation import Endpoint, Operation
from reference_server.endpoints.table import ENDPOINTS
from reference_server.routes import Routes
from reference_server.wire.delivery import Answer
from tests.reference_server.client import lab
from tests.reference_server.fakes import FakeHost, Script

ALL = [(endpoint, operation) for endpoint in ENDPOINTS for operation in endpoint.operations]
WAITING = [(endpoint, operation) for endpoint, operation in ALL if operation.safe and not operation.quick]
QUICK = [(endpoint, operation) for endpoint, operation in ALL if operation.quick]


def _name(value: object) -> str:
    return str(getattr(value, "path", "")) or str(getattr(value, "method", ""))


def _path(template: str, job: str) -> str:
    path = template.replace("{jobuid}", job.rsplit("/", 1)[1])
    while "{" in path:
        head, _, rest = path.partition("{")
        path = head + "0" + rest.partition("}")[2]
    return path


@pytest.mark.parametrize(("endpoint", "operation"), WAITING, ids=_name)
def test_whoever_waits_is_watched(endpoint: Endpoint, operation: Operation, tmp_path: Path) -> None:
    """A handler that waits for ever ends when its client leaves, at whatever endpoint; nothing is answered to nobody."""

    async def main() -> None:
        ended = trio.Event()

        async def for_ever(_call: Call) -> Answer:
            try:
                await trio.sleep_forever()
            finally:
                ended.set()
            raise AssertionError

        async with lab(tmp_path) as it:
            patched = replace(endpoint, operations=(replace(operation, handler=for_ever),))
            it.client.application._routes = Routes([patched])
            gone = trio.Event()
            async with trio.open_nursery() as nursery:

                async def ask() -> None:
                    reply = await it.client.request("GET", _path(patched.path, "/0"), gone=gone)
                    assert reply.messages == []

                nursery.start_soon(ask)
                await trio.sleep(3600)
                assert not ended.is_set()
                assert it.client.application.open_requests == 1
                gone.set()
            assert ended.is_set()
            assert it.client.application.open_requests == 0

    run(main, clock=Jumper())


@pytest.mark.parametrize(("endpoint", "operation"), QUICK, ids=_name)
def test_quick_operations_wait_for_nothing(endpoint: Endpoint, operation: Operation, tmp_path: Path) -> None:
    """What the reserve serves takes no time, even of a job whose scanner hangs."""

    async def main() -> None:
        async with lab(tmp_path, FakeHost({"virtual:feeder": Script(hang_at=1)})) as it:
            job = await it.client.create(scannerFailureTimeout=0)
            await trio.sleep(10)
            begun = trio.current_time()
            reply = await it.client.request(operation.method, _path(endpoint.path, job))
            assert reply.status in {200, 204}
            assert trio.current_time() == begun

    run(main, clock=Jumper())


def test_the_reserve_is_what_the_decision_says() -> None:
    """Version, state of a job and its deletion are quick, and nothing that gives pages, opens devices or computes is."""
    quick = {(operation.method, endpoint.path) for endpoint, operation in QUICK}
    job = "/api/device/scanners/jobs/{jobuid}"
    assert {("GET", "/api/server/version"), ("GET", job), ("DELETE", job)} <= quick
    for word in ("next-page", "content", "capabilities", "process", "documents", "NextDocument"):
        assert not [path for _, path in quick if word in path]
