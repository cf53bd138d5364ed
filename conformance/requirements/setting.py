"""SET: negotiation of values."""

from conformance.requirements import gates
from conformance.requirements.model import Requirement
from conformance.verdicts import Level

M, S = Level.MUST, Level.SHOULD

REQUIREMENTS = (
    Requirement(
        "SET-01",
        M,
        "A value that was accepted as exact reads back equal.",
        ("TWAIN 13 (set and get)", "SANE 4.3.7"),
        ("off-by-one",),
        gate=gates.WRITABLE,
        why="An application that set 300 dpi must be able to rely on 300 dpi.",
    ),
    Requirement(
        "SET-02",
        M,
        "A value that was rounded is reported together with the actual one, and that one reads back.",
        ("SANE 4.3.7 (inexact)", "V4L2 set format"),
        (
            "silent-rounding",
            "reports-another",
        ),
        gate=gates.WRITABLE,
        why="Rounding is normal and harmless where it is said, and a wrong scale of every page where it is not.",
    ),
    Requirement(
        "SET-03",
        M,
        "Setting the actual value that was reported is exact.",
        ("V4L2", "CSI sanity tests (idempotency)"),
        ("creeping-rounding",),
        gate=gates.WRITABLE,
        why="Storing and restoring a profile would move the scan area a little each time.",
    ),
    Requirement(
        "SET-04",
        M,
        "A refusal names the option and the value, and the old value stays.",
        ("go-mfp error types", "TWAIN bad value"),
        (
            "value-cleared",
            "nameless-refusal",
        ),
        gate=gates.WRITABLE,
        why="A bad value in a dialogue must cost a message, not the value that was there before.",
    ),
    Requirement(
        "SET-05",
        M,
        "A value of the wrong type is refused; nothing is coerced.",
        ("TWAIN container and item type",),
        ("coerces",),
        gate=gates.WRITABLE,
        why="Coercion turns the caller's bug into a scan with other settings, and nobody is told.",
    ),
    Requirement(
        "SET-06",
        M,
        "Other options change only if the result names them.",
        ("SANE 4.3.7 (reload options)", "ChromeOS scanner tests (ReloadOption)"),
        ("silent-change",),
        gate=gates.WRITABLE,
        why="Changing the source silently resets the resolution, and the user finds out on paper.",
    ),
    Requirement(
        "SET-07",
        M,
        "The predicted page parameters change only if the result says so.",
        ("SANE 4.3.7 (reload params)",),
        ("silent-params",),
        gate=gates.WRITABLE,
        why="Buffers are laid out by the predicted size; an unannounced change overruns them.",
    ),
    Requirement(
        "SET-08",
        M,
        "reset restores the declared default.",
        ("TWAIN 13 (reset)",),
        ("restores-previous", "resets-all-but-one"),
        gate=gates.WRITABLE,
        why="Reset is the way back from settings that do not work.",
    ),
    Requirement(
        "SET-09",
        M,
        "Setting an option while a job runs fails with WRONG_STATE unless the option is live.",
        ("TWAIN states 5 and up", "V4L2 busy"),
        (
            "applied-mid-page",
            "refused-but-applied",
        ),
        gate=gates.WRITABLE,
        why="Settings that change in the middle of a page give a page that matches neither.",
    ),
    Requirement(
        "SET-10",
        M,
        "AUTO is accepted only where it is declared, and the value it leads to is legal.",
        ("SANE 4.3.7 (set auto)",),
        (
            "auto-everywhere",
            "auto-illegal",
        ),
        gate=gates.WRITABLE,
        why="AUTO where nothing is automatic leaves a value that nobody chose.",
    ),
    Requirement(
        "SET-11",
        M,
        "apply takes all of its settings or none; what took effect is what it says.",
        ("TWAIN Direct exception policy", "eSCL 409"),
        ("half-applied",),
        gate=gates.WRITABLE,
        why="A half-applied profile scans with a mixture that nobody asked for.",
    ),
    Requirement(
        "SET-12",
        M,
        "A scan area whose right is not beyond its left, or bottom not below top, is refused or reported as adjusted.",
        ("SANE 4.5.4", "TWAIN image layout"),
        ("negative-width",),
        gate=gates.AREA,
        why="Areas with nothing in them come from a slip of the mouse, and have crashed drivers.",
    ),
    Requirement(
        "SET-13",
        S,
        "Setting the same value many times has the effect of setting it once.",
        ("CSI sanity tests (repeat)",),
        ("drifts",),
        gate=gates.WRITABLE,
        why="Dialogues write the same values again and again; each write must not move anything.",
    ),
)
