"""How long a verb may take before the device counts as hung, in trio's seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits for verbs; a declared deadline of the device (close, cancel) is judged by its own check and never cut short by these.

    Attributes:
        quick: verbs that only look or set.
        slow: verbs that move paper or light a lamp: open, start, next_page, read, end, settled.
        close: close, beyond what the device declares.
        hands: what is done to the device from outside; a person takes longer than a control.
    """

    quick: float = 10.0
    slow: float = 60.0
    close: float = 15.0
    hands: float = 60.0


VIRTUAL = Limits(quick=5.0, slow=10.0, close=8.0, hands=10.0)
"""For devices that declare themselves virtual."""

PATIENCE = 3600.0
"""For a person's hands."""
