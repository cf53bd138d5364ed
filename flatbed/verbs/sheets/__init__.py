"""``flatbed sheets``: the deck for a real scanner, and the verdict on what it made of it.

A sub-command is a function in a module of its own and a line here. What may come in: command lines of printing and reading sheets. What may not: what a
sheet looks like or what the oracle thinks, which belongs to ``sheets``, and imports of it outside of functions.
"""

from __future__ import annotations

import typer

from flatbed.verbs.sheets.deck import deck
from flatbed.verbs.sheets.read import read

app = typer.Typer(add_completion=False)
app.callback(invoke_without_command=True)(deck)
app.command("read")(read)
