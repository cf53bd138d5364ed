"""What can go wrong in an exchange, as one typed outcome: no server, however bad, gives a check anything else."""

from __future__ import annotations

from enum import StrEnum

from conformance.outcomes import Untestable


class FaultKind(StrEnum):
    """What the peer did."""

    NO_CONNECTION = "no-connection"
    SILENT = "silent"
    """Nothing, or nothing more, came in time."""
    CLOSED = "closed"
    """The connection ended before the answer began."""
    CUT = "cut"
    """It ended in the middle of the head or of the body."""
    NO_HTTP = "no-http"
    """What came is no HTTP/1: a bad status line, field, length or chunk."""
    ENDLESS_HEAD = "endless-head"
    ENDLESS_INTERIM = "endless-interim"
    ENDLESS_BODY = "endless-body"
    """More came than the bounds take, or for longer."""


class WireFault(Untestable):
    """An exchange broke off. For a check of something else that is a broken prerequisite; a check of HTTP itself looks at the kind.

    Attributes:
        kind: what the peer did.
    """

    def __init__(self, kind: FaultKind, evidence: str) -> None:
        super().__init__(evidence)
        self.kind = kind
