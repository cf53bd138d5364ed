"""The whole matrix over the running application: origin by host by endpoint by method, and every WebSocket, with the expected answer in each cell.

What is expected is written down here once more, from the design and rest-api.md, and not taken from the table: a row that is wrong there fails here.
"""

from __future__ import annotations

import itertools
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog

from device_protocol.testing import Jumper, run
from reference_server.access import guesses
from reference_server.access.table import TABLE, Doing, Facts, HostName, Origin, Peer, Row, Site, decide
from reference_server.endpoints.table import ENDPOINTS
from reference_server.modes import AccessMode
from reference_server.web_sockets.table import SOCKETS
from tests.reference_server.client import Client, lab
from tests.reference_server.test_access import HOSTS, LISTED, ORIGINS, PEERS, SITES, TOKEN, changes

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
NOBODY = b"[1]"
"""A body that no endpoint takes, so that nothing comes of an admitted request."""

JOB = "/api/device/scanners/jobs/00000000-0000-0000-0000-000000000000"
DOCUMENT = "/api/storage/documents/000000000000"
JOB_PATH = "/api/device/scanners/jobs/{jobuid}"
DOCUMENT_PATH = "/api/storage/documents/{documentuid}"
ADMITTED: dict[str, tuple[str, dict[str, int]]] = {
    # path of the contract: a request of it, and what each method answers there for what nobody knows (rest-api.md 2, 8)
    "/api/server": ("/api/server", {"GET": 200, "PATCH": 400}),
    "/api/server/version": ("/api/server/version", {"GET": 200}),
    "/api/openapi.json": ("/api/openapi.json", {"GET": 200}),
    "/api/device/scanners": ("/api/device/scanners", {"GET": 200}),
    "/api/device/scanners/jobs": ("/api/device/scanners/jobs", {"POST": 400}),
    JOB_PATH: (JOB, {"GET": 404, "PATCH": 404, "DELETE": 404}),
    f"{JOB_PATH}/scanner/capabilities": (f"{JOB}/scanner/capabilities", {"GET": 404}),
    f"{JOB_PATH}/scanner/settings": (f"{JOB}/scanner/settings", {"GET": 404}),
    f"{JOB_PATH}/next-page": (f"{JOB}/next-page", {"GET": 404}),
    f"{JOB_PATH}/next-page-info": (f"{JOB}/next-page-info", {"GET": 404}),
    f"{JOB_PATH}/content": (f"{JOB}/content?page=0", {"GET": 404}),
    "/api/storage/documents": (
        "/api/storage/documents",
        {"POST": 400, "GET": 400, "DELETE": 400},
    ),  # D-05: GET and DELETE
    DOCUMENT_PATH: (DOCUMENT, {"GET": 404, "PATCH": 404, "DELETE": 404}),
    f"{DOCUMENT_PATH}/content": (f"{DOCUMENT}/content", {"GET": 404}),
    f"{DOCUMENT_PATH}/pages": (f"{DOCUMENT}/pages", {"POST": 404}),
    f"{DOCUMENT_PATH}/pages/{{param}}": (f"{DOCUMENT}/pages/0", {"DELETE": 404}),
    "/api/process/read-barcode": ("/api/process/read-barcode", {"POST": 400}),
    "/api/process/check-blank": ("/api/process/check-blank", {"POST": 400}),
    "/api/flatbed/events": ("/api/flatbed/events", {"GET": 426}),
    "/api/flatbed/events/schema.json": ("/api/flatbed/events/schema.json", {"GET": 200}),
    "/api/flatbed/jobs": ("/api/flatbed/jobs", {"GET": 426}),
    "/DWTAPI/Scanners": ("/DWTAPI/Scanners", {"GET": 200}),
    "/DWTAPI/ScanJobs": ("/DWTAPI/ScanJobs", {"POST": 400}),
    "/DWTAPI/ScanJobs/{jobuid}": ("/DWTAPI/ScanJobs/x", {"DELETE": 404}),
    "/DWTAPI/ScanJobs/{jobuid}/NextDocument": ("/DWTAPI/ScanJobs/x/NextDocument", {"GET": 404}),
}
UNKNOWN = (
    "/",
    "/api",
    "/api/nothing",
    "/status.json",
    "/control",
    "/control/faults",
    "/admin/",
    "/fa/VersionInfo",
    "/../etc/passwd",
)
SOCKET_REQUESTS = {
    # path and subprotocol of each WebSocket: what an admitted request of it answers, 101 being an open one
    ("/api/flatbed/events", "flatbed.events.v1"): 101,
    ("/api/flatbed/jobs", "no-such-protocol"): 400,
    ("/anywhere", "dwt_command"): 101,
    ("/api/nothing", ""): 404,
}


def refused(mode: AccessMode, peer: Peer, host: HostName, origin: Origin, site: Site, doing: Doing) -> str | None:
    """The flag that a refusal names, empty if none would help; None for what is let in. From the text of design 6, in its words."""
    locked = mode is AccessMode.LOCKED
    if peer is Peer.STRANGER and doing is not Doing.PREFLIGHT:  # beyond loopback a token is needed
        return "--trust-network"
    if locked and peer in {
        Peer.OTHER_USER,
        Peer.TRUSTED,
    }:  # connections of another user are refused; networks are trusted in lab only
        return "--access lab"
    if host is HostName.MISSING:  # a missing Host is refused
        return ""
    if host is HostName.FOREIGN:  # loopback names, bind names and --allow-host
        return "--allow-host"
    if origin in {Origin.FOREIGN, Origin.OPAQUE}:  # null, file: and extension origins are refused unless listed
        return "--allow-origin"
    if locked and origin in {Origin.LOOPBACK, Origin.DOTNET}:  # locked: only listed origins
        return "--allow-origin"
    if origin is Origin.NONE and doing is not Doing.PAGE_BY_UID:
        if site is Site.CROSS_SITE:  # cross-site without Origin may only GET next-page?page=UID
            return ""
        if locked and site is Site.SAME_SITE:  # another port of this machine is an unlisted origin that says no name
            return "--access lab"
    return None


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Some ten thousand requests are not worth as many lines."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.configure(**before)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most of these requests name what is not there; here that is no guessing."""
    monkeypatch.setattr(guesses, "BURST", 10**9)


def other_user(client: tuple[str, int], _server: tuple[str, int]) -> bool | None:
    """Who connects from 127.0.0.9 is somebody else."""
    return False if client[0] == "127.0.0.9" else None


def requests() -> Iterator[tuple[str, str, int]]:
    """Every method on every path, known or not, and what it answers when it is let in."""
    for path, statuses in ADMITTED.values():
        for method in METHODS:
            yield method, path, 204 if method == "OPTIONS" else statuses.get(method, 405)
    yield "GET", f"{JOB}/next-page?page=000000000000", 404
    for path, method in itertools.product(UNKNOWN, METHODS):
        yield method, path, 204 if method == "OPTIONS" else 404


def doing_of(method: str, path: str) -> Doing:
    """What access cares about in a request."""
    if method == "OPTIONS":
        return Doing.PREFLIGHT
    by_uid = method == "GET" and re.fullmatch(r"/api/device/scanners/jobs/[^/]+/next-page\?page=.*", path)
    return Doing.PAGE_BY_UID if by_uid else Doing.OTHER


@pytest.mark.parametrize("mode", AccessMode)
def test_every_origin_host_endpoint_and_method(mode: AccessMode, tmp_path: Path) -> None:
    """Each cell is answered as written down here: what is let in reaches its endpoint, with CORS for its origin; what is not gets 403 and no CORS header."""

    async def main() -> None:
        cells = 0
        async with lab(tmp_path, **changes(mode)) as it:
            client = it.client
            for host, origin in itertools.product(HostName, Origin):
                client.host = HOSTS[host][0]
                said = ORIGINS[origin][0]
                headers = {} if said is None else {"Origin": said}
                for method, path, admitted in requests():
                    body = NOBODY if method in {"POST", "PATCH", "PUT"} else None
                    reply = await client.request(method, path, body, headers)
                    flag = refused(mode, Peer.LOCAL, host, origin, Site.OWN, doing_of(method, path))
                    _judge(reply.status, reply.headers, reply.body, flag, admitted, said, (host, origin, method, path))
                    cells += 1
        assert cells == 24 * (8 * (len(ADMITTED) + len(UNKNOWN)) + 1)

    run(main, clock=Jumper())


def _judge(
    status: int, headers: dict[str, str], body: bytes, flag: str | None, admitted: int, origin: str | None, where: Any
) -> None:
    cors = [name for name in headers if name.startswith("Access-Control")]
    if flag is None:
        assert status == admitted, (where, status, body)
        assert headers.get("Access-Control-Allow-Origin") == origin, where
    else:
        assert status == 403, (where, status)
        assert flag in body.decode(), where
        assert not cors, where
    assert headers["Vary"] == "Origin", where


def test_every_combination_of_facts() -> None:
    """The table says the same as the design for every peer, host, origin, site and kind of request, in both modes, and names the same flag."""
    for facts in itertools.product(AccessMode, Peer, HostName, Origin, Site, Doing):
        row = decide(Facts(*facts))
        assert _verdict(row) == refused(*facts), (facts, row.name)


def test_a_wrong_row_is_noticed() -> None:
    """What is written down here notices each row of the table that is missing, or that says the opposite."""
    everything = list(itertools.product(AccessMode, Peer, HostName, Origin, Site, Doing))
    for index, row in enumerate(TABLE):
        for wrong in ((), (replace(row, allow=not row.allow),)):
            table = (*TABLE[:index], *wrong, *TABLE[index + 1 :])
            said = [_verdict(next((item for item in table if item.fits(Facts(*facts))), None)) for facts in everything]
            assert said != [refused(*facts) for facts in everything], row.name


def _verdict(row: Row | None) -> str | None:
    """What a row says in the terms of :func:`refused`."""
    if row is not None and row.allow:
        return None
    return row.flag if row is not None and row.flag.startswith("--") else ""


@pytest.mark.parametrize("mode", AccessMode)
def test_every_peer_and_site(mode: AccessMode, tmp_path: Path) -> None:
    """Over the application: every peer, site, host and origin on one endpoint, a page by UID and an unknown path."""

    async def main() -> None:
        wanted = [
            ("GET", "/api/server", 200),
            ("GET", f"{JOB}/next-page?page=000000000000", 404),
            ("POST", "/nothing", 404),
        ]
        async with lab(tmp_path, token=TOKEN, same_user=other_user, **changes(mode)) as it:
            for peer, host, origin, site in itertools.product(Peer, HostName, Origin, Site):
                if (peer, mode) in {(Peer.TRUSTED, AccessMode.LOCKED), (Peer.OTHER_USER, AccessMode.LAB)}:
                    continue  # refused by the configuration, not told apart in lab mode
                address, token = PEERS[peer]
                it.client.peer, it.client.host = (address, 50000), HOSTS[host][0]
                said, fetch = ORIGINS[origin][0], SITES[site][0]
                headers = {} if said is None else {"Origin": said}
                headers |= {} if fetch is None else {"Sec-Fetch-Site": fetch}
                headers |= {} if token is None else {"Authorization": token}
                for method, path, admitted in wanted:
                    reply = await it.client.request(method, path, headers=headers)
                    flag = refused(mode, peer, host, origin, site, doing_of(method, path))
                    _judge(
                        reply.status, reply.headers, reply.body, flag, admitted, said, (peer, host, origin, site, path)
                    )

    run(main, clock=Jumper())


async def upgrade(client: Client, path: str, subprotocol: str, host: str | None, headers: dict[str, str]) -> int:
    """A WebSocket, closed at once; the status of the answer, 101 for one that opened."""
    lines = [] if host is None else [(b"host", host.encode())]
    lines += [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    scope = {
        "type": "websocket",
        "http_version": "1.1",
        "scheme": "ws",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": lines,
        "subprotocols": [subprotocol] if subprotocol else [],
        "client": client.peer,
        "server": client.server,
    }
    statuses: list[int] = []
    coming: list[dict[str, Any]] = [{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1005}]

    async def receive() -> dict[str, Any]:
        return coming.pop(0) if len(coming) > 1 else coming[0]

    async def send(message: Any) -> None:
        if message["type"] == "websocket.accept":
            statuses.append(101)
        elif message["type"] == "websocket.http.response.start":
            statuses.append(message["status"])
            assert not [name for name, _ in message["headers"] if name.startswith(b"access-control")]

    await client.application(scope, receive, send)
    return statuses[0]


@pytest.mark.parametrize("mode", AccessMode)
def test_every_web_socket(mode: AccessMode, tmp_path: Path) -> None:
    """An upgrade is let in as any other request is, whatever its path and subprotocol: no WebSocket from a foreign origin or by a rebound name (S-073)."""

    async def main() -> None:
        async with lab(tmp_path, token=TOKEN, same_user=other_user, **changes(mode)) as it:
            for peer, host, origin, site in itertools.product(Peer, HostName, Origin, (Site.OWN, Site.CROSS_SITE)):
                if (peer, mode) in {(Peer.TRUSTED, AccessMode.LOCKED), (Peer.OTHER_USER, AccessMode.LAB)}:
                    continue  # see above
                address, token = PEERS[peer]
                it.client.peer = (address, 50000)
                said, fetch = ORIGINS[origin][0], SITES[site][0]
                headers = {} if said is None else {"Origin": said}
                headers |= {} if fetch is None else {"Sec-Fetch-Site": fetch}
                headers |= {} if token is None else {"Authorization": token}
                flag = refused(mode, peer, host, origin, site, Doing.OTHER)
                for (path, subprotocol), admitted in SOCKET_REQUESTS.items():
                    status = await upgrade(it.client, path, subprotocol, HOSTS[host][0], headers)
                    assert status == (admitted if flag is None else 403), (peer, host, origin, site, path)

    run(main, clock=Jumper())


def test_nothing_is_missing_here() -> None:
    """Every endpoint and every WebSocket that there is stands in this file with its methods: a new one needs its expected answers here."""
    there = {endpoint.path: set(endpoint.methods) for endpoint in ENDPOINTS}
    assert {path: set(statuses) for path, (_, statuses) in ADMITTED.items()} == there
    paths = {path for path, _ in SOCKET_REQUESTS}
    assert all(socket.path is None or socket.path in paths for socket in SOCKETS)
    assert {socket.subprotocol for socket in SOCKETS if socket.path is None} <= {name for _, name in SOCKET_REQUESTS}
    assert LISTED in {origin for origins in ORIGINS.values() for origin in origins}
