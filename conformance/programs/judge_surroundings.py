"""The model of a device's surroundings: what a hand, a plug or an armed fault changes of what is believed."""

from __future__ import annotations

from typing import Any

from conformance.programs import judge_jobs
from conformance.programs.beliefs import RUNNING, DeviceBelief, Disagrees, S
from conformance.programs.calls import ANSWER, Kind, Seen
from conformance.programs.commands import Command
from device_protocol import control


def judge_control(device: DeviceBelief, command: Command, seen: Seen) -> None:
    """Judge a control action, and learn what it does.

    Raises:
        Disagrees: it does not return, or is no answer of the contract.
    """
    if seen.kind is Kind.LATE:
        raise Disagrees("ERR-08", "control to return", seen)
    if seen.kind is Kind.CRASH:
        raise Disagrees("ERR-01", ANSWER, seen)
    if seen.kind is not Kind.VALUE:
        return
    for session in device.open:
        if session.jobs and session.states & RUNNING:
            session.jobs[-1].disturbed = True
    touched(device, command.name, command.value if isinstance(command.value, dict) else {})


def touched(device: DeviceBelief, action: str, arguments: dict[str, Any]) -> None:
    """Somebody has done *action* to the device: what that changes."""
    paper = device.paper
    match action:
        case control.LOAD:
            count = arguments.get("count", 1)
            paper.low, paper.high = paper.low + count, paper.high + count
        case control.UNLOAD:
            paper.low = paper.high = 0
        case control.CLEAR_JAM:
            paper.jammed = False
        case control.OPEN_COVER | control.CLOSE_COVER:
            paper.cover = action == control.OPEN_COVER
        case control.PLACE_SHEET | control.REMOVE_SHEET:
            device.glass += 1
        case control.FAULT:
            device.arm(str(arguments.get("kind")), arguments.get("times", 1))
            if arguments.get("kind") == "empty":
                paper.low = 0
        case control.CLEAR_FAULTS:
            device.disarm()
        case control.UNPLUG:
            device.plugged = False
            for session in device.open:
                if session.jobs and session.states & RUNNING:
                    judge_jobs.settle(session.jobs[-1], frozenset({S.LOST}), "ERR-03")
                session.states = frozenset({S.LOST})
        case control.REPLUG:
            device.plugged = True
        case control.RESET:
            paper.low, paper.high, paper.jammed, paper.cover = 0, float("inf"), False, False
            device.plugged = True
            device.disarm()
            device.glass += 1
