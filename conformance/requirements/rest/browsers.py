"""REST-93 to REST-97: what browsers need: preflights and CORS, and jobs that belong to an origin."""

from conformance.requirements.rest.facts import ORIGIN, TWO_ORIGINS
from conformance.requirements.rest.row import row
from conformance.verdicts import Level

M, S = Level.MUST, Level.SHOULD
CORS = "rest-api 1.5"

REQUIREMENTS = (
    row(
        93,
        M,
        "OPTIONS is answered on every path, never with 405.",
        (CORS,),
        ("preflight-is-405",),
        "Without the answer the browser does not even send the request.",
    ),
    row(
        94,
        M,
        "A preflight of an origin that is let in gets that origin (not *), credentials, the methods and the headers that were asked for.",
        (CORS, "Fetch 4.9"),
        ("preflight-with-a-star", "preflight-without-patch"),
        "Published pages use `credentials: include`, under which a browser does not take *.",
        ORIGIN,
    ),
    row(
        95,
        S,
        "A preflight that asks for the private network is granted it.",
        (CORS, "S-065"),
        ("no-private-network",),
        "Chromium asks before a page may reach the machine that it runs on.",
        ORIGIN,
    ),
    row(
        96,
        M,
        "Answers to an origin that is let in carry it with credentials and Vary: Origin, errors and pages included.",
        (CORS, "RFC 9110 12.5.5"),
        ("no-cors-on-errors",),
        "A page cannot read the error that it should show, and gets a network error instead.",
        ORIGIN,
    ),
    row(
        97,
        M,
        "A job belongs to the origin that made it: another origin is refused with 401 or 403, and moves nothing.",
        (CORS, "S-064"),
        ("jobs-belong-to-all",),
        "Two web applications on one machine must not read each other's paper.",
        TWO_ORIGINS,
    ),
)
