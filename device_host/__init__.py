"""The host: brings a device to whoever uses it, in this process or in a worker of its own.

For whom: services, checks and commands. Start with :func:`open_backend` (one driver) or :func:`open_host` (all of them, what a service uses).
What may come in: frames, worker processes and their two hosts, proxies, the encoding stage, discovery, deadlines. What may not: knowledge of any one
device or driver, sheets, HTTP. Importing the package itself costs the standard library only, since workers in foreign interpreters do it: the names below
are imported when they are first used, and numpy and the codecs only where pages are encoded.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from device_host.config import HostConfig
    from device_host.deadlines import Deadlines
    from device_host.host import Host, open_host
    from device_host.isolation import Isolation
    from device_host.live import HostDevices
    from device_host.opening import open_backend
    from device_host.resolve import Target, known_drivers
    from device_host.stage_trio import EncodingJob
    from device_host.trace import Record, Trace, trace_to

_HOMES = {
    "Deadlines": "deadlines",
    "EncodingJob": "stage_trio",
    "Host": "host",
    "HostConfig": "config",
    "HostDevices": "live",
    "Isolation": "isolation",
    "Record": "trace",
    "Target": "resolve",
    "Trace": "trace",
    "known_drivers": "resolve",
    "open_backend": "opening",
    "open_host": "host",
    "trace_to": "trace",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)


__all__ = [
    "Deadlines",
    "EncodingJob",
    "Host",
    "HostConfig",
    "HostDevices",
    "Isolation",
    "Record",
    "Target",
    "Trace",
    "known_drivers",
    "open_backend",
    "open_host",
    "trace_to",
]
