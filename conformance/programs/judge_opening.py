"""The model of opening a device: what may keep it from being opened, and what an attempt leaves behind whose caller gave up."""

from __future__ import annotations

from conformance.programs.beliefs import DeviceBelief, Disagrees
from conformance.programs.calls import ANSWER, Interrupted, Kind
from conformance.programs.judge_jobs import FAULT_CODES
from device_protocol import Code


def doubted(device: DeviceBelief, code: Code) -> bool:
    """Whether an armed fault may have made ``open`` fail with *code*."""
    return any(FAULT_CODES.get(kind) is code for kind in device.armed)


def judge_abandoned_open(device: DeviceBelief, seen: Interrupted) -> None:
    """Judge an attempt to open that its caller gave up; a session that came all the same has been closed.

    Raises:
        Disagrees: it is no answer of the contract, a second session came, or the session does not close.
    """
    exclusive = device.caps is None or device.caps.exclusive
    came = seen.call.kind is Kind.VALUE
    if seen.call.kind is Kind.CRASH:
        raise Disagrees("ERR-01", ANSWER, seen.call)
    if came and device.open and exclusive:
        raise Disagrees("LIFE-02", "BUSY, since the device is open", "a session")
    if came and seen.after.kind is not Kind.VALUE:
        raise Disagrees("LIFE-04", "close to return", seen.after)
    if not device.open:
        device.left = "LIFE-08" if came else "CANC-08"
