"""The service, and what becomes of the process that the monitor forks for it."""

from __future__ import annotations

import faulthandler
import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from device_host.parent import die_with
from reference_server.config import ServerConfig
from reference_server.exits import EXIT_FAILED, EXIT_INTERRUPTED
from reference_server.supervision.monitored import Monitored
from reference_server.supervision.output import STDERR

if TYPE_CHECKING:
    from reference_server.announcing import Announce

Run: TypeAlias = "Callable[[ServerConfig, Announce, Monitored], int]"
"""Runs a service to its end; the exit code."""


def run_service(config: ServerConfig, announce: Announce, monitored: Monitored) -> int:
    """Run the real one. It is imported here, so that the monitor stays small."""
    from reference_server.app import run  # noqa: PLC0415  # see above

    return run(config, announce, monitored)


def run_alone(config: ServerConfig, announce: Announce) -> int:
    """The same in this process, without a monitor."""
    from reference_server.app import run  # noqa: PLC0415  # see above

    return run(config, announce)


def become_service(run: Callable[[Monitored], int], monitored: Monitored, stderr: int) -> NoReturn:
    """Live the life of a service, and end.

    Args:
        run: gives the exit code.
        monitored: still without a terminal. This process ends with the monitor.
        stderr: what standard error becomes.
    """
    code = EXIT_FAILED
    try:
        die_with(monitored.pid)
        terminal = os.fdopen(os.dup(STDERR), "w", buffering=1) if os.isatty(STDERR) else None
        os.dup2(stderr, STDERR)
        os.close(stderr)
        sys.stderr = open(STDERR, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115  # a descriptor, for good
        faulthandler.enable()
        code = run(replace(monitored, terminal=terminal))
    except KeyboardInterrupt:
        code = EXIT_INTERRUPTED
    except BaseException:  # noqa: BLE001  # the traceback belongs to the dump
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # what lies further up the stack is the monitor's
