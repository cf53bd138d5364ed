"""A worker dies with its parent, whatever its driver is doing. Standard library only.

On Linux the kernel does it (PR_SET_PDEATHSIG), even for a driver that holds the interpreter; elsewhere a thread looks at the parent's process id. That the
parent closed the socket is a third sign, seen by the hosts.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

_PR_SET_PDEATHSIG = 1
_INTERVAL = 0.5


def die_with(parent: int) -> None:
    """From now on this process ends when the process *parent* does; at once, if that has happened already."""
    if not (sys.platform == "linux" and _ask_kernel()):
        threading.Thread(target=_watch, args=(parent,), daemon=True, name="parent-watch").start()
    if os.getppid() != parent:
        os._exit(0)


def _ask_kernel() -> bool:
    try:
        import ctypes  # noqa: PLC0415  # may be missing in a foreign interpreter

        return bool(ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0) == 0)
    except (ImportError, OSError, AttributeError):
        return False


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_INTERVAL)
    os._exit(0)
