"""The trace: every verb with its time, its duration and its outcome (``--trace FILE``)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from device_protocol.plain import PlainError, to_plain


@dataclass(frozen=True, slots=True)
class Record:
    """One call.

    Attributes:
        at: trio's time at its start, in seconds.
        seconds: how long it took.
        driver: id of the driver.
        object: what was called: ``backend``, ``session``, ``job``, ``page``, ``control``.
        verb: what it was called for.
        arguments: of the call.
        outcome: ``ok``, the code of the error, or ``cancelled`` for a caller that went away.
        detail: of an error, its message; of a read, the number of bytes.
    """

    at: float
    seconds: float
    driver: str
    object: str
    verb: str
    arguments: tuple[Any, ...]
    outcome: str
    detail: str = ""

    def as_json(self) -> dict[str, Any]:
        """As plain data; arguments that are none appear as text."""
        return {
            "at": round(self.at, 6),
            "ms": round(self.seconds * 1000, 3),
            "driver": self.driver,
            "object": self.object,
            "verb": self.verb,
            "arguments": [_plain(item) for item in self.arguments],
            "outcome": self.outcome,
            "detail": self.detail,
        }


Trace: TypeAlias = Callable[[Record], None]


@contextmanager
def trace_to(path: Path | str) -> Iterator[Trace]:
    """A trace into a file, one JSON object a line."""
    with Path(path).open("a", encoding="utf-8") as file:

        def write(record: Record) -> None:
            file.write(json.dumps(record.as_json()) + "\n")
            file.flush()

        yield write


def _plain(value: Any) -> Any:
    try:
        return to_plain(value)
    except PlainError:
        return repr(value)
