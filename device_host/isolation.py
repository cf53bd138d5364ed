"""Where a driver runs."""

from __future__ import annotations

from enum import StrEnum


class Isolation(StrEnum):
    """Where a driver runs. Blocking drivers always run in a worker: they need a main thread of their own."""

    AUTO = "auto"
    """Trio form here, blocking form in a worker."""
    IN_PROCESS = "in-process"
    HOSTED = "hosted"
