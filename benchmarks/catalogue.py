"""Which benchmarks there are, in the order in which they run. A benchmark's module is imported when it runs."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Final

from benchmarks.runner import Figure

BENCHMARKS: Final = {
    "encoders": "our encoders beside Pillow's, on a clean and on a noisy sheet",
    "sheets": "rendering a sheet beside copying one",
    "start": "from start to ready, beside the imports it cannot do without",
    "sane": "SANE's test device through worker and service as JPEG, beside scanimage",
    "feeder": "the virtual feeder through the service as JPEG, one and two devices at once",
    "rate": "four virtual machines of 120 sheets a minute at once, in real time, beside their nominal rate",
    "requests": "small requests beside a bare Starlette route, one by one and from 64 clients while 4 jobs scan",
    "overload": "10,000 clients that poll: what the state of a job takes meanwhile",
    "memory": "500 pages taken one by one, and 2,000 kept in 64 MB: the server's memory, and pages read again",
    "documents": "a PDF of 200 JPEG pages: its first byte, and the server's memory until the last one",
    "escl": "sane-airscan from the eSCL door, beside the same client on a static server of the same pages",
    "doors": "500 idle eSCL scanners in one process: memory, until all are announced and have answered, and the last one's cost",
    "webcams": "a frame of a virtual webcam drawn and encoded, beside encoding alone",
    "check": "the suite on virtual devices, on our own service and on SANE's test back end",
    "shrink": "failing programs of the whole zoo made short",
}


class CannotRunError(Exception):
    """Something that the benchmark needs is not on this machine; says what."""


def load(name: str) -> Callable[[], list[Figure]]:
    """The function ``run`` of a benchmark's module."""
    run: Callable[[], list[Figure]] = importlib.import_module(f"benchmarks.bench_{name}").run
    return run
