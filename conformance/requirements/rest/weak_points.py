"""REST-107 to REST-114: the weak points of local services (S-073), each one a check."""

from conformance.requirements.rest.facts import DOCUMENTS, FOREIGN, READ_BARCODE
from conformance.requirements.rest.row import row
from conformance.verdicts import Level

M = Level.MUST
WEAK = "S-073"

REQUIREMENTS = (
    row(
        107,
        M,
        "An origin that is not let in is never reflected: no Access-Control-Allow-Origin for it, in preflight or answer.",
        (WEAK, "CWE-942", "rest-api 1.5"),
        ("reflects-any-origin",),
        "A reflected origin with credentials opens the scanner to every page of the web.",
        FOREIGN,
    ),
    row(
        108,
        M,
        "A request from another site without Origin (Sec-Fetch-Site: cross-site) moves no cursor and starts nothing.",
        (WEAK, "rest-api 1.5"),
        ("img-eats-a-page",),
        "An <img> on any page of the web could otherwise eat the pages of a running scan.",
    ),
    row(
        109,
        M,
        "UIDs are names and no paths: dots, slashes, NULs and escapes in one lead to an error in the 400 class, and to nothing on disk.",
        (WEAK, "CWE-22"),
        ("uid-is-a-path", "odd-uid-is-500"),
        "A document UID that climbs out of its folder reads or deletes any file of the user.",
        DOCUMENTS,
    ),
    row(
        110,
        M,
        "The `source` of a page or of a barcode is never fetched; one that is no page of a job is refused with 400, "
        "and the host of one that is does not matter.",
        (WEAK, "CWE-918", "rest-api 6"),
        ("fetches-the-source",),
        "Who can make the service fetch can reach what only this machine reaches.",
        DOCUMENTS,
    ),
    row(
        111,
        M,
        "A small picture that claims to be huge is refused, and the service goes on answering.",
        (WEAK, "CWE-409"),
        ("unpacks-the-bomb",),
        "A few hundred bytes could otherwise take all memory of the machine.",
        READ_BARCODE,
    ),
    row(
        112,
        M,
        "Many clients that wait for a page keep no other request from being answered.",
        (WEAK, "CWE-400"),
        ("waiting-blocks-all",),
        "One page with a hundred frames could otherwise stop scanning for everybody.",
    ),
    row(
        113,
        M,
        "JSON that is nested without end is refused with 400, and the service goes on answering.",
        (WEAK, "CWE-674"),
        ("deep-json-is-500",),
        "A parser that runs out of its stack takes the service with it.",
    ),
    row(
        114,
        M,
        "A foreign origin is told the same of a job that is there and of one that is not.",
        (WEAK, "rest-api 1.5", "CWE-204"),
        ("refusal-tells-of-jobs",),
        "A page that is not let in must not learn what is scanned here, nor guess UIDs.",
        FOREIGN,
    ),
)
