"""Where each key of a valid TOML text stands."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import TypeAlias

Path: TypeAlias = tuple[str | int, ...]
"""Where a value stands: keys, and indexes from 0 within arrays of tables."""

_OPEN, _CLOSE = "[{", "]}"


def key_lines(text: str) -> dict[Path, int]:
    """Lines, from 1, of the keys and table headers of *text*, which ``tomllib`` has accepted.

    Arrays of tables are numbered from 0. Keys within inline tables are not listed: they stand at the line of the key that holds them.
    """
    lines: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    prefix: Path = ()
    for start, statement in _statements(text):
        line = text.count("\n", 0, start) + 1
        if statement.startswith("[["):
            prefix = _within(_keys(statement[2:]), counts, lines, line)
            counts[prefix] = counts.get(prefix, -1) + 1
            prefix = (*prefix, counts[prefix])
            lines.setdefault(prefix, line)
        elif statement.startswith("["):
            prefix = _within(_keys(statement[1:]), counts, lines, line)
        else:
            path = prefix
            for key in _keys(statement):
                path = (*path, key)
                lines.setdefault(path, line)
    return lines


def _within(keys: tuple[str, ...], counts: dict[Path, int], lines: dict[Path, int], line: int) -> Path:
    """The path of a header, in which the name of an array of tables means its last entry."""
    path: Path = ()
    for number, key in enumerate(keys, 1):
        path = (*path, key)
        lines.setdefault(path, line)
        if number < len(keys) and path in counts:
            path = (*path, counts[path])
    return path


def _keys(text: str) -> tuple[str, ...]:
    """The keys at the beginning of *text*: ``a."b c".d = 1`` gives a, b c, d."""
    end, quote = 0, ""
    while end < len(text):
        char = text[end]
        if quote:
            if char == "\\" and quote == '"':
                end += 1
            elif char == quote:
                quote = ""
        elif char in "\"'":
            quote = char
        elif char in "=]\n":
            break
        end += 1
    keys = []
    table: object = tomllib.loads(f"{text[:end].strip()} = 0")
    while isinstance(table, dict):
        key, table = next(iter(table.items()))
        keys.append(key)
    return tuple(keys)


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Start and text of each header and each key with its value."""
    position = 0
    while position < len(text):
        if text[position] in " \t\r\n":
            position += 1
        elif text[position] == "#":
            position = _line_end(text, position)
        else:
            end = _statement_end(text, position)
            yield position, text[position:end]
            position = end


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def _statement_end(text: str, position: int) -> int:
    """Where the statement that begins at *position* ends: at a line's end outside of strings and brackets."""
    depth = 0
    while position < len(text):
        char = text[position]
        if char in "\"'":
            position = _string_end(text, position)
            continue
        if char == "#":
            position = _line_end(text, position)
            continue
        depth += (char in _OPEN) - (char in _CLOSE)
        if char == "\n" and depth <= 0:
            return position
        position += 1
    return position


def _string_end(text: str, position: int) -> int:
    """The position after the string that begins at *position*."""
    quote = text[position]
    mark = quote * 3 if text.startswith(quote * 3, position) else quote
    position += len(mark)
    while position < len(text):
        if text[position] == "\\" and quote == '"':
            position += 2
        elif text.startswith(mark, position):
            position += len(mark)
            # a multi-line string may end in up to two quotes of its own
            while len(mark) == 3 and text.startswith(quote, position):
                position += 1
            return position
        else:
            position += 1
    return position
