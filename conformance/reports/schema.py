"""The JSON Schema of the JSON report, published as docs/reference/report.schema.json: made from the same words as the report."""

from __future__ import annotations

import json
from typing import Any

from conformance.requirements import Subject
from conformance.requirements.model import ID
from conformance.verdicts import Exit, Level, Verdict

_TEXT, _COUNT = {"type": "string"}, {"type": "integer", "minimum": 0}
_SECONDS = {"type": "number", "minimum": 0}


def schema() -> dict[str, Any]:
    """Schema 1. A later version may add keys, and takes none away without another number."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "flatbed check, report of schema 1",
        **_object(
            {
                "schema": {"const": 1},
                "subject": {"enum": [item.value for item in Subject]},
                "target": {**_TEXT, "description": "as typed"},
                "model": {**_TEXT, "description": "maker and model"},
                "revision": {"type": "integer", "minimum": 1, "description": "of the requirements"},
                "seed": _COUNT,
                "guarded": {"type": "boolean"},
                "baseline": {**_TEXT, "description": "name of the baseline; empty: none"},
                "repeat": {"type": "integer", "minimum": 1},
                "environment": {"type": "object", "additionalProperties": _TEXT},
                "exit": {"enum": [int(item) for item in (Exit.CLEAN, Exit.FAILURES, Exit.HARNESS)]},
                "seconds": _SECONDS,
                "sheets": {**_COUNT, "description": "that went through the feeder, at most"},
                "programs": {**_COUNT, "description": "generated ones that ran"},
                "summary": _object({item.value: _COUNT for item in Verdict}),
                "verdicts": {"type": "array", "items": _verdict()},
            }
        ),
    }


def _verdict() -> dict[str, Any]:
    return _object(
        {
            "id": {"type": "string", "pattern": f"^{ID.pattern}$"},
            "verdict": {"enum": [item.value for item in Verdict]},
            "level": {"enum": [item.value for item in Level]},
            "evidence": _TEXT,
            "replay": {"type": ["string", "null"], "description": "path of the replay file"},
            "text": _TEXT,
            "clause": _TEXT,
            "steps": {"type": "array", "items": _TEXT},
            "seconds": _SECONDS,
        }
    )


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def schema_text() -> str:
    """The file."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"
