"""A whole service at its most talkative, and a client that does all that clients do, with secrets in every place where one can stand.

``python -m tests.reference_server.security.full_run FOLDER [TRACER ...]`` starts ``flatbed serve`` in *FOLDER*, under a tracer if one is given, and exits with
0 when the whole run went as it should. Whoever calls it looks at what was written and at what was sent.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import trio
from trio_websocket import ConnectionClosed, HandshakeError, open_websocket_url

from flatbed.testing import FIRST_ANSWERS, FIRST_ANSWERS_S

SECRET = "s3cret-XYZZY-plugh"
"""Part of each secret, so that one search finds them all."""
LICENCE, PASSWORD, TOKEN = f"{SECRET}-lic", f"{SECRET}-pass", f"{SECRET}-token"
SECRETS = {
    "DWT-PRODUCT-KEY": LICENCE,
    "X-DICS-LICENSE-KEY": LICENCE,
    "Authorization": f"Bearer {TOKEN}",
    "Proxy-Authorization": TOKEN,
    "Cookie": f"session={TOKEN}",
    "DWT-DOC-PASSWORD": PASSWORD,
    "X-DICS-DOC-PASSWORD": PASSWORD,
    "DWT-SOURCE-PASSWORD": PASSWORD,
    "Referer": f"http://localhost/app?token={TOKEN}",
}
JOBS = "/api/device/scanners/jobs"
DOCUMENTS = "/api/storage/documents"
READY_SECONDS = 60.0


def serve(folder: Path, tracer: list[str]) -> subprocess.Popen[bytes]:
    """The service, verbose, with all its doors on free ports."""
    ready = str(folder / "ready.json")
    words = ["from flatbed.cli import main; main()", "serve", "--port", "0", "--log-level", "30"]
    words += ["--data-dir", str(folder / "data"), "--ready-file", ready]
    patience = {FIRST_ANSWERS: str(FIRST_ANSWERS_S)} | os.environ
    with (folder / "output.txt").open("wb") as output:
        return subprocess.Popen([*tracer, sys.executable, "-c", *words], stdout=output, stderr=output, env=patience)


def wait_until_ready(folder: Path, process: subprocess.Popen[bytes]) -> dict[str, Any]:
    """The ready file."""
    end = time.monotonic() + READY_SECONDS
    while not (folder / "ready.json").exists():
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError((folder / "output.txt").read_text())
        time.sleep(0.05)
    found: dict[str, Any] = json.loads((folder / "ready.json").read_text())
    return found


def use(url: str, **options: Any) -> None:
    """Do all that clients do; raises where the service does not do its part."""
    with httpx.Client(base_url=url, headers=SECRETS, timeout=60, trust_env=False, **options) as client:
        client.get("/api/server/version").raise_for_status()
        scanners = client.get("/api/device/scanners", params={"type": 0xFFF}).raise_for_status().json()
        body = {
            "device": scanners[0]["device"],
            "license": LICENCE,
            "config": {"XferCount": 2, "IfFeederEnabled": True},
        }
        job = client.post(JOBS, json=body).raise_for_status().json()["jobuid"]
        pages = 0
        while (
            client.get(f"{JOBS}/{job}/next-page", params={"type": "image/jpeg"}).raise_for_status().status_code == 200
        ):
            pages += 1
        assert pages == 2, pages
        page = client.get(f"{JOBS}/{job}/next-page-info").raise_for_status().json()["url"]
        document = client.post(DOCUMENTS, json={"password": PASSWORD}).raise_for_status().json()["uid"]
        insert = {"source": page, "password": PASSWORD}
        client.post(f"{DOCUMENTS}/{document}/pages", json=insert).raise_for_status()
        for kind in ("application/pdf", "image/tiff"):
            query = {"type": kind, "password": PASSWORD}
            client.get(f"{DOCUMENTS}/{document}/content", params=query).raise_for_status()
        for path in ("read-barcode", "check-blank"):
            client.post(f"/api/process/{path}", json={"source": page, "license": LICENCE}).raise_for_status()
        _misuse(client, job, document)
        client.delete(f"{JOBS}/{job}").raise_for_status()


def _misuse(client: httpx.Client, job: str, document: str) -> None:
    """Secrets in what is wrong, where they are most easily repeated."""
    for path in (
        JOBS,
        DOCUMENTS,
        f"{DOCUMENTS}/{document}/pages",
        "/api/process/read-barcode",
        "/api/server",
        "/DWTAPI/ScanJobs",
    ):
        for body in (
            f'{{"license": "{LICENCE}"'.encode(),
            f'{{"license": ["{LICENCE}"], "password": {{"a": "{PASSWORD}"}}}}'.encode(),
            f'"{PASSWORD}"'.encode(),
            f'{{"config": {{"Resolution": "{LICENCE}"}}, "caps": "{LICENCE}"}}'.encode(),
            LICENCE.encode() + b"\xff",
        ):
            for method in ("POST", "PATCH"):
                client.request(method, path, content=body)
        client.post(path, files={"stream": (LICENCE, b"x"), "settings": (None, LICENCE)})
    for query in ({"license": LICENCE}, {"password": PASSWORD}, {"token": TOKEN}, {"type": PASSWORD}):
        for path in (
            f"{JOBS}/{job}/next-page",
            f"{DOCUMENTS}/{document}/content",
            f"{DOCUMENTS}/{document}",
            "/nowhere",
        ):
            client.get(path, params=query)
    for headers in ({"DWT-DOC-PASSWORD": f"{PASSWORD}-wrong"}, {"Origin": "https://evil.example"}):
        client.get(f"{DOCUMENTS}/{document}", headers=headers)


async def talk(url: str) -> None:
    """Secrets in the first frame of a WebSocket, and in its URL."""
    for path in ("/api/flatbed/events", "/api/flatbed/jobs", "/"):
        with contextlib.suppress(HandshakeError, ConnectionClosed), trio.move_on_after(20):
            async with open_websocket_url(
                f"{url.replace('http', 'ws', 1)}{path}?token={TOKEN}",
                subprotocols=["flatbed.events.v1", "flatbed.job.v1", "dwt_command"],
                extra_headers=[(name.encode(), value.encode()) for name, value in SECRETS.items()],
            ) as socket:
                await socket.send_message(json.dumps({"jobuid": "x", "license": LICENCE, "password": PASSWORD}))
                with trio.move_on_after(0.5):  # most say nothing; we leave behind the frame in any case
                    await socket.get_message()


def main(folder: Path, tracer: list[str]) -> None:
    """See the module."""
    process = serve(folder, tracer)
    try:
        ready = wait_until_ready(folder, process)
        use(ready["http"])
        if ready["https"]:
            context = ssl.create_default_context(cafile=ready["ca"])
            with httpx.Client(base_url=ready["https"], headers=SECRETS, verify=context, trust_env=False) as client:
                client.get("/api/server/version").raise_for_status()
        trio.run(talk, ready["http"])
        os.kill(ready["pid"], signal.SIGTERM)  # the process that was started may be the tracer
        process.wait(30)
    finally:
        process.kill()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
