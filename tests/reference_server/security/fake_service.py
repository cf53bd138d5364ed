"""A service over fake devices in a process of its own: its feeder never gives a page, so whoever polls waits."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path

import trio

from reference_server.app import serve
from reference_server.config import ServerConfig
from reference_server.host import Host
from tests.reference_server.fakes import FakeHost, Script

READY_SECONDS = 30.0


@asynccontextmanager
async def open_devices(_config: ServerConfig) -> AsyncIterator[Host]:
    """The feeder hangs at its first page."""
    yield FakeHost({"virtual:feeder": Script(hang_at=1)})


def main(folder: Path, descriptors: int) -> None:
    """Serve until killed, with a limit of open files that cannot be raised."""
    import resource  # noqa: PLC0415  # Unix only

    folder.mkdir(parents=True, exist_ok=True)
    if descriptors:
        resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
    config = ServerConfig(folder, port=0, https_port="off", status_https_port="off", ready_file=folder / "ready.json")
    trio.run(partial(serve, config, open_devices=open_devices))


@contextmanager
def fake_service(folder: Path, descriptors: int = 0) -> Iterator[tuple[int, int]]:
    """Such a process; its port and process id.

    Args:
        folder: for its data.
        descriptors: its limit of open files; 0: whatever it can have.
    """
    with subprocess.Popen([sys.executable, "-m", __spec__.name, str(folder), str(descriptors)]) as process:
        try:
            deadline = time.monotonic() + READY_SECONDS
            while not (folder / "ready.json").exists():
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.01)
            yield int(json.loads((folder / "ready.json").read_text())["http"].rsplit(":", 1)[1]), process.pid
        finally:
            process.kill()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
