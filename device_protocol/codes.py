"""The 21 error codes of the contract, as data.

Each code fixes three booleans (device-models.md 7a, tested by ERR-04 and PAGE-05) and the code that the REST service gives for it in job information
(rest-api.md 1.6). The booleans are the most that a code may claim: one instance of an error may lower *retryable* and *survives*, never raise them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """What went wrong, in terms that every device system maps onto (device-models.md 7a)."""

    NOT_FOUND = "NOT_FOUND"
    BUSY = "BUSY"
    ACCESS_DENIED = "ACCESS_DENIED"
    LOCKED = "LOCKED"
    UNSUPPORTED = "UNSUPPORTED"
    INVALID_VALUE = "INVALID_VALUE"
    WRONG_STATE = "WRONG_STATE"
    CLOSED = "CLOSED"
    NO_MEDIA = "NO_MEDIA"
    JAM = "JAM"
    MULTIFEED = "MULTIFEED"
    COVER_OPEN = "COVER_OPEN"
    DAMAGED_SHEET = "DAMAGED_SHEET"
    WARMING_UP = "WARMING_UP"
    CANCELLED = "CANCELLED"
    TRANSFER_BROKEN = "TRANSFER_BROKEN"
    DEVICE_LOST = "DEVICE_LOST"
    NO_MEMORY = "NO_MEMORY"
    TIMED_OUT = "TIMED_OUT"
    INTERNAL = "INTERNAL"
    OTHER = "OTHER"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class CodeFacts:
    """What a code claims by default.

    Attributes:
        retryable: the same call can succeed later without any other action (ERR-04).
        needs_person: somebody has to touch the device.
        survives: the session can go on once the cause is gone (PAGE-05).
        rest_code: the number in the REST service's job information (rest-api.md 1.6).
        text: a sentence for people.
    """

    retryable: bool
    needs_person: bool
    survives: bool
    rest_code: int
    text: str


FACTS: dict[Code, CodeFacts] = {
    #                             retryable person survives REST
    Code.NOT_FOUND: CodeFacts(False, False, False, -1003, "There is no such device."),
    Code.BUSY: CodeFacts(True, False, True, -1004, "The device is in use."),
    Code.ACCESS_DENIED: CodeFacts(False, True, False, -1005, "Access to the device was refused."),
    Code.LOCKED: CodeFacts(False, True, True, -1005, "The device is locked."),
    Code.UNSUPPORTED: CodeFacts(False, False, True, -1013, "The device cannot do that."),
    Code.INVALID_VALUE: CodeFacts(False, False, True, -1010, "The value is outside what the device accepts."),
    Code.WRONG_STATE: CodeFacts(False, False, True, -1031, "The call is out of sequence."),
    Code.CLOSED: CodeFacts(False, False, False, -1031, "The session is closed."),
    Code.NO_MEDIA: CodeFacts(False, True, True, -1035, "There is no paper in the feeder."),
    Code.JAM: CodeFacts(False, True, True, -1020, "Paper jam in the feeder."),
    Code.MULTIFEED: CodeFacts(False, True, True, -1021, "Several sheets were fed at once."),
    Code.COVER_OPEN: CodeFacts(False, True, True, -1005, "The cover of the scanner is open."),
    Code.DAMAGED_SHEET: CodeFacts(False, True, True, -1005, "The sheet is damaged or folded."),
    Code.WARMING_UP: CodeFacts(True, False, True, -2007, "The scanner is warming up."),
    Code.CANCELLED: CodeFacts(False, False, True, -1032, "The scan was cancelled."),
    Code.TRANSFER_BROKEN: CodeFacts(False, False, True, -1005, "The transfer of the image broke off."),
    Code.DEVICE_LOST: CodeFacts(False, True, False, -1023, "The device went offline."),
    Code.NO_MEMORY: CodeFacts(True, False, True, -1002, "There is not enough memory for that image."),
    Code.TIMED_OUT: CodeFacts(False, False, False, -1001, "The device did not answer in time."),
    Code.INTERNAL: CodeFacts(False, False, False, -1001, "The driver failed."),
    Code.OTHER: CodeFacts(False, False, True, -1001, "The device reported an error."),
}

PRECEDENCE: tuple[Code, ...] = (Code.CLOSED, Code.DEVICE_LOST, Code.WRONG_STATE, Code.BUSY)
"""Which of several applicable refusals wins (device-models.md 5c); every other code, the value errors, comes after these."""


def first_of(codes: list[Code]) -> Code:
    """The code that wins when several apply; *codes* must not be empty."""
    return min(codes, key=lambda code: PRECEDENCE.index(code) if code in PRECEDENCE else len(PRECEDENCE))
