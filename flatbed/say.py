"""How the command speaks: results on standard output, everything else on standard error, errors with what to do next."""

from __future__ import annotations

import json
import sys
from typing import Any, NoReturn, TextIO

from flatbed.exits import Exit


def out(text: str = "") -> None:
    """A line of the result."""
    _write(sys.stdout, text)


def as_json(data: Any) -> None:
    """The result for machines: one JSON document."""
    text = json.dumps(data, indent=2, ensure_ascii=False)
    out(text if _fits(sys.stdout, text) else json.dumps(data, indent=2))


def note(text: str) -> None:
    """A line beside the result."""
    _write(sys.stderr, text)


def fail(code: Exit, text: str, hint: str = "") -> NoReturn:
    """Say what went wrong and what to do, and end with *code*.

    Raises:
        SystemExit: always.
    """
    note(f"flatbed: {text}")
    if hint:
        note(f"  {hint}")
    raise SystemExit(int(code))


def _write(stream: TextIO, text: str) -> None:
    """A line, with what the locale cannot write as escapes: a device's name must not end a verb."""
    if not _fits(stream, text):
        text = text.encode("ascii", "backslashreplace").decode("ascii")
    stream.write(f"{text}\n")
    stream.flush()


def _fits(stream: TextIO, text: str) -> bool:
    try:
        text.encode(stream.encoding or "utf-8", stream.errors or "strict")
    except UnicodeEncodeError:
        return False
    return True
