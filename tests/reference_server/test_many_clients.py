"""Sixteen clients at once who create, start, cancel, delete, read and vanish at random, over the same two scanners (rest-api.md 5.5, 5.7, 5.9)."""

from __future__ import annotations

import os
import random
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import trio

from device_protocol.testing import Jumper, run
from tests.reference_server.client import JOBS, Lab, lab
from tests.reference_server.fakes import FakeHost, Script

SEED = int(os.environ.get("FLATBED_SEED", "20260125"))
CLIENTS = 16
STEPS = 120
SCANNERS = ("virtual:feeder", "virtual:flatbed")
ALLOWED = {
    "create": {201, 423},
    "start": {200, 409, 410},
    "cancel": {200, 409, 410},
    "delete": {204, 410},
    "state": {200, 410},
    "next-page": {200, 204, 409, 410},
    "next-page-info": {200, 204, 409, 410},
    "content": {200, 204, 409, 410},
    "capabilities": {200, 409, 410},
}
"""Every status that the state table has for a job that was there."""


@dataclass
class Crowd:
    """Clients that share what they know.

    Attributes:
        it: the service.
        jobs: paths of all jobs that were made.
        seen: how often each request had each status; 0 stands for a client that left first.
    """

    it: Lab
    jobs: list[str] = field(default_factory=list)
    seen: Counter[tuple[str, int]] = field(default_factory=Counter)

    async def walk(self, number: int) -> None:
        """One client's requests."""
        rnd = random.Random(f"{SEED}-{number}")
        for _ in range(STEPS):
            what = rnd.choice([*ALLOWED, "create", "next-page", "next-page-info"]) if self.jobs else "create"
            status = await self.ask(rnd, what)
            self.seen[what, status] += 1
            assert status in ALLOWED[what] | {0}, (what, status)
            await trio.sleep(rnd.random() * 0.1)

    async def ask(self, rnd: random.Random, what: str) -> int:
        """One request."""
        client = self.it.client
        if what == "create":
            wish = {"device": rnd.choice(SCANNERS), "autoRun": rnd.random() < 0.7, "jobTimeout": rnd.choice([0, 0, 2])}
            reply = await client.request("POST", JOBS, wish)
            if reply.status == 201:
                self.jobs.append(f"{JOBS}/{reply.json()['jobuid']}")
            return reply.status
        job = rnd.choice(self.jobs[-12:])
        match what:
            case "start" | "cancel":
                reply = await client.request("PATCH", job, {"status": {"start": "running", "cancel": "canceled"}[what]})
            case "delete":
                reply = await client.request("DELETE", job)
            case "state":
                reply = await client.get(job)
            case "content":
                reply = await client.get(f"{job}/content?page={rnd.randrange(4)}&type=image/png")
            case "capabilities":
                reply = await client.get(f"{job}/scanner/capabilities")
            case _:
                return await self.wait(f"{job}/{what}", rnd.random() * 0.02 if rnd.random() < 0.5 else None)
        return reply.status

    async def wait(self, path: str, patience: float | None) -> int:
        """Ask for a page, and go away after *patience* seconds."""
        gone = trio.Event()

        async def leave(seconds: float) -> None:
            await trio.sleep(seconds)
            gone.set()

        async with trio.open_nursery() as nursery:
            if patience is not None:
                nursery.start_soon(leave, patience)
            reply = await self.it.client.get(path, gone=gone)
            nursery.cancel_scope.cancel()
        return 0 if gone.is_set() else reply.status


def test_at_random(tmp_path: Path) -> None:
    """Every answer is one that the state table has, nobody waits for ever, and afterwards both scanners are free and no device is open."""
    sys.stdout.write(f"FLATBED_SEED={SEED}\n")

    async def main() -> None:
        scripts = {name: Script(pages=4, step_s=0.1, open_s=0.1, close_s=0.02) for name in SCANNERS}
        async with lab(tmp_path, FakeHost(scripts)) as it:
            crowd = Crowd(it)
            with trio.fail_after(3600):
                async with trio.open_nursery() as nursery:
                    for number in range(CLIENTS):
                        nursery.start_soon(crowd.walk, number)
            for job in crowd.jobs:
                assert (await it.client.request("DELETE", job)).status in {204, 410}
            await trio.sleep(5)
            assert not it.host.open_devices
            for name in SCANNERS:
                job = await it.client.create(device=name)
                pages = [(await it.client.get(f"{job}/next-page")).status for _ in range(5)]
                assert pages == [200, 200, 200, 200, 204], name
            assert {status for _, status in crowd.seen} >= {0, 200, 201, 204, 409, 410, 423}, (
                "a walk that meets no more says little"
            )

    run(main, clock=Jumper())
