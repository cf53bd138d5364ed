"""Faults that are armed, and the moment at which each strikes.

One model for files, Python and HTTP: :class:`device_protocol.Fault`. A moment is a verb with the sheet and page that it is about; a fault without a verb
strikes at the natural one for its kind (:func:`moment_of`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from device_protocol import Fault, FaultKind
from simulators.fields import Table

OPEN, START, NEXT_PAGE, READ = "open", "start", "next_page", "read"

VERBS: dict[FaultKind, tuple[str, ...]] = {
    FaultKind.EMPTY: (OPEN, START, NEXT_PAGE),
    FaultKind.JAM: (OPEN, START, NEXT_PAGE, READ),
    FaultKind.MULTIFEED: (NEXT_PAGE,),
    FaultKind.COVER_OPEN: (OPEN, START, NEXT_PAGE, READ),
    FaultKind.BUSY: (OPEN, START),
    FaultKind.UNPLUGGED: (OPEN, START, NEXT_PAGE, READ),
    FaultKind.SLOW: (OPEN, START, NEXT_PAGE, READ),
    FaultKind.HANG: (OPEN, START, NEXT_PAGE, READ),
    FaultKind.CRASH: (OPEN, START, NEXT_PAGE, READ),
    FaultKind.TRUNCATED: (READ,),
    FaultKind.CANCELLED: (START, NEXT_PAGE),
}
"""During which calls a fault can strike."""

NATURAL: dict[FaultKind, str] = {
    FaultKind.EMPTY: START,
    FaultKind.BUSY: OPEN,
    FaultKind.SLOW: READ,
    FaultKind.TRUNCATED: READ,
    FaultKind.CANCELLED: START,
}
"""The call during which a fault strikes that does not say; the others at the feeding of the sheet, or at reading if they say how far through the page."""

FEEDING = frozenset({FaultKind.EMPTY, FaultKind.JAM, FaultKind.MULTIFEED})
"""Faults of the feeder: they strike when a sheet is picked."""

LASTING = frozenset({FaultKind.BUSY, FaultKind.SLOW, FaultKind.HANG, FaultKind.COVER_OPEN, FaultKind.UNPLUGGED})
"""Faults that can last for some seconds."""

MAX_ARMED = 1000
MAX_SECONDS = 86_400.0
MAX_NUMBER = 1_000_000
HALFWAY = 0.5


def moment_of(fault: Fault) -> str:
    """The verb at which *fault* strikes."""
    if fault.verb:
        return fault.verb
    if fault.kind is FaultKind.EMPTY and ((fault.sheet or 1) > 1 or (fault.page or 1) > 1):
        return NEXT_PAGE
    return NATURAL.get(fault.kind, READ if fault.at > 0 else NEXT_PAGE)


def point_of(fault: Fault) -> float:
    """How far through its page a fault at READ strikes; a transfer that breaks off before it began is no transfer."""
    return HALFWAY if fault.kind is FaultKind.TRUNCATED and fault.at == 0 else fault.at


def read_fault(table: Table) -> Fault:
    """The fault in *table*, whose keys are those of :class:`device_protocol.Fault`.

    Raises:
        Exception: as the table makes it.
    """
    fault = read_fault_keys(table)
    table.done()
    return fault


def read_fault_keys(table: Table) -> Fault:
    """As :func:`read_fault`, for a table that may have other keys too."""
    kind = FaultKind(table.choice("kind", FaultKind))
    verb = table.choice("verb", VERBS[kind]) if table.raw("verb") else ""
    fault = Fault(
        kind=kind,
        verb=verb,
        sheet=_number(table, "sheet"),
        page=_number(table, "page"),
        at=float(table.number("at", 0.0, low=0, high=1)),
        seconds=float(table.number("seconds", 0.0, low=0, high=MAX_SECONDS)),
        times=table.integer("times", 1, low=0, high=MAX_NUMBER),
    )
    if fault.at and moment_of(fault) != READ:
        raise table.error("at", f"has no meaning for a fault that strikes at {moment_of(fault)}")
    if moment_of(fault) in {OPEN, START} and (fault.sheet or 1, fault.page or 1) != (1, 1):
        raise table.error(
            "sheet" if fault.sheet else "page", f"has no meaning for a fault that strikes at {moment_of(fault)}"
        )
    if fault.seconds and kind not in LASTING:
        raise table.error("seconds", f"has no meaning for {kind.value}")
    if kind is FaultKind.SLOW and not fault.seconds:
        raise table.error("seconds", "is missing: how slow shall it be?")
    return fault


def _number(table: Table, key: str) -> int | None:
    """A number from 1, or None where it is absent or None (as :meth:`Fault.arguments` says it)."""
    return None if table.raw(key) is None else table.integer(key, low=1, high=MAX_NUMBER)


@dataclass(slots=True)
class Armed:
    """A fault that waits. *left*: how often it will strike yet; None: for ever."""

    fault: Fault
    left: int | None

    def matches(self, verb: str, sheet: int | None, page: int | None) -> bool:
        """Whether it strikes at that moment."""
        return (
            moment_of(self.fault) == verb
            and (verb in {OPEN, START} or self.fault.sheet in {None, sheet})
            and (verb in {OPEN, START} or self.fault.page in {None, page})
        )


class Faults:
    """The faults of one machine.

    Args:
        faults: that are armed from the start.
        struck: is told of each fault when it strikes.
    """

    def __init__(self, faults: Iterable[Fault] = (), struck: Callable[[Fault], None] | None = None) -> None:
        self._armed: list[Armed] = []
        self._struck = struck
        for fault in faults:
            self.arm(fault)

    def __len__(self) -> int:
        return len(self._armed)

    def arm(self, fault: Fault) -> None:
        """Add a fault."""
        self._armed.append(Armed(fault, fault.times or None))

    def clear(self) -> None:
        """Disarm all."""
        self._armed.clear()

    def show(self) -> list[dict[str, Any]]:
        """What is armed, as the FAULT action takes it, ``times`` being what is left."""
        return [{**armed.fault.arguments(), "times": armed.left or 0} for armed in self._armed]

    def take(
        self, verb: str, kind: FaultKind, sheet: int | None = None, pages: Iterable[int | None] = (None,)
    ) -> Fault | None:
        """The first fault of *kind* that strikes now, at one of *pages*; it is counted."""
        wanted = tuple(pages)
        for armed in self._armed:
            if armed.fault.kind is kind and any(armed.matches(verb, sheet, page) for page in wanted):
                return self._count(armed)
        return None

    def points(self, sheet: int | None, page: int) -> tuple[float, ...]:
        """How far through that page faults will strike."""
        points = {
            point_of(armed.fault)
            for armed in self._armed
            if armed.fault.kind is not FaultKind.SLOW and armed.matches(READ, sheet, page)
        }
        return tuple(sorted(points))

    def take_at(self, kind: FaultKind, sheet: int | None, page: int, point: float) -> Fault | None:
        """The first fault of *kind* that strikes at that point of the page; it is counted."""
        for armed in self._armed:
            at_point = armed.fault.kind is kind and point_of(armed.fault) == point
            if at_point and armed.matches(READ, sheet, page):
                return self._count(armed)
        return None

    def _count(self, armed: Armed) -> Fault:
        if self._struck is not None:
            self._struck(armed.fault)
        if armed.left is not None:
            armed.left -= 1
            if not armed.left:
                self._armed.remove(armed)
        return armed.fault
