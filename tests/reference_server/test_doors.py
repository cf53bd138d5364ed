"""The doors: which there are, where they are, what is behind each, and that none is left open when one cannot be had (S-018 to S-021, S-026)."""

from __future__ import annotations

import json
import os
import socket
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import trio

from reference_server.app import run
from reference_server.config import ServerConfig
from reference_server.exits import EXIT_START
from reference_server.wire.doors import DOORS, HTTPS, STATUS, STATUS_HTTPS, Door, door_port
from reference_server.wire.sockets import PortTakenError, listen_at_doors
from tests.reference_server.client import JOBS
from tests.reference_server.secure_wire import ask, running, send
from tests.reference_server.wire import read_answer, read_head


def test_ports_of_the_doors() -> None:
    """N, N+1, N+3 and N+4, as existing clients expect them; a door of its own port, a free one or none at all is a choice for each."""
    assert [door_port(door, 18622, None) for door in DOORS] == [18622, 18623, 18625, 18626]
    assert [door_port(door, 0, None) for door in DOORS] == [0, 0, 0, 0]
    assert [door_port(HTTPS, 18622, own) for own in (443, 0, "off")] == [443, 0, None]
    assert [door.flag for door in DOORS] == ["--http-port", "--https-port", "--status-port", "--status-https-port"]
    assert [(door.tls, door.scheme) for door in DOORS] == [(False, "http"), (True, "https")] * 2


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"port": 65532}, "status_https"),
        ({"port": -1}, "port -1"),
        ({"https_port": 65536}, "--https-port 65536"),
        ({"https_port": 18622}, "http and https"),
        ({"status_port": 18623}, "https and status"),
        ({"http_port": "off", "https_port": "off"}, "nothing left"),
        ({"key": Path("key.pem")}, "--cert"),
    ],
)
def test_ports_that_make_no_sense(changes: dict[str, object], complaint: str, tmp_path: Path) -> None:
    """They are refused before anything starts, with the door and its option."""
    with pytest.raises(ValueError, match=complaint):
        ServerConfig(tmp_path, **changes)  # type: ignore[arg-type]  # that is the point
    ServerConfig(tmp_path, port=65531)


async def test_what_is_behind_each_door(tmp_path: Path) -> None:
    """The API is on http and https, the status JSON on the two status doors; each is 404 on the other's, and the ready file knows them all."""
    async with running(tmp_path, ready_file=tmp_path / "ready.json") as ready:
        told = json.loads((tmp_path / "ready.json").read_text())
        assert told["ca"] == str(tmp_path / "cert" / "ca.pem") == ready.ca
        status, body = await ask(told["status"], ready.ca, "/status.json")
        assert status == 200
        figures = json.loads(body)
        ports = figures["ports"]
        assert {"version", "uptime", "paths", "buffer"} <= set(figures)
        assert figures["paths"]["data"] == str(tmp_path)
        assert figures["buffer"]["pages"] == 0
        assert figures["certificate"]["names"] == ["localhost", "127.0.0.1", "::1"]
        assert figures["certificate"]["days_left"] == 89
        bases = {name: f"{'https' if 'https' in name else 'http'}://127.0.0.1:{port}" for name, port in ports.items()}
        assert (bases["http"], bases["https"], bases["status"]) == (told["http"], told["https"], told["status"])
        assert sorted(bases) == sorted(door.name for door in DOORS)
        for name, base in bases.items():
            is_status = name.startswith("status")
            for path in ("/api/server/version", "/api/device/scanners"):
                status, body = await ask(base, ready.ca, path)
                assert status == (404 if is_status else 200), (name, path)
                assert (b"statusCode" in body) is is_status
            assert (await ask(base, ready.ca, "/status.json"))[0] == (200 if is_status else 404), name


async def test_the_status_door_is_for_its_own_origin(tmp_path: Path) -> None:
    """No other origin, not even a loopback one that may use the API, and no other host name gets a figure; nothing carries a CORS header."""
    async with running(tmp_path) as ready:
        for line, wanted in (
            (f"Origin: {ready.status}", 200),
            ("Origin: http://localhost:3000", 403),
            ("Origin: https://evil.example", 403),
            ("Sec-Fetch-Site: cross-site", 403),
        ):
            async with await send(ready.status, ready.ca, "GET", "/status.json", b"", line) as stream:
                status, headers, _ = await read_head(stream)
                assert status == wanted, line
                assert not [name for name in headers if name.startswith("access-control")]
        port = urlsplit(ready.status or "").port or 0
        async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
            await stream.send_all(b"GET /status.json HTTP/1.1\r\nHost: rebound.example\r\n\r\n")
            assert (await read_answer(stream))[0] == 403
        async with await send(ready.status, ready.ca, "POST", "/status.json") as stream:
            assert (await read_answer(stream))[0] == 405


async def test_urls_have_the_scheme_of_the_door(tmp_path: Path) -> None:
    """What is made from the request (Location, the URL of a page) is https on the https door, so that a page there can follow it (rest-api.md 1.7)."""
    async with running(tmp_path) as ready:
        for base in (ready.http, ready.https):
            async with await send(base, ready.ca, "POST", JOBS, b"{}") as stream:
                status, headers, _ = await read_head(stream)
            assert status == 201
            assert headers["location"].startswith(f"{base}{JOBS}/")
            job = urlsplit(headers["location"]).path
            status, body = await ask(base, ready.ca, f"{job}/next-page-info")
            assert status == 200
            assert json.loads(body)["url"].startswith(f"{base}{job}/")
            async with await send(base, ready.ca, "DELETE", job) as stream:
                assert (await read_answer(stream))[0] == 204


async def test_doors_that_are_off(tmp_path: Path) -> None:
    """A door that is switched off is not opened and is null everywhere; without one that speaks TLS no authority is made."""
    shut: dict[str, Any] = {door.field: "off" for door in (HTTPS, STATUS, STATUS_HTTPS)}
    async with running(tmp_path, **shut) as ready:
        assert (ready.https, ready.status, ready.ca) == (None, None, None)
        assert (await ask(ready.http, None, "/api/server/version"))[0] == 200
        assert not (tmp_path / "cert").exists()
    shut["status_port"] = 0
    async with running(tmp_path, **shut) as ready:
        assert json.loads((await ask(ready.status, None, "/status.json"))[1])["certificate"] is None
    async with running(tmp_path, http_port="off", status_port="off") as ready:
        assert ready.http is None
        assert ready.status is not None
        assert ready.status.startswith("https:")
        assert (await ask(ready.https, ready.ca, "/api/server/version"))[0] == 200


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_any_port_that_is_taken(door: Door, tmp_path: Path) -> None:
    """The exit code is 2, the message names the port, its holder, the door and the option; no other door stays open and nothing is left behind."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said: list[str] = []
        config = ServerConfig(tmp_path / "data", port=0, ready_file=tmp_path / "ready", **{door.field: port})
        assert run(config, announce=said.append) == EXIT_START
        (line,) = said
        for word in (f"Port {port}", f"process {os.getpid()}", f"for {door.name}", door.flag):
            assert word in line
    assert list(tmp_path.iterdir()) == []


def test_nothing_stays_bound(tmp_path: Path) -> None:
    """When the last door cannot be had, the ports of the first ones are free again at once."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        free = []
        for _ in range(3):
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                free.append(probe.getsockname()[1])
        ports = dict(zip([door.field for door in DOORS], [*free, other.getsockname()[1]], strict=True))
        with ExitStack() as stack, pytest.raises(PortTakenError):
            listen_at_doors(ServerConfig(tmp_path, **ports), stack)
        for port in free:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
