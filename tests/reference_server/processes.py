"""A service in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from flatbed.testing import FIRST_ANSWERS_S

PROGRAM = """
import sys
from pathlib import Path
from reference_server.app import run
from reference_server.config import Limits, ServerConfig
keys = {"limits": Limits(first_answers_seconds=float(sys.argv[3]))} | eval(sys.argv[2])
def say(line):
    if line.startswith("Scanning service"):
        print("MODULES", " ".join(sorted(name for name in sys.modules if "." not in name)), flush=True)
sys.exit(run(ServerConfig(Path(sys.argv[1]), port=0, ready_file=Path(sys.argv[1]) / "ready.json", **keys), announce=say))
"""


@contextmanager
def service(folder: Path, **keys: object) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, object]]]:
    """A service in a process of its own, ready, with what its ready file says. Lists of scanners wait for a driver that a busy machine makes late."""
    command = [sys.executable, "-c", PROGRAM, str(folder), repr({"drivers": ()} | keys), str(FIRST_ANSWERS_S)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 30
        while not (folder / "ready.json").exists():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.005)
        yield process, json.loads((folder / "ready.json").read_text())
    finally:
        process.kill()
        process.communicate()


FORKER = """
import os, sys, traceback
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
import cryptography.hazmat.primitives.ciphers.aead, cryptography.hazmat.primitives.kdf.hkdf
import trio
from reference_server.app import serve
from reference_server.config import ServerConfig
from tests.reference_server.fakes import FakeHost, Script
folder = Path(sys.argv[1])
scripts = {name: Script(**keys) for name, keys in eval(sys.argv[2]).items()}
@asynccontextmanager
async def devices(_config):
    yield FakeHost(scripts)
for _ in sys.stdin:
    pid = os.fork()
    if pid == 0:
        config = ServerConfig(folder, port=0, ready_file=folder / "ready.json", log_level=0)
        try:
            trio.run(partial(serve, config, open_devices=devices))
        except BaseException:
            traceback.print_exc()
        os._exit(1)
    print(pid, flush=True)
    os.waitpid(pid, 0)
    print("gone", flush=True)
"""


class Mortal:
    """Services with fake devices that are killed and started again, each in a process of its own that is forked from one that has everything imported.

    Args:
        folder: data of all of them.
        scripts: of the devices, as plain keywords of :class:`tests.reference_server.fakes.Script`.
    """

    def __init__(self, folder: Path, scripts: Mapping[str, Mapping[str, object]]) -> None:
        self._ready = folder / "ready.json"
        command = [sys.executable, "-c", FORKER, str(folder), repr(scripts)]
        self._forker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._pid = 0

    def start(self) -> int:
        """Start one; its port."""
        assert self._forker.stdin is not None
        self._ready.unlink(missing_ok=True)
        self._forker.stdin.write("\n")
        self._forker.stdin.flush()
        self._pid = int(self._line())
        deadline = time.monotonic() + 30
        while not self._ready.exists():
            assert time.monotonic() < deadline
            time.sleep(0.002)
        return int(json.loads(self._ready.read_text())["http"].rsplit(":", 1)[1])

    def kill(self) -> None:
        """Kill it with SIGKILL, and wait until it has gone."""
        os.kill(self._pid, signal.SIGKILL)
        assert self._line() == "gone"
        self._pid = 0

    def close(self) -> None:
        """End everything."""
        if self._pid:
            self.kill()
        self._forker.kill()
        self._forker.communicate()

    def _line(self) -> str:
        assert self._forker.stdout is not None
        line = self._forker.stdout.readline().strip()
        assert line, "the forker ended"
        return line
