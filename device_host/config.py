"""What a host of all drivers is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from device_host.deadlines import Deadlines
from device_host.trace import Trace


@dataclass(frozen=True, slots=True)
class HostConfig:
    """What a host of all drivers is told.

    Attributes:
        runtime_dir: for the sockets of resident drivers; made with mode 0700 if it is missing.
        drivers: ids of installed drivers, or ``module:name``, in the order in which their devices are listed; None: all that are installed.
        driver_config: configuration of each driver, by id; plain data.
        deadlines: how long each verb may take.
        poll_seconds: how often drivers that do not watch are asked for their devices.
        retry_seconds: the shortest and the longest pause before a driver that failed is started again; the pause doubles from one to the other.
        keep_alive_seconds: how long a worker stays after its device was closed, for the next open.
        spare: keep a warm worker.
        worker_python: another interpreter (and its switches) for the workers of a driver, by id.
        trace: told each call.
    """

    runtime_dir: Path
    drivers: tuple[str, ...] | None = None
    driver_config: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    deadlines: Deadlines = field(default_factory=Deadlines)
    poll_seconds: float = 30.0
    retry_seconds: tuple[float, float] = (0.5, 60.0)
    keep_alive_seconds: float = 20.0
    spare: bool = True
    worker_python: Mapping[str, Sequence[str]] = field(default_factory=dict)
    trace: Trace | None = None
