"""Room for bodies that are pictures: larger than JSON ever is, and few at a time, so that memory stays bounded (S-073)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from reference_server.config import Limits
from reference_server.processing.multipart import is_form
from reference_server.routes import Target
from reference_server.wire.exchange import Exchange


class Uploads:
    """Counts them.

    Args:
        limits: ``uploads`` of ``upload_bytes`` each.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._now = 0

    @contextmanager
    def room_for(self, exchange: Exchange, target: Target) -> Iterator[None]:
        """Let *exchange* have a large body, if its operation takes forms, it is one, and there is room; held until it is answered."""
        takes = target.operation is not None and bool(target.operation.form)
        if not (takes and is_form(exchange.headers.get("content-type"))) or self._now >= self._limits.uploads:
            yield
            return
        self._now += 1
        exchange.allow_upload()
        try:
            yield
        finally:
            self._now -= 1
