"""The report for machines: JSON, schema 1."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from conformance.runner.events import ProgramsDone, RunEvent, RunFinished, RunStarted
from conformance.runner.result import summary
from conformance.verdicts import Judgement


class JsonReport:
    """Collects a run; :attr:`data` is the report once it has finished.

    Args:
        path: file to write at the end; None: nowhere.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._started: RunStarted | None = None
        self._programs = 0
        self.data: dict[str, Any] = {}

    def __call__(self, event: RunEvent) -> None:
        """Take an event."""
        match event:
            case RunStarted():
                self._started = event
            case ProgramsDone():
                self._programs = event.programs
            case RunFinished():
                self.data = self._report(event)
                if self._path is not None:
                    self._path.write_text(json.dumps(self.data, indent=1) + "\n", encoding="utf-8")
            case _:
                pass

    def _report(self, event: RunFinished) -> dict[str, Any]:
        started = self._started
        assert started is not None, "a run that finishes has started"
        return {
            "schema": 1,
            "subject": started.subject.value,
            "target": started.target,
            "model": started.model,
            "revision": started.revision,
            "seed": started.seed,
            "guarded": started.guarded,
            "baseline": started.baseline,
            "repeat": started.repeat,
            "environment": dict(started.environment),
            "exit": int(event.exit),
            "seconds": round(event.seconds, 3),
            "sheets": event.sheets,
            "programs": self._programs,
            "summary": summary(event.judgements),
            "verdicts": [_verdict(judgement) for judgement in event.judgements],
        }


def _verdict(judgement: Judgement) -> dict[str, Any]:
    return {
        "id": judgement.id,
        "verdict": judgement.verdict.value,
        "level": judgement.level.value,
        "evidence": judgement.evidence,
        "replay": judgement.replay or None,
        "text": judgement.text,
        "clause": judgement.clause,
        "steps": list(judgement.steps),
        "seconds": round(judgement.seconds, 3),
    }
