"""What a machine adds to every page: dirt on its glass, a colour cast, uneven light, noise, and a way of pulling askew."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from sheets import Defects, Sheet
from sheets.sheet import MAX_NOISE
from simulators.fields import Table
from simulators.stacks.defect_tables import read_shared
from simulators.stacks.wear import LIMITS


@dataclass(frozen=True, slots=True)
class Optics:
    """A machine's own defects.

    Attributes:
        defects: what it does to each page. Streaks come from the feeder's narrow glass and specks from the flatbed's, where
            they stay at their places; skew and offset are the feeder's.
        noise: of its sensor, in levels of 256.
    """

    defects: Defects = Defects()  # noqa: RUF009  # frozen
    noise: float = 0.0

    @property
    def dirty(self) -> bool:
        """Whether there is something to wipe off."""
        return bool(self.defects.dust or self.defects.streaks)

    def cleaned(self) -> Optics:
        """The same with a clean glass."""
        return replace(self, defects=replace(self.defects, dust=(), streaks=()))

    def see(self, sheet: Sheet, *, feeding: bool) -> Sheet:
        """*sheet* as the machine delivers it, and the one that was picked with it."""
        others = {"dust": ()} if feeding else {"streaks": (), "skew": 0.0, "offset_mm": (0.0, 0.0)}
        defects = replace(self.defects, **others)
        noise = min(MAX_NOISE, math.hypot(sheet.noise, self.noise))
        return replace(sheet, defects=sheet.defects.under(defects), noise=noise)


NO_OPTICS = Optics()


def read_optics(table: Table) -> Optics:
    """The optics in *table*: ``dust``, ``streaks``, ``cast``, ``light``, ``noise``, ``skew``, ``offset_x_mm``, ``offset_y_mm``.

    Raises:
        Exception: as the table makes it.
    """
    fixed = {
        name: float(table.number(name, 0.0, low=LIMITS[name][0], high=LIMITS[name][1]))
        for name in ("skew", "offset_x_mm", "offset_y_mm", "light")
    }
    optics = Optics(
        Defects(
            skew=fixed["skew"],
            offset_mm=(fixed["offset_x_mm"], fixed["offset_y_mm"]),
            light=fixed["light"],
            **read_shared(table, glass=True),
        ),
        table.number("noise", 0.0, low=0, high=MAX_NOISE),
    )
    table.done()
    return optics
