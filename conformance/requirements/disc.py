"""DISC: discovery."""

from conformance.requirements import gates
from conformance.requirements.model import Requirement
from conformance.verdicts import Level

M, S = Level.MUST, Level.SHOULD

REQUIREMENTS = (
    Requirement(
        "DISC-01",
        M,
        "Enumeration ends, and every entry has an id that is not empty and that no other entry of the list has.",
        ("SANE 4.3.3", "TWAIN 7 (identity)"),
        (
            "two-equal-ids",
            "empty-id",
        ),
        why="Applications keep and show devices by id: an empty one cannot be chosen, and of two equal ones the user gets the wrong machine.",
    ),
    Requirement(
        "DISC-02",
        M,
        "A list that was returned never changes under the caller.",
        ("SANE 4.3.3",),
        ("shared-list",),
        why="A list that changes while an application draws it makes the user choose one device and open another.",
    ),
    Requirement(
        "DISC-03",
        M,
        "Opening an unknown id fails with NOT_FOUND and opens nothing else.",
        ("SANE 4.3.4", "TWAIN 11"),
        ("opens-first",),
        why="A stored id of a scanner that was taken away must lead to a message, not to a scan on somebody else's machine.",
    ),
    Requirement(
        "DISC-04",
        S,
        "A transport that fails hides no devices of the others and is reported.",
        ("Chrome documentScan list result", "NAPS2"),
        ("all-or-nothing", "failure-unreported"),
        why="One broken network stack would hide the scanner on the desk.",
    ),
    Requirement(
        "DISC-05",
        M,
        "Enumerating while a session is open or a job runs alters neither.",
        ("ChromeOS scanner tests (two devices)",),
        (
            "enumeration-resets",
            "enumeration-ends-jobs",
        ),
        why="Device lists are refreshed while others scan; a refresh that resets the machine ruins their pages.",
    ),
    Requirement(
        "DISC-06",
        S,
        "Where direct_open is declared, an id from an earlier enumeration opens without a new one.",
        ("SANE 4.3.4",),
        ("needs-fresh-list",),
        gate=gates.DIRECT_OPEN,
        why="A program that starts with a remembered device should not wait for a search of the whole network.",
    ),
)
