"""The page of the invariants, for the documentation."""

from __future__ import annotations

from conformance.programs.invariants import INVARIANTS

HEAD = """\
# Invariants

Made from `conformance/programs/invariants/` by `make docs`. After every command of a [program](../sequences.md) what may be
read is read, and each of these holds against it. A failure names the invariant as its phase. The zoo has a machine for each that only that invariant sees.

| invariant | what holds | guards | clause |
|---|---|---|---|
"""


def invariants_markdown() -> str:
    """The page."""
    rows = (
        f"| `{row.name}` | {row.text} | {', '.join((row.requirement, *row.others))} | {row.clause} |\n"
        for row in INVARIANTS
    )
    return HEAD + "".join(rows)
