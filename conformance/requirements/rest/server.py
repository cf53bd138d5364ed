"""REST-01 to REST-03: version and settings of the service."""

from conformance.requirements.rest.row import row
from conformance.verdicts import Level

M = Level.MUST

REQUIREMENTS = (
    row(
        1,
        M,
        "GET /server/version gives 200 and an object with `version`, a text, and `compatible`, true for a client that wants no version.",
        ("rest-api 3",),
        ("version-is-a-number", "compatible-with-nobody"),
        "It is the first call of every client: one that cannot read it takes the service for not installed.",
    ),
    row(
        2,
        M,
        "PATCH /server answers with the settings after the change, and GET /server then gives the same.",
        ("rest-api 3",),
        ("log-level-is-forgotten",),
        "Support asks a user to raise the log level; a service that only says so leaves the log empty.",
    ),
    row(
        3,
        M,
        "PATCH /server refuses a `logLevel` that is no integer or negative with 400, and changes nothing.",
        ("rest-api 3", "rest-api 1.2"),
        ("log-level-takes-anything",),
        "A setting that swallowed nonsense fails later, where nobody looks for the cause.",
    ),
)
