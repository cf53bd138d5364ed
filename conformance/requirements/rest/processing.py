"""REST-89 to REST-92: barcodes and blank pages."""

from conformance.requirements.rest.facts import CHECK_BLANK, READ_BARCODE
from conformance.requirements.rest.row import row
from conformance.verdicts import Level

M = Level.MUST

REQUIREMENTS = (
    row(
        89,
        M,
        "read-barcode of a job's page gives 200 and an array, empty if there is none.",
        ("rest-api 7.1",),
        ("barcodes-are-an-object",),
        "Clients go over the list.",
        READ_BARCODE,
    ),
    row(
        90,
        M,
        "read-barcode takes a picture in a form, and refuses with 400 what is no picture.",
        ("rest-api 7.1",),
        ("form-is-refused", "no-picture-is-500", "white-has-a-barcode"),
        "It is how the official .NET client sends one.",
        READ_BARCODE,
    ),
    row(
        91,
        M,
        "check-blank gives 200 and `result`, a boolean.",
        ("rest-api 7.2",),
        ("blank-is-a-text",),
        "The text `false` is true in most languages, and the page is thrown away.",
        CHECK_BLANK,
    ),
    row(
        92,
        M,
        "check-blank refuses with 400 a least height that is not above 0 or above the greatest, and a source that is no page of a job.",
        ("rest-api 7.2",),
        ("blank-takes-any-heights", "blank-of-nothing"),
        "A page that was never looked at must not be called blank.",
        CHECK_BLANK,
    ),
)
