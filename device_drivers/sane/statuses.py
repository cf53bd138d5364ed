"""From SANE's statuses and our own refusals to the errors of the contract (ERR-01: the native words are kept)."""

from __future__ import annotations

from typing import Final

from device_drivers.sane.errors import SaneBindingError, SaneError, SaneMissingError, SaneTextError, SaneValueError
from device_drivers.sane.frames import FrameError
from device_protocol.codes import Code
from device_protocol.errors import DeviceError, NativeError, Phase
from device_protocol.vocabularies.sane import CODES, STATUS_TEXTS
from device_protocol.vocabularies.sane_abi import Status

SYSTEM: Final = "sane"

STATUS_OF_TEXT: Final = {text: status for status, text in STATUS_TEXTS.items()}

BY_PHASE: Final = {
    (Phase.OPEN, Status.INVAL): Code.NOT_FOUND,  # 4.3.4
    (Phase.OPEN, Status.IO_ERROR): Code.DEVICE_LOST,  # nothing was transferred yet: it cannot be reached
    (Phase.START, Status.INVAL): Code.OTHER,  # no value is at stake; the back end dislikes the whole
    (Phase.READ, Status.INVAL): Code.OTHER,
    (Phase.PAGE, Status.INVAL): Code.OTHER,
    (Phase.READ, Status.EOF): Code.TRANSFER_BROKEN,
}
"""Where the same status means something else."""


def _code(status: int, phase: Phase) -> Code:
    try:
        known = Status(status)
    except ValueError:
        return Code.OTHER
    return BY_PHASE.get((phase, known)) or CODES.get(known, Code.OTHER)


def device_error(
    error: SaneBindingError, phase: Phase, *, page: int | None = None, option: str | None = None, value: object = None
) -> DeviceError:
    """The error of the contract for one of the binding.

    Args:
        error: What was raised below.
        phase: Where in the life of the session.
        page: Number of the page it concerns.
        option: Name of the option it concerns.
        value: What the option was to take.
    """
    native = NativeError(SYSTEM, 0, str(error))
    if isinstance(error, SaneError):
        native = NativeError(SYSTEM, error.status, error.text)
        code = _code(error.status, phase)
    elif isinstance(error, SaneTextError):
        native = NativeError(error.system, "", str(error))
        code = _code(STATUS_OF_TEXT.get(str(error), -1), phase)
    elif isinstance(error, SaneValueError):
        code = Code.INVALID_VALUE
    elif isinstance(error, SaneMissingError):
        code = Code.UNSUPPORTED
    elif isinstance(error, FrameError):
        code = Code.TRANSFER_BROKEN
    else:
        code = Code.INTERNAL
    return DeviceError(code, str(error), phase=phase, page=page, option=option, value=value, native=native)
