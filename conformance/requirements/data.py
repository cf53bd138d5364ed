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
    ),
    Requirement(
        "DATA-02",
        M,
        "The bytes of a page do not depend on the sizes of the reads.",
        ("SANE tstbackend",),
        ("loses-byte",),
        gate=gates.DETERMINISTIC,
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
    ),
    Requirement(
        "DATA-04",
        M,
        "A raw page of known height has height times stride bytes.",
        ("SANE 4.3.8",),
        ("row-short",),
    ),
    Requirement(
        "DATA-05",
        M,
        "The stride is not below the packed row, and padding carries no pixels.",
        ("SANE 4.3.8",),
        ("stride-too-small",),
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
    ),
    Requirement(
        "DATA-13",
        S,
        "The same sheet and settings give identical bytes where that is declared.",
        ("flatbed, after SANE's test pictures",),
        ("noise",),
        gate=gates.DETERMINISTIC,
    ),
)
