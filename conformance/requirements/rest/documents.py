"""REST-78 to REST-88: documents."""

from conformance.requirements.rest.facts import DOCUMENTS, METADATA
from conformance.requirements.rest.row import row
from conformance.verdicts import Level

M, S = Level.MUST, Level.SHOULD
CHAPTER = "rest-api 6"

REQUIREMENTS = (
    row(
        78,
        M,
        "POST documents gives 201 and an object with a `uid` and an empty list of `pages`; GET gives the same.",
        (CHAPTER,),
        ("document-without-pages",),
        "A client adds to the list that it was given.",
        DOCUMENTS,
    ),
    row(
        79,
        M,
        "A document that is unknown or was deleted is answered 404 with code -1040; DELETE of one that is there gives 204.",
        (CHAPTER, "rest-api 1.6"),
        ("deleted-document-lives",),
        "Who deletes a contract wants it gone.",
        DOCUMENTS,
    ),
    row(
        80,
        M,
        "A document with a password is refused with 403 and code -1043 without it or with another, on every path.",
        (CHAPTER,),
        ("password-is-not-asked", "content-needs-no-password"),
        "The password is all that stands between the document and any other program of the machine.",
        DOCUMENTS,
    ),
    row(
        81,
        M,
        "A password of more than 32 characters is refused with 400.",
        (CHAPTER, "rest-api 1.3"),
        ("long-password-is-cut",),
        "A password that was quietly cut opens by its first half.",
        DOCUMENTS,
    ),
    row(
        82,
        M,
        "A document without a password needs none, and an empty header is none; "
        "the password may come under the header's older name too (SHOULD, D-09).",
        ("rest-api 1.3", "D-09"),
        ("empty-password-is-wrong",),
        "Three clients always send the header, empty where there is no password.",
        DOCUMENTS,
    ),
    row(
        83,
        M,
        "POST pages copies a page of a job: 200 and the document; insertPos counts from 1, and absent, 0, negative or beyond it appends.",
        (CHAPTER,),
        ("insert-counts-from-zero", "inserted-at-the-front", "inserted-twice"),
        "Pages of a letter in the wrong order are another letter.",
        DOCUMENTS,
    ),
    row(
        84,
        M,
        "DELETE pages/PARAM takes the UID of a page, or its index from 0; what is neither is answered 404 with code -1040.",
        (CHAPTER,),
        ("page-index-counts-from-one",),
        "The neighbour of the page that was meant cannot be brought back.",
        DOCUMENTS,
    ),
    row(
        85,
        M,
        "PATCH metadata replaces the old value whole; without `metadata` it is refused with 400.",
        (CHAPTER,),
        ("metadata-is-merged",),
        "What a client took out must not come back.",
        METADATA,
    ),
    row(
        86,
        M,
        "content of a document is a PDF by default, and PNG, JPEG or TIFF when asked, under its true type.",
        ("rest-api 6.1",),
        ("png-called-pdf", "half-a-tiff"),
        "It is what the user saves and sends.",
        DOCUMENTS,
    ),
    row(
        87,
        M,
        "content of a document is refused with 400 for another type and for a page that is not there.",
        ("rest-api 6.1",),
        ("missing-page-is-left-out", "bad-document-type-is-pdf"),
        "A file with fewer pages than were asked for looks complete.",
        DOCUMENTS,
    ),
    row(
        88,
        S,
        "A document keeps its pages when their job is deleted.",
        ("rest-api 5.5",),
        ("pages-die-with-the-job",),
        "All clients delete the job as soon as they have put its pages away.",
        DOCUMENTS,
    ),
)
