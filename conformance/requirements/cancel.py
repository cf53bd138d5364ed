"""CANC: cancellation."""

from conformance.requirements.model import Requirement
from conformance.verdicts import Level

M, S = Level.MUST, Level.SHOULD

REQUIREMENTS = (
    Requirement(
        "CANC-01",
        M,
        "cancel is legal in any open state, can be repeated, and does not raise.",
        (
            "SANE 4.3.11",
            "libinsane",
        ),
        (
            "raises-when-idle",
            "second-cancel-raises",
        ),
        why="Cancel is pressed in panic, and twice; it must never be the thing that fails.",
    ),
    Requirement(
        "CANC-02",
        M,
        "A read that is blocked ends with CANCELLED after a cancel, and no bytes follow.",
        ("SANE 4.3.11",),
        (
            "blocked-read-hangs",
            "bytes-after-cancel",
        ),
        why="A user who cancels must get the program back, and no more bytes of a page that he does not want.",
    ),
    Requirement(
        "CANC-03",
        M,
        "When a cancellation is complete the session is IDLE and start works.",
        (
            "ChromeOS scanner tests (MultipleCancel)",
            "Chrome documentScan cancel",
        ),
        ("stuck-busy",),
        why="The reason for a cancel is nearly always to scan again.",
    ),
    Requirement(
        "CANC-04",
        M,
        "cancel may only initiate; its completion can be observed and comes within the declared deadline.",
        (
            "SANE 4.3.11",
            "Chrome documentScan busy",
        ),
        ("never-completes", "completes-late"),
        why="Without an observable end the application waits for ever, or goes on too early.",
    ),
    Requirement(
        "CANC-05",
        M,
        "Cancelling at every step of a reference scan leaves a session in which a scan works.",
        ("SANE tstbackend (partial scan)",),
        ("stuck-at-last",),
        why="Users cancel at any moment; a driver that was tested at one fails at the others.",
    ),
    Requirement(
        "CANC-06",
        M,
        "Cancelling after the natural end is harmless.",
        (
            "SANE 4.3.11",
            "eSCL DELETE after completion",
        ),
        ("cancel-after-end-breaks",),
        why="Careful programs always cancel at the end, as SANE demands.",
    ),
    Requirement(
        "CANC-07",
        M,
        "Two scans cancelled in a row leave a working device.",
        ("ChromeOS scanner tests (MultipleCancel)",),
        ("second-sticks",),
        why="Two cancels in a row happen to everybody who set the wrong paper size.",
    ),
    Requirement(
        "CANC-08",
        M,
        "Cancellation by the caller at any await leaves a session that can be closed and a device that can be opened again.",
        (
            "trio stream checks",
            "httpcore",
        ),
        (
            "lock-kept-at-start",
            "lock-kept-at-read",
        ),
        why="A closed tab or a timeout cancels the caller wherever it happens to be; a lock that is kept blocks the scanner until a restart.",
    ),
    Requirement(
        "CANC-09",
        S,
        "A cancellation at the device can be told from one by the caller.",
        ("WS-Scan job reasons",),
        ("cancel-looks-the-same",),
        why="Pressing stop on the machine should end the job without an error message about the program.",
    ),
)
