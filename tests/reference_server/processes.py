"""A service in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAM = """
import sys
from pathlib import Path
from reference_server.app import run
from reference_server.config import ServerConfig
keys = eval(sys.argv[2])
def say(line):
    if line.startswith("Scanning service"):
        print("MODULES", " ".join(sorted(name for name in sys.modules if "." not in name)), flush=True)
sys.exit(run(ServerConfig(Path(sys.argv[1]), port=0, ready_file=Path(sys.argv[1]) / "ready.json", **keys), announce=say))
"""


@contextmanager
def service(folder: Path, **keys: object) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, object]]]:
    """A service in a process of its own, ready, with what its ready file says."""
    command = [sys.executable, "-c", PROGRAM, str(folder), repr({"drivers": ()} | keys)]
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
