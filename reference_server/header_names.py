"""Headers that have had two names (rest-api.md 1.3): the product's first release called them ``X-DICS-*``, the next one ``DWT-*``."""

from __future__ import annotations

from starlette.datastructures import Headers

from reference_server.compat import Rules

PRODUCT_KEY = ("DWT-PRODUCT-KEY", "X-DICS-LICENSE-KEY")
DOCUMENT_PASSWORD = ("DWT-DOC-PASSWORD", "X-DICS-DOC-PASSWORD")
"""The new name and the old one; the new one wins (D-09)."""


def read_header(headers: Headers, names: tuple[str, str], rules: Rules) -> str | None:
    """The value under the new name, else under the old one if *rules* know it; None when there is neither."""
    new, old = names
    value = headers.get(new)
    return headers.get(old) if value is None and rules.old_headers else value
