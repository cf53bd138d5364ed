"""Licence keys: where they may stand, and what they are worth (rest-api.md 1.3). The value is never looked at, and never logged."""

from __future__ import annotations

from device_protocol.vocabularies.rest import RestCode
from reference_server.config import LicenceMode
from reference_server.errors import RestError
from reference_server.exchange import Exchange

HEADERS = ("dwt-product-key", "x-dics-license-key")
"""The new name and the old one; the new one wins (D-09)."""


def check_licence(mode: LicenceMode, exchange: Exchange, in_body: str | None) -> None:
    """Refuse a request for its licence key.

    Args:
        mode: IGNORE accepts everything, REQUIRE wants a key that is not empty, REJECT accepts none.
        exchange: with the headers.
        in_body: the ``license`` of the body, which counts when no header is there (D-10).

    Raises:
        RestError: 403 -2800.
    """
    key = next((value for name in HEADERS if (value := exchange.headers.get(name)) is not None), in_body)
    if mode is LicenceMode.REJECT:
        raise RestError(403, RestCode.LICENCE, "This service rejects every product key (--licence reject).")
    if mode is LicenceMode.REQUIRE and not (key or in_body or "").strip():
        raise RestError(403, RestCode.LICENCE, "A product key is required (--licence require).")
