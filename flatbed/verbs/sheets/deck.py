"""``flatbed sheets -o FILE``: the deck for a real scanner."""

from __future__ import annotations

import io
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flatbed.exits import Exit
from flatbed.outputs import failed_writing, need_writable, replace_file
from flatbed.say import fail, note

if TYPE_CHECKING:
    from sheets import Sheet


def deck(
    context: typer.Context,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="PDF file to write.", dir_okay=False)] = None,
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=500, help="Number of sheets, two pages each.")] = 10,
    size: Annotated[str, typer.Option(help="Paper: A4, letter, ...")] = "A4",
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Seed of the marks and of what is drawn by lot.")] = 0,
    dpi: Annotated[int, typer.Option(min=75, max=1200, help="Resolution of the artwork.")] = 300,
    artwork: Annotated[
        Path | None, typer.Option(help="A PDF, an image or a folder of them to print between marks in the margin.")
    ] = None,
    condition: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            metavar="KEY=VALUE",
            help='Condition of the sheets, as in a devices file: "skew = 1.5", "bleed = 0.1".',
        ),
    ] = None,
) -> int:
    """Write the sheets that tell the truth as a PDF. Print it double-sided at 100 %, scan it, and let `flatbed sheets read` say what came back."""
    if context.invoked_subcommand is not None:
        return Exit.OK
    if output is None:
        fail(Exit.USAGE, "no file to write was named.", "Say -o FILE.pdf, or `flatbed sheets read FILE` for a verdict.")
    from sheets import SheetError, write_deck  # noqa: PLC0415  # imports numpy

    chosen = _sheets(count, size, seed, artwork, condition or [])
    need_writable(output)
    written = io.BytesIO()
    try:
        write_deck(written, chosen, dpi=dpi)
    except SheetError as error:
        fail(Exit.FAILED, f"the deck cannot be drawn: {error}.")
    try:
        replace_file(output, written.getvalue())
    except OSError as error:
        failed_writing(output, error)
    note(f"{count} sheets, {2 * count} pages -> {output}")
    return Exit.OK


def _sheets(count: int, size: str, seed: int, artwork: Path | None, conditions: list[str]) -> list[Sheet]:
    """The sheets, in the condition that a batch of a devices file would have."""
    from sheets import PAPER_SIZES, SheetError, load_document, paper_size  # noqa: PLC0415  # imports numpy
    from simulators.stacks import read_batch  # noqa: PLC0415  # the same
    from simulators.toml_files import ConfigError, plain_table  # noqa: PLC0415  # the same

    try:
        paper_size(size)
    except SheetError:
        fail(Exit.USAGE, f"there is no paper called {size!r}.", f"One of: {', '.join(PAPER_SIZES)}.")
    keys: dict[str, Any] = {"count": count, "size": size}
    for line in conditions:
        try:
            keys |= tomllib.loads(line)
        except tomllib.TOMLDecodeError as error:
            fail(Exit.USAGE, f"--with {line!r} is not KEY = VALUE in TOML: {error}.", "As in: --with 'skew = 1.5'")
    documents = {}
    try:
        if artwork is not None:
            documents["artwork"] = load_document(artwork)
            keys["artwork"] = "artwork"
        return read_batch(plain_table(keys, "--with"), documents).sheets(1, seed)
    except (SheetError, ConfigError) as error:
        fail(Exit.USAGE, f"{getattr(error, 'message', error)}", "docs/paper.md has every key.")
