"""Invariants: what holds after every step of every program, whatever the step was. A table of rows, each with its clause and the requirement it guards.

A row looks at what was read after the step and at what the model believes; what a single command has to answer is judged elsewhere (``judge_*.py``). A
row can be taken out, and then nothing else sees what it guards: the zoo has a machine for each that shows so.

May come in: rows. May not: calls to a device, and anything that changes what the model believes.
"""

from __future__ import annotations

from conformance.programs.invariants import events, options, paper, states
from conformance.programs.invariants.model import Invariant

INVARIANTS: tuple[Invariant, ...] = (*states.ROWS, *options.ROWS, *paper.ROWS, *events.ROWS)
"""All rows, in the order in which they are looked at."""

__all__ = ["INVARIANTS", "Invariant"]
