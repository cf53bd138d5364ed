"""ESCL-34 to ESCL-42: what clients send as settings, each as one of them does."""

from conformance.requirements.escl.facts import DUPLEX, FORMAT_EXT
from conformance.requirements.escl.row import row
from conformance.verdicts import Level

M, S = Level.MUST, Level.SHOULD

REQUIREMENTS = (
    row(
        34,
        S,
        "White space before the XML declaration is overlooked.",
        ("sane-escl 3.4", "sane-escl 3.6"),
        ("strict-about-white-space",),
        "escl-scanner-cli sends a line break and blanks first.",
    ),
    row(
        35,
        S,
        "InputSource is taken as clients spell it: Platen or Flatbed, Feeder, Adf or ADF, in either namespace.",
        ("sane-escl 3.4", "sane-escl 3.6"),
        ("knows-platen-and-feeder-only", "wants-pwg-input-source"),
        "scanlib says scan:InputSource and Adf, escl-scanner-cli says Flatbed.",
    ),
    row(
        36,
        M,
        "Names are taken by their namespaces, whatever prefixes stand for them.",
        ("Namespaces in XML 4", "sane-escl 3.6"),
        ("wants-its-own-prefixes",),
        "Libraries choose prefixes as they like.",
    ),
    row(
        37,
        M,
        "No region means the whole area of the source.",
        ("eSCL 7", "sane-escl 3.4", "sane-escl 3.6"),
        ("no-region-is-a-corner", "no-region-is-refused"),
        "escl-scanner-cli never sends one.",
    ),
    row(
        38,
        M,
        "A region that is too large is cut down to what the source reaches.",
        ("eSCL 7", "sane-escl 3.6"),
        ("large-region-is-refused",),
        "Clients ask for A4 by rounded numbers, of scanners that reach a hair less.",
    ),
    row(
        39,
        S,
        "DocumentFormatExt wins over DocumentFormat.",
        ("eSCL 7", "sane-escl 3.6"),
        ("plain-format-wins",),
        "SANE's escl back end names its format there alone.",
        FORMAT_EXT,
    ),
    row(
        40,
        M,
        "What is left out of the settings gets a default: format, colour mode, resolution, region.",
        ("eSCL 7", "sane-escl 3.4"),
        ("wants-a-format", "wants-a-color-mode"),
        "scanlib sends no format.",
    ),
    row(
        41,
        S,
        "Boolean 1 is the same as true.",
        ("XML Schema 3.2.2", "sane-escl 3.6"),
        ("one-is-not-true",),
        "By the schema it is the same; a client that says 1 would get half of its pages.",
        DUPLEX,
    ),
    row(
        42,
        S,
        "Settings are read without a Content-Type too.",
        ("sane-escl 3.4",),
        ("wants-a-content-type",),
        "escl-scanner-cli sends none.",
    ),
)
