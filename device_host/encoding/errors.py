"""What the encoder answers when it does not encode: typed, and one family."""

from __future__ import annotations


class EncodingError(ValueError):
    """A page cannot become a file, or a file cannot become another one."""


class CannotEncode(EncodingError):  # noqa: N818  # the name of an answer, not of a defect
    """The type cannot hold such a page: 1-bit pages and pages beyond 65500 pixels have no JPEG (REST code -1073, rest-api.md 5.7)."""


class BadPage(EncodingError):  # noqa: N818  # the same
    """Parameters that contradict each other, or data that does not fit them."""


class BadImage(EncodingError):  # noqa: N818  # the same
    """Bytes that are no PNG or JPEG, or a damaged one."""


class TooLarge(EncodingError):  # noqa: N818  # the same
    """Beyond a limit of :mod:`device_host.encoding.limits`; said before anything is allocated."""
