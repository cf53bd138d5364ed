"""Origins as text in the configuration. They are compared byte for byte, so they stand there as browsers send them."""

from __future__ import annotations

import re
from collections.abc import Iterable

_ORIGIN = re.compile(r"([a-z][a-z0-9+.-]*)://([^/\s:?#@,*\[\]]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?/?", re.IGNORECASE)
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_OTHER = re.compile(r"null|(?!https?:)[a-z][a-z0-9+.-]*:[^\s,*]*")
"""What comes from no web server: files, extensions, the .NET client."""


def as_browsers_send(text: str) -> str | None:
    """*text* in lower case, without a final slash and the port that its scheme has anyway; None if it is no origin of a server."""
    match = _ORIGIN.fullmatch(text)
    if match is None or (match[3] and not 0 < int(match[3]) < 65_536):
        return None
    scheme, host = match[1].lower(), match[2].lower()
    port = "" if match[3] in {None, _DEFAULT_PORTS.get(scheme)} else f":{int(match[3])}"
    return f"{scheme}://{host}{port}"


def check_origins(texts: Iterable[str]) -> None:
    """Refuse what no client would ever send, and what therefore lets nobody in.

    Raises:
        ValueError: says what to write instead.
    """
    for text in texts:
        if text == "*":
            raise ValueError("origins are allowed one by one, '*' is none")
        if _OTHER.fullmatch(text):
            continue
        sent = as_browsers_send(text) if text.isascii() else None
        if sent is None:
            raise ValueError(f"an origin looks like https://app.example:8443, and {text[:60]!r} is none")
        if sent != text:
            raise ValueError(f"browsers send {sent[:60]!r}, not {text[:60]!r}")
