"""A real browser on a foreign page tries what such a page would try (S-063, S-064, S-073); the same page on loopback shows that it can, where it may."""

from __future__ import annotations

import html
import http.server
import json
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.parts import need
from tests.reference_server.client import JOBS
from tests.reference_server.security.fake_service import fake_service
from tests.reference_server.security.overload import ask

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ON_DEBIAN = "ID=debian" in Path("/etc/os-release").read_text().split() if Path("/etc/os-release").exists() else False
"""There Chromium is a package that `make` installs; elsewhere it may be out of reach."""
BROWSER_SECONDS = 60
EVIL = "evil.example"
SCRIPT = """<html><body><script>
const service = "SERVICE", job = "JOB";
const attempt = (name, promise) => Promise.race([promise, new Promise(done => setTimeout(() => done("nothing"), 5000))])
  .then(what => [name, what], error => [name, "refused"]);
const image = url => new Promise(done => { const it = new Image(); it.onload = it.onerror = () => done("tried"); it.src = url; });
const socket = path => new Promise(done => {
  const it = new WebSocket(service.replace("http", "ws") + path, ["flatbed.events.v1"]);
  it.onopen = () => done("open"); it.onerror = () => done("refused");
});
Promise.all([
  attempt("read", fetch(service + "/api/server/version").then(answer => answer.text())),
  attempt("json", fetch(service + JOBS, {method: "POST", body: "{}", headers: {"Content-Type": "application/json"}}).then(it => it.status)),
  attempt("simple", fetch(service + JOBS, {method: "POST", body: "{}", mode: "no-cors"}).then(it => it.type)),
  attempt("delete", fetch(service + job, {method: "DELETE", mode: "cors"}).then(it => it.status)),
  attempt("image", image(service + job + "/next-page")),
  attempt("socket", socket("/api/flatbed/events")),
]).then(all => { document.body.textContent = "RESULT" + JSON.stringify(Object.fromEntries(all)) + "END"; });
</script></body></html>"""


@contextmanager
def page(text: str) -> Iterator[int]:
    """A server of one page; its port."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data = text.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *arguments: object) -> None:
            """Nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield int(server.server_port)
        finally:
            server.shutdown()
            thread.join()


def visit(url: str, folder: Path) -> str:
    """What the browser shows of a page, for which every name is this machine's."""
    assert BROWSER is not None
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
    command += ["--disable-background-networking", f"--user-data-dir={folder}", "--no-proxy-server"]
    command += [f"--host-resolver-rules=MAP {EVIL} 127.0.0.1", "--virtual-time-budget=8000", "--dump-dom", url]
    shown = subprocess.run(command, capture_output=True, timeout=BROWSER_SECONDS, check=True)
    return shown.stdout.decode(errors="replace")


def result(shown: str) -> dict[str, Any]:
    """What the page found out."""
    match = re.search("RESULT(.*)END", shown)
    assert match, shown
    found: dict[str, Any] = json.loads(html.unescape(match[1]))
    return found


@pytest.mark.slow
@pytest.mark.real
@pytest.mark.skipif(BROWSER is None and not ON_DEBIAN, reason="NOT PROVED in a browser: there is no Chromium")
def test_pages_in_chromium(tmp_path: Path) -> None:
    """A foreign page reads nothing, starts and deletes nothing, gets no page and no socket, also when its name points at the service; one on loopback may."""
    if BROWSER is None:
        need("chromium", "chromium")
    with fake_service(tmp_path / "service") as (port, _):

        def own(method: str, path: str, body: bytes = b"") -> tuple[int, Any]:
            with socket.create_connection(("127.0.0.1", port), timeout=30) as sock:
                status, data = ask(sock, method, path, body)
                return status, data

        body = json.dumps({"device": "virtual:flatbed", "config": {"IfFeederEnabled": True}}).encode()
        job = f"{JOBS}/{json.loads(own('POST', JOBS, body)[1])['jobuid']}"
        service = f"http://127.0.0.1:{port}"
        text = (
            SCRIPT.replace("SERVICE", service)
            .replace('"JOB"', json.dumps(job))
            .replace("+ JOBS", f"+ {json.dumps(JOBS)}")
        )
        with page(text) as where:
            foreign = result(visit(f"http://{EVIL}:{where}/", tmp_path / "foreign"))
            assert foreign["read"] == "refused"
            assert foreign["json"] == "refused"
            assert foreign["simple"] in {"opaque", "refused"}, "sent without asking, and its answer hidden"
            assert foreign["delete"] == "refused"
            assert foreign["socket"] == "refused"
            assert own("GET", job)[0] == 200, "it is still there"
            first = own("GET", f"{job}/next-page")
            assert first[0] == 200
            assert first[1].startswith(b"image/png 1\n"), "no page was eaten"
            assert json.loads(own("POST", JOBS, b'{"autoRun": false}')[1]).get("jobuid"), "no job has the first scanner"
            rebound = visit(f"http://{EVIL}:{port}/api/server/version", tmp_path / "rebound")
            assert "-2137" in rebound
            assert "moduleVersions" not in rebound
            near = result(visit(f"http://localhost:{where}/", tmp_path / "near"))
            assert "moduleVersions" in near["read"]
            assert near["delete"] == 204
            assert near["socket"] == "open"
