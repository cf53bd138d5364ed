"""What was done about one store, for people and for machines; and running the tools that do it."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

TOOL_SECONDS = 60


class Outcome(StrEnum):
    """How a step ended."""

    DONE = "done"
    ALREADY = "already so"
    ABSENT = "not there"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Step:
    """One store.

    Attributes:
        store: which.
        outcome: see there.
        message: what was done, or why not.
        remedy: what a person can do about it.
    """

    store: str
    outcome: Outcome
    message: str
    remedy: str = ""


class ToolError(Exception):
    """A tool is missing, hangs or refuses; the message says which and why."""


def run_tool(words: Sequence[str]) -> str:
    """What a tool prints. It has no terminal, so that it cannot stop to ask for a password.

    Raises:
        ToolError: see there.
    """
    try:
        done = subprocess.run(
            words,
            check=False,
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=TOOL_SECONDS,
            start_new_session=True,
        )
    except FileNotFoundError:
        raise ToolError(f"{words[0]} is not installed") from None
    except OSError as error:
        raise ToolError(f"{words[0]} cannot be run: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise ToolError(f"{words[0]} took longer than {TOOL_SECONDS} seconds") from None
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise ToolError(f"{words[0]} ended with {done.returncode}: {lines[-1][:300] if lines else 'it said nothing'}")
    return done.stdout
