"""CANC: cancellation."""

from conformance.requirements.model import Requirement, Status
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
    ),
    Requirement(
        "CANC-04",
        M,
        "cancel may only initiate; its completion can be observed and comes within the declared deadline.",
        (
            "SANE 4.3.11",
            "Chrome documentScan busy",
        ),
        ("never-completes",),
    ),
    Requirement(
        "CANC-05",
        M,
        "Cancelling at every step of a reference scan leaves a session in which a scan works.",
        ("SANE tstbackend (partial scan)",),
        ("stuck-at-last",),
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
    ),
    Requirement(
        "CANC-07",
        M,
        "Two scans cancelled in a row leave a working device.",
        ("ChromeOS scanner tests (MultipleCancel)",),
        ("second-sticks",),
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
    ),
    Requirement(
        "CANC-09",
        S,
        "A cancellation at the device can be told from one by the caller.",
        ("WS-Scan job reasons",),
        ("same code",),
        status=Status.PLANNED,
        why_planned="needs a device whose panel can cancel",
    ),
)
