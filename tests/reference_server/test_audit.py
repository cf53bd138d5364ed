"""The audit log: who scanned what, who was refused, and nothing that should not be written (service-behaviour.md S-075)."""

from __future__ import annotations

import json
import os
import socket
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import trio

from device_protocol import Code, DeviceError
from device_protocol.testing import Jumper, run
from reference_server.access.audit import REFUSALS, WINDOW, Audit
from reference_server.access.peers import Process, process_of
from tests.reference_server.client import JOBS, Lab, lab
from tests.reference_server.fakes import FakeHost, Script
from tests.reference_server.wire import wire

PYTHON = str(Path(sys.executable).resolve())
PAGE = "http://localhost:3000"
FIREFOX = Process("anna", 4711, "/usr/lib/firefox/firefox")


class Clock:
    """Unix time, by hand."""

    now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def audited(tmp_path: Path, **rest: Any) -> AsyncIterator[tuple[Lab, Clock]]:
    """A laboratory with an audit log, whose clients are all the same Firefox."""
    clock = Clock()
    audit = Audit(tmp_path / "log", clock, lambda _client, _server: FIREFOX)
    with closing(audit):
        async with lab(tmp_path, audit=audit, **rest) as it:
            yield it, clock


def lines(tmp_path: Path) -> list[dict[str, Any]]:
    """What the log says."""
    return [json.loads(line) for line in (tmp_path / "log/audit.log").read_text().splitlines()]


def test_a_whole_job(tmp_path: Path) -> None:
    """A scan is two lines, one before its device is touched and one at its end: origin, peer, program, user, device, job, pages and outcome."""

    async def main() -> None:
        async with audited(tmp_path) as (it, _):
            reply = await it.client.request("POST", JOBS, {}, {"Origin": PAGE, "DWT-PRODUCT-KEY": "s3cret"})
            uid = reply.json()["jobuid"]
            await it.registry.find(uid).released.wait()
            who = {"origin": PAGE, "peer": "127.0.0.1", "pid": 4711, "executable": FIREFOX.executable, "user": "anna"}
            what = {"time": "2026-09-21T14:13:20.000+00:00", "event": "job", "job": uid, "device": "virtual:feeder"}
            started, ended = lines(tmp_path)
            assert started == {**who, **what, "outcome": "started"}
            assert ended == {**who, **what, "outcome": "completed", "pages": 3, "code": 0}

    run(main, clock=Jumper())
    path = tmp_path / "log/audit.log"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "s3cret" not in path.read_text()


def test_jobs_that_end_otherwise(tmp_path: Path) -> None:
    """A cancelled, a faulted and a deleted scan are told with their outcome and the pages that were made."""

    async def main() -> None:
        jam = Script(fail_at=3, error=DeviceError(Code.JAM))
        host = FakeHost(
            {"virtual:feeder": jam, "virtual:flatbed": Script(hang_at=2), "sanelab:test:0": Script(hang_at=3)}
        )
        async with audited(tmp_path, host=host) as (it, _):
            faulted = await it.client.create(device="virtual:feeder")
            canceled = await it.client.create(
                device="virtual:flatbed", config={"IfFeederEnabled": True}, scannerFailureTimeout=0
            )
            deleted = await it.client.create(
                device="sanelab:test:0", config={"IfFeederEnabled": True}, scannerFailureTimeout=0
            )
            await trio.sleep(1)
            jobs = [it.registry.find(path.rsplit("/", 1)[1]) for path in (faulted, canceled, deleted)]
            await it.client.request("PATCH", canceled, {"status": "canceled"})
            await it.client.request("DELETE", deleted)
            for job in jobs:
                await job.released.wait()
        ends = {line["job"]: line for line in lines(tmp_path) if line["outcome"] != "started"}
        told = [(ends[job.uid]["outcome"], ends[job.uid]["pages"], ends[job.uid]["code"]) for job in jobs]
        assert told == [("faulted", 2, -1020), ("canceled", 1, 0), ("deleted", 2, 0)]

    run(main, clock=Jumper())


def test_refusals(tmp_path: Path) -> None:
    """A refused origin, a refused licence and a denied consent are each one line that says why; a job that was never made has no line."""

    async def main() -> None:
        async with audited(tmp_path, licence="require", consent="deny") as (it, _):
            await it.client.request("POST", JOBS, {}, {"Origin": "https://evil.example"})
            await it.client.request("POST", JOBS, {})
            await it.client.request("POST", JOBS, {"license": "s3cret"})
        refused = lines(tmp_path)
        assert [(line["event"], line["outcome"], line["code"]) for line in refused] == [
            ("request", "refused", code) for code in (-2137, -2800, -1032)
        ]
        assert refused[0]["origin"] == "https://evil.example"
        assert "--allow-origin" in refused[0]["why"]
        assert {(line["method"], line["path"], line["user"]) for line in refused} == {("POST", JOBS, "anna")}
        assert "s3cret" not in (tmp_path / "log/audit.log").read_text()

    run(main, clock=Jumper())


def test_a_flood_of_refusals_is_counted(tmp_path: Path) -> None:
    """Beyond sixty refusals a minute only their number is written, so that they cannot push the records of scans out of the file."""

    async def main() -> None:
        async with audited(tmp_path) as (it, clock):
            for _ in range(REFUSALS + 40):
                await it.client.get("/api/server", headers={"Origin": "https://evil.example"})
            assert len(lines(tmp_path)) == REFUSALS
            clock.now += WINDOW
            await it.client.get("/api/server", headers={"Origin": "https://evil.example"})
            assert len(lines(tmp_path)) == REFUSALS + 2
            assert lines(tmp_path)[REFUSALS]["count"] == 40

    run(main, clock=Jumper())


async def test_on_the_wire(tmp_path: Path) -> None:
    """A real service writes the log beside its own, with the very process of the client: this one."""
    async with wire(tmp_path) as it:
        await it.create()
    started, ended = lines(tmp_path)
    assert (started["pid"], started["executable"]) == (os.getpid(), PYTHON)
    assert ended["outcome"] in {"completed", "aborted"}, "the service may have ended first"
    assert started["user"] == ended["user"]


def test_the_process_behind_a_connection() -> None:
    """Program and user are found for IPv4, IPv6 and IPv4 written as IPv6; of an unknown connection nothing is said."""
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.socket(family) as server:
            server.bind((address, 0))
            server.listen()
            with socket.create_connection(server.getsockname()[:2]) as client:
                found = process_of(client.getsockname()[:2], server.getsockname()[:2])
                assert found is not None
                assert (found.pid, found.executable) == (os.getpid(), PYTHON)
                mapped = (f"::ffff:{address}", client.getsockname()[1])
                if family == socket.AF_INET:
                    assert process_of(mapped, (f"::ffff:{address}", server.getsockname()[1])) == found
            assert process_of(("127.0.0.1", 1), (address, 2)) is None
