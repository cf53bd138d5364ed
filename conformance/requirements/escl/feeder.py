"""ESCL-58 to ESCL-61: what can be wrong with a feeder, and how it is told."""

from conformance.requirements.escl.facts import FEEDER
from conformance.requirements.escl.row import row
from conformance.verdicts import Level

M, S = Level.MUST, Level.SHOULD

REQUIREMENTS = (
    row(
        58,
        M,
        "An empty feeder is told in one of the known ways: 409 or 503 and ScannerAdfEmpty at the start, or 404, or these, for the first page.",
        ("sane-escl 3.3", "sane-escl 3.5", "eSCL 9"),
        ("empty-is-500", "empty-is-accepted-for-ever"),
        "Only then do drivers say that there is no paper; else the scanner seems to be broken.",
        FEEDER,
    ),
    row(
        59,
        M,
        "A jam is told by an error and ScannerAdfJam, after the good pages before it.",
        ("sane-escl 3.3", "eSCL 9"),
        ("jam-is-not-told", "jam-loses-pages"),
        "It is the one thing that people can mend themselves, if they are told.",
        FEEDER,
    ),
    row(
        60,
        M,
        "An open cover is told by an error and ScannerAdfDoorOpen or ScannerAdfHatchOpen.",
        ("sane-escl 3.3", "eSCL 9"),
        ("open-cover-is-not-told",),
        "Drivers tell people to close it by these words alone; anything else is an I/O error to them.",
        FEEDER,
    ),
    row(
        61,
        M,
        "When a jam was cleared, the scanner says so and scans.",
        ("eSCL 9",),
        ("jammed-for-ever",),
        "Nobody wants to switch a scanner off and on.",
        FEEDER,
    ),
)
