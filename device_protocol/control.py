"""Control over a device's surroundings: paper, covers, plugs, and faults of virtual devices.

It is reached from ``Backend.control(device_id)``, not from a session, since a jam can be set before open and paper lies there after close. An action is
data, so that it crosses the border of a worker, TOML and HTTP in one form: a name and arguments.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

LOAD = "load"
UNLOAD = "unload"
CLEAR_JAM = "clear-jam"
OPEN_COVER = "open-cover"
CLOSE_COVER = "close-cover"
UNPLUG = "unplug"
REPLUG = "replug"
PRESS_BUTTON = "press-button"
PLACE_SHEET = "place-sheet"
REMOVE_SHEET = "remove-sheet"
CLEAN_GLASS = "clean-glass"
FAULT = "fault"
CLEAR_FAULTS = "clear-faults"
QUIRKS = "quirks"
RESET = "reset"
REPORT = "report"
DESCRIBE = "describe"
JOURNAL = "journal"
PICTURE = "picture"
WATCH = "watch"

ACTIONS: dict[str, str] = {
    LOAD: "put `count` sheets into the hopper, on top of what lies there; `size` names their paper, other keys their condition",
    UNLOAD: "take all sheets out of the hopper",
    CLEAR_JAM: "take the jammed sheet out of the paper path",
    OPEN_COVER: "open the cover",
    CLOSE_COVER: "close the cover",
    UNPLUG: "pull the plug",
    REPLUG: "put the plug back",
    PRESS_BUTTON: "press the button called `name`",
    PLACE_SHEET: "put a sheet on the glass; `size` names its paper",
    REMOVE_SHEET: "take the sheet off the glass",
    CLEAN_GLASS: "wipe the dust and streaks off the glass",
    FAULT: "arm a fault; the arguments are those of Fault",
    CLEAR_FAULTS: "disarm all faults",
    QUIRKS: "behave differently on the network: `names` are the quirks that it has from now on; without them it has none",
    RESET: "as the device was at the start: paper, faults, conditions",
    REPORT: "what the client did wrong so far",
    DESCRIBE: "what the device is: sources, modes, resolutions, buttons, sizes of paper; changes nothing",
    JOURNAL: "what happened to it, from entry `since` on, `limit` at most; changes nothing",
    PICTURE: "one of the last pages as a small JPEG in base64: `page` is the number of its entry in the journal, `width` is in pixels",
    WATCH: "wait up to `wait` seconds until some device of the same lab has changed after `since`; says which, and what to say next time",
}
"""The well-known actions. A device lists those it offers; it may offer more."""

LOOKS = frozenset({REPORT, DESCRIBE, JOURNAL, PICTURE, WATCH})
"""Actions that change nothing and leave no trace in the journal."""


class FaultKind(StrEnum):
    """Faults that a virtual device can be told to have."""

    EMPTY = "empty"
    JAM = "jam"
    MULTIFEED = "multifeed"
    COVER_OPEN = "cover-open"
    BUSY = "busy"
    UNPLUGGED = "unplugged"
    SLOW = "slow"
    HANG = "hang"
    CRASH = "crash"
    TRUNCATED = "truncated"
    CANCELLED = "cancelled"
    """Somebody presses cancel, at the device or in its driver's window."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault and the moment at which it strikes.

    Attributes:
        kind: what goes wrong.
        verb: the call during which it strikes (``open``, ``start``, ``next_page``, ``read``); empty: the natural one for the kind.
        sheet: strikes at this sheet of the job, from 1; None: at the next opportunity.
        page: strikes at this page of the job, from 1.
        at: how far through the page it strikes, 0 to 1.
        seconds: how long it lasts (BUSY, SLOW: per page; HANG: for ever if 0).
        times: how often it strikes; 0 means always.
    """

    kind: FaultKind
    verb: str = ""
    sheet: int | None = None
    page: int | None = None
    at: float = 0.0
    seconds: float = 0.0
    times: int = 1

    def arguments(self) -> dict[str, Any]:
        """The arguments of the FAULT action that arms this fault."""
        return {name: getattr(self, name) for name in ("verb", "sheet", "page", "at", "seconds", "times")} | {
            "kind": self.kind.value
        }


@dataclass(frozen=True, slots=True)
class ControlCaps:
    """What can be controlled: names of actions, and kinds of faults."""

    actions: frozenset[str] = frozenset()
    faults: frozenset[FaultKind] = field(default_factory=frozenset)
