"""Stacks of sheets as files and people describe them: how many, of which paper, with what on them, and in what condition.

May come in: batches and what is drawn by lot for each of their sheets, the reading of both from a table (a devices file, a
profile, the arguments of a control action), and sheets as plain data for the socket. May not: where sheets lie
(:mod:`simulators.paper`), how they look (:mod:`sheets`), time.
"""

from simulators.stacks.batch import Batch, stack
from simulators.stacks.optics import NO_OPTICS, Optics, read_optics
from simulators.stacks.plain import sheet_from_plain, sheet_to_plain
from simulators.stacks.reading import MAX_COUNT, Artworks, read_batch, read_batches, read_seed
from simulators.stacks.wear import Spread, Wear

__all__ = [
    "MAX_COUNT",
    "NO_OPTICS",
    "Artworks",
    "Batch",
    "Optics",
    "Spread",
    "Wear",
    "read_batch",
    "read_batches",
    "read_optics",
    "read_seed",
    "sheet_from_plain",
    "sheet_to_plain",
    "stack",
]
