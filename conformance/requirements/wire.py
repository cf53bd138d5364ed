"""WIRE: what eSCL scanners and the local scanning service owe their clients on the wire (device-models.md 6)."""

from conformance.requirements.model import Profile, Requirement, Status, Subject
from conformance.verdicts import Level

M = Level.MUST
ESCL, SERVICE = frozenset({Subject.ESCL}), frozenset({Subject.SERVICE})
BOTH = ESCL | SERVICE


def _row(
    name: str,
    text: str,
    sources: tuple[str, ...],
    kills: tuple[str, ...],
    why: str,
    subjects: frozenset[Subject],
    planned: str = "its check is being written",
) -> Requirement:
    return Requirement(
        name,
        M,
        text,
        sources,
        kills,
        profile=Profile.ESCL if Subject.ESCL in subjects else Profile.REST,
        since=2,
        status=Status.PLANNED if planned else Status.ACTIVE,
        why_planned=planned,
        why=why,
        subjects=subjects,
    )


REQUIREMENTS = (
    _row(
        "WIRE-01",
        "Capabilities and status are well-formed XML in eSCL's namespaces, valid by its schema, and say their version.",
        ("eSCL 8.1.4", "eSCL 9"),
        ("bad-namespace",),
        "A client that parses by the schema cannot even list such a scanner.",
        ESCL,
    ),
    _row(
        "WIRE-02",
        "Creating a job gives 201 and a Location that resolves from the client's own address, by IPv4 and by IPv6.",
        ("RFC 9110 15.3.2", "RFC 9110 10.2.2", "HP Location, truncated IPv6 (issues)"),
        ("bogus-host",),
        "A Location with a host that only the scanner knows leaves a job that nobody can fetch or delete.",
        ESCL,
    ),
    _row(
        "WIRE-03",
        "A body that cannot be parsed is answered in the 400 class, a setting that is not supported by 409; neither makes a job.",
        ("RFC 9110 15.5.1", "RFC 9110 15.5.10", "virtual-usb-printer", "go-mfp"),
        ("bad-body-makes-a-job",),
        "A client must be able to tell its own mistake from one of the scanner, and nothing may move for it.",
        ESCL,
    ),
    _row(
        "WIRE-04",
        "A busy scanner answers 503 with a hint when to retry, and a later retry works.",
        ("RFC 9110 15.6.4", "RFC 9110 10.2.3", "NAPS2", "go-mfp"),
        ("busy-is-409",),
        "409 tells a client to give up; 503 tells it to wait.",
        ESCL,
    ),
    _row(
        "WIRE-05",
        "The end of the pages is 404 and nothing else.",
        ("RFC 9110 15.5.5", "AirSane #135"),
        ("end-is-409",),
        "Clients take any other status for a failed scan and throw good pages away.",
        ESCL,
    ),
    _row(
        "WIRE-06",
        "A page whose transfer broke can be fetched again, unchanged.",
        ("NAPS2",),
        ("broken-page-is-gone",),
        "The paper has gone through: a page that is lost in the network cannot be scanned again.",
        ESCL,
    ),
    _row(
        "WIRE-07",
        "Asking early for the next page waits or gives 503, and is never told that there are no more.",
        ("Brother (issues)",),
        ("premature-404",),
        "A fast client would end with fewer pages than there is paper.",
        ESCL,
    ),
    _row(
        "WIRE-08",
        "DELETE ends a job, can be repeated, and does no harm after completion.",
        ("RFC 9110 9.2.2", "RFC 9110 9.3.5", "sane-airscan"),
        ("delete-fails-afterwards",),
        "Careful clients delete what they have finished; that must not look like a failure or break the next job.",
        ESCL,
    ),
    _row(
        "WIRE-09",
        "The state of the feeder agrees with what a job then does.",
        ("AirSane #136",),
        ("always-empty",),
        "Clients decide by it whether to offer the feeder at all.",
        ESCL,
    ),
    _row(
        "WIRE-10",
        "The check of the Host header accepts every name and port that the target announces, and refuses foreign names.",
        ("RFC 9110 7.2", "sane-airscan quirks", "S-073"),
        ("localhost-only", "any-host"),
        "Too strict, and clients on the network are locked out; too lax, and a web page can rebind a name to the scanner.",
        BOTH,
    ),
    _row(
        "WIRE-11",
        "An error has an error status; there is no error text under 200.",
        ("RFC 9110 15", "Lexmark, Xerox (issues)"),
        ("error-under-200",),
        "A client would save the error text as a page.",
        BOTH,
    ),
    _row(
        "WIRE-12",
        "The history of jobs keeps at least the declared number, with true final states.",
        ("go-mfp (history of 10)",),
        ("forgets-jobs",),
        "A client that lost its connection learns only there how its job ended.",
        ESCL,
    ),
    _row(
        "WIRE-13",
        "A service on loopback refuses foreign origins, and peers beyond loopback, as configured.",
        ("RFC 6455 10.2", "S-073"),
        ("open-to-the-web",),
        "Any web page could otherwise scan what lies on the glass.",
        SERVICE,
    ),
    _row(
        "WIRE-14",
        "WebSocket messages are in order for each job and name what they answer; close codes are right.",
        ("RFC 6455 7.4", "Autobahn (close verdicts)"),
        ("cross-talk",),
        "A page of somebody else's job, or a page counted twice, ends up in the wrong document.",
        SERVICE,
    ),
    _row(
        "WIRE-15",
        "The job of a client that vanished ends by itself and frees the device within the deadline.",
        ("TWAIN Direct (session timeout)",),
        ("stays-busy",),
        "One closed laptop would lock the scanner for everybody.",
        BOTH,
    ),
    _row(
        "WIRE-16",
        "Limits of bodies, jobs and sessions are enforced, with the documented status.",
        ("RFC 9110 15.5.14", "Hypercorn (limits)"),
        ("no-limits",),
        "Without them any client can fill the memory of the scanner or of the machine.",
        BOTH,
    ),
)
