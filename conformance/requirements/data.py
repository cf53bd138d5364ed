"""DATA: the bytes of pages."""

from conformance.requirements import gates
from conformance.requirements.model import Requirement
from conformance.verdicts import Level

M, S = Level.MUST, Level.SHOULD

REQUIREMENTS = (
    Requirement(
        "DATA-01",
        M,
        "read(max) gives 1 to max bytes, or the end marker.",
        ("SANE 4.3.10",),
        ("one-byte-more",),
        why="A caller's buffer is as large as it said; one byte more is somebody else's memory.",
    ),
    Requirement(
        "DATA-02",
        M,
        "The bytes of a page do not depend on the sizes of the reads.",
        ("SANE tstbackend",),
        ("loses-byte", "repeats-at-borders"),
        gate=gates.DETERMINISTIC,
        why="The same page must not depend on the program that reads it.",
    ),
    Requirement(
        "DATA-03",
        M,
        "The end is reported once; reading on fails with WRONG_STATE.",
        ("SANE 4.3.10",),
        (
            "second-end",
            "data-after-end",
        ),
        why="A loop that reads until the end either stops early or never.",
    ),
    Requirement(
        "DATA-04",
        M,
        "A raw page of known height has height times stride bytes.",
        ("SANE 4.3.8",),
        ("row-short",),
        why="A missing row shifts or cuts the page, and the file looks good until somebody opens it.",
    ),
    Requirement(
        "DATA-05",
        M,
        "The stride is not below the packed row, and padding carries no pixels.",
        ("SANE 4.3.8",),
        ("stride-too-small",),
        why="A stride that is too small shears the page; pixels in the padding are lost by every reader.",
    ),
    Requirement(
        "DATA-06",
        M,
        "The height is unknown only where that is declared, and is given at the end of the page.",
        (
            "SANE 4.3.8",
            "libinsane",
        ),
        (
            "height-never-given",
            "height-undeclared",
        ),
        why="A file whose height nobody knows cannot be finished.",
    ),
    Requirement(
        "DATA-07",
        M,
        "The byte order of 16-bit samples is the declared one.",
        (
            "SANE 3.2.1",
            "SANE test back end",
        ),
        ("swapped",),
        gate=gates.depth(16),
        why="Swapped bytes turn a grey scale into noise.",
    ),
    Requirement(
        "DATA-08",
        M,
        "The polarity of 1-bit pixels is the declared one.",
        (
            "SANE 3.2.1",
            "TWAIN pixel flavour",
        ),
        ("inverted",),
        gate=gates.ONE_BIT,
        why="Inverted pages print black and cannot be read by barcode software.",
    ),
    Requirement(
        "DATA-09",
        M,
        "Delivery in several passes recombines to the picture of a single pass.",
        (
            "SANE 3.2",
            "SANE 4.3.8",
        ),
        ("plane-order",),
        gate=gates.THREE_PASS,
        why="Mixed-up passes give a page with wrong colours that nobody can trust.",
    ),
    Requirement(
        "DATA-10",
        M,
        "Encoded pages decode as the declared type, with the declared size and resolution.",
        (
            "eSCL 11.2",
            "ChromeOS scanner tests",
        ),
        ("wrong-dpi-tag",),
        gate=gates.ENCODED,
        why="Programs believe the file: a wrong resolution prints at the wrong size, a wrong type does not open.",
    ),
    Requirement(
        "DATA-11",
        M,
        "A cut transfer surfaces as an error or an incomplete page, never as a short page that looks normal.",
        (
            "Kyocera TLS issue",
            "NAPS2 re-serve",
        ),
        ("silent-truncation",),
        why="A cut page that looks normal is filed, and the paper is shredded.",
    ),
    Requirement(
        "DATA-12",
        M,
        "Waiting for data is not the end of data.",
        (
            "SANE 4.3.12",
            "libinsane zero length",
        ),
        ("wait-is-end",),
        why="A slow machine would lose the rest of each page.",
    ),
    Requirement(
        "DATA-13",
        S,
        "The same sheet and settings give identical bytes where that is declared.",
        ("flatbed, after SANE's test pictures",),
        ("noise",),
        gate=gates.DETERMINISTIC,
        why="Tests of everything above compare bytes; noise from a clock makes them useless.",
    ),
)
