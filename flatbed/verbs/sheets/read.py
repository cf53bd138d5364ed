"""``flatbed sheets read FILE...``: what the oracle says of scanned pages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flatbed.exits import Exit
from flatbed.say import as_json, fail, note, out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sheets import Reading

SCHEMA = 1


def read(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Scanned pages: PDF, TIFF, PNG, JPEG.")],
    json: Annotated[bool, typer.Option("--json", help="The verdicts as JSON.")] = False,
    dpi: Annotated[float, typer.Option(min=0, max=9600, help="Resolution, where the file does not say it.")] = 0.0,
) -> int:
    """Say of each page which sheet it is and what happened to it. Exit 1 if anything did, or if a page has no marks."""
    for file in files:
        if not file.is_file():
            fail(Exit.USAGE, f"{file}: there is no such file.")
    reports: list[dict[str, Any]] = []
    clean = True
    for file in files:
        for page, reading in _readings(file, dpi):
            problems = reading.problems()
            clean = clean and not problems
            if json:
                reports.append({"file": str(file), "page": page, **reading.to_dict()})
                note(f"{file}, page {page}: {'; '.join(problems) or 'clean'}")
                continue
            out(f"{file}, page {page}: {'clean' if not problems else f'{len(problems)} to report'}")
            for line in reading.describe():
                out(f"  {line}")
    if json:
        as_json({"schema": SCHEMA, "clean": clean, "pages": reports})
    return Exit.OK if clean else Exit.FAILED


def _readings(file: Path, dpi: float) -> Iterator[tuple[int, Reading]]:
    """What the oracle says of each page, which are numbered from 1."""
    from sheets import Reading, SheetError, read_page  # noqa: PLC0415  # imports numpy
    from sheets.documents.scans import pages_of  # noqa: PLC0415  # the same

    declared = (dpi, dpi) if dpi else None
    try:
        for number, page in enumerate(pages_of(file), 1):
            yield number, read_page(page.pixels, dpi=page.dpi or declared, complete=page.complete)
    except SheetError as error:
        yield 1, Reading(found=False, unreadable=str(error))
