"""Sheets and time that a run may spend."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_TIME = re.compile(r"(\d+(?:\.\d+)?)([smh])")


@dataclass(slots=True)
class Budget:
    """What is left.

    Attributes:
        sheets: most sheets of paper to feed; None: as many as it takes.
        seconds: most real time; None: as long as it takes.
    """

    sheets: int | None = None
    seconds: float | None = None
    fed: int = 0
    _began: float = field(default_factory=time.monotonic)

    @classmethod
    def parse(cls, text: str) -> Budget:
        """``sheets=50,time=10m``, either alone, or nothing.

        Raises:
            ValueError: anything else, with what to write.
        """
        budget = cls()
        for part in filter(None, (item.strip() for item in text.split(","))):
            key, _, value = part.partition("=")
            match = _TIME.fullmatch(value)
            if key == "sheets" and value.isascii() and value.isdigit():
                budget.sheets = int(value)
            elif key == "time" and match:
                budget.seconds = float(match[1]) * _UNITS[match[2]]
            else:
                raise ValueError(f"{part!r} is no budget; write for example sheets=50,time=10m")
        if budget.seconds == 0:  # nothing could be checked, and a run that checks nothing must not look clean
            raise ValueError("a time budget of 0 leaves nothing to check; write for example time=10m")
        return budget

    def restart(self) -> Budget:
        """The same limits with nothing spent."""
        return Budget(self.sheets, self.seconds)

    @property
    def spent_seconds(self) -> float:
        """Since the run began."""
        return time.monotonic() - self._began

    def shortage(self, sheets: int = 0) -> str | None:
        """Why *sheets* more cannot be had, or None if they can."""
        if self.seconds is not None and self.spent_seconds >= self.seconds:
            return f"the time budget of {self.seconds:g} s is spent"
        if self.sheets is not None and self.fed + sheets > self.sheets:
            return f"needs {sheets} sheets, {max(0, self.sheets - self.fed)} of {self.sheets} are left"
        return None

    def feed(self, sheets: int) -> None:
        """Note that *sheets* went through."""
        self.fed += sheets

    def __str__(self) -> str:
        sheets = "any number of sheets" if self.sheets is None else f"{self.sheets} sheets"
        seconds = "any time" if self.seconds is None else f"{self.seconds:g} s"
        return f"{sheets}, {seconds}"
