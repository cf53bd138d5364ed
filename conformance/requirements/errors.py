"""ERR: errors."""

from conformance.requirements import gates
from conformance.requirements.model import Profile, Requirement
from conformance.verdicts import Level

M, S = Level.MUST, Level.SHOULD

REQUIREMENTS = (
    Requirement(
        "ERR-01",
        M,
        "Every failure is a DeviceError of the taxonomy; the native code and text are kept.",
        (
            "SANE 4.2.7",
            "TWAIN 11 (custom codes)",
        ),
        ("foreign-exception",),
        why="Support reads the native code; an application decides by the typed one.",
    ),
    Requirement(
        "ERR-02",
        M,
        "Codes that are declared as detectable are used when the fault occurs.",
        (
            "eSCL 9",
            "TWAIN 11",
        ),
        ("generic-io", "no-conditions"),
        gate=gates.DETECTS,
        profile=Profile.FEEDER,
        why="Paper jam tells the user what to do, input/output error does not.",
    ),
    Requirement(
        "ERR-03",
        M,
        "Removal gives DEVICE_LOST on the current and all later verbs; close still works.",
        (
            "vivid disconnect",
            "ImageCapture remove",
        ),
        (
            "hangs-when-lost",
            "once-lost",
            "keeps-pages",
        ),
        why="Cables are pulled; a program that hangs then loses more than the scan.",
    ),
    Requirement(
        "ERR-04",
        M,
        "retryable is true only if the same call can succeed without any other action.",
        (
            "eSCL 503",
            "Xerox 404 and 410 issue",
        ),
        ("always-retryable",),
        why="Programs repeat by themselves what is retryable; if it is not, they do so for ever.",
    ),
    Requirement(
        "ERR-05",
        M,
        "Transient and permanent refusals have different codes.",
        ("eSCL 503 and 409",),
        (
            "swapped-refusals",
            "busy-for-never",
        ),
        why="Busy is worth waiting for, unsupported is not.",
    ),
    Requirement(
        "ERR-06",
        M,
        "A past error does not come back after a success.",
        ("Kyocera stale state",),
        ("stale-jam",),
        gate=gates.FEEDER,
        profile=Profile.FEEDER,
        why="An old jam that is reported again sends the user to look for paper that is not there.",
    ),
    Requirement(
        "ERR-07",
        M,
        "No failure leaves a job or a buffer behind.",
        ("TWAIN 13 (status returns)",),
        (
            "orphan-job",
            "orphan-buffer",
        ),
        why="What a failure leaves behind blocks the next scan or fills the memory.",
    ),
    Requirement(
        "ERR-08",
        M,
        "A crash or an exception inside a driver is INTERNAL within the deadline, not a hang.",
        (
            "WIA exception in driver",
            "libinsane process isolation",
        ),
        ("crash-hangs", "crash-is-other"),
        why="Drivers crash; the service that holds their pages must not.",
    ),
    Requirement(
        "ERR-09",
        S,
        "A request beyond the limits of memory or area fails before the transfer.",
        (
            "SANE out of memory",
            "go-mfp limits",
        ),
        ("dies-midway",),
        gate=gates.AREA,
        why="A request that is too large should be refused before the paper is in.",
    ),
)
