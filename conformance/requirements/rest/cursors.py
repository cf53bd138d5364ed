"""REST-51 to REST-57: the two cursors of a job, and what moves them."""

from conformance.requirements.rest.facts import FEEDER
from conformance.requirements.rest.row import row
from conformance.verdicts import Level

M = Level.MUST
PAGES = "rest-api 5.7"

REQUIREMENTS = (
    row(
        51,
        M,
        "next-page and next-page-info have cursors of their own: after all pages were read, next-page-info still tells of each.",
        (PAGES,),
        ("one-cursor-for-both",),
        "Three published clients read all pages first and ask about them afterwards.",
    ),
    row(
        52,
        M,
        "After the last page next-page and next-page-info give 204 (or 410, D-05) without body and Content-Type, as often as they are asked.",
        (PAGES, "D-05", "rest-api 1.4"),
        ("end-only-once", "end-with-type"),
        "The loop of every client hangs on this answer; some ask twice.",
    ),
    row(
        53,
        M,
        "next-page waits for a page that is still to come, and never says the end before the scan has ended.",
        (PAGES,),
        ("impatient-end",),
        "The first page of a cold scanner takes half a minute; a client that is told the end saves nothing.",
    ),
    row(
        54,
        M,
        "next-page?page=UID gives that page at once and moves no cursor.",
        (PAGES,),
        ("page-by-uid-moves-the-cursor",),
        "An <img> with the page's address must not steal a page from the client that is reading.",
    ),
    row(
        55,
        M,
        "Calls of next-page at the same time get different pages, in the order in which they came.",
        (PAGES,),
        ("same-page-twice",),
        "Clients fetch in parallel: a page that came twice is a page that is missing elsewhere.",
        FEEDER,
    ),
    row(
        56,
        M,
        "A client that leaves while next-page waits loses no page: the next call gets it.",
        (PAGES, "rest-api 12"),
        ("gone-client-eats-a-page",),
        "Clients give up after 10, 30 or 100 s and call again; the paper has gone through by then.",
    ),
    row(
        57,
        M,
        "A call of next-page that is refused (400) moves no cursor.",
        (PAGES,),
        ("refused-call-moves-the-cursor",),
        "The page of a call that failed must be there for the next one.",
    ),
)
