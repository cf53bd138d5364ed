"""REST-24 to REST-33: making jobs."""

from conformance.requirements.rest.facts import TWO_SCANNERS
from conformance.requirements.rest.row import row
from conformance.verdicts import Level

M, S = Level.MUST, Level.SHOULD

REQUIREMENTS = (
    row(
        24,
        M,
        "POST jobs gives 201 and an object with `jobuid`, a GUID that was not there before, `status` and `scanner`.",
        ("rest-api 5.4", "rest-api 1.7"),
        ("created-is-200", "same-uid-again"),
        "Every client takes the job's UID from here; some look at the status before they start it.",
    ),
    row(
        25,
        M,
        "With autoRun false a job is pending until it is told to run; with true, or without the key, it runs at once.",
        ("rest-api 5.1", "D-08"),
        ("pending-by-default", "runs-unasked"),
        "Half of the clients never send `running`: their jobs would wait for ever. The others set capabilities first.",
    ),
    row(
        26,
        M,
        "A scanner that has a job, be it pending, is refused to a second one with 423 and code -1004, and is free again after DELETE.",
        ("rest-api 5.1", "rest-api 5.9", "rest-api 1.6"),
        ("two-jobs-at-once", "busy-is-409", "delete-keeps-the-lock"),
        "Two jobs on one feeder mix the papers of two people.",
    ),
    row(
        27,
        M,
        "The end of a job frees its scanner, though the job is still there.",
        ("rest-api 5.9",),
        ("end-keeps-the-lock",),
        "Clients that forget to delete would lock the scanner for everybody.",
    ),
    row(
        28,
        M,
        "Jobs on different scanners run side by side.",
        ("rest-api 5.9",),
        ("one-job-for-all",),
        "A second person at a second scanner has nothing to do with the first.",
        TWO_SCANNERS,
    ),
    row(
        29,
        M,
        "A known key of the wrong type is refused with 400 and code -2113, and no job is made.",
        ("rest-api 1.2",),
        ("wrong-type-makes-a-job",),
        "A job of which the client has no UID locks the scanner, and nobody can delete it.",
    ),
    row(
        30,
        S,
        "A `device` that is not known is refused, with 400 and code -1003.",
        ("rest-api 5.1",),
        ("unknown-device-is-any",),
        "A scanner that is gone must not be replaced by whichever is left.",
    ),
    row(
        31,
        M,
        "If a 201 has a Location, it is the address of the job as the client reaches it.",
        ("rest-api 1.4", "RFC 9110 15.3.2"),
        ("location-leads-nowhere",),
        "A Location may be missing here; one that is there and wrong is worse.",
    ),
    row(
        32,
        S,
        "UIDs of jobs are compared without regard to case.",
        ("rest-api 1.7",),
        ("case-matters",),
        "The reference itself shows the same UID in upper and in lower case.",
    ),
    row(
        33,
        M,
        "What a job does when it is done is said once: GET gives `status`, one of five words, `code`, a number, and `message`, a text.",
        ("rest-api 5.5", "D-04"),
        ("cancelled-with-two-ls", "completed-with-an-error-code"),
        "Clients compare the word; a code other than 0 on a good job makes them show an error.",
    ),
)
