"""Structured logs: JSON lines in a file, words on a terminal, and no secrets in either (service-behaviour.md S-114 to S-116)."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, MutableMapping
from io import FileIO
from pathlib import Path
from typing import Any, TextIO

import structlog

REDACTED = "[redacted]"
SECRET_KEYS = frozenset(
    {
        "license",
        "licence",
        "dwt-product-key",
        "x-dics-license-key",
        "password",
        "dwt-doc-password",
        "x-dics-doc-password",
        "dwt-source-password",
        "authorization",
        "cookie",
        "referer",
        "proxy-authorization",
        "token",
    }
)
"""Keys, in lower case, whose values never reach a log, however deep they lie."""

VERBOSE = 30
FILE_BYTES = 10 << 20
FILES = 3


class LogLevel:
    """The level that clients read and set (rest-api.md 3): 0 is off, 30 is verbose, what lies between is normal.

    Args:
        value: at first.
        fixed: by an administrator's policy; setting it then changes nothing.
    """

    def __init__(self, value: int = 1, *, fixed: bool = False) -> None:
        self.value = value
        self._fixed = fixed

    def set(self, value: int) -> None:
        """Change it, from the next line on, unless it is fixed."""
        if not self._fixed:
            self.value = value
        elif value != self.value:
            structlog.get_logger("log").warning("the log level is fixed by policy", asked=value, level=self.value)

    @property
    def verbose(self) -> bool:
        """Whether requests are logged with their headers."""
        return self.value >= VERBOSE

    def filter(self, _logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """A structlog processor that drops everything while the log is off.

        Raises:
            structlog.DropEvent: to drop a line.
        """
        if self.value == 0:
            raise structlog.DropEvent
        return event


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor that hides secrets at any depth."""
    return {key: _hidden(key, value) for key, value in event.items()}


def _hidden(key: str, value: Any) -> Any:
    if key.lower() in SECRET_KEYS:
        return REDACTED
    if isinstance(value, Mapping):
        return {str(inner): _hidden(str(inner), item) for inner, item in value.items()}
    if isinstance(value, list | tuple):
        return [_hidden("", item) for item in value]
    return value


class RotatingFile:
    """A log file that starts anew when it is full, and keeps a few old ones; readable by its owner only."""

    def __init__(self, path: Path, limit: int = FILE_BYTES, keep: int = FILES) -> None:
        self._path = path
        self._limit = limit
        self._keep = keep
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = self._open()

    @property
    def size(self) -> int:
        """Bytes in the present file."""
        return self._size

    def write_line(self, line: str) -> None:
        """Add a line. A full disk, or a log that was closed already, loses lines and hurts nothing else."""
        try:
            self._size += self._file.write(f"{line}\n".encode(errors="backslashreplace"))
            if self._size >= self._limit:
                self._rotate()
        except (OSError, ValueError):
            return

    def close(self) -> None:
        """No more lines."""
        self._file.close()

    def _open(self) -> FileIO:
        """The file without a buffer: each line is written at once, and in one piece."""
        os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
        file = FileIO(self._path, "a")
        self._size = file.tell()
        return file

    def _rotate(self) -> None:
        self._file.close()
        for number in range(self._keep - 1, 0, -1):
            older = self._path.with_suffix(f".{number}.log")
            if older.exists():
                older.replace(self._path.with_suffix(f".{number + 1}.log"))
        self._path.replace(self._path.with_suffix(".1.log"))
        self._file = self._open()


class _Sink:
    """The last processor: writes each line where it belongs."""

    def __init__(self, file: RotatingFile, terminal: TextIO | None) -> None:
        self._file = file
        self._terminal = terminal

    def __call__(self, _logger: Any, method: str, event: MutableMapping[str, Any]) -> str:
        self._file.write_line(json.dumps(event, default=str))
        if self._terminal is not None and method != "debug":
            words = {
                key: value for key, value in event.items() if key not in {"timestamp", "level", "event", "exception"}
            }
            tail = " ".join(f"{key}={value}" for key, value in words.items())
            self._terminal.write(
                f"{event.get('timestamp', '')[11:19]} {event.get('level', method):7} {event.get('event', '')} {tail}\n"
            )
        raise structlog.DropEvent


def start_logging(path: Path, level: LogLevel, terminal: TextIO | None = None) -> RotatingFile:
    """Send all lines of this process to *path*, and to *terminal* as words.

    Args:
        path: of the log file.
        level: see there.
        terminal: None: standard error, if that is a terminal.
    """
    file = RotatingFile(path)
    if terminal is None and sys.stderr.isatty():
        terminal = sys.stderr
    structlog.configure(
        processors=[
            level.filter,
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact,
            _Sink(file, terminal),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(0),
        cache_logger_on_first_use=False,
    )
    return file
