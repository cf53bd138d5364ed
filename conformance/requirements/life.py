"""LIFE: from open to close."""

from conformance.requirements import gates
from conformance.requirements.model import Requirement
from conformance.verdicts import Level

M = Level.MUST

REQUIREMENTS = (
    Requirement(
        "LIFE-01",
        M,
        "A successful open leaves the session IDLE and without a job.",
        ("TWAIN states 3 to 4", "SANE 4.3.4"),
        ("opens-armed",),
        why="The first thing an application does would fail, for a job that nobody started.",
    ),
    Requirement(
        "LIFE-02",
        M,
        "A second open of an exclusive device fails with BUSY and leaves the first session working.",
        ("SANE 4.3.4", "Chrome documentScan open", "TWAIN Direct busy"),
        (
            "steals-session",
            "opens-twice",
        ),
        gate=gates.EXCLUSIVE,
        why="Two programs on one desk are normal; the second must be told to wait and must not cut off the first.",
    ),
    Requirement(
        "LIFE-03",
        M,
        "An open that failed can be repeated, and succeeds once its cause is gone.",
        ("TWAIN 13 (stress)",),
        ("sticky-failure",),
        gate=gates.EXCLUSIVE,
        why="Users answer a failed open by trying again; a driver that remembers the failure needs a restart of the program.",
    ),
    Requirement(
        "LIFE-04",
        M,
        "close works from every state, ends any job and returns within the declared deadline.",
        ("SANE 4.3.5", "TWAIN states 7 to 3"),
        (
            "close-hangs",
            "close-keeps-device",
        ),
        why="An application that cannot close a scanner cannot end, and blocks it for everybody.",
    ),
    Requirement(
        "LIFE-05",
        M,
        "close can be repeated; it is done once and never raises for that.",
        ("trio stream checks", "TWAIN Direct close"),
        ("second-close",),
        why="Clean-up code runs twice more often than it should; an error from it hides the error that matters.",
    ),
    Requirement(
        "LIFE-06",
        M,
        "After close every verb but close fails with CLOSED.",
        ("Chrome documentScan close", "TWAIN Direct session id"),
        (
            "stale-handle",
            "stale-page",
        ),
        why="A handle that still works after close reaches into memory, or a device, that belongs to somebody else by now.",
    ),
    Requirement(
        "LIFE-07",
        M,
        "A verb that is illegal in a state fails with the code of the state table and changes nothing that can be observed.",
        ("TWAIN 11 (sequence error)", "TWAIN Direct invalidState"),
        (
            "skips-page",
            "refusal-mutates",
        ),
        why="A call at the wrong moment is the commonest mistake of an application; if it is half done, no later call can be trusted.",
    ),
    Requirement(
        "LIFE-08",
        M,
        "Opening and closing a hundred times leaks no task, descriptor or session slot.",
        ("ChromeOS scanner tests (stress)", "TWAIN 13 (stress)"),
        ("slot-leak",),
        why="A service opens a scanner thousands of times between restarts.",
    ),
    Requirement(
        "LIFE-09",
        M,
        "Two devices can be open and scanning at the same time without crosstalk.",
        ("ChromeOS scanner tests (TwoDeviceOpen)",),
        ("global-state",),
        why="Offices scan on two machines at once; with global state their pages mix.",
    ),
    Requirement(
        "LIFE-10",
        M,
        "Option values after open follow the declared policy: defaults, or what was set last.",
        ("TWAIN 13 (values after open)",),
        ("policy-lies",),
        gate=gates.WRITABLE,
        why="An application either sets everything or relies on defaults: it must know which of the two is right.",
    ),
)
