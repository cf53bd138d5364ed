"""The record: the latest entries of one machine, and the latest pages that it gave out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from device_protocol import DeviceError, Fault
from device_protocol.aio import DeviceClock
from simulators.imaging import Look
from simulators.messages import CrashError, Plan

ENTRIES_KEPT = 500
PAGES_KEPT = 24
TEXT_CHARS = 200
OK, ABANDONED, CRASHED = "ok", "abandoned", "crashed"


class Kind(StrEnum):
    """What an entry is about."""

    CALL = "call"
    PAGE = "page"
    FAULT = "fault"
    CONDITION = "condition"
    OPERATOR = "operator"


@dataclass(slots=True)
class Entry:
    """Something that happened.

    Attributes:
        number: in the order in which things ended, from 1; never given twice, not even after a reset.
        time: of the device clock, when it began.
        what: the verb, the action, the fault or the condition.
        detail: arguments in short, or the words of an error.
        outcome: ``ok``, a code of the contract, ``abandoned`` or ``crashed``; of a condition, whether it began or ended.
        seconds: of the device clock that it took.
        client: number of the session; None for what no client did.
    """

    number: int
    time: float
    kind: Kind
    what: str
    detail: str = ""
    outcome: str = OK
    seconds: float = 0.0
    client: int | None = None


@dataclass(frozen=True, slots=True)
class GivenPage:
    """A page that was given out; with *plan* and *look* it can be drawn again."""

    entry: int
    plan: Plan
    look: Look | None

    def show(self) -> dict[str, Any]:
        """The page as plain data, sizes in mm."""
        sheet, look = self.plan.sheet, self.look
        shown: dict[str, Any] = {
            "entry": self.entry,
            "page": self.plan.number,
            "sheet": None if sheet is None else sheet.number,
            "side": "back" if self.plan.back else "front",
            "size": None if sheet is None else sheet.size.name,
        }
        if look is not None:
            shown |= {"mode": look.colour.value, "depth": look.depth, "dpi": look.dpi}
        return shown


class Journal:
    """See the module.

    Args:
        clock: the machine's.

    Attributes:
        pages: the latest pages, oldest first.
        on_news: called whenever something was written.
        sessions: how many have been opened; the number of the latest.
    """

    def __init__(self, clock: DeviceClock) -> None:
        self._clock = clock
        self._entries: deque[Entry] = deque(maxlen=ENTRIES_KEPT)
        self._number = 0
        self._start = clock.now()
        self._seen: frozenset[str] = frozenset()
        self._under_way: tuple[str, float] | None = None
        self.pages: deque[GivenPage] = deque(maxlen=PAGES_KEPT)
        self.on_news: Callable[[], None] = _nobody
        self.sessions = 0

    # -- writing

    def write(self, kind: Kind, what: str, detail: str = "", **more: Any) -> Entry:
        """Add an entry about now."""
        self._number += 1
        began = more.pop("began", self._clock.now())
        entry = Entry(self._number, round(began, 6), kind, what[:TEXT_CHARS], detail[:TEXT_CHARS], **more)
        self._entries.append(entry)
        self.on_news()
        return entry

    @contextmanager
    def call(self, verb: str, detail: str = "", client: int | None = None) -> Iterator[None]:
        """A call of a client; it is written when it ends, with its outcome."""
        began = self._clock.now()
        self._under_way = (verb, began)
        outcome, words = ABANDONED, detail
        self.on_news()
        try:
            yield
            outcome = OK
        except DeviceError as error:
            outcome, words = error.code.value, error.message
            raise
        except CrashError:
            outcome = CRASHED
            raise
        finally:
            self._under_way = None
            seconds = round(self._clock.now() - began, 6)
            self.write(Kind.CALL, verb, words, began=began, outcome=outcome, seconds=seconds, client=client)

    @contextmanager
    def operator(self, action: str, detail: str = "") -> Iterator[None]:
        """Something that somebody who stands before the machine does; its entry goes before those of its consequences."""
        entry = self.write(Kind.OPERATOR, action, detail)
        try:
            yield
        except DeviceError as error:
            entry.outcome, entry.detail = error.code.value, error.message[:TEXT_CHARS]
            raise

    def struck(self, fault: Fault) -> None:
        """A fault strikes."""
        where = f"page {fault.page}" if fault.page else f"sheet {fault.sheet}" if fault.sheet else ""
        lasting = f"{fault.seconds:g} s" if fault.seconds else ""
        code = fault.code.value if fault.code is not None else ""
        self.write(Kind.FAULT, fault.kind.value, ", ".join(filter(None, (code, where, lasting))))

    def given(self, plan: Plan, look: Look | None, client: int) -> None:
        """A page is given out."""
        page = GivenPage(self._number + 1, plan, look)
        shown = page.show()
        sheet = "empty glass" if plan.sheet is None else f"sheet {shown['sheet']} {shown['side']}, {shown['size']}"
        if plan.shot is not None:
            sheet = f"frame {plan.shot.sequence}, taken at {plan.shot.stamp_ms / 1000:g} s"
        how = "" if look is None else f", {look.colour.value} {look.depth} bit, {look.dpi} dpi"
        self.write(Kind.PAGE, f"page {plan.number}", sheet + how, client=client)
        self.pages.append(page)

    def see(self, standing: frozenset[str]) -> None:
        """What stands now; what is new in it, and what is not there any more, is written down."""
        before, self._seen = self._seen, standing
        for what in sorted(standing - before):
            self.write(Kind.CONDITION, what, outcome="begins")
        for what in sorted(before - standing):
            self.write(Kind.CONDITION, what, outcome="ends")

    def clear(self) -> None:
        """Forget entries and pages; numbers go on."""
        self._entries.clear()
        self.pages.clear()

    # -- reading

    def since(self, number: int, limit: int) -> dict[str, Any]:
        """Up to *limit* entries from *number* on, oldest first, as plain data; where there are more, the latest."""
        chosen = [entry for entry in self._entries if entry.number >= number]
        chosen = chosen[len(chosen) - min(limit, len(chosen)) :]
        now = self._clock.now()
        under_way = None
        if self._under_way is not None:
            verb, began = self._under_way
            under_way = {"call": verb, "since": round(began, 6), "seconds": round(now - began, 6)}
        return {
            "entries": [_show(entry) for entry in chosen],
            "next": self._number + 1,
            "start": round(self._start, 6),
            "now": round(now, 6),
            "under_way": under_way,
            "pages": [page.show() for page in self.pages],
        }

    def page(self, entry: int) -> GivenPage | None:
        """The page of that entry, while it is kept."""
        return next((page for page in self.pages if page.entry == entry), None)


def short(arguments: Mapping[str, Any]) -> str:
    """Arguments in a few words."""
    return ", ".join(f"{key}={value}" for key, value in arguments.items())[:TEXT_CHARS]


def _show(entry: Entry) -> dict[str, Any]:
    return {
        "number": entry.number,
        "time": entry.time,
        "kind": entry.kind.value,
        "what": entry.what,
        "detail": entry.detail,
        "outcome": entry.outcome,
        "seconds": entry.seconds,
        "client": entry.client,
    }


def _nobody() -> None:
    """Nobody wants to know."""
