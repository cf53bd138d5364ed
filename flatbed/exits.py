"""Exit codes of the command, the same for every verb (docs/reference/command-line.md)."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """What the caller's shell or CI sees."""

    OK = 0
    FAILED = 1
    """A check failed, or a scan ended in an error."""
    USAGE = 2
    """The command line, a file or a port is not right; nothing was done."""
    HARNESS = 3
    """A defect of ours, not of what was judged."""
    UNREACHABLE = 4
    """The device or service could not be opened."""
    GAVE_UP = 5
    """The service crashed again and again."""
    INTERRUPTED = 130
    """Ctrl-C; the device was given back."""
