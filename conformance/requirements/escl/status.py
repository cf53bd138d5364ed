"""ESCL-24 to ESCL-33: what ScannerStatus says, and that it is true."""

from conformance.requirements.escl.facts import FEEDER
from conformance.requirements.escl.row import row
from conformance.verdicts import Level

M, S = Level.MUST, Level.SHOULD

REQUIREMENTS = (
    row(
        24,
        M,
        "State is there and one of Idle, Processing, Testing, Stopped and Down.",
        ("eSCL 9",),
        ("state-is-ready",),
        "Clients compare with these words; SANE's escl back end takes everything but Idle for busy.",
    ),
    row(
        25,
        M,
        "A scanner that says Idle, and has paper, takes a job.",
        ("eSCL 9", "sane-escl 3.3"),
        ("post-503", "post-409", "post-401"),
        "Clients retry for ever, or give up a scanner that says it is free.",
    ),
    row(
        26,
        M,
        "State is Processing while a job has pages that were not fetched.",
        ("eSCL 9", "sane-escl 3.4"),
        ("idle-while-pages-remain",),
        "escl-scanner-cli stops asking as soon as it is anything else, and loses the rest of the sheets.",
    ),
    row(
        27,
        M,
        "State is Idle before a job, and again soon after its last page was fetched.",
        ("eSCL 9", "sane-escl 3.4"),
        ("state-processing", "state-stopped", "state-down"),
        "SANE's escl back end does not start before.",
    ),
    row(
        28,
        M,
        "A scanner with a feeder says AdfState, in one of the words of the standard.",
        ("eSCL 9", "sane-escl 3.3"),
        ("without-adf-state", "adf-state-is-full"),
        "Clients tell by it an empty feeder from a jam; a word that they do not know is an I/O error to them.",
        FEEDER,
    ),
    row(
        29,
        M,
        "A job is listed from its beginning, with a JobUri that is the path of its Location.",
        ("eSCL 9.1", "sane-escl 3.4"),
        ("lists-no-jobs", "job-uri-is-another"),
        "It is how a client finds its own job among those of others, and ends one that blocks the scanner.",
    ),
    row(
        30,
        S,
        "JobUuid is the last part of the Location, with or without urn:uuid: before it.",
        ("sane-escl 3.4",),
        ("job-uuid-is-another",),
        "escl-scanner-cli finds its job by nothing else.",
    ),
    row(
        31,
        M,
        "JobState and JobStateReason are words of the standard, and true: after its last page a job is Completed, when it was deleted Canceled or Aborted.",
        ("eSCL 9.1", "sane-escl 3.4"),
        ("reason-is-fine", "completed-is-aborted", "canceled-is-completed"),
        "Clients tell people by it whether they have all of their pages.",
    ),
    row(
        32,
        M,
        "ImagesCompleted never goes down, and is the number of images at the end.",
        ("eSCL 9.1",),
        ("counts-nothing", "counts-down"),
        "It is the only way to see that a page is missing.",
    ),
    row(
        33,
        M,
        "Age, if given, is in whole seconds and grows with time.",
        ("eSCL 9.1",),
        ("age-stands-still", "age-in-words"),
        "Clients tell by it their own job from an old one.",
    ),
)
