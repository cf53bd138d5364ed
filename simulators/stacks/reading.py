"""Reading batches and stacks from a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from sheets import PAPER_SIZES, DocumentPage, Marks, PaperSize, SheetError, paper_size
from sheets.sheet import MAX_NOISE, MAX_SEED
from simulators.fields import REQUIRED, Table
from simulators.stacks.batch import Batch
from simulators.stacks.defect_tables import read_wear

MAX_COUNT = 10_000

Artworks: TypeAlias = Mapping[str, tuple[DocumentPage, ...]]
"""Documents by the names that a devices file gives them; nothing else can be printed by way of a control action."""


def read_batch(table: Table, artworks: Artworks | None = None, *, default_count: int | None = None) -> Batch:
    """The batch in *table*.

    Its keys are ``count``, ``size``, ``noise``, ``blank_backs``, ``blank_fronts``, ``artwork``, ``marks``, and those of
    :func:`simulators.stacks.defect_tables.read_wear`.

    Raises:
        Exception: as the table makes it.
    """
    named = artworks or {}
    pages = named[table.choice("artwork", named)] if table.has("artwork") else ()
    kinds = (Marks.MARGIN, Marks.NONE) if pages else tuple(Marks)
    batch = Batch(
        table.integer("count", REQUIRED if default_count is None else default_count, low=0, high=MAX_COUNT),
        _size(table),
        table.number("noise", 0.0, low=0, high=MAX_NOISE),
        table.flag("blank_backs", False),
        table.flag("blank_fronts", False),
        read_wear(table),
        Marks(table.choice("marks", kinds, kinds[0])),
        pages,
    )
    table.done()
    return batch


def _size(table: Table) -> PaperSize:
    """A name, or width and height in mm."""
    size = table.raw("size")
    try:
        match size:
            case [int() | float() as width, int() | float() as height]:
                return PaperSize(f"{width:g} x {height:g} mm", float(width), float(height))
            case list():
                raise table.error("size", "must be a name, or width and height in mm")
        return paper_size(table.text("size", "A4", limit=40))
    except SheetError as error:
        if isinstance(size, list):
            raise table.error("size", f"cannot be: {error}") from None
        names = ", ".join(sorted(PAPER_SIZES))
        raise table.error("size", f"must be one of {names}, not {size!r}") from None


def read_batches(table: Table, key: str, default: int, artworks: Artworks | None = None) -> tuple[Batch, ...]:
    """The stack under *key*: a count, one batch, or an array of batches.

    Raises:
        Exception: as the table makes it.
    """
    if not table.has(key):
        return (Batch(default),)
    match table.raw(key):
        case dict():
            return (read_batch(table.table(key), artworks),)
        case list():
            return tuple(read_batch(entry, artworks) for entry in table.tables(key, most=100))
        case _:
            return (Batch(table.integer(key, low=0, high=MAX_COUNT)),)


def read_seed(table: Table) -> int:
    """The seed of a device or sheet."""
    return table.integer("seed", 0, low=0, high=MAX_SEED)
