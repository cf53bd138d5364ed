"""The module matrix of a mark."""

from functools import lru_cache

from sheets import qr
from sheets.arrays import Bytes
from sheets.payload import Mark, pack

MODULES = qr.SIZE


@lru_cache(maxsize=4096)
def modules(mark: Mark) -> Bytes:
    """The symbol of a mark: (21, 21) uint8, 1 = dark, read-only.

    Raises:
        SheetError: If a field of the mark does not fit.
    """
    dark = qr.symbol(pack(mark))
    dark.setflags(write=False)
    return dark
