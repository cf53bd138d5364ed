"""Text across the border to C.

The standard says ISO 8859-1 (4.2.2.4); what network back ends send today is UTF-8. So: valid UTF-8 is read as such,
anything else as ISO 8859-1, which reads every byte. The way back is the same where that is possible without guessing;
lists of a back end keep their own bytes beside the text (`descriptors.StringList`).
"""

from __future__ import annotations

from device_drivers.sane.errors import SaneValueError


def decode(raw: bytes | None) -> str:
    """Text of a C string; empty for NULL."""
    if raw is None:
        return ""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("iso-8859-1")


def encode(text: str) -> bytes:
    """Bytes of `text` without the final NUL.

    Raises:
        SaneValueError: A NUL inside, or a lone surrogate.
    """
    if "\0" in text:
        raise SaneValueError("a text for SANE cannot contain NUL")
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise SaneValueError(f"{text!r} is not text") from error
