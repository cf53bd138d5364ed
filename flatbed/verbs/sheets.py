"""``flatbed sheets``: the deck for a real scanner."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Annotated

import typer

from flatbed.exits import Exit
from flatbed.outputs import failed_writing, need_writable, replace_file
from flatbed.say import fail, note

app = typer.Typer(add_completion=False)


@app.command()
def sheets(
    output: Annotated[Path, typer.Option("-o", "--output", help="PDF file to write.", dir_okay=False)],
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=500, help="Number of sheets, two pages each.")] = 10,
    size: Annotated[str, typer.Option(help="Paper: A4, letter, ...")] = "A4",
    seed: Annotated[int, typer.Option(min=0, help="Seed of the marks.")] = 0,
    dpi: Annotated[int, typer.Option(min=75, max=1200, help="Resolution of the artwork.")] = 300,
) -> int:
    """Write the sheets that tell the truth as a PDF. Print it double-sided at 100 %, scan it, and let the oracle read what comes back."""
    from sheets import PAPER_SIZES, Sheet, SheetError, paper_size, write_deck  # noqa: PLC0415  # imports numpy

    try:
        paper = paper_size(size)
    except SheetError:
        fail(Exit.USAGE, f"there is no paper called {size!r}.", f"One of: {', '.join(PAPER_SIZES)}.")
    need_writable(output)
    deck = io.BytesIO()
    write_deck(deck, [Sheet(number=number, size=paper, seed=seed) for number in range(1, count + 1)], dpi=dpi)
    try:
        replace_file(output, deck.getvalue())
    except OSError as error:
        failed_writing(output, error)
    note(f"{count} sheets, {2 * count} pages -> {output}")
    return Exit.OK
