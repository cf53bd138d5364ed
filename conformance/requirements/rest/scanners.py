"""REST-18 to REST-23: the list of scanners."""

from conformance.requirements.rest.facts import TWO_SCANNERS
from conformance.requirements.rest.row import row
from conformance.verdicts import Level

M, S = Level.MUST, Level.SHOULD

REQUIREMENTS = (
    row(
        18,
        M,
        "GET /device/scanners gives an array of objects with `name`, a text, `type`, exactly one bit, and `device`, a text.",
        ("rest-api 4",),
        ("type-of-two-bits", "device-is-an-object"),
        "Clients show the name, filter by the bit, and send the device back as it came.",
    ),
    row(
        19,
        M,
        "The query `type` is a mask: only scanners with a type in it are listed, and none gives 200 and [].",
        ("rest-api 4",),
        ("mask-is-ignored", "empty-list-is-404"),
        "A client that asks for SANE scanners must not be offered one that it cannot use.",
    ),
    row(
        20,
        M,
        "Without `type` the list has TWAIN, WIA, ICA and SANE scanners, and no network ones.",
        ("rest-api 4",),
        ("lists-network-unasked",),
        "Looking for network scanners takes seconds; who did not ask must not wait.",
    ),
    row(
        21,
        M,
        "A `type` that is no number is refused with 400 and code -2113.",
        ("rest-api 4", "rest-api 2"),
        ("bad-mask-lists-all",),
        "A mistyped mask that lists everything looks like a working one.",
    ),
    row(
        22,
        S,
        "A mask may be 0 (the default), hexadecimal, and have unknown bits.",
        ("rest-api 4",),
        ("decimal-only",),
        "The official .NET client asks for 2064, with a deprecated bit, and for 0.",
    ),
    row(
        23,
        M,
        "The `device` of a scanner, sent back as it came, gives a job on that scanner.",
        ("rest-api 4", "rest-api 5.1"),
        ("always-the-first-scanner",),
        "Whoever chose the upstairs scanner does not want the paper from the one downstairs.",
        TWO_SCANNERS,
    ),
)
