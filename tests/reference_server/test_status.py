"""The status port: figures, redirect, nothing of the API, nothing for other origins (service-behaviour.md S-027 to S-030; design 6)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from device_protocol import Code, TransportFailure
from device_protocol.testing import Jumper, run
from reference_server.access.facts import FactFinder
from reference_server.status.application import StatusApplication
from reference_server.status.figures import StatusSource
from tests.reference_server.client import JOBS, Client, lab
from tests.reference_server.status import StatusLab, status_lab

OWN = "http://127.0.0.1:18625"


def with_status(tmp_path: Path, main: Any, **changes: Any) -> None:
    """Run *main* with both ports, in virtual time."""

    async def inside() -> None:
        async with status_lab(tmp_path, **changes) as it:
            await main(it)

    run(inside, clock=Jumper())


def test_figures(tmp_path: Path) -> None:
    """The status JSON has versions, ports, paths, log level, buffer, jobs by state, devices, drivers, counters and uptime."""

    async def main(it: StatusLab) -> None:
        await it.api.client.create()
        await it.api.client.get("/nowhere")
        it.host.late = ("sane",)
        it.host.failures = (TransportFailure("wia", Code.INTERNAL, "no"),)
        said = (await it.status.get("/status.json")).json()
        assert (said["schema"], said["product"], said["status"], said["access"]) == (1, "flatbed", "normal", "lab")
        assert said["version"]
        assert said["api_version"]
        assert set(said["ports"]) == {"http", "https", "status", "status_https"}
        assert said["paths"]["log"].endswith("server.log")
        assert said["paths"]["audit"].endswith("audit.log")
        assert said["log_level"] == 1
        assert said["buffer"]["memory_limit"] > 0
        assert sum(said["jobs"].values()) == 1
        assert said["devices"] == 3
        assert said["host"] == {"open": 1}
        assert said["scans"] == [
            {"device": "virtual:feeder", "state": "running", "pages": 0, "code": 0, "message": "Successful"}
        ]
        assert (said["late"], said["failed"], said["ca"]) == (
            ["sane"],
            [{"driver": "wia", "code": "INTERNAL", "message": "no"}],
            None,
        )
        assert set(said["urls"]) == set(said["ports"])
        assert said["paths"]["dumps"].endswith("dump")
        assert said["paths"]["config"] == ["/etc/flatbed.toml"]
        assert said["answered"] == {"201": 1, "404": 1}
        assert said["consents_pending"] == 0
        assert said["uptime"] >= 0

    with_status(tmp_path, main, files=(Path("/etc/flatbed.toml"),))


def test_what_else_there_is(tmp_path: Path) -> None:
    """`/admin/` leads to the page, setting up through the web is refused, and nothing of the API is here."""

    async def main(it: StatusLab) -> None:
        for path in ("/admin", "/admin/"):
            reply = await it.status.get(path)
            assert (reply.status, reply.headers["Location"]) == (302, "/")
            assert (await it.status.request("POST", path, {"port": 1})).status == 405
        for path in ("/api", "/api/server/version", JOBS, "/DWTAPI/Scanners", "/status", "/control2"):
            assert (await it.status.get(path)).status == 404, path
        assert (await it.api.client.get("/status.json")).status == 404
        assert (await it.api.client.get("/control")).status == 404

    with_status(tmp_path, main)


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
@pytest.mark.parametrize("path", ["/", "/status.json", "/control", "/nowhere"])
def test_never_for_other_origins(method: str, path: str, tmp_path: Path) -> None:
    """No origin but its own gets an answer, not even one that the API allows, and no answer ever has a CORS header."""

    async def main(it: StatusLab) -> None:
        cases = [{"Origin": "http://localhost:3000"}, {"Origin": "https://app.example"}, {"Origin": "null"}]
        cases += [{"Origin": "http://localhost:18625"}, {"Origin": "https://127.0.0.1:18625"}]
        cases += [{"Sec-Fetch-Site": site} for site in ("cross-site", "same-site") if path != "/"]
        for headers in cases:
            reply = await it.status.request(method, path, headers=headers)
            assert reply.status == 403, headers
            assert not [name for name in reply.headers if name.startswith("Access-Control")]
        own = await it.status.request(method, path, headers={"Origin": OWN, "Sec-Fetch-Site": "same-origin"})
        wanted = (
            {"/control": 401, "/nowhere": 404}.get(path, 200) if method == "GET" else 401 if path == "/control" else 405
        )
        assert own.status == wanted
        assert not [name for name in own.headers if name.startswith("Access-Control")]
        for host in ("evil.example", None, "127.0.0.1.evil.example"):
            it.status.host = host
            assert (await it.status.request(method, path)).status == 403, "a rebound name"

    with_status(tmp_path, main, allow_origin=("https://app.example",))


def test_a_link_may_lead_to_the_page(tmp_path: Path) -> None:
    """Following a link from another site to the root or the old address is allowed: nothing can be learnt there."""

    async def main(it: StatusLab) -> None:
        for path, status in (("/", 200), ("/admin/", 302), ("/status.json", 403)):
            assert (await it.status.get(path, headers={"Sec-Fetch-Site": "cross-site"})).status == status

    with_status(tmp_path, main)


def test_locked(tmp_path: Path) -> None:
    """Locked, there are the figures for this user alone, and no control API at all."""

    async def main() -> None:
        async with lab(tmp_path, access="locked") as it:
            facts = FactFinder(it.config, None, lambda client, _server: client[1] != 666)
            client = Client(
                StatusApplication(it.service, facts, StatusSource(it.service, {}, it.client.application.answered))
            )
            client.host, client.server = "127.0.0.1:18625", ("127.0.0.1", 18625)
            assert (await client.get("/status.json")).status == 200
            for path in ("/control", "/control/devices", "/control/reset"):
                for method in ("GET", "POST"):
                    assert (await client.request(method, path)).status == 404
            client.peer = ("127.0.0.1", 666)
            assert (await client.get("/status.json")).status == 403

    run(main, clock=Jumper())
