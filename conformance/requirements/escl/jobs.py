"""ESCL-52 to ESCL-57: jobs, from their beginning to their end."""

from conformance.requirements.escl.row import row
from conformance.verdicts import Level

M, S = Level.MUST, Level.SHOULD

REQUIREMENTS = (
    row(
        52,
        M,
        "Every job has a URI of its own.",
        ("eSCL 10", "sane-escl 3.4"),
        ("same-uri-again",),
        "A client that deletes its old job would end that of somebody else.",
    ),
    row(
        53,
        M,
        "After DELETE a job gives no page: 404, or 410.",
        ("eSCL 10", "RFC 9110 15.5.5"),
        ("deleted-job-goes-on",),
        "Who has cancelled does not want the page that lies on the glass to leave the scanner.",
    ),
    row(
        54,
        M,
        "DELETE works while a page is being asked for, both requests are answered, and the scanner is free afterwards.",
        ("sane-escl 3.2", "sane-escl 3.6"),
        ("delete-waits-for-the-page", "delete-leaves-it-busy"),
        "It is how drivers cancel: the person at the keyboard waits for it.",
    ),
    row(
        55,
        M,
        "A job that does not exist is answered 404, by DELETE and by NextDocument.",
        ("RFC 9110 15.5.5", "sane-escl 3.6"),
        ("delete-unknown-is-fine", "unknown-job-is-500"),
        "A client that has lost its job must hear that, not that all is well.",
    ),
    row(
        56,
        M,
        "A second job does not disturb the one that runs: it is refused or waits.",
        ("eSCL 10", "sane-escl 3.5"),
        ("second-job-ends-first",),
        "Whoever presses a button in the next room would otherwise take away one's pages.",
    ),
    row(
        57,
        M,
        "When all pages were fetched the next job starts, without a DELETE.",
        ("sane-escl 3.4", "sane-escl 3.6"),
        ("waits-for-delete",),
        "SANE's escl back end and escl-scanner-cli never delete; they would block the scanner for everybody.",
    ),
)
