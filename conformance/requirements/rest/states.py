"""REST-34 to REST-45: the table of states, a row for each request; the point of a failure names the cell."""

from conformance.requirements.rest.facts import CAPABILITIES, CONTENT, FEEDER, TWAIN
from conformance.requirements.rest.row import row
from conformance.verdicts import Level

M = Level.MUST
TABLE = "rest-api 5.5"

REQUIREMENTS = (
    row(
        34,
        M,
        "GET job: 200 in every state, 410 when it was deleted, 404 when nobody knows it.",
        (TABLE,),
        ("canceled-jobs-are-gone", "deleted-is-404"),
        "The state is the only way to learn that a scan failed, and 410 says that the job did exist.",
    ),
    row(
        35,
        M,
        "PATCH running: starts a pending job; 409 and code -1011 for a running or ended one (or 200 without effect, D-03); 410, 404.",
        (TABLE, "D-03"),
        ("runs-again", "start-is-ignored"),
        "A scan that starts a second time pulls the next person's paper in.",
    ),
    row(
        36,
        M,
        "PATCH canceled: ends a running job as canceled; 200 or 409 for a pending one (D-02), 409 or no effect for an ended one (D-03); 410, 404.",
        (TABLE, "D-02", "D-03"),
        ("cancel-is-ignored", "cancel-undoes-the-end"),
        "Somebody who presses cancel wants the feeder to stop.",
    ),
    row(
        37,
        M,
        "DELETE job: 204 in every state, a running one is stopped by it; 410 the second time, 404 for an unknown one.",
        (TABLE,),
        ("delete-twice-is-204", "running-cannot-be-deleted"),
        "Deleting is what all clients do at the end, and the only way to give pages and scanner back.",
    ),
    row(
        38,
        M,
        "capabilities: 200 while the job is pending, 409 afterwards; 410, 404.",
        (TABLE, "rest-api 5.3"),
        ("capabilities-while-running",),
        "A driver that is asked in the middle of a scan may lose the page.",
        CAPABILITIES,
    ),
    row(
        39,
        M,
        "settings: 200 while the job of a TWAIN scanner is pending, 409 afterwards; 410, 404.",
        (TABLE, "rest-api 5.3"),
        ("settings-after-the-end",),
        "The driver's window must not open in the middle of a scan.",
        TWAIN,
    ),
    row(
        40,
        M,
        "next-page and next-page-info: 409 while the job is pending, then pages and the end; 410, 404.",
        (TABLE, "D-19"),
        ("end-before-the-start", "next-page-of-deleted-is-204"),
        "A client that asks early and is told of the end goes home without pages.",
    ),
    row(
        41,
        M,
        "content: 409 while the job is pending, then 200 or 204; 410, 404.",
        (TABLE,),
        ("content-of-unknown-is-204",),
        "204 says that a page is not there yet: for a job that is gone the client would ask for ever.",
        CONTENT,
    ),
    row(
        42,
        M,
        "A job whose scanner fails is faulted, with a negative code and a message; its pages stay readable and then end.",
        (TABLE,),
        ("fault-drops-pages", "fault-is-completed"),
        "Nine pages before a jam are nine pages that need not be scanned again, and the tenth must be missed by somebody.",
        FEEDER,
    ),
    row(
        43,
        M,
        "PATCH job without `status`, or with another word, is refused with 400 and code -2113, and changes nothing.",
        (TABLE,),
        ("patch-takes-any-word",),
        "A misspelled word that starts the scanner, or is quietly lost, is found out at the customer's.",
    ),
    row(
        44,
        M,
        "A job that is unknown (404) or deleted (410) is answered with code -1034, on every path below it.",
        ("rest-api 1.6",),
        ("unknown-job-other-code",),
        "Clients that branch on the code make a new job then; after a restart of the service every job is unknown.",
    ),
    row(
        45,
        M,
        "The pages that a canceled job has already given stay readable.",
        (TABLE,),
        ("cancel-drops-pages",),
        "Cancel means no more paper; what went through is on the output tray.",
        FEEDER,
    ),
)
