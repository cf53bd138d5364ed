"""The page of the documentation that shows the access table cell by cell, made from the table and the endpoints themselves."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

from reference_server.access.table import Doing, Facts, HostName, Origin, Peer, Site, decide
from reference_server.application import METHODS
from reference_server.endpoints.operation import Endpoint, Operation
from reference_server.endpoints.table import describe_endpoints
from reference_server.modes import AccessMode
from reference_server.web_sockets.table import SOCKETS

YES = "yes"
_INTRODUCTION = """\
# Who may do what

This page is made from the access table (`reference_server/access/table.py`) and the endpoints. Tests hold every cell of it against a running service, and
write down once more, by themselves, what each cell should say.

A request is let in or refused by where it comes from, by its `Host`, `Origin` and `Sec-Fetch-Site`, and by its kind; what it then does is the
endpoint's. A refusal is 403 with code -2137 and without CORS headers; its message names the flag that would allow the request, where there is one.
Whoever is let in with an `Origin` gets the CORS headers for that very origin.
"""
_FACTS = (
    (
        "peer",
        (
            "`this machine`; `another user of this machine` (told apart in locked mode, where the system says who has the other end); `a trusted network` "
            "(`--trust-network`); `another machine, with the token` (`Authorization: Bearer`); `another machine`"
        ),
    ),
    (
        "host",
        (
            "`loopback`: 127.0.0.1, [::1], localhost; `configured`: the bind name, `--allow-host`, the very address that was connected to; any port, case and "
            "a final dot do not matter; `missing`; `foreign`: everything else"
        ),
    ),
    (
        "origin",
        (
            "`none`; `listed`: `--allow-origin`, byte for byte; `loopback`: http or https on a loopback name, any port; `dotnet client`: "
            "`dynamic-web-twain.net://...`; `null, file or extension`; `foreign`: everything else, two of them, or an empty one"
        ),
    ),
    ("site", "`Sec-Fetch-Site`: `absent, none or same-origin`; `same-site`; `cross-site`, or any other word"),
    (
        "kind",
        "`preflight`: OPTIONS; `next-page?page=UID`: a GET that moves no cursor; `other`: everything else, upgrades to a WebSocket included",
    ),
)
_STATUS_PORT = """\
## The status port

No request with an `Origin` but its own, and none from another site or another port, is answered, save GET `/` and `/admin/`, which say nothing; there
are no CORS headers; peers and hosts are as above. The paths of the API are 404 there, as those of the status port are on the API port. The control
API is there in lab mode only, for this machine and trusted networks, and asks for a token of its own: 401 without it.

## Beyond the table

* A job or document belongs to the origin that made it: other origins get 403. One that was made without an origin belongs to whoever knows its UID.
* Whoever asks for more than sixty jobs, pages or documents that are not there gets 429 with `Retry-After`; five a second are forgiven.
* A page that is let in may still be denied a scanner by a person: `--consent`.
"""


def access_markdown() -> str:
    """The page."""
    facts = _table(["fact", "values"], [list(row) for row in _FACTS])
    parts = [_INTRODUCTION, facts, "## The table\n", *_decisions(), "## The requests\n", *_requests(), _STATUS_PORT]
    return "\n".join(parts)


def _decisions() -> Iterable[str]:
    """One table for each mode and each group of peers that are treated alike."""
    for mode in AccessMode:
        groups: dict[tuple[str, ...], list[Peer]] = {}
        for peer in Peer:
            groups.setdefault(tuple(itertools.chain.from_iterable(_cells(mode, peer))), []).append(peer)
        for peers in groups.values():
            yield f"### {mode}: {'; '.join(peer.value for peer in peers)}\n"
            yield _table(
                ["host", "origin", *(f"{doing.value}, {site.value}" for doing, site in itertools.product(Doing, Site))],
                _merged(mode, peers[0]),
            )


def _cells(mode: AccessMode, peer: Peer) -> list[tuple[str, ...]]:
    """The answers for each host and origin, in the order of both."""
    return [_answers(mode, peer, host, origin) for host, origin in itertools.product(HostName, Origin)]


def _answers(mode: AccessMode, peer: Peer, host: HostName, origin: Origin) -> tuple[str, ...]:
    rows = (decide(Facts(mode, peer, host, origin, site, doing)) for doing, site in itertools.product(Doing, Site))
    return tuple(YES if row.allow else f"403 `{row.flag}`" if row.flag.startswith("--") else "403" for row in rows)


def _merged(mode: AccessMode, peer: Peer) -> list[list[str]]:
    """Rows, with origins and then hosts of the same answers in one."""
    by_host: dict[tuple[tuple[tuple[Origin, ...], tuple[str, ...]], ...], list[HostName]] = {}
    for host in HostName:
        by_answers: dict[tuple[str, ...], list[Origin]] = {}
        for origin in Origin:
            by_answers.setdefault(_answers(mode, peer, host, origin), []).append(origin)
        key = tuple((tuple(origins), answers) for answers, origins in by_answers.items())
        by_host.setdefault(key, []).append(host)
    return [
        ["; ".join(host.value for host in hosts), _all_or(origins), *answers]
        for key, hosts in by_host.items()
        for origins, answers in key
    ]


def _all_or(origins: Sequence[Origin]) -> str:
    return "any" if len(origins) == len(Origin) else "; ".join(origin.value for origin in origins)


def _requests() -> Iterable[str]:
    yield "What each method answers once it is let in: its statuses of success and of its own refusals, each sorted; 503 can come of any.\n"
    methods = [method for method in METHODS.split(", ") if method != "OPTIONS"]
    rows = [
        [f"`{endpoint.path}`", *(_cell(endpoint, method) for method in methods), "204"]
        for endpoint in describe_endpoints()
    ]
    rows.append(["every other path", *("404" for _ in methods), "204"])
    yield _table(["path", *methods, "OPTIONS"], rows)
    yield "Other methods (HEAD, PUT, TRACE ...) are 405 on a path of the table, and 404 elsewhere. 405 names the methods that there are.\n"
    sockets = [
        [f"`{socket.path}`" if socket.path else "any path", f"`{socket.subprotocol}`", "101"] for socket in SOCKETS
    ]
    yield _table(["WebSocket", "subprotocol", "when let in"], [*sockets, ["every other path", "any", "404"]])


def _cell(endpoint: Endpoint, method: str) -> str:
    operation = endpoint.operation(method)
    return "405" if operation is None else _statuses(operation)


def _statuses(operation: Operation) -> str:
    errors = sorted(set(operation.errors) - {503})
    return ", ".join(str(status) for status in (*sorted(operation.success), *errors))


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
