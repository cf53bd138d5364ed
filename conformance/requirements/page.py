"""PAGE: feeding."""

from conformance.requirements import gates
from conformance.requirements.model import Profile, Requirement
from conformance.verdicts import Level

M = Level.MUST

REQUIREMENTS = (
    Requirement(
        "PAGE-01",
        M,
        "Pages are numbered from 1 without gaps, in the order of the sheets.",
        ("TWAIN Direct block numbers",),
        (
            "swaps-pages",
            "numbers-from-zero",
        ),
        gate=gates.FEEDER,
        profile=Profile.FEEDER,
        why="A contract with pages 2 and 3 exchanged is worse than none.",
    ),
    Requirement(
        "PAGE-02",
        M,
        "After the last page comes the end marker, not an error.",
        (
            "eSCL 404",
            "AirSane issue 135",
        ),
        ("jam-at-end", "end-is-no-media"),
        gate=gates.FEEDER,
        profile=Profile.FEEDER,
        why="An error after the last page makes applications throw away a whole good stack.",
    ),
    Requirement(
        "PAGE-03",
        M,
        "Duplex gives the sides in the declared order, and marks both.",
        (
            "TWAIN Direct sources",
            "NAPS2 issue 599",
        ),
        (
            "back-first",
            "back-unmarked",
        ),
        gate=gates.DUPLEX,
        profile=Profile.DUPLEX,
        why="Backs before fronts turn every document round.",
    ),
    Requirement(
        "PAGE-04",
        M,
        "A jam on sheet k leaves the pages before it intact, and k incomplete or absent.",
        (
            "SANE 4.3.10",
            "TWAIN Direct paperJam",
        ),
        ("earlier-page-lost",),
        gate=gates.FEEDER,
        profile=Profile.FEEDER,
        why="Sheets before the jam have gone through; the user scans only the rest again.",
    ),
    Requirement(
        "PAGE-05",
        M,
        "Once the fault is cleared a new job works in the same session, if the error said that the session survives.",
        ("NAPS2 issue 449",),
        (
            "sticky-jam",
            "busy-after-jam",
        ),
        gate=gates.FEEDER,
        profile=Profile.FEEDER,
        why="After a jam the user clears it and goes on; otherwise only a restart helps.",
    ),
    Requirement(
        "PAGE-06",
        M,
        "A double feed is reported with the number of its page where it is detectable.",
        (
            "TWAIN 11",
            "eSCL ADF state",
        ),
        (
            "double-feed-ignored",
            "double-feed-elsewhere",
        ),
        gate=gates.MULTIFEED,
        profile=Profile.FEEDER,
        why="Two sheets at once mean a page that nobody has scanned, and nobody knows.",
    ),
    Requirement(
        "PAGE-07",
        M,
        "The feeder's state is true: loaded before, empty after.",
        ("AirSane issues 135 and 136",),
        (
            "always-loaded",
            "always-empty",
        ),
        gate=gates.PAPER_DETECTABLE,
        profile=Profile.FEEDER,
        why="Applications offer the feeder when there is paper in it, and wait for paper when there is none.",
    ),
    Requirement(
        "PAGE-08",
        M,
        "Ending a page early moves to the next page or ends the job, as declared.",
        ("TWAIN end transfer",),
        (
            "repeats-page",
            "early-end-is-whole",
            "early-end-ends-all",
        ),
        gate=gates.FEEDER,
        profile=Profile.FEEDER,
        why="Skipping a page must not deliver it again, or stop the machine with sheets inside.",
    ),
    Requirement(
        "PAGE-09",
        M,
        "Each page carries its own parameters.",
        ("SANE 4.3.8",),
        ("first-pages-params",),
        gate=gates.FEEDER,
        profile=Profile.FEEDER,
        why="Mixed stacks hold receipts and letters; with the first one's size the others are cut or sheared.",
    ),
)
