"""How a worker is started and reached.

On POSIX: a socket pair that the worker inherits, and a pipe for what it prints. Windows has neither for child processes; there, frames shall go over the
worker's own stdin and stdout, behind this same interface.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from device_protocol.codes import Code
from device_protocol.errors import DeviceError

_BUFFER: Final = 4 << 20
_WORKER: Final = str(Path(__file__).resolve().with_name("worker.py"))


@dataclass(frozen=True, slots=True)
class Started:
    """A worker that was started.

    Attributes:
        process: to be killed and waited for.
        socket: for frames.
        printed: descriptor of what it prints.
    """

    process: subprocess.Popen[bytes]
    socket: socket.socket
    printed: int


def start_worker(python: Sequence[str] | None = None, *, preload: bool = True) -> Started:
    """Start a worker process. Blocks for about two milliseconds.

    It must be called in a thread that lives as long as the worker shall: on Linux the worker dies with the thread that started it.

    Args:
        python: another interpreter and its switches; it needs the standard library only. None: this one.
        preload: have it import what most drivers need while it is a spare.

    Raises:
        DeviceError: UNSUPPORTED on a system without socket pairs; INTERNAL, it cannot be started.
    """
    if sys.platform == "win32":
        raise DeviceError(Code.UNSUPPORTED, "Workers need a socket pair, which Windows does not have.")
    ours, theirs = socket.socketpair()
    printed, prints = os.pipe()
    try:
        for end in (ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        command = [*python, _WORKER] if python else [sys.executable, "-u", "-P", "-m", "device_host.worker"]
        arguments = ["--fd", str(theirs.fileno()), "--parent", str(os.getpid()), *(["--preload"] if preload else [])]
        process = subprocess.Popen(
            [*command, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=prints,
            stderr=prints,
            pass_fds=(theirs.fileno(),),
            env=None if python else _environment(),
        )
    except OSError as error:
        ours.close()
        os.close(printed)
        raise DeviceError(Code.INTERNAL, f"A worker cannot be started: {error}.") from None
    finally:
        theirs.close()
        os.close(prints)
    return Started(process, ours, printed)


def _environment() -> dict[str, str]:
    """The environment, with this package where the worker finds it."""
    root = str(Path(__file__).resolve().parent.parent)
    others = [item for item in os.environ.get("PYTHONPATH", "").split(os.pathsep) if item]
    return dict(os.environ) | {"PYTHONPATH": os.pathsep.join(dict.fromkeys([*others, root]))}
