"""What a client notes about a document: any JSON object or string, within limits."""

from __future__ import annotations

import json
from typing import Any

from reference_server.errors import bad_parameter

DEPTH = 32
"""How deep objects and lists may lie in each other."""


def metadata_text(value: dict[str, Any] | str, limit: int) -> str:
    """*value* as JSON text of at most *limit* bytes.

    Raises:
        RestError: 400, it is too long or too deep, or has a number or a character that JSON does not know.
    """
    if _deeper_than(value, DEPTH):
        raise bad_parameter(f"metadata: objects and lists lie in each other more than {DEPTH} deep.")
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        size = len(text.encode())
    except (ValueError, RecursionError):  # NaN, infinity, half a surrogate pair
        raise bad_parameter("metadata: there is a number or a character in it that JSON does not know.") from None
    if size > limit:
        raise bad_parameter(f"metadata: at most {limit} bytes of JSON.")
    return text


def _deeper_than(value: Any, depth: int) -> bool:
    level = [value]
    for _ in range(depth + 1):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return False
    return True
