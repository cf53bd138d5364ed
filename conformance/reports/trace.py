"""The trace: every verb with its time, one JSON object a line."""

from __future__ import annotations

import json
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from conformance.runner.events import (
    CheckFinished,
    CheckStarted,
    CommandDone,
    Evidence,
    RunEvent,
    RunFinished,
    RunStarted,
)


class TraceFile:
    """Writes to *path* while the run goes on; a context manager that closes it.

    Raises:
        OSError: the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._file: TextIOWrapper = path.open("w", encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def __call__(self, event: RunEvent) -> None:
        """Take an event."""
        line = _line(event)
        if line is not None:
            self._file.write(json.dumps(line) + "\n")


def _line(event: RunEvent) -> dict[str, Any] | None:
    match event:
        case RunStarted():
            return {"event": "run", "schema": 1, "target": event.target, "revision": event.revision, "seed": event.seed}
        case CheckStarted():
            return {"event": "check", "id": event.id, "name": event.name}
        case Evidence():
            return {"event": "evidence", "id": event.id, "text": event.text}
        case CommandDone():
            data = event.command.as_data()
            return {"event": "command", **data, "at": round(data["at"], 6), "took": round(data["took"], 6)}
        case CheckFinished():
            item = event.judgement
            return {"event": "verdict", "id": item.id, "verdict": item.verdict.value, "evidence": item.evidence}
        case RunFinished():
            return {"event": "end", "exit": int(event.exit), "seconds": round(event.seconds, 3)}
        case _:
            return None
