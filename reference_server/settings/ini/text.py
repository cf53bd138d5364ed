"""An INI file taken apart, whatever editor it went through: UTF-8, UTF-16 or Latin-1, with or without a byte order mark, with any line ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MAX_BYTES = 1 << 20
MAX_LINES = 20_000
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_LINE_END = re.compile(r"\r\n|\r|\n")


class IniTextError(Exception):
    """A file that cannot be read at all.

    Attributes:
        why: a sentence without its subject.
        line: from 1; None where no line is to blame.
    """

    def __init__(self, why: str, line: int | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.line = line


@dataclass(frozen=True, slots=True)
class Line:
    """One line that says something.

    Attributes:
        number: from 1.
        section: in which it stands, as written; None before the first one.
        key: as written; None for a section's head, and for a line that is neither.
        value: without blanks and quotes around it; the whole line where there is no key.
        head: whether it is a section's head.
    """

    number: int
    section: str | None
    key: str | None
    value: str
    head: bool = False


def read_ini(file: Path) -> tuple[list[Line], str]:
    """The lines of *file* and the encoding that it is in.

    Raises:
        IniTextError: it cannot be read, is too large, or is no text.
    """
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise IniTextError(f"cannot be read: {error.strerror}") from None
    if len(content) > MAX_BYTES:
        raise IniTextError(f"is larger than {MAX_BYTES} bytes, and no configuration is")
    text, encoding = decoded(content)
    return list(_lines(text)), encoding


def decoded(content: bytes) -> tuple[str, str]:
    """*content* as text, and the encoding that it turned out to be in.

    Raises:
        IniTextError: it is no text.
    """
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "") or _guessed(content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].decode(encoding, "replace").count("\n") + 1
        raise IniTextError(f"begins as {encoding} and does not go on so", line) from None
    if "\0" in text:
        raise IniTextError("is no text: it has NUL characters", len(_LINE_END.findall(text[: text.index("\0")])) + 1)
    return text, encoding


def _guessed(content: bytes) -> str:
    """The encoding of a text without a mark: UTF-16 shows by its NUL bytes, and Latin-1 is what is no UTF-8."""
    if content[1::2].count(0) * 2 > len(content[1::2]) > 0:
        return "utf-16-le"
    if content[::2].count(0) * 2 > len(content[::2]) > 0:
        return "utf-16-be"
    try:
        content.decode()
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"


def _lines(text: str) -> Iterator[Line]:
    section: str | None = None
    for number, raw in enumerate(_LINE_END.split(text), 1):
        if number > MAX_LINES:
            raise IniTextError(f"has more than {MAX_LINES} lines, and no configuration has", number)
        line = raw.strip()
        if not line or line[0] in ";#":
            continue
        if line[0] == "[" and line[-1] == "]":
            section = line[1:-1].strip()
            yield Line(number, section, None, section, head=True)
            continue
        key, equals, value = line.partition("=")
        yield Line(
            number, section, key.strip() if equals and key.strip() else None, _unquoted(value) if equals else line
        )


def _unquoted(value: str) -> str:
    value = value.strip()
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value
