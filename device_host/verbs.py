"""Which verbs cross the border, on which kind of object, and what a driver may answer. Standard library only.

Answers are checked for their outermost type alone: a host must not fall over them, and everything finer is for the checks to judge.
"""

from __future__ import annotations

from types import NoneType
from typing import Final

from device_protocol.capabilities import DeviceCaps
from device_protocol.control import ControlCaps
from device_protocol.devices import DeviceList
from device_protocol.errors import Phase
from device_protocol.options import ApplyResult, SetResult
from device_protocol.pages import PageEnd, PageInfo, PageParams
from device_protocol.states import JobState
from device_protocol.status import Status

BACKEND: Final = frozenset({"devices", "open", "control"})
SESSION: Final = frozenset(
    {"caps", "options", "get", "set", "apply", "reset", "params", "start", "status", "cancel", "close"}
)
JOB: Final = frozenset({"next_page", "cancel", "settled"})
PAGE: Final = frozenset({"read", "end"})
CONTROL: Final = frozenset({"caps", "perform"})

ANSWERS: Final[dict[tuple[str, str], tuple[type, ...]]] = {
    ("backend", "devices"): (DeviceList,),
    ("session", "caps"): (DeviceCaps,),
    ("session", "options"): (tuple,),
    ("session", "get"): (bool, int, float, str, tuple, NoneType),
    ("session", "set"): (SetResult,),
    ("session", "apply"): (ApplyResult,),
    ("session", "reset"): (ApplyResult,),
    ("session", "params"): (PageParams,),
    ("session", "status"): (Status,),
    ("job", "settled"): (JobState,),
    ("page", "info"): (PageInfo,),
    ("page", "read"): (bytes,),
    ("page", "end"): (PageEnd,),
    ("control", "caps"): (ControlCaps,),
    ("control", "perform"): (dict,),
}

PHASES: Final = {
    "load": Phase.DISCOVER,
    "devices": Phase.DISCOVER,
    "watch": Phase.DISCOVER,
    "open": Phase.OPEN,
    "control": Phase.CONTROL,
    "perform": Phase.CONTROL,
    "start": Phase.START,
    "next_page": Phase.PAGE,
    "read": Phase.READ,
    "end": Phase.PAGE,
    "cancel": Phase.CANCEL,
    "settled": Phase.CANCEL,
    "close": Phase.CLOSE,
}


def phase_of(verb: str) -> Phase:
    """The part of a session's life to which *verb* belongs."""
    return PHASES.get(verb, Phase.OPTIONS)
