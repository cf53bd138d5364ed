"""Batches: sheets of one kind."""

from __future__ import annotations

from dataclasses import dataclass

from sheets import A4, DocumentPage, Marks, PaperSize, Sheet
from simulators.stacks.wear import NEW, Wear


@dataclass(frozen=True, slots=True)
class Batch:
    """Sheets of one kind.

    Attributes:
        count: how many.
        size: their paper.
        noise: of the sensor, in levels of 256.
        blank_backs: whether nothing is printed on their backs.
        blank_fronts: whether nothing is printed on their fronts.
        wear: their condition.
        marks: where they have their marks.
        pages: the document that is printed on them, from its first page on: front, back, front, back, or fronts only if the
            backs are blank. It begins again, on a new sheet, where it ends.
    """

    count: int
    size: PaperSize = A4
    noise: float = 0.0
    blank_backs: bool = False
    blank_fronts: bool = False
    wear: Wear = NEW
    marks: Marks = Marks.GRID
    pages: tuple[DocumentPage, ...] = ()

    def sheets(self, first: int, seed: int) -> list[Sheet]:
        """The sheets, numbered from *first*; the same seed gives the same sheets."""
        return [self._sheet(index, first + index, seed) for index in range(self.count)]

    def _sheet(self, index: int, number: int, seed: int) -> Sheet:
        front, back = self._printed(index)
        return Sheet(
            number,
            self.size,
            seed=seed,
            noise=self.noise,
            blank_back=self.blank_backs,
            blank_front=self.blank_fronts,
            marks=self.marks,
            front=front,
            back=back,
            defects=self.wear.defects(seed, number),
            lap_mm=self.wear.lap(seed, number),
        )

    def _printed(self, index: int) -> tuple[DocumentPage | None, DocumentPage | None]:
        if not self.pages:
            return None, None
        sides = 1 if self.blank_backs else 2
        sheets = -(-len(self.pages) // sides)
        printed = self.pages[index % sheets * sides :][:sides]
        return printed[0], printed[1] if len(printed) == 2 else None


def stack(batches: tuple[Batch, ...], seed: int) -> list[Sheet]:
    """All sheets of *batches*, numbered from 1, the first to be fed first."""
    sheets: list[Sheet] = []
    for batch in batches:
        sheets += batch.sheets(len(sheets) + 1, seed)
    return sheets
