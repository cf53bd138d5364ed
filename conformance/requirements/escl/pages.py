"""ESCL-43 to ESCL-51: the pages."""

from conformance.requirements.escl.facts import DUPLEX, FEEDER
from conformance.requirements.escl.row import row
from conformance.verdicts import Level

M, S = Level.MUST, Level.SHOULD

REQUIREMENTS = (
    row(
        43,
        M,
        "The Content-Type of a page is what its bytes are, and what was asked for.",
        ("eSCL 11.2", "RFC 9110 8.3"),
        ("page-octet-stream", "png-called-jpeg"),
        "Clients that do not look into the bytes write files that nobody can open.",
    ),
    row(
        44,
        M,
        "A page comes whole and can be decoded to its last row.",
        ("eSCL 11.2", "sane-escl 3.3"),
        ("page-truncated", "page-garbage", "page-empty", "page-half-a-jpeg"),
        "Half a page is an error at best, and at worst a lost half that nobody notices.",
    ),
    row(
        45,
        M,
        "A page has the size of its region at its resolution, within one pixel.",
        ("eSCL 7", "sane-escl 3.3"),
        ("page-wider", "page-narrower", "page-taller", "page-shorter", "half-resolution"),
        "Drivers pad or crop what they get, so that nobody sees that something is missing or stretched.",
    ),
    row(
        46,
        M,
        "A page has the colour mode that was asked for.",
        ("eSCL 7",),
        ("gray-for-color", "color-for-gray"),
        "A client that has made room for one sort of samples fails at the other, or throws colour away.",
    ),
    row(
        47,
        M,
        "The resolution that a page carries in itself, if any, is the one that was asked for.",
        ("eSCL 11.2", "device-models DATA-10"),
        ("wrong-dpi-tag",),
        "The page is printed at a wrong size.",
    ),
    row(
        48,
        M,
        "Content-Location, if given with a page, is a path of this scanner below the job.",
        ("eSCL 11.2", "RFC 9110 8.7"),
        ("content-location-elsewhere",),
        "Clients ask there for a page whose transfer broke.",
    ),
    row(
        49,
        M,
        "Each sheet of the feeder gives a page of its own, once, in order.",
        ("eSCL 11", "AirSane (kept pages)"),
        ("same-page-again", "skips-a-page"),
        "A page twice, or none of it, is a wrong document, and nobody counts them.",
        FEEDER,
    ),
    row(
        50,
        M,
        "Both sides come as documents of their own, the front before the back of each sheet.",
        ("eSCL 7", "sane-escl 3.3"),
        ("back-before-front", "both-sides-are-one"),
        "Pages in the wrong order have to be sorted by hand.",
        DUPLEX,
    ),
    row(
        51,
        M,
        "ScanImageInfo, if served, has the true width and height of the page that was fetched last.",
        ("eSCL 12",),
        ("image-info-lies",),
        "It is there for pages whose length was not known before; a wrong one crops them.",
    ),
)
