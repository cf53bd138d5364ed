"""Exit codes of the service; the command has the same ones (docs/reference/command-line.md)."""

from __future__ import annotations

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_START = 2
"""It could not start: the port, the address or a folder cannot be had."""
EXIT_GAVE_UP = 5
"""It crashed again and again, and was given up by its monitor."""
EXIT_INTERRUPTED = 130
"""Ctrl-C before it was ready."""
