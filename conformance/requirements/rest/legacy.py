"""REST-102 to REST-106: the legacy API."""

from conformance.requirements.rest.facts import LEGACY
from conformance.requirements.rest.row import row
from conformance.verdicts import Level

M, S = Level.MUST, Level.SHOULD
CHAPTER = "rest-api 8"

REQUIREMENTS = (
    row(
        102,
        M,
        "GET /DWTAPI/Scanners gives the same form of list as the new API.",
        (CHAPTER,),
        ("legacy-list-in-an-object",),
        "Clients pick their device from the array.",
        LEGACY,
    ),
    row(
        103,
        M,
        "POST /DWTAPI/ScanJobs gives 201 and the bare id as text/plain: no quotes, no JSON, not only digits.",
        (CHAPTER,),
        ("id-in-quotes",),
        "Clients put the body into the next address as it is.",
        LEGACY,
    ),
    row(
        104,
        M,
        "NextDocument waits for a page, and ends with 410: never 202, never 204.",
        (CHAPTER,),
        ("legacy-ends-with-204",),
        "Two of the clients spin for ever on anything but 410.",
        LEGACY,
    ),
    row(
        105,
        M,
        "DELETE of a legacy job gives 200; an unknown one is 404; errors are plain text.",
        (CHAPTER, "D-15"),
        ("legacy-delete-does-nothing", "legacy-error-in-json"),
        "Clients show the body of an error as it is.",
        LEGACY,
    ),
    row(
        106,
        S,
        "Both APIs share the locks of scanners: a legacy job on a busy one is refused with 423.",
        ("rest-api 5.9", CHAPTER),
        ("legacy-has-locks-of-its-own",),
        "The scanner is one, whoever asks.",
        LEGACY,
    ),
)
