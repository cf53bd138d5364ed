"""Control over a device's surroundings: paper, covers, plugs, and faults of virtual devices.

It is reached from ``Backend.control(device_id)``, not from a session, since a jam can be set before open and paper lies there after close. An action is
data, so that it crosses the border of a worker, TOML and HTTP in one form: a name and arguments.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from device_protocol.codes import Code

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
COOL_LAMP = "cool-lamp"
CLOSE_SHUTTER = "close-shutter"
OPEN_SHUTTER = "open-shutter"
FAIL_TRANSPORT = "fail-transport"
MEND_TRANSPORT = "mend-transport"
FAULT = "fault"
CLEAR_FAULTS = "clear-faults"
QUIRKS = "quirks"
SCENARIO = "scenario"
CLEAR_SCENARIO = "clear-scenario"
PROGRESS = "progress"
RESET = "reset"
REPORT = "report"
NOTE = "note"
DESCRIBE = "describe"
JOURNAL = "journal"
PICTURE = "picture"
WATCH = "watch"
ADVANCE = "advance"

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
    COOL_LAMP: "let the lamp go cold; it takes `seconds` to warm up for the next page",
    CLOSE_SHUTTER: "slide the shutter before the lens of a camera",
    OPEN_SHUTTER: "slide it away again",
    FAIL_TRANSPORT: "a way of finding devices stops working: the one called `name`; without a name, one that does not find this device",
    MEND_TRANSPORT: "every way of finding devices works again",
    FAULT: "arm a fault; the arguments are those of Fault",
    CLEAR_FAULTS: "disarm all faults",
    QUIRKS: "behave differently on the network: `names` are the quirks that it has from now on; without them it has none",
    SCENARIO: "play a scenario from now on, in place of the one before; `shipped` names one, or the arguments are the keys of a scenario file",
    CLEAR_SCENARIO: "end the scenario: its faults are disarmed, and nobody comes to do what it had planned",
    PROGRESS: "what of the scenario has struck and what is pending, and the scenario itself; changes nothing",
    RESET: "as the device was at the start: paper, faults, conditions; the report begins anew",
    REPORT: "what the client did wrong so far",
    NOTE: "put into that report that a client, called `client`, has neglected `duty`; `detail` says how",
    DESCRIBE: "what the device is: sources, modes, resolutions, buttons, sizes of paper, and the scenarios that are shipped; changes nothing",
    JOURNAL: "what happened to it, from entry `since` on, `limit` at most; changes nothing",
    PICTURE: "one of the last pages as a small JPEG in base64: `page` is the number of its entry in the journal, `width` is in pixels",
    WATCH: "wait up to `wait` seconds until some device of the same lab has changed after `since`; says which, and what to say next time",
    ADVANCE: "where time is manual: let `seconds` pass for the whole lab; returns when whoever was due has run; `left` did not fit into one call",
}
"""The well-known actions. A device lists those it offers; it may offer more."""

LOOKS = frozenset({NOTE, PROGRESS, REPORT, DESCRIBE, JOURNAL, PICTURE, WATCH})
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
    ERROR = "error"
    """The call ends with an error of the taxonomy; nothing happens to paper or covers."""
    CORRUPTED = "corrupted"
    """A page arrives whole, with wrong bytes in it, and nobody says so."""
    HALF_RESOLUTION = "half-resolution"
    """A page claims the resolution that was asked for, and has half of it."""
    DROPPED = "dropped"
    """A camera loses a frame."""
    REPEATED = "repeated"
    """A camera gives the picture of the frame before once more."""
    TORN = "torn"
    """The upper part of a frame is still that of the one before."""
    FROZEN = "frozen"
    """A camera gives the same picture for some seconds."""


class When(StrEnum):
    """What an operator waits for before mending a fault that has struck."""

    STRUCK = "struck"
    """Nothing more."""
    REPORTED = "reported"
    """Until calls have ended with the fault's code so often."""
    CLOSED = "closed"
    """Until the client has closed its session, or none is open."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """What the operator does about a fault each time it has struck, and when.

    Attributes:
        action: of the control, such as ``clear-jam``.
        arguments: of the action.
        when: what the operator waits for first.
        count: how many calls must have ended with the fault's code, the one that was struck included (REPORTED).
        seconds: how long the operator takes after that, on the device clock.
    """

    action: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    when: When = When.STRUCK
    count: int = 1
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault, the moment at which it strikes, and what the operator does about it.

    Attributes:
        kind: what goes wrong.
        verb: the call during which it strikes (``open``, ``start``, ``next_page``, ``read``); empty: the natural one for the kind.
        sheet: strikes at this sheet of the job, from 1; None: at the next opportunity.
        page: strikes at this page of the job, from 1.
        at: how far through the page it strikes, 0 to 1.
        seconds: how long it lasts (BUSY, ERROR: every such call meets it until then; SLOW: per page; HANG: for ever if 0).
        times: how often it strikes; 0 means always.
        code: which error it is (ERROR).
        message: the device's own words for it (ERROR); empty: those of the code.
        byte: strikes after so many bytes of the page, in place of *at*.
        session: strikes in this session only, counted from 1 since it was armed.
        job: strikes in this job only, counted in calls of start, from 1 since it was armed.
        call: strikes from this opportunity on: the n-th such call that the other conditions allow.
        every: of the opportunities from there on, strikes at each n-th; with no *call*, the n-th is the first.
        after: strikes only when so many seconds of the device clock have passed since it was armed.
        job_after: strikes only when so many seconds have passed since the job was started.
        name: what others follow it by.
        follows: name of another fault; this one is armed when that one has struck the last time (that strikes always: the first time).
        recovery: what the operator does each time it has struck.
    """

    kind: FaultKind
    verb: str = ""
    sheet: int | None = None
    page: int | None = None
    at: float = 0.0
    seconds: float = 0.0
    times: int = 1
    code: Code | None = None
    message: str = ""
    byte: int | None = None
    session: int | None = None
    job: int | None = None
    call: int | None = None
    every: int | None = None
    after: float = 0.0
    job_after: float = 0.0
    name: str = ""
    follows: str = ""
    recovery: tuple[Recovery, ...] = ()

    def arguments(self) -> dict[str, Any]:
        """The arguments of the FAULT action that arms this fault; keys that came later than the contract's first ones only where they say something."""
        given: dict[str, Any] = {"kind": self.kind.value}
        for item in fields(self):
            value = getattr(self, item.name)
            if item.name in _FIRST_KEYS or (item.name != "kind" and value != item.default):
                given[item.name] = value
        if self.code is not None:
            given["code"] = self.code.value
        if self.recovery:
            given["recovery"] = [_recovery(item) for item in self.recovery]
        return given


_FIRST_KEYS = ("verb", "sheet", "page", "at", "seconds", "times")


def _recovery(item: Recovery) -> dict[str, Any]:
    given: dict[str, Any] = {"action": item.action}
    if item.arguments:
        given["arguments"] = dict(item.arguments)
    if item.when is not When.STRUCK:
        given["when"] = item.when.value
    if item.count != 1:
        given["count"] = item.count
    if item.seconds:
        given["seconds"] = item.seconds
    return given


@dataclass(frozen=True, slots=True)
class ControlCaps:
    """What can be controlled: names of actions, and kinds of faults."""

    actions: frozenset[str] = frozenset()
    faults: frozenset[FaultKind] = field(default_factory=frozenset)
