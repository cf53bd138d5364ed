"""Replay files of suites: a failed requirement of a target that is no driver's device, on disk."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conformance.verdicts import Judgement

SCHEMA = 1
KIND = "flatbed-replay"


def write_suite_replay(folder: Path, name: str, target: Mapping[str, Any], judgement: Judgement, seed: int) -> Path:
    """Write the replay file of a failure; the name says what it is.

    Raises:
        OSError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    words = "".join(letter if letter.isalnum() else "-" for letter in name)
    path = folder / f"{judgement.id}-{words}-{seed}.json"
    data = {
        "schema": SCHEMA,
        "kind": KIND,
        "target": dict(target),
        "requirement": judgement.id,
        "clause": judgement.clause,
        "text": judgement.text,
        "evidence": judgement.evidence,
        "signature": judgement.signature,
        "seed": seed,
        "steps": list(judgement.steps),
    }
    path.write_text(json.dumps(data, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    return path
