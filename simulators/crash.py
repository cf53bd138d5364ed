"""What a CRASH fault does to the process that the session runs in."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from device_protocol import Code, DeviceError, Phase

EXIT_STATUS = 66
_WORKER = ("device_host", "worker.py")


class SimulatedCrash(RuntimeError):  # noqa: N818  # not one of ours: it stands for any exception that a driver did not expect
    """The unexpected exception of a driver, where there is no worker that could die."""


def in_worker() -> bool:
    """Whether this process is a worker of the host (``device_host/worker.py`` is its main module), so that its death is nobody else's."""
    file = getattr(sys.modules.get("__main__"), "__file__", None)
    return file is not None and Path(file).parts[-2:] == _WORKER


def crash_to_error(crash: Exception, fail: Callable[[DeviceError], None] | None = None) -> Exception:
    """Die, or give the exception to raise instead; *fail* ends the job, if there is one, with INTERNAL."""
    if in_worker():
        os._exit(EXIT_STATUS)
    if fail is not None:
        fail(DeviceError(Code.INTERNAL, str(crash), phase=Phase.PAGE))
    return SimulatedCrash(str(crash))
