"""REST-46 to REST-50: jobTimeout and scannerFailureTimeout."""

from conformance.requirements.rest.row import row
from conformance.verdicts import Level

M = Level.MUST
TIMERS = "rest-api 5.6"

REQUIREMENTS = (
    row(
        46,
        M,
        "A job that stays pending for jobTimeout is removed: 410, and its scanner is free.",
        (TIMERS,),
        ("pending-never-expires", "expired-is-404"),
        "A page that was closed before it scanned must not lock the scanner.",
    ),
    row(
        47,
        M,
        "jobTimeout does not run while the job runs.",
        (TIMERS,),
        ("timeout-kills-running",),
        "Fifty sheets take longer than any time that a client would wait for a pending job.",
    ),
    row(
        48,
        M,
        "jobTimeout starts anew when the job ends; then the job is removed with its pages.",
        (TIMERS,),
        ("ended-never-expires", "timeout-counts-from-creation"),
        "Pages of strangers must not pile up on a machine, nor vanish before they can be fetched.",
    ),
    row(
        49,
        M,
        "Without jobTimeout, or with 0, a job stays until it is deleted.",
        (TIMERS,),
        ("zero-expires",),
        "A person who reads a message before pressing on needs more time than any default.",
    ),
    row(
        50,
        M,
        "A scanner that does not get on within scannerFailureTimeout makes the job faulted.",
        (TIMERS, "rest-api 5.1"),
        ("hangs-for-ever",),
        "Without it a driver that hangs keeps its client waiting for a page that never comes.",
    ),
)
