"""Licence keys: where they may stand, and what they are worth (rest-api.md 1.3). The value is never looked at, and never logged."""

from __future__ import annotations

from device_protocol.vocabularies.rest import RestCode
from reference_server.compat import Rules
from reference_server.errors import RestError
from reference_server.header_names import PRODUCT_KEY, read_header
from reference_server.modes import LicenceMode
from reference_server.wire.exchange import Exchange


def check_licence(mode: LicenceMode, exchange: Exchange, in_body: str | None, rules: Rules) -> None:
    """Refuse a request for its licence key.

    Args:
        mode: IGNORE accepts everything, REQUIRE wants a key that is not empty, REJECT accepts none.
        exchange: with the headers.
        in_body: the ``license`` of the body, which counts when no header has a key (D-10).
        rules: which headers count, and whether the body does.

    Raises:
        RestError: 403 -2800.
    """
    if mode is LicenceMode.REJECT:
        raise RestError(
            403,
            RestCode.LICENCE,
            "This service rejects every product key (--licence reject, or the fault licence-refused).",
        )
    key = read_header(exchange.headers, PRODUCT_KEY, rules) or (in_body if rules.licence_in_body else None) or ""
    if mode is LicenceMode.REQUIRE and not key.strip():
        raise RestError(403, RestCode.LICENCE, "A product key is required (--licence require).")
