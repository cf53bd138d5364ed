"""docs/escl-checks.md says what `flatbed check escl` takes, and speaks of requirements that there are."""

from __future__ import annotations

import re
from pathlib import Path

import typer.main

from conformance.requirements import Subject, of
from flatbed.verbs.check import app

PAGE = (Path(__file__).parents[2] / "docs/escl-checks.md").read_text()


def test_options() -> None:
    """Every option of the verb's own is in the table, and every option in the table is one of the verb."""
    verbs = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # a group has them
    mine, shared = ({name for item in verbs[verb].params for name in item.opts} for verb in ("escl", "device"))
    table = set(re.findall(r"^\| `(--[a-z-]+)", PAGE, re.MULTILINE))
    assert table <= mine
    assert mine - shared - {"URL", "url"} <= table


def test_requirements() -> None:
    """Their number, and each that is named."""
    rows = of(Subject.ESCL)
    assert f"[{len(rows)} requirements]" in PAGE
    assert set(re.findall(r"\b(?:ESCL|WIRE)-\d\d\b", PAGE)) <= set(rows)
