"""REST-70 to REST-77: configuration and the capability exchange."""

from conformance.requirements.rest.facts import CAPABILITIES, TWAIN
from conformance.requirements.rest.row import row
from conformance.verdicts import Level

M = Level.MUST
EXCHANGE = "rest-api 5.3"

REQUIREMENTS = (
    row(
        70,
        M,
        "A Resolution in `config` that the scanner declares is that of the page.",
        ("rest-api 5.2",),
        ("resolution-is-ignored",),
        "A text recognition that gets 75 dpi instead of 300 reads nothing.",
        CAPABILITIES,
    ),
    row(
        71,
        M,
        "A PixelType in `config` that the scanner declares is that of the page: black and white, grey or colour.",
        ("rest-api 5.2",),
        ("pixel-type-is-ignored",),
        "Colour where grey was asked for is three times the data; grey for colour loses what was on the paper.",
        CAPABILITIES,
    ),
    row(
        72,
        M,
        "A capability is described by `capability` with number and label, and by what belongs to its container: "
        "values of an enumeration with its indices, ends and step of a range.",
        (EXCHANGE, "D-11"),
        ("enumeration-without-values", "index-out-of-the-list"),
        "Programs build their dialogs from it; a list without values is an empty box.",
        CAPABILITIES,
    ),
    row(
        73,
        M,
        "capabilities?caps=LIST gives those of the list that the scanner has, and no others; what is no list of numbers is refused with 400.",
        (EXCHANGE,),
        ("caps-filter-is-ignored", "bad-caps-gives-all"),
        "Asking a driver for everything takes seconds; that is why a client names two.",
        CAPABILITIES,
    ),
    row(
        74,
        M,
        "A value set by `caps` is that of the scan.",
        (EXCHANGE,),
        ("caps-are-not-set",),
        "Clients that set capabilities instead of `config` would scan with the defaults.",
        CAPABILITIES,
    ),
    row(
        75,
        M,
        "A capability that cannot be set makes the job faulted under `fail`, and does no harm under `ignore`.",
        (EXCHANGE,),
        ("fail-is-ignored", "ignore-fails"),
        "`fail` is how a client makes sure that it does not scan with other values than it wants.",
        CAPABILITIES,
    ),
    row(
        76,
        M,
        "`caps` are applied before `config`: where both set a value, that of `config` counts.",
        ("rest-api 5.1",),
        ("caps-win",),
        "Clients put the common case into `caps` and the single one into `config`.",
        CAPABILITIES,
    ),
    row(
        77,
        M,
        "The settings of a TWAIN scanner are a base64 text that a job takes back; another text is refused with 400.",
        (EXCHANGE, "rest-api 5.1"),
        ("settings-take-anything",),
        "A profile of another scanner that is swallowed scans with values that nobody chose.",
        TWAIN,
    ),
)
