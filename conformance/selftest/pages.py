"""Dated pages of tables that a run has made: the form that the zoos share."""

from __future__ import annotations

import datetime as dt
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path

from conformance.requirements import REVISION

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
"""Where such pages lie in a checkout."""


def page(title: str, about: str, command: str, sections: Iterable[str], *, took_s: float, day: dt.date) -> str:
    """A page.

    Args:
        title: its heading.
        about: what it shows and how to read it, in Markdown.
        command: that has made it.
        sections: what follows, in Markdown.
        took_s: real seconds.
        day: of the run.
    """
    made = (
        f"Made by `{command}` on {day.isoformat()}, in {took_s / 60:.1f} minutes, from revision {REVISION} of the requirements "
        f"(Python {platform.python_version()}). Do not edit."
    )
    return "\n\n".join([f"# {title}", about.strip(), made, *(section.strip() for section in sections)]) + "\n"


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in Markdown; what would break it is replaced."""
    lines = [_line(header), _line(["---"] * len(header)), *(_line(row) for row in rows)]
    return "\n".join(lines)


def _line(cells: Sequence[object]) -> str:
    return "| " + " | ".join(str(cell).replace("\n", " ").replace("|", "\\|") for cell in cells) + " |"


def write(name: str, text: str) -> Path:
    """Put a page into the reference; says where it is.

    Raises:
        OSError: it cannot be written, as in an installation without the documentation.
    """
    path = REFERENCE / name
    path.write_text(text, encoding="utf-8")
    return path
