"""The audit log: who scanned what, and who was refused (service-behaviour.md S-075, S-118). JSON lines, apart from the log of the service.

It names no secrets: origins, addresses, programs, users, devices and counts. A flood of refusals is counted instead of written, so that it cannot push the
record of a scan out of the file.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from reference_server.access.peers import Process, process_of
from reference_server.errors import RestError
from reference_server.jobs.job import Job
from reference_server.jobs.states import State
from reference_server.log import RotatingFile
from reference_server.threads import in_thread
from reference_server.wire.exchange import Exchange

FILE = "audit.log"
ABORTED = "aborted"
"""Outcome of a scan that the end of the service cut short."""
REFUSALS = 60
"""Refusals that are written in one :data:`WINDOW`; the others are counted."""
WINDOW = 60.0
TEXT_CHARS = 300
"""Characters of what a client says about itself that are kept."""

ProcessOf = Callable[[tuple[str, int], tuple[str, int]], Process | None]


@dataclass(frozen=True, slots=True)
class Asker:
    """Who is behind a request.

    Attributes:
        origin: as the client said it; None without one.
        address: where it comes from; None when it did not come over the network.
        process: on this machine, as far as the system tells.
    """

    origin: str | None
    address: str | None
    process: Process | None = None

    def fields(self) -> dict[str, Any]:
        """For a line of the log."""
        process = self.process
        return {
            "origin": self.origin,
            "peer": self.address,
            "pid": None if process is None else process.pid,
            "executable": None if process is None else process.executable,
            "user": None if process is None else process.user,
        }


class Audit:
    """Writes the log.

    Args:
        folder: of the log files; None writes nothing (a service without a folder, in tests).
        wall: Unix time in seconds.
        find_process: see :func:`reference_server.access.peers.process_of`.
    """

    def __init__(
        self, folder: Path | None, wall: Callable[[], float] = time.time, find_process: ProcessOf = process_of
    ) -> None:
        self._file = None if folder is None else RotatingFile(folder / FILE)
        self._wall = wall
        self._find_process = find_process
        self._window = 0.0
        self._refusals = 0

    def close(self) -> None:
        """No more lines."""
        if self._file is not None:
            self._tell_uncounted()
            self._file.close()

    async def asker(self, exchange: Exchange) -> Asker:
        """Who is behind *exchange*; takes some milliseconds, in a thread."""
        asker = _plain(exchange)
        client, server = exchange.scope.get("client"), exchange.scope.get("server")
        if self._file is None or client is None or server is None:
            return asker
        process = await in_thread(partial(self._find_process, tuple(client), tuple(server)))
        return Asker(asker.origin, asker.address, process)

    def started(self, job: Job, asker: Asker) -> None:
        """A job was made; its device is about to be touched."""
        self._write("job", "started", asker, job=job.uid, device=job.request.device.id)

    def ended(self, asker: Asker, job: Job) -> None:
        """The scan of a job is over, whatever its outcome."""
        self._write(
            "job",
            str(job.state) if job.state.ended or job.state is State.DELETED else ABORTED,
            asker,
            job=job.uid,
            device=job.request.device.id,
            pages=job.pages_made,
            code=job.code,
        )

    async def refused(self, exchange: Exchange, error: RestError) -> None:
        """A request was refused, with *error*."""
        now = self._wall()
        if not 0 <= now - self._window < WINDOW:
            self._tell_uncounted()
            self._window, self._refusals = now, 0
        self._refusals += 1
        if self._refusals <= REFUSALS:
            self._write(
                "request",
                "refused",
                await self.asker(exchange),
                code=int(error.code),
                why=error.message,
                method=exchange.method,
                path=str(exchange.scope["path"])[:TEXT_CHARS],
            )

    def _tell_uncounted(self) -> None:
        if self._refusals > REFUSALS:
            self._write("request", "refused", Asker(None, None), why="more of them", count=self._refusals - REFUSALS)

    def _write(self, event: str, outcome: str, asker: Asker, **details: Any) -> None:
        if self._file is None:
            return
        when = datetime.fromtimestamp(self._wall(), UTC).isoformat(timespec="milliseconds")
        line = {"time": when, "event": event, "outcome": outcome, **asker.fields(), **details}
        self._file.write_line(json.dumps(line))


def _plain(exchange: Exchange) -> Asker:
    """What the request itself says."""
    client, origin = exchange.scope.get("client"), exchange.headers.get("origin")
    return Asker(None if origin is None else origin[:TEXT_CHARS], None if client is None else str(client[0]))
