"""STAT: status and events."""

from conformance.requirements.model import Requirement
from conformance.verdicts import Level

M, S = Level.MUST, Level.SHOULD

REQUIREMENTS = (
    Requirement(
        "STAT-01",
        M,
        "status can be read in any open state and does not disturb the job.",
        (
            "eSCL 9",
            "TWAIN status",
        ),
        (
            "consumes-error",
            "status-eats-bytes",
        ),
        why="Status is polled all the time; a poll that takes an error away hides it from whom it was for.",
    ),
    Requirement(
        "STAT-02",
        M,
        "A job's states go from pending through processing to one terminal state, which stays.",
        ("eSCL 9.1",),
        ("completed-processes",),
        why="A finished job that runs again is waited for, for ever.",
    ),
    Requirement(
        "STAT-03",
        M,
        "Events come in order, exactly once, and none after close.",
        (
            "TWAIN Direct waitForEvents",
            "ImageCapture delegate",
        ),
        (
            "tells-twice",
            "tells-backwards",
            "tells-after-close",
        ),
        why="A lost or double event leaves the display of a program wrong until it is restarted.",
    ),
    Requirement(
        "STAT-04",
        M,
        "The revision grows by at least one for each visible change and never falls.",
        ("TWAIN Direct session revision",),
        (
            "revision-resets",
            "revision-stands",
        ),
        why="By the revision a client knows whether what it holds is old.",
    ),
    Requirement(
        "STAT-05",
        S,
        "Progress does not fall within a page, and reaches its end only at completion.",
        (
            "NAPS2",
            "ImageCapture",
        ),
        ("jumps-back", "stands-still"),
        why="A bar that jumps back looks like a fault.",
    ),
)
