"""The access table: its matrix over HTTP, and the rows that must never change, spelled independently (design 6)."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from device_protocol.testing import Jumper, run
from reference_server import app
from reference_server.access.table import TABLE, Doing, Facts, HostName, Origin, Peer, Site, decide
from reference_server.modes import AccessMode
from tests.reference_server.client import JOBS, Client, lab
from tests.reference_server.wire import read_answer, wire

TOKEN = "a-token-of-sixteen"
LISTED = "https://app.example"

ORIGINS: dict[Origin, list[str | None]] = {
    Origin.NONE: [None],
    Origin.LISTED: [LISTED, "chrome-extension://listed"],
    Origin.LOOPBACK: ["http://localhost:3000", "https://127.0.0.1", "http://[::1]:8080", "http://localhost"],
    Origin.DOTNET: ["dynamic-web-twain.net://QUJD"],
    Origin.OPAQUE: ["null", "file://", "chrome-extension://abc", "moz-extension://abc"],
    Origin.FOREIGN: [
        "https://evil.example",
        "https://app.example:444",
        "https://app.example.",
        "HTTPS://APP.EXAMPLE",
        "http://localhost.evil.example",
        "http://localhost:3000.evil.example",
        "http://127.0.0.1@evil.example",
        "http://localhost:99999999",
        "https://evil.example/http://localhost",
        "",
        "http://localhost:3000, http://evil.example",
        "caf\xe9",
    ],
}
HOSTS: dict[HostName, list[str | None]] = {
    HostName.LOOPBACK: ["127.0.0.1:18622", "localhost", "LocalHost.:1", "[::1]:18622"],
    HostName.CONFIGURED: ["scanner.lan:18622", "SCANNER.LAN."],
    HostName.MISSING: [None, ""],
    HostName.FOREIGN: [
        "evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.2",
        "localhost:1:2",
        "0.0.0.0",
        "user@localhost",
        "::1",
    ],
}
SITES: dict[Site, list[str | None]] = {
    Site.OWN: [None, "none", "same-origin"],
    Site.SAME_SITE: ["same-site"],
    Site.CROSS_SITE: ["cross-site", "surprise"],
}
PEERS: dict[Peer, tuple[str, str | None]] = {
    Peer.LOCAL: ("127.0.0.1", None),
    Peer.OTHER_USER: ("127.0.0.9", None),
    Peer.TRUSTED: ("10.1.2.3", None),
    Peer.TOKEN: ("192.0.2.1", f"Bearer {TOKEN}"),
    Peer.STRANGER: ("192.0.2.1", "Bearer wrong-wrong-wrong"),
}
DOINGS = {
    Doing.PREFLIGHT: ("OPTIONS", f"{JOBS}/x/next-page"),
    Doing.PAGE_BY_UID: ("GET", f"{JOBS}/x/next-page?page=000000000000"),
    Doing.OTHER: ("GET", "/api/server/version"),
}


async def ask(
    client: Client, peer: Peer, host: str | None, origin: str | None, site: str | None, doing: Doing
) -> tuple[int, dict[str, str], bytes]:
    """One request with such facts."""
    address, authorization = PEERS[peer]
    client.peer, client.host = (address, 50000), host
    headers = {} if authorization is None else {"Authorization": authorization}
    headers |= {} if origin is None else {"Origin": origin}
    headers |= {} if site is None else {"Sec-Fetch-Site": site}
    reply = await client.request(*DOINGS[doing], headers=headers)
    return reply.status, reply.headers, reply.body


def changes(mode: AccessMode) -> dict[str, Any]:
    """Configuration that makes every fact possible."""
    return {
        "access": mode,
        "allow_origin": (LISTED, "chrome-extension://listed"),
        "allow_host": ("scanner.lan",),
        "trust_network": ("10.0.0.0/8",) if mode is AccessMode.LAB else (),
    }


A, R = True, False
KEY_ROWS = [
    # mode, peer, host, origin, site, doing -> allowed; from the text of the design, not from the table
    (AccessMode.LAB, Peer.LOCAL, HostName.LOOPBACK, Origin.NONE, Site.OWN, Doing.OTHER, A),
    (AccessMode.LAB, Peer.LOCAL, HostName.LOOPBACK, Origin.LOOPBACK, Site.CROSS_SITE, Doing.OTHER, A),
    (AccessMode.LAB, Peer.LOCAL, HostName.LOOPBACK, Origin.LOOPBACK, Site.SAME_SITE, Doing.PREFLIGHT, A),
    (AccessMode.LAB, Peer.LOCAL, HostName.LOOPBACK, Origin.DOTNET, Site.OWN, Doing.OTHER, A),
    (AccessMode.LAB, Peer.LOCAL, HostName.LOOPBACK, Origin.LISTED, Site.CROSS_SITE, Doing.OTHER, A),
    (AccessMode.LAB, Peer.LOCAL, HostName.LOOPBACK, Origin.FOREIGN, Site.CROSS_SITE, Doing.OTHER, R),
    (AccessMode.LAB, Peer.LOCAL, HostName.LOOPBACK, Origin.FOREIGN, Site.CROSS_SITE, Doing.PREFLIGHT, R),
    (AccessMode.LAB, Peer.LOCAL, HostName.LOOPBACK, Origin.FOREIGN, Site.CROSS_SITE, Doing.PAGE_BY_UID, R),
    (AccessMode.LAB, Peer.LOCAL, HostName.LOOPBACK, Origin.OPAQUE, Site.CROSS_SITE, Doing.OTHER, R),
    (AccessMode.LAB, Peer.LOCAL, HostName.LOOPBACK, Origin.NONE, Site.CROSS_SITE, Doing.OTHER, R),
    (AccessMode.LAB, Peer.LOCAL, HostName.LOOPBACK, Origin.NONE, Site.CROSS_SITE, Doing.PAGE_BY_UID, A),
    (AccessMode.LAB, Peer.LOCAL, HostName.FOREIGN, Origin.NONE, Site.CROSS_SITE, Doing.PAGE_BY_UID, R),
    (AccessMode.LAB, Peer.LOCAL, HostName.FOREIGN, Origin.NONE, Site.OWN, Doing.OTHER, R),
    (AccessMode.LAB, Peer.LOCAL, HostName.FOREIGN, Origin.LISTED, Site.OWN, Doing.OTHER, R),
    (AccessMode.LAB, Peer.LOCAL, HostName.MISSING, Origin.NONE, Site.OWN, Doing.OTHER, R),
    (AccessMode.LAB, Peer.LOCAL, HostName.CONFIGURED, Origin.NONE, Site.OWN, Doing.OTHER, A),
    (AccessMode.LAB, Peer.STRANGER, HostName.CONFIGURED, Origin.NONE, Site.OWN, Doing.OTHER, R),
    (AccessMode.LAB, Peer.STRANGER, HostName.CONFIGURED, Origin.LISTED, Site.CROSS_SITE, Doing.PAGE_BY_UID, R),
    (AccessMode.LAB, Peer.STRANGER, HostName.CONFIGURED, Origin.LISTED, Site.CROSS_SITE, Doing.PREFLIGHT, A),
    (AccessMode.LAB, Peer.TOKEN, HostName.CONFIGURED, Origin.NONE, Site.OWN, Doing.OTHER, A),
    (AccessMode.LAB, Peer.TOKEN, HostName.CONFIGURED, Origin.FOREIGN, Site.OWN, Doing.OTHER, R),
    (AccessMode.LAB, Peer.TRUSTED, HostName.CONFIGURED, Origin.NONE, Site.OWN, Doing.OTHER, A),
    (AccessMode.LAB, Peer.TRUSTED, HostName.CONFIGURED, Origin.FOREIGN, Site.CROSS_SITE, Doing.OTHER, R),
    (AccessMode.LOCKED, Peer.LOCAL, HostName.LOOPBACK, Origin.NONE, Site.OWN, Doing.OTHER, A),
    (AccessMode.LOCKED, Peer.LOCAL, HostName.LOOPBACK, Origin.LISTED, Site.CROSS_SITE, Doing.OTHER, A),
    (AccessMode.LOCKED, Peer.LOCAL, HostName.LOOPBACK, Origin.LOOPBACK, Site.SAME_SITE, Doing.OTHER, R),
    (AccessMode.LOCKED, Peer.LOCAL, HostName.LOOPBACK, Origin.DOTNET, Site.OWN, Doing.OTHER, R),
    (AccessMode.LOCKED, Peer.LOCAL, HostName.LOOPBACK, Origin.NONE, Site.CROSS_SITE, Doing.PAGE_BY_UID, A),
    (AccessMode.LOCKED, Peer.LOCAL, HostName.LOOPBACK, Origin.NONE, Site.SAME_SITE, Doing.OTHER, R),
    (AccessMode.LOCKED, Peer.OTHER_USER, HostName.LOOPBACK, Origin.NONE, Site.OWN, Doing.OTHER, R),
    (AccessMode.LOCKED, Peer.STRANGER, HostName.CONFIGURED, Origin.LISTED, Site.OWN, Doing.OTHER, R),
    (AccessMode.LOCKED, Peer.TRUSTED, HostName.CONFIGURED, Origin.NONE, Site.OWN, Doing.OTHER, R),
    (AccessMode.LOCKED, Peer.TOKEN, HostName.CONFIGURED, Origin.LISTED, Site.OWN, Doing.OTHER, A),
]


@pytest.mark.parametrize("row", KEY_ROWS, ids=lambda row: "-".join(str(item) for item in row))
def test_key_rows(row: tuple[AccessMode, Peer, HostName, Origin, Site, Doing, bool]) -> None:
    """The decisions that the design spells out."""
    *facts, allowed = row
    assert decide(Facts(*facts)).allow is allowed  # type: ignore[arg-type]  # the tuple's types in order


async def test_who_connected_is_asked_once_a_connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Locked, the system is asked once for each connection and not for each request; another connection may be somebody else's."""
    asked: list[tuple[str, int]] = []

    def same_user(client: tuple[str, int], _server: tuple[str, int]) -> bool:
        asked.append(client)
        return len(asked) == 1

    monkeypatch.setattr(app, "same_user", same_user)
    async with wire(tmp_path, access="locked") as it:
        request = b"GET /api/server/version HTTP/1.1\r\nHost: localhost\r\n\r\n"
        for status in (200, 403):
            async with await it.connect() as stream:
                for _ in range(3):
                    await stream.send_all(request)
                    assert (await read_answer(stream))[0] == status
    assert len(asked) == 2


def test_every_refusing_row_can_be_reached() -> None:
    """No row of the table is dead, and every refusal has a message and says which flag helps, or that none does."""
    deciding = {
        decide(Facts(*facts)).name for facts in itertools.product(AccessMode, Peer, HostName, Origin, Site, Doing)
    }
    assert deciding == {row.name for row in TABLE}
    assert all(row.allow or (row.message and row.flag) for row in TABLE)


def test_every_spelling(tmp_path: Path) -> None:
    """Each spelling of a kind of origin, host and site is recognised as that kind: look-alikes are foreign, case and final dot of a host do not matter."""

    async def main() -> None:
        async with lab(tmp_path, **changes(AccessMode.LAB)) as it:
            cases = [("127.0.0.1", origin, None, kind) for kind, origins in ORIGINS.items() for origin in origins]
            for host, origin, site, kind in cases:
                status, headers, _ = await ask(it.client, Peer.LOCAL, host, origin, site, Doing.OTHER)
                assert (status == 200) is (kind not in {Origin.FOREIGN, Origin.OPAQUE}), origin
                assert headers["Vary"] == "Origin"
            for name, hosts in HOSTS.items():
                for host_ in hosts:
                    status, _, _ = await ask(it.client, Peer.LOCAL, host_, None, None, Doing.OTHER)
                    assert (status == 200) is (name in {HostName.LOOPBACK, HostName.CONFIGURED}), host_
            for kind_, sites in SITES.items():
                for site_ in sites:
                    status, _, _ = await ask(it.client, Peer.LOCAL, "127.0.0.1", None, site_, Doing.OTHER)
                    assert (status == 200) is (kind_ is not Site.CROSS_SITE), site_
            it.client.server = ("192.0.2.7", 18622)
            status, _, _ = await ask(it.client, Peer.LOCAL, "192.0.2.7:18622", None, None, Doing.OTHER)
            assert status == 200, "the very address that was connected to cannot be forged by a name"
            two = [(b"origin", b"http://localhost"), (b"origin", b"http://evil.example")]
            assert (await it.client.get("/api/server/version", raw_headers=two)).status == 403

    run(main, clock=Jumper())


def test_preflight(tmp_path: Path) -> None:
    """A preflight is answered on every path with the origin, credentials, all methods, the wanted headers, and private network when asked for."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            for path in ("/api/server", JOBS, f"{JOBS}/x/next-page", "/anything"):
                reply = await it.client.request(
                    "OPTIONS",
                    path,
                    headers={
                        "Origin": "http://localhost:3000",
                        "Access-Control-Request-Method": "POST",
                        "Access-Control-Request-Headers": "content-type,dwt-product-key",
                        "Access-Control-Request-Private-Network": "true",
                    },
                )
                assert (reply.status, reply.body) == (204, b"")
                assert reply.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
                assert reply.headers["Access-Control-Allow-Credentials"] == "true"
                assert reply.headers["Access-Control-Allow-Methods"] == "GET, POST, PATCH, DELETE, OPTIONS"
                assert reply.headers["Access-Control-Allow-Headers"] == "content-type,dwt-product-key"
                assert reply.headers["Access-Control-Allow-Private-Network"] == "true"
                assert int(reply.headers["Access-Control-Max-Age"]) > 0
                assert reply.headers["Vary"] == "Origin"
            reply = await it.client.request("OPTIONS", JOBS, headers={"Origin": "http://localhost"})
            assert "Access-Control-Allow-Private-Network" not in reply.headers

    run(main, clock=Jumper())


def test_cors_on_errors_and_images(tmp_path: Path) -> None:
    """Errors and images for an allowed origin carry its CORS headers too, so that a page can read why something failed."""

    async def main() -> None:
        headers = {"Origin": "http://localhost:3000"}
        async with lab(tmp_path) as it:
            reply = await it.client.request("POST", JOBS, {}, headers)
            job = f"{JOBS}/{reply.json()['jobuid']}"
            for path, status in ((f"{JOBS}/x", 404), (f"{job}/next-page", 200), (f"{job}/next-page?type=x", 400)):
                reply = await it.client.get(path, headers=headers)
                assert reply.status == status
                assert reply.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"

    run(main, clock=Jumper())


def test_a_foreign_page_can_eat_no_pages(tmp_path: Path) -> None:
    """An image tag on a foreign page moves no cursor: next-page without page is refused, with a UID it only looks (S-073)."""

    async def main() -> None:
        foreign = {"Sec-Fetch-Site": "cross-site"}
        async with lab(tmp_path) as it:
            job = await it.client.create()
            uid = (await it.client.get(f"{job}/next-page-info")).json()["imageuid"]
            assert (await it.client.get(f"{job}/next-page", headers=foreign)).status == 403
            assert (await it.client.get(f"{job}/next-page-info", headers=foreign)).status == 403
            assert (await it.client.get(f"{job}/content?page=0", headers=foreign)).status == 403
            first = await it.client.get(f"{job}/next-page?page={uid}", headers=foreign)
            assert first.status == 200
            assert (await it.client.get(f"{job}/next-page")).body == first.body

    run(main, clock=Jumper())
