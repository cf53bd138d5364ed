"""What each fault does when it strikes."""

from __future__ import annotations

import math

from device_protocol import FACTS, Code, Fault, FaultKind, Phase
from simulators.machine import Machine
from simulators.messages import CrashError
from simulators.scenarios.kinds import code_of


async def strike(machine: Machine, fault: Fault, page: int | None = None, *, phase: Phase = Phase.PAGE) -> None:
    """Let *fault* happen to *machine*, during page *page* if it is about one.

    Raises:
        DeviceError: what the call that was struck ends with.
        CrashError: the worker shall die.
    """
    where = f" at page {page}" if page is not None else ""
    match fault.kind:
        case FaultKind.SLOW:
            await machine.clock.sleep(fault.seconds)
        case FaultKind.HANG:
            await machine.clock.sleep(fault.seconds or math.inf)
        case FaultKind.CRASH:
            raise CrashError(f"a crash was asked for{where}")
        case FaultKind.BUSY:
            if fault.seconds:
                machine.stay_busy(fault.seconds)
            raise machine.error(Code.BUSY, "Somebody else uses the device.", phase=phase)
        case FaultKind.UNPLUGGED:
            error = machine.error(Code.DEVICE_LOST, f"The plug was pulled{where}.", phase=phase, page=page)
            machine.unplug(fault.seconds, error)
            raise error
        case FaultKind.COVER_OPEN:
            machine.open_cover(fault.seconds)
            if phase is not Phase.OPEN:
                raise machine.error(Code.COVER_OPEN, f"The cover was opened{where}.", phase=phase, page=page)
        case FaultKind.JAM:
            machine.jam()
            if phase is not Phase.OPEN:
                raise machine.error(Code.JAM, f"A sheet got stuck{where}.", phase=phase, page=page)
        case FaultKind.EMPTY:
            machine.empty_hopper()
        case FaultKind.TRUNCATED:
            raise machine.error(Code.TRANSFER_BROKEN, f"The transfer broke off{where}.", phase=Phase.READ, page=page)
        case FaultKind.CANCELLED:
            raise machine.error(Code.CANCELLED, f"Somebody cancelled the scan{where}.", phase=phase, page=page)
        case FaultKind.ERROR:
            error = machine.error(code_of(fault), fault.message or FACTS[code_of(fault)].text, phase=phase, page=page)
            if phase not in {Phase.OPEN, Phase.START}:
                error.retryable = False  # a job that has begun is over, so the same call cannot succeed (ERR-04)
            if error.code is Code.DEVICE_LOST:
                machine.drop_connection(error)
            raise error
        case FaultKind.MULTIFEED | FaultKind.CORRUPTED | FaultKind.HALF_RESOLUTION:
            raise AssertionError(f"{fault.kind.value} happens at the pick or to the page")
        case FaultKind.DROPPED | FaultKind.REPEATED | FaultKind.TORN | FaultKind.FROZEN:
            raise AssertionError(f"{fault.kind.value} happens where frames are taken")
