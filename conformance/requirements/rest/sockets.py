"""REST-98 to REST-101: notices by WebSocket."""

from conformance.requirements.rest.facts import WEB_SOCKETS
from conformance.requirements.rest.row import row
from conformance.verdicts import Level

M = Level.MUST
CHAPTER = "rest-api 5.10"

REQUIREMENTS = (
    row(
        98,
        M,
        "`protocol` stands in the 201 only if requireWebsocket asked for it.",
        (CHAPTER,),
        ("protocol-unasked",),
        "The .NET client waits for the socket's notices as soon as it sees the block.",
    ),
    row(
        99,
        M,
        "`protocol` names the job, and a `websocket` with a ws or wss address of the client's own host, a subprotocol that is granted, and a response.",
        (CHAPTER, "rest-api 1.7", "RFC 6455 4.2.2"),
        ("socket-with-a-host-of-its-own", "subprotocol-is-not-granted"),
        "If connecting fails the .NET client deletes the job and gives up.",
        WEB_SOCKETS,
    ),
    row(
        100,
        M,
        "After the response each page is one notice with `imageuid` and `url`, and the end is one onPostAllTransferAsync, also to who comes late.",
        (CHAPTER,),
        ("no-notice-of-the-end", "page-without-notice"),
        "The .NET client counts notices as page numbers, and waits for the last.",
        WEB_SOCKETS,
    ),
    row(
        101,
        M,
        "An upgrade from an origin that is not let in is refused.",
        ("S-073", "RFC 6455 10.2", CHAPTER),
        ("socket-open-to-the-web",),
        "WebSockets know no CORS: any page of the web could listen to what is scanned here.",
        WEB_SOCKETS,
    ),
)
