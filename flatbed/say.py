"""How the command speaks: results on standard output, everything else on standard error, errors with what to do next."""

from __future__ import annotations

import json
import sys
from typing import Any, NoReturn

from flatbed.exits import Exit


def out(text: str = "") -> None:
    """A line of the result."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def as_json(data: Any) -> None:
    """The result for machines: one JSON document."""
    out(json.dumps(data, indent=2, ensure_ascii=False))


def note(text: str) -> None:
    """A line beside the result."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def fail(code: Exit, text: str, hint: str = "") -> NoReturn:
    """Say what went wrong and what to do, and end with *code*.

    Raises:
        SystemExit: always.
    """
    note(f"flatbed: {text}")
    if hint:
        note(f"  {hint}")
    raise SystemExit(int(code))
