"""ESCL-11 to ESCL-23: what ScannerCapabilities says, and that it is true."""

from conformance.requirements.escl.facts import ADF, CAPACITY, DISCRETE, INTENTS
from conformance.requirements.escl.row import row
from conformance.verdicts import Level

M, S = Level.MUST, Level.SHOULD

REQUIREMENTS = (
    row(
        11,
        S,
        "MakeAndModel is there and not blank.",
        ("eSCL 8.1", "sane-escl 3.3"),
        ("without-make-and-model",),
        "People choose a scanner by this name.",
    ),
    row(
        12,
        M,
        "UUID, if given, has the form of one and is the same at each request.",
        ("eSCL 8.1", "RFC 9562 4"),
        ("uuid-is-a-serial", "uuid-changes"),
        "Clients tell by it that a scanner found twice is one, and find it again after it got another address.",
    ),
    row(
        13,
        M,
        "There is a source, and each source says its largest width and height.",
        ("eSCL 8.1", "sane-escl 3.3"),
        ("without-sources", "without-most-size"),
        "Without them drivers cannot open the scanner, or fail at the start of the scan.",
    ),
    row(
        14,
        M,
        "The smallest width and height are no larger than the largest.",
        ("eSCL 8.1", "SANE 4.2.9.8"),
        ("least-above-most",),
        "A driver that offers this as a range gives its user nothing to choose.",
    ),
    row(
        15,
        M,
        "Each source lists resolutions: discrete ones, or ranges with a least, a most and a step that make sense.",
        ("eSCL 8.1", "sane-escl 3.3"),
        ("without-resolutions", "range-upside-down"),
        "Drivers cannot open a scanner without.",
    ),
    row(
        16,
        S,
        "Discrete resolutions are the same in both directions.",
        ("sane-escl 3.3", "sane-escl 3.6"),
        ("unequal-resolutions",),
        "Drivers have one number for both and drop the others, or stretch the picture.",
        DISCRETE,
    ),
    row(
        17,
        M,
        "Each source lists colour modes, by the names of the standard.",
        ("eSCL 8.1", "sane-escl 3.3"),
        ("without-color-modes", "unknown-color-mode"),
        "Drivers cannot open a scanner without, and cannot ask for what they do not know.",
    ),
    row(
        18,
        M,
        "Each source lists document formats, each a media type of a picture or of a document.",
        ("eSCL 8.1", "sane-escl 3.3"),
        ("without-formats", "format-is-a-word"),
        "Drivers cannot open a scanner without, and compare these texts byte by byte.",
    ),
    row(
        19,
        M,
        "FeederCapacity, if given, is a number of sheets, one at least.",
        ("eSCL 8.1",),
        ("feeder-holds-nothing",),
        "Clients tell people by it how much to put in.",
        CAPACITY,
    ),
    row(
        20,
        M,
        "An Adf has input capabilities, and those of both sides where it lists the option Duplex.",
        ("eSCL 8.1",),
        ("duplex-without-caps", "adf-without-caps"),
        "A client that offers both sides needs to know their size, modes and formats.",
        ADF,
    ),
    row(
        21,
        S,
        "Intents are those of the standard.",
        ("eSCL 7",),
        ("unknown-intent",),
        "Clients map them to words for people; what they do not know they hide.",
        INTENTS,
    ),
    row(
        22,
        M,
        "Capabilities stay the same while nothing is done to the scanner, also over a job.",
        ("eSCL 8.1.3",),
        ("caps-shrink",),
        "Drivers read them once, at the opening.",
    ),
    row(
        23,
        M,
        "Every colour mode, every format and the least and the most resolution that a source lists can be had.",
        ("eSCL 8.1.3", "sane-backends #510"),
        ("pdf-is-500", "gray-is-refused"),
        "What is offered and then refused looks to people like a broken scanner.",
    ),
)
