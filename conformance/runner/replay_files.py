"""Replay files: the failure of one requirement on disk, whatever was judged."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conformance.verdicts import Judgement

SCHEMA = 1
KIND = "flatbed-replay"


def write(
    folder: Path,
    name: str,
    target: Mapping[str, Any],
    judgement: Judgement,
    seed: int,
    versions: Mapping[str, str],
    program: Any = None,
) -> Path:
    """Write a file whose name says what it is.

    Args:
        folder: made if it is not there.
        name: of the target, as typed.
        target: enough to open it again; plain data.
        judgement: the failure.
        seed: of the run.
        versions: of what took part.
        program: the generated program that failed, as plain data; None: a check failed.

    Raises:
        OSError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    words = "".join(letter if letter.isalnum() else "-" for letter in name)
    path = folder / f"{judgement.id}-{words}-{seed}.json"
    data: dict[str, Any] = {
        "schema": SCHEMA,
        "kind": KIND,
        "target": dict(target),
        "requirement": judgement.id,
        "clause": judgement.clause,
        "text": judgement.text,
        "evidence": judgement.evidence,
        "signature": judgement.signature,
        "seed": seed,
        "versions": dict(versions),
        "steps": list(judgement.steps),
    }
    if program is not None:
        data["program"] = program
    path.write_text(json.dumps(data, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    return path
