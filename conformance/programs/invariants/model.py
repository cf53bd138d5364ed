"""What an invariant is: one row of the table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from conformance.programs.beliefs import SessionBelief
from conformance.programs.observation import Observation


@dataclass(frozen=True, slots=True)
class Invariant:
    """One row.

    Attributes:
        name: of the row; a failure carries it as its phase.
        requirement: the one that it guards.
        text: what holds after every step.
        clause: who says so.
        holds: raises :class:`~conformance.programs.beliefs.Disagrees` if it does not; changes nothing.
        others: further requirements that it can name, where the history of a session tells more than the row.
    """

    name: str
    requirement: str
    text: str
    clause: str
    holds: Callable[[SessionBelief, Observation], None]
    others: tuple[str, ...] = ()
