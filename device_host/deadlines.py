"""How long a driver may take. Seconds of real time (in-process: of trio's time, so that a virtual clock moves them along)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The limit of each verb; what exceeds it is TIMED_OUT, and its worker is killed.

    Attributes:
        load: starting a worker and importing a driver.
        devices: one enumeration. SANE takes 3.4 s (measured), with network scanners more.
        open, start: may wait for a lamp to warm up.
        control: control of a device's surroundings.
        options: everything that reads or sets options or capabilities.
        status: a snapshot.
        next_page, read: without progress; of an encoded job, its progress counts.
        end: leaving a page may mean draining it.
        cancel: initiating a cancellation.
        settled: from the request of a cancellation to its end.
        close: giving the device back.
    """

    load: float = 30.0
    devices: float = 30.0
    open: float = 60.0
    start: float = 60.0
    control: float = 15.0
    options: float = 15.0
    status: float = 15.0
    next_page: float = 60.0
    read: float = 60.0
    end: float = 60.0
    cancel: float = 5.0
    settled: float = 30.0
    close: float = 10.0

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if not 0 < getattr(self, name) < math.inf:
                raise ValueError(f"a deadline must be positive and finite; {name} is {getattr(self, name)}")

    def of(self, verb: str) -> float:
        """The limit of *verb*."""
        name = _NAMES.get(verb, verb)
        value: float = getattr(self, name) if name in self.__slots__ else self.options
        return value

    def scanning(self, seconds: float) -> Deadlines:
        """The same with another limit for everything that waits for paper to move (``scannerFailureTimeout`` of the REST service)."""
        return replace(self, start=seconds, next_page=seconds, read=seconds, end=seconds)


_NAMES: Final = {"perform": "control", "watch": "devices"}

DEFAULT: Final = Deadlines()
