"""``multipart/form-data``, as strict as RFC 7578 lets it be: the body is there already, small enough, and is cut into its parts (rest-api.md 7.1).

Written here, since the parsers that there are read from streams into files; what is left of the format then is one search for a delimiter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from reference_server.errors import bad_parameter

MEDIA_TYPE = "multipart/form-data"
MAX_PARTS = 16
MAX_HEAD_BYTES = 4096
MAX_BOUNDARY = 70
"""Characters (RFC 2046 5.1.1)."""

_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]*[0-9A-Za-z'()+_,./:=?-]")
_PARAMETER = re.compile(r";\s*([\w*!#$&+.^`|~-]+)\s*=\s*(\"(?:[^\"\\]|\\.)*\"|[^\s;\"]*)")
_END = b"--"
_LINE = b"\r\n"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a form."""

    name: str
    data: bytes


def is_form(content_type: str | None) -> bool:
    """Whether a body of that type is a form."""
    return (content_type or "").split(";", 1)[0].strip().lower() == MEDIA_TYPE


def parse_form(content_type: str, body: bytes) -> dict[str, Part]:
    """The parts of a form by name.

    Raises:
        RestError: 400 for a body that is no form, is cut off, or has too many parts, or two of one name.
    """
    delimiter = b"--" + _boundary(content_type)
    parts: dict[str, Part] = {}
    if not body.startswith(delimiter):
        raise bad_parameter("The form does not begin with its boundary.")
    position = len(delimiter)
    while not body.startswith(_END, position):
        if len(parts) >= MAX_PARTS:
            raise bad_parameter(f"The form has more than {MAX_PARTS} parts.")
        line = body.find(_LINE, position, position + MAX_HEAD_BYTES)
        end = body.find(_LINE + delimiter, position)
        if line < 0 or body[position:line].strip(b" \t") or end < 0:
            raise bad_parameter("The form is damaged, or ends too early.")
        part = _part(body, line, end)
        if part.name in parts:
            raise bad_parameter("The form has two parts of one name.")
        parts[part.name] = part
        position = end + len(_LINE + delimiter)
    return parts


def _part(body: bytes, start: int, end: int) -> Part:
    """The part between two delimiters; *start* is the end of the line of the first."""
    blank = body.find(_LINE + _LINE, start, min(end + len(_LINE), start + MAX_HEAD_BYTES))
    if blank < 0:
        raise bad_parameter("A part of the form has no end of its headers.")
    for line in body[start:blank].split(_LINE):
        name, colon, value = line.decode("utf-8", "replace").partition(":")
        if colon and name.strip().lower() == "content-disposition" and value.split(";")[0].strip() == "form-data":
            found = _parameters(value).get("name")
            if found:
                return Part(found[:100], body[blank + 4 : end])
    raise bad_parameter("A part of the form has no name.")


def _boundary(content_type: str) -> bytes:
    text = _parameters(content_type).get("boundary", "")
    if not 0 < len(text) <= MAX_BOUNDARY or _BOUNDARY.fullmatch(text) is None:
        raise bad_parameter("The form has no boundary, or an impossible one.")
    return text.encode()


def _parameters(header: str) -> dict[str, str]:
    """Parameters of a header's value; .NET writes names without quotes and boundaries with."""
    return {
        match[1].lower(): re.sub(r"\\(.)", r"\1", match[2][1:-1]) if match[2].startswith('"') else match[2]
        for match in _PARAMETER.finditer(header[:MAX_HEAD_BYTES])
    }
