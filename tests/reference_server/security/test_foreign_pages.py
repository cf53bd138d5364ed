"""What a page of another site can do to the service of whoever looks at it: nothing (service-behaviour.md S-063, S-064, S-073; rest-api.md 1.5)."""

from __future__ import annotations

from pathlib import Path

import pytest

from device_protocol.testing import Jumper, run
from tests.reference_server.client import JOBS, lab
from tests.reference_server.socket_client import EVENTS, talk

EVIL = "https://evil.example"
PLAIN = {"Content-Type": "text/plain"}
"""A request of this type needs no preflight, so every page can send it."""
SIMPLE = [PLAIN | {"Origin": EVIL}, PLAIN | {"Origin": "null"}, PLAIN | {"Sec-Fetch-Site": "cross-site"}]


@pytest.mark.parametrize("access", ["lab", "locked"])
def test_reflected_origin(access: str, tmp_path: Path) -> None:
    """A foreign origin is never reflected, on no path, method or error; neither is one that merely looks like a good one (CWE-942)."""

    async def main() -> None:
        async with lab(tmp_path, access=access, allow_origin=("https://app.example",)) as it:
            for origin in (
                EVIL,
                "null",
                "https://app.example.evil.example",
                "https://app.example:8443",
                "http://localhost.evil",
            ):
                for method, path in (
                    ("GET", "/api/server/version"),
                    ("OPTIONS", JOBS),
                    ("POST", JOBS),
                    ("GET", "/nowhere"),
                ):
                    reply = await it.client.request(method, path, headers={"Origin": origin})
                    assert reply.status == 403
                    assert not [name for name in reply.headers if name.startswith("Access-Control")]
                    assert reply.headers["Vary"] == "Origin"

    run(main, clock=Jumper())


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:18622", "127.0.0.1.evil.example", "localhost.evil.example."]
)
def test_dns_rebinding(host: str, tmp_path: Path) -> None:
    """A page whose own name was made to point here sends no Origin for its GETs and calls itself same-origin; its Host gives it away."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            job = await it.client.create()
            it.client.host = host
            for method, path in (
                ("GET", "/api/server/version"),
                ("POST", JOBS),
                ("GET", f"{job}/next-page"),
                ("DELETE", job),
            ):
                reply = await it.client.request(method, path, headers={"Sec-Fetch-Site": "same-origin"})
                assert (reply.status, reply.json()["code"]) == (403, -2137)
            it.client.host = "127.0.0.1"
            assert (await it.client.get(job)).status == 200
            assert len(it.registry) == 1

    run(main, clock=Jumper())


@pytest.mark.parametrize("headers", SIMPLE)
def test_simple_request_csrf(headers: dict[str, str], tmp_path: Path) -> None:
    """A form or a fetch of a foreign page can send JSON as text/plain without asking; nothing is scanned, changed, stopped or deleted by it."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            job = await it.client.create(autoRun=False)
            sessions = len(it.host.sessions)
            for path in (JOBS, "/api/storage/documents", "/api/process/read-barcode", "/DWTAPI/ScanJobs"):
                reply = await it.client.request("POST", path, {"autoRun": True}, headers)
                assert reply.status == 403, path
            reply = await it.client.request("PATCH", "/api/server", {"logLevel": 0}, headers)
            assert reply.status == 403
            assert (await it.client.request("DELETE", job, headers=headers)).status == 403
            assert (await it.client.get("/api/server")).json() == {"logLevel": it.config.log_level}
            assert await it.client.state(job) == "pending"
            assert len(it.host.sessions) <= max(1, sessions)
            assert len(it.registry) == 1

    run(main, clock=Jumper())


def test_images_of_a_foreign_page(tmp_path: Path) -> None:
    """An <img> moves no cursor, on no page endpoint, old or new, and cannot tell by the answer whether there is a page (state-changing GET, S-073)."""

    async def main() -> None:
        image = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "image", "Sec-Fetch-Mode": "no-cors"}
        async with lab(tmp_path) as it:
            job = await it.client.create()
            uid = job.rsplit("/", 1)[1]
            for path in (
                f"{job}/next-page",
                f"{job}/next-page?type=image/jpeg",
                f"{job}/next-page?Page=x",
                f"{job}/next-page-info",
                f"{job}/content?page=0",
                f"{job}/next-page/../next-page",
                f"/DWTAPI/ScanJobs/{uid}/NextDocument",
            ):
                reply = await it.client.get(path, headers=image)
                assert reply.status == 403, path
            pages = [(await it.client.get(f"{job}/next-page")).body for _ in range(3)]
            assert len(set(pages)) == 3
            assert all(pages)

    run(main, clock=Jumper())


@pytest.mark.parametrize("headers", [{"Origin": EVIL}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}])
def test_websocket_of_a_foreign_page(headers: dict[str, str], tmp_path: Path) -> None:
    """A WebSocket needs no preflight and is bound by no CORS, so its Origin is looked at before it is accepted."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            for path in (EVENTS, "/", "/api/flatbed/jobs"):
                async with talk(
                    it.client, path, protocols=("flatbed.events.v1", "dwt_command"), headers=headers
                ) as other:
                    await other.answered.wait()
                    assert other.status == 403, path
                    assert other.frames_now() == []

    run(main, clock=Jumper())


def test_another_origins_job_and_document(tmp_path: Path) -> None:
    """A page that is let in still has no business with the jobs and documents of another one, even if it learns their UIDs (S-064)."""

    async def main() -> None:
        mine, other = {"Origin": "http://localhost:1"}, {"Origin": "http://localhost:2"}
        async with lab(tmp_path) as it:
            reply = await it.client.request("POST", JOBS, {}, mine)
            job = f"{JOBS}/{reply.json()['jobuid']}"
            page = (await it.client.get(f"{job}/next-page-info", headers=mine)).json()["url"]
            reply = await it.client.request("POST", "/api/storage/documents", {}, mine)
            document = f"/api/storage/documents/{reply.json()['uid']}"
            for method, path, body in (
                ("GET", job, None),
                ("GET", f"{job}/next-page", None),
                ("GET", f"{job}/next-page-info", None),
                ("GET", f"{job}/content?page=0", None),
                ("PATCH", job, {"status": "canceled"}),
                ("DELETE", job, None),
                ("GET", document, None),
                ("GET", f"{document}/content?type=application/pdf", None),
                ("PATCH", document, {"metadata": {"a": 1}}),
                ("POST", f"{document}/pages", {"source": page}),
                ("DELETE", document, None),
            ):
                reply = await it.client.request(method, path, body, other)
                assert (reply.status, reply.json()["code"]) == (403, -2137), (method, path)
            reply = await it.client.request("POST", "/api/storage/documents", {}, other)
            own = f"/api/storage/documents/{reply.json()['uid']}"
            assert (await it.client.request("POST", f"{own}/pages", {"source": page}, other)).status in {400, 403}
            assert (await it.client.get(job, headers=mine)).json()["status"] == "completed"
            assert (await it.client.get(document, headers=mine)).json()["pages"] == []

    run(main, clock=Jumper())


@pytest.mark.parametrize("header", [None, "Bearer ", "Bearer wrong-wrong-wrong-wrong", "Basic dG9rZW46dG9rZW4="])
def test_lan_bind_without_a_token(header: str | None, tmp_path: Path) -> None:
    """From another machine nothing is answered without the token, not even the version (S-074); with it everything is."""

    async def main() -> None:
        token = "a-token-of-sixteen"
        async with lab(tmp_path, token=token, allow_host=("scanner.lan",)) as it:
            it.client.peer, it.client.host = ("192.0.2.9", 4000), "scanner.lan:18622"
            headers = {} if header is None else {"Authorization": header}
            for method, path in (("GET", "/api/server/version"), ("POST", JOBS), ("GET", "/api/device/scanners")):
                reply = await it.client.request(method, path, headers=headers)
                assert (reply.status, reply.json()["code"]) == (403, -2137)
                assert token.encode() not in reply.body
            assert it.host.sessions == []
            assert (
                await it.client.get("/api/server/version", headers={"Authorization": f"Bearer {token}"})
            ).status == 200

    run(main, clock=Jumper())
