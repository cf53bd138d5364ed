"""SCAN: start and parameters."""

from conformance.requirements import gates
from conformance.requirements.model import Profile, Requirement
from conformance.verdicts import Level

M = Level.MUST

REQUIREMENTS = (
    Requirement(
        "SCAN-01",
        M,
        "Starting while a job exists fails with BUSY and does not disturb the job.",
        (
            "ChromeOS scanner tests (dual scan)",
            "TWAIN Direct busy",
        ),
        (
            "restarts",
            "busy-but-restarts",
        ),
        why="An impatient second click must not ruin the scan that is running.",
    ),
    Requirement(
        "SCAN-02",
        M,
        "A start with an empty feeder ends in NO_MEDIA and IDLE; a flatbed never reports NO_MEDIA.",
        (
            "SANE 4.3.9",
            "TWAIN 11",
            "eSCL 9",
        ),
        (
            "empty-is-io-error",
            "flatbed-needs-paper",
        ),
        why="An empty feeder is no defect: the application asks for paper instead of reporting a broken scanner.",
    ),
    Requirement(
        "SCAN-03",
        M,
        "A condition that stands before the scan is reported at the declared point, start or first page, and always at the same.",
        ("simple-scan issue 49",),
        ("varies",),
        gate=gates.FEEDER,
        profile=Profile.FEEDER,
        why="Applications look for the condition at one point; where it wanders, half of them miss it.",
    ),
    Requirement(
        "SCAN-04",
        M,
        "A start that failed leaves IDLE and no job.",
        ("SANE 4.3.9",),
        ("ghost-job",),
        why="After a message about an open cover the user closes it and starts again; a ghost job makes that fail.",
    ),
    Requirement(
        "SCAN-05",
        M,
        "A page target of 0 is refused, n gives at most n pages, ALL runs until the feeder is empty.",
        ("TWAIN 13 (transfer count)",),
        (
            "one-more",
            "zero-is-all",
            "stops-early",
        ),
        why="Somebody who asks for one page of a stack gets all of it, on the floor.",
    ),
    Requirement(
        "SCAN-06",
        M,
        "A job on the flatbed gives exactly one page.",
        (
            "libinsane one_page_flatbed",
            "TWAIN 13",
        ),
        ("endless-flatbed", "glass-gives-nothing"),
        gate=gates.FLATBED,
        profile=Profile.FLATBED,
        why="A scan from the glass would never end.",
    ),
    Requirement(
        "SCAN-07",
        M,
        "Estimates are marked as such; final parameters stay the same for the page.",
        ("SANE 4.3.8",),
        ("changes-mid-page",),
        why="A file's header is written from the parameters; what changes later makes the file unreadable.",
    ),
    Requirement(
        "SCAN-08",
        M,
        "The size delivered is area times resolution within the declared tolerance, one pixel an edge by default.",
        (
            "ChromeOS scanner tests (size within 5 %)",
            "scanners that offer 600 and give 300 dpi (device-models 6, CAPS-07)",
        ),
        ("ignores-area", "finest-is-a-claim"),
        why="Measures taken from a page, and documents cut to size, are wrong by as much as the page.",
    ),
    Requirement(
        "SCAN-09",
        M,
        "Mode, depth, resolution and format delivered are those that were negotiated.",
        (
            "eSCL 7",
            "ChromeOS scanner tests (ScanTest)",
        ),
        (
            "gray-for-colour",
            "other-resolution",
        ),
        why="A colour scan that arrives grey cannot be repaired afterwards.",
    ),
    Requirement(
        "SCAN-10",
        M,
        "Warming up is a status or a bounded wait, not a failure.",
        (
            "WIA status",
            "libinsane",
            "eSCL testing state",
        ),
        ("warming-is-an-error", "never-warm", "warm-for-show"),
        why="The first scan of the morning would always fail.",
    ),
)
