"""REST-58 to REST-69: what a page is, by which address it is had, and what is said of it."""

from conformance.requirements.rest.facts import CONTENT, FEEDER, ONE_BIT
from conformance.requirements.rest.row import row
from conformance.verdicts import Level

M, S = Level.MUST, Level.SHOULD
PAGES = "rest-api 5.7"

REQUIREMENTS = (
    row(
        58,
        M,
        "next-page gives a PNG by default and a JPEG for type=image/jpeg, and Content-Type says which it is.",
        (PAGES, "rest-api 1.4"),
        ("jpeg-called-png", "type-is-ignored"),
        "Clients choose the name of the file by the type, and the .NET client whether there is a page at all.",
    ),
    row(
        59,
        M,
        "A `type` that is no type of a page is refused with 400 and code -2113.",
        (PAGES,),
        ("bad-type-is-png",),
        "Who asks for a TIFF and saves a PNG under its name finds out much later.",
    ),
    row(
        60,
        M,
        "A page of one bit is never a JPEG: it comes as PNG under its true type, or is refused with code -1073.",
        (PAGES, "rest-api 1.6"),
        ("one-bit-jpeg",),
        "JPEG cannot hold one bit; what is called so is either grey or broken.",
        ONE_BIT,
    ),
    row(
        61,
        M,
        "next-page-info gives an object, or an array with one (D-01), with `imageuid` and `url`.",
        (PAGES, "D-01", "D-20"),
        ("info-without-url",),
        "Three clients have no other way to a page than this `url`.",
    ),
    row(
        62,
        M,
        "imageInfo has the width, height, depth and resolution of the page that it speaks of.",
        (PAGES,),
        ("info-of-another-size", "frame-begins-below"),
        "Who lays pages out by it cuts or stretches them.",
    ),
    row(
        63,
        M,
        "`url` is absolute, has the scheme and the Host of the request, and leads to its page.",
        ("rest-api 1.7", PAGES),
        ("url-with-a-host-of-its-own",),
        "Clients fetch it as it is: behind another name or https it would be blocked or lead nowhere.",
    ),
    row(
        64,
        M,
        "content?page=N gives the page with the index N, from 0, as often as it is asked and without waiting.",
        (PAGES,),
        ("content-counts-from-one",),
        "Random access off by one gives each page the name of its neighbour.",
        CONTENT,
    ),
    row(
        65,
        S,
        "content takes the page as `page` and as `pages`, an index or a UID.",
        (PAGES, "D-06"),
        ("page-only",),
        "The official .NET client says `pages`, the reference `page`.",
        CONTENT,
    ),
    row(
        66,
        M,
        "content gives no page for an index that is none: 204 (or 404) beyond the last one, 400 for a negative one or a word.",
        (PAGES,),
        ("negative-index-counts-back", "index-beyond-is-the-last"),
        "Clients stop at 204; -1 that gives the last page gives it under every wrong number.",
        CONTENT,
    ),
    row(
        67,
        S,
        "next-page?page=UID with a UID that no page has is answered 404 with code -1034.",
        (PAGES, "rest-api 1.6"),
        ("unknown-page-is-the-next",),
        "An address that went stale must not eat a page.",
    ),
    row(
        68,
        S,
        "UIDs of images, documents and pages are 12 lower-case hexadecimal digits, and no two are the same.",
        ("rest-api 1.7",),
        ("short-uids",),
        "Clients tell a UID from an index by its form.",
    ),
    row(
        69,
        M,
        "XferCount limits the pages of a job.",
        ("rest-api 5.2",),
        ("count-is-ignored",),
        "Somebody who wants one page does not want the whole stack fed.",
        FEEDER,
    ),
)
