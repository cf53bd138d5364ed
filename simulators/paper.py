"""Paper: where each sheet lies. No time and no conditions, only sheets and places."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from sheets import Sheet

KEPT = 1000


class Paper:
    """The sheets in and on a machine. The feeder takes from the bottom, so that sheets put on top come last.

    Attributes:
        hopper: what waits to be fed, the next one first.
        path: what lies between hopper and output.
        output: what has been put out, the last :data:`KEPT` sheets.
        put_out_count: how many sheets have been put out.
        glass: what lies on the glass.
        jammed: whether the sheets in the path are stuck.
    """

    def __init__(self) -> None:
        self.hopper: deque[Sheet] = deque()
        self.path: list[Sheet] = []
        self.output: deque[Sheet] = deque(maxlen=KEPT)
        self.put_out_count = 0
        self.glass: Sheet | None = None
        self.jammed = False

    def load(self, sheets: Iterable[Sheet]) -> None:
        """Put *sheets* on top of the stack in the hopper."""
        self.hopper.extend(sheets)

    def pick(self, count: int = 1) -> list[Sheet]:
        """Draw *count* sheets from the hopper into the path."""
        picked = [self.hopper.popleft() for _ in range(count)]
        self.path += picked
        return picked

    def put_out(self) -> None:
        """Move what lies in the path to the output, unless it is stuck."""
        if not self.jammed:
            self.output.extend(self.path)
            self.put_out_count += len(self.path)
            self.path.clear()

    def jam(self) -> None:
        """What lies in the path is stuck; if nothing does, the next sheet is, half in."""
        if not self.path and self.hopper:
            self.pick()
        self.jammed = True

    def clear_path(self) -> list[Sheet]:
        """Take what lies in the path out by hand."""
        removed, self.path = self.path, []
        self.jammed = False
        return removed
