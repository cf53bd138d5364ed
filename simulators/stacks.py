"""Stacks of sheets as files and people describe them."""

from __future__ import annotations

from dataclasses import dataclass

from sheets import A4, PAPER_SIZES, PaperSize, Sheet, SheetError, paper_size
from sheets.sheet import MAX_NOISE, MAX_SEED
from simulators.fields import REQUIRED, Table

MAX_COUNT = 10_000


@dataclass(frozen=True, slots=True)
class Batch:
    """Sheets of one kind.

    Attributes:
        count: how many.
        size: their paper.
        noise: of the sensor, in levels of 256.
        blank_backs: whether nothing is printed on their backs.
    """

    count: int
    size: PaperSize = A4
    noise: float = 0.0
    blank_backs: bool = False

    def sheets(self, first: int, seed: int) -> list[Sheet]:
        """The sheets, numbered from *first*."""
        return [
            Sheet(first + index, self.size, seed=seed, noise=self.noise, blank_back=self.blank_backs)
            for index in range(self.count)
        ]


def read_batch(table: Table, *, default_count: int | None = None) -> Batch:
    """The batch in *table*: ``count``, ``size``, ``noise``, ``blank_backs``.

    Raises:
        Exception: as the table makes it.
    """
    count = table.integer("count", REQUIRED if default_count is None else default_count, low=0, high=MAX_COUNT)
    name = table.text("size", "A4", limit=40)
    try:
        size = paper_size(name)
    except SheetError:
        raise table.error("size", f"must be one of {', '.join(sorted(PAPER_SIZES))}, not {name!r}") from None
    batch = Batch(count, size, table.number("noise", 0.0, low=0, high=MAX_NOISE), table.flag("blank_backs", False))
    table.done()
    return batch


def read_batches(table: Table, key: str, default: int) -> tuple[Batch, ...]:
    """The stack under *key*: a count, one batch, or an array of batches.

    Raises:
        Exception: as the table makes it.
    """
    if not table.has(key):
        return (Batch(default),)
    match table.raw(key):
        case dict():
            return (read_batch(table.table(key)),)
        case list():
            return tuple(read_batch(entry) for entry in table.tables(key, most=100))
        case _:
            return (Batch(table.integer(key, low=0, high=MAX_COUNT)),)


def read_seed(table: Table) -> int:
    """The seed of a device or sheet."""
    return table.integer("seed", 0, low=0, high=MAX_SEED)


def stack(batches: tuple[Batch, ...], seed: int) -> list[Sheet]:
    """All sheets of *batches*, numbered from 1, the first to be fed first."""
    sheets: list[Sheet] = []
    for batch in batches:
        sheets += batch.sheets(len(sheets) + 1, seed)
    return sheets
