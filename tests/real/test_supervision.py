"""The service as `flatbed serve` runs it, under its monitor: killed, told to end, and looked at (service-behaviour.md S-003, S-011, S-012; design 6)."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from flatbed.testing import ScanService
from tests.real.services import service_with_feeder

pytestmark = [pytest.mark.real, pytest.mark.slow]

JOBS = "/api/device/scanners/jobs"
VERSION = "/api/server/version"
DOCUMENTS = "/api/storage/documents"
HEAVY = ("numpy", "/PIL/", "simplejpeg", "isal", "zxingcpp", "pikepdf", "hypothesis")
RECOVERED_S = 2.0
PATIENCE_S = 30.0
LESS = ("--https-port", "off", "--status-https-port", "off")
DEVICES = """
schema = 1
time = "instant"

[[device]]
id = "feeder"
profile = "office-duplex-feeder"
sheets = { count = 3, size = "A4" }
"""


@pytest.fixture(scope="module")
def service() -> Iterator[ScanService]:
    """One with a feeder, for all that leave it alive."""
    with service_with_feeder(*LESS, devices=DEVICES) as running:
        yield running


def status(service: ScanService) -> dict[str, Any]:
    """Its figures."""
    answer: dict[str, Any] = httpx.get(f"{service.ready['status']}/status.json", timeout=PATIENCE_S).json()
    return answer


def kill_service(service: ScanService, number: int = signal.SIGKILL) -> float:
    """End the process that answers; seconds until a version is answered again."""
    pid = status(service)["pid"]
    assert pid != service.pid
    begun = time.perf_counter()
    os.kill(pid, number)
    while alive(pid):
        time.sleep(0.001)
    while True:
        with suppress(httpx.ConnectError):  # one that ended in order has shut its doors
            if httpx.get(f"{service.url}{VERSION}", timeout=PATIENCE_S).status_code == 200:
                return time.perf_counter() - begun
        time.sleep(0.001)


def alive(pid: int) -> bool:
    """Whether there is such a process, and it is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def descendants(pid: int) -> list[int]:
    """The processes below *pid*."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in map(int, task.read_text().split()):
                found += [child, *descendants(child)]
    return found


def dumps(service: ScanService) -> list[str]:
    """The texts of its dumps, the newest last."""
    return [path.read_text() for path in sorted((service.data_dir / "dump").glob("*"))]


def scan(client: httpx.Client) -> tuple[str, str]:
    """A job with a page that was asked for: its path, and the page's URL."""
    config = {"IfFeederEnabled": True, "Resolution": 75, "PixelType": 1}
    reply = client.post(JOBS, json={"device": "virtual:feeder", "config": config})
    assert reply.status_code == 201, reply.text
    job = f"{JOBS}/{reply.json()['jobuid']}"
    return job, client.get(f"{job}/next-page-info").json()["url"]


def test_it_comes_back(service: ScanService, record_property: Any) -> None:
    """After kill -9 of the service a client is answered again within two seconds, by the same tokens. Jobs are forgotten, documents are not."""
    ready_file = service.data_dir.parent / "ready.json"
    with httpx.Client(base_url=service.url, timeout=PATIENCE_S) as client:
        job, page = scan(client)
        document = client.post(DOCUMENTS, json={}).json()["uid"]
        assert client.post(f"{DOCUMENTS}/{document}/pages", json={"source": page}).is_success
        kept = client.get(f"{DOCUMENTS}/{document}").json()
    before, figures = descendants(service.pid), status(service)
    seconds = kill_service(service)
    record_property("recovered_seconds", round(seconds, 3))
    assert seconds < RECOVERED_S * (1 + os.getloadavg()[0]), (
        "within two seconds, on a machine that has nothing else to do"
    )
    assert json.loads(ready_file.read_text()) == service.ready
    assert (status(service)["restarts"], service.process.poll()) == (figures["restarts"] + 1, None)
    assert service.control("GET", "/faults") is not None, "its token is the same"
    with httpx.Client(base_url=service.url, timeout=PATIENCE_S) as client:
        assert client.get(job).status_code == 404
        assert client.get(f"{DOCUMENTS}/{document}").json() == kept
        assert scan(client)[0] != job
    assert not any(map(alive, before)), "workers of the one that was killed"
    text = dumps(service)[-1]
    assert "SIGKILL" in text
    assert service.ready["control"].partition("#")[2] not in text
    log = (service.data_dir / "log/server.log").read_text()
    assert '"event": "restarted"' in log
    assert "it is started again" in (service.data_dir.parent / "output.txt").read_text()


def test_a_stack_in_the_dump(service: ScanService) -> None:
    """A crash in native code leaves the stack of the service in the dump; a service that somebody ends politely comes back without one (S-011)."""
    restarts = status(service)["restarts"]
    kill_service(service, signal.SIGSEGV)
    texts = dumps(service)
    assert "Segmentation fault" in texts[-1]
    assert "reference_server/app.py" in texts[-1]
    kill_service(service, signal.SIGTERM)
    assert status(service)["restarts"] == restarts + 2
    assert dumps(service) == texts


def test_nothing_is_left() -> None:
    """Two seconds after kill -9 of the top process none of its descendants is there, workers with open devices included."""
    with service_with_feeder(*LESS, devices=DEVICES) as service:
        with httpx.Client(base_url=service.url, timeout=PATIENCE_S) as client:
            scan(client)
        below = descendants(service.pid)
        assert len(below) >= 3
        service.process.kill()
        service.process.wait()
        deadline = time.monotonic() + 2
        while any(map(alive, below)):
            assert time.monotonic() < deadline
            time.sleep(0.01)


@pytest.mark.parametrize("how", ["term", "int", "stdin"])
def test_clean_ends(how: str) -> None:
    """Signals to the top process and the end of its standard input end everything in order: 0, no ready file, no dump, no word of a crash, no listener."""
    with ScanService.start(*LESS) as service:
        below = descendants(service.pid)
        if how == "stdin":
            assert service.process.stdin is not None
            service.process.stdin.close()
        else:
            service.process.send_signal(signal.SIGTERM if how == "term" else signal.SIGINT)
        assert service.process.wait(PATIENCE_S) == 0
        assert not any(map(alive, below))
        assert not (service.data_dir.parent / "ready.json").exists()
        assert not (service.data_dir / "dump").exists()
        assert "started again" not in (service.data_dir.parent / "output.txt").read_text()
        assert not connects(service)


def test_it_ends_when_idle() -> None:
    """So does idleness."""
    with ScanService.start("--exit-when-idle", "0.2", *LESS) as service:
        assert service.process.wait(PATIENCE_S) == 0
        assert not (service.data_dir / "dump").exists()


def connects(service: ScanService) -> bool:
    """Whether the http door listens."""
    parts = urlsplit(service.url)
    try:
        socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True


def test_doors_that_are_shut(service: ScanService) -> None:
    """A fault shuts the doors although the monitor has their sockets too, and opens them again; a service that crashed with it comes back without."""
    service.control("POST", "/faults", {"name": "refuse"})
    assert not connects(service)
    service.control("DELETE", "/faults/refuse")
    assert httpx.get(f"{service.url}{VERSION}", timeout=PATIENCE_S).status_code == 200
    service.control("POST", "/faults", {"name": "down"})
    assert not connects(service)
    kill_service(service)
    assert connects(service)


def test_shut_from_the_start() -> None:
    """A fault of the start is there after a crash, too, from the first moment on."""
    with ScanService.start("--fault", "down", *LESS) as service:
        for restarts in range(2):
            assert status(service)["restarts"] == restarts
            assert not connects(service)
            pid = status(service)["pid"]
            os.kill(pid, signal.SIGKILL)
            while alive(pid):
                time.sleep(0.001)


def test_what_neither_process_has_loaded(service: ScanService) -> None:
    """Neither the monitor nor the ready service has a heavy library in its memory; a worker has, so that the look sees something."""
    pid = status(service)["pid"]
    for process in (service.pid, pid):
        maps = Path(f"/proc/{process}/maps").read_text()
        assert [name for name in HEAVY if name in maps] == []
    with httpx.Client(base_url=service.url, timeout=PATIENCE_S) as client:
        scan(client)
    assert any("numpy" in Path(f"/proc/{worker}/maps").read_text() for worker in descendants(pid))


def test_without_a_monitor() -> None:
    """With --no-supervise the top process is the service itself."""
    with ScanService.start("--no-supervise", *LESS) as service:
        assert (status(service)["pid"], status(service)["restarts"]) == (service.pid, 0)
        service.process.terminate()
        assert service.process.wait(PATIENCE_S) == 0
