"""ESCL-01 to ESCL-10: HTTP itself, before anything is scanned."""

from conformance.requirements.escl.facts import SECURE
from conformance.requirements.escl.row import row
from conformance.verdicts import Level

M, S = Level.MUST, Level.SHOULD

REQUIREMENTS = (
    row(
        1,
        M,
        "Every answer is HTTP/1, ends, and has the length that it announces.",
        ("RFC 9112 6", "RFC 9110 8.6"),
        ("length-too-long", "chunk-never-ends"),
        "A client waits for bytes that never come, or takes half a document for a whole one.",
    ),
    row(
        2,
        M,
        "A connection that the scanner does not say it closes takes further requests.",
        ("RFC 9112 9.3", "RFC 9112 9.6", "sane-escl 3.6", "sane-escl 3.4"),
        ("closes-without-a-word",),
        "Clients that keep their connection lose the next request, and cannot know whether a job was made.",
    ),
    row(
        3,
        M,
        "HEAD gives no body, and HEAD of NextDocument uses up no page.",
        ("RFC 9110 9.3.2", "sane-escl 3.6"),
        ("head-eats-a-page", "head-has-a-body"),
        "Proxies and monitors send HEAD at any time; paper that went through for one cannot be scanned again.",
    ),
    row(
        4,
        M,
        "Documents are where they are asked for: no answer is a redirect.",
        ("RFC 9110 15.4", "sane-escl 3.2"),
        ("redirects-elsewhere",),
        "Drivers do not follow redirects; one that did would hand its pages to whoever answers there.",
    ),
    row(
        5,
        M,
        "A path that is none is answered 404.",
        ("RFC 9110 15.5.5",),
        ("any-path-is-fine",),
        "Clients probe for ScanImageInfo and the like and would take the answer for that document.",
    ),
    row(
        6,
        M,
        "A method that a path does not have is refused with an error, and nothing happens.",
        ("RFC 9110 15.5.6", "RFC 9110 15.6.2"),
        ("any-method-is-get", "put-makes-a-job"),
        "A scanner that moves for a request that nobody meant as an order wastes paper and blocks others.",
    ),
    row(
        7,
        S,
        "A method that a path does not have is refused with 501, or with 405 that says in `Allow` what there is instead.",
        ("RFC 9110 9.1", "RFC 9110 15.5.6", "RFC 9110 10.2.1"),
        ("no-allow", "wrong-method-is-400"),
        "It spares whoever writes a client a look into the standard.",
    ),
    row(
        8,
        M,
        "Sixteen requests at once are all answered as one would be.",
        ("sane-escl 3.6", "RFC 9110 3.3"),
        ("few-at-a-time", "mixes-up-answers"),
        "An office asks its scanner from many desks; who comes second must not be told that there is no scanner.",
    ),
    row(
        9,
        M,
        "Over TLS, no address that the scanner gives away leads out of TLS.",
        ("eSCL 5", "RFC 9110 4.2.2"),
        ("leaves-tls",),
        "The pages of a client that asked for secrecy would cross the network in the clear.",
        SECURE,
    ),
    row(
        10,
        M,
        "Capabilities and status come within five seconds, also while a job runs.",
        ("sane-escl 3.2",),
        ("slow-status",),
        "sane-airscan gives up after five seconds and says that the scanner is broken.",
    ),
)
