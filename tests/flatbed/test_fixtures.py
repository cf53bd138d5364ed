"""The fixtures of the pytest plugin, as a user's suite has them: in a pytest of its own, with two workers and the plugins of others beside."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flatbed.fixture_pool import Pool
from flatbed.testing import ControlError, EsclScanners
from tests.parts import need

OTHERS = (
    "pytest-playwright==0.7.1",
    "pytest-base-url==2.1.0",
    "python-slugify==8.0.4",
    "text-unidecode==1.3",
    "pytest-asyncio==1.3.0",
    "pytest-trio==0.8.0",
)
"""What a user may have beside ours, in versions that are known to go together."""

SUITE = """
import asyncio, os
import httpx, pytest, trio

JOBS = "/api/device/scanners/jobs"
FEEDER = {"device": "virtual:feeder", "config": {"IfFeederEnabled": True, "IfDuplexEnabled": False, "Resolution": 75}}


def scan(service):
    job = httpx.post(service.url + JOBS, json=FEEDER, timeout=60).json()["jobuid"]
    pages = 0
    while httpx.get(f"{service.url}{JOBS}/{job}/next-page", timeout=60).status_code == 200:
        pages += 1
    return pages, httpx.get(f"{service.url}{JOBS}/{job}").json()["status"]


@pytest.mark.parametrize("turn", [1, 2])
def test_a_jam(scan_service, virtual_scanner, turn):
    assert virtual_scanner.state["hopper"] == 10
    assert not virtual_scanner.state["jammed"]
    virtual_scanner.jam(sheet=3)
    assert scan(scan_service) == (2, "faulted")
    assert virtual_scanner.state["jammed"]
    assert virtual_scanner.report().sessions == 1


def test_escl(escl_scanner):
    assert "ScannerCapabilities" in httpx.get(escl_scanner.url + "/ScannerCapabilities").text


@pytest.mark.asyncio
async def test_in_asyncio(scan_service):
    async with httpx.AsyncClient() as client:
        assert (await client.get(scan_service.url + "/api/server/version")).status_code == 200
    await asyncio.sleep(0)


@pytest.mark.trio
async def test_in_trio(virtual_scanner):
    assert (await trio.to_thread.run_sync(lambda: virtual_scanner.state))["hopper"] == 10


@pytest.mark.flatbed(device="virtual:flatbed")
def test_the_flatbed(virtual_scanner):
    assert virtual_scanner.id == "virtual:flatbed"


def test_webcam(scan_service, virtual_scanner, virtual_webcam):
    assert virtual_scanner.state["hopper"] == 10
    assert not virtual_webcam.state["shutter_closed"]
    job = httpx.post(scan_service.url + JOBS, json={"device": virtual_webcam.id, "config": {}}).json()["jobuid"]
    assert httpx.get(f"{scan_service.url}{JOBS}/{job}/next-page").headers["content-type"].startswith("image/")
    assert virtual_webcam.close_shutter()["shutter_closed"]


def test_webcam_again(virtual_webcam):
    assert not virtual_webcam.state["shutter_closed"]
    assert virtual_webcam.open_shutter() and virtual_webcam.report().sessions == 0


def test_playwright_is_there(playwright):
    assert playwright.chromium.name == "chromium"
"""


def run(folder: Path, *arguments: str, path: str = "") -> str:
    """What pytest says of the suite in *folder*."""
    given = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, [path, str(Path(__file__).parents[2])]))}
    given = {name: value for name, value in given.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(folder), *arguments]
    done = subprocess.run(
        command, cwd=folder, env=given, capture_output=True, encoding="utf-8", timeout=120, check=False
    )
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder with plugins of others, so that they do not load in our own runs."""
    folder = tmp_path_factory.mktemp("plugins")
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(folder), *OTHERS]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120, check=False)
    if done.returncode:
        need("pip can install pytest-playwright, pytest-asyncio and pytest-trio", done.stderr)
    return str(folder)


@pytest.mark.slow
def test_beside_the_plugins_of_others(tmp_path: Path, others: str) -> None:
    """Every fixture works on two workers beside pytest-playwright, pytest-asyncio and pytest-trio; what a test did to a machine is gone for the next one."""
    (tmp_path / "test_suite.py").write_text(SUITE)
    said = run(tmp_path, "-n", "2", path=others)
    assert "9 passed" in said, said


@pytest.mark.slow
def test_what_a_failure_leaves(tmp_path: Path) -> None:
    """A failed test shows log and report of its service, and leaves pages, requests and log in a folder; one that passed leaves nothing."""
    suite = SUITE.replace("import httpx, pytest, trio", "import httpx, pytest").replace("async def", "def _")
    suite = (
        suite.split("@pytest.mark.asyncio")[0]
        + "\n\ndef test_fails(scan_service):\n    scan(scan_service)\n    assert 0\n"
    )
    (tmp_path / "test_suite.py").write_text(suite)
    said = run(tmp_path, "-k", "fails or escl", "--flatbed-artifacts", str(tmp_path / "left"))
    assert "1 failed, 1 passed" in said, said
    assert "ScanService log" in said
    assert "virtual:feeder: 1 sessions, 1 jobs, 10 pages: clean" in said
    (folder,) = (tmp_path / "left").iterdir()
    names = {path.name for path in (folder / "0-ScanService").iterdir()}
    assert {"log.txt", "report.json", "requests.json", "jobs.json"} <= names
    assert len([name for name in names if name.endswith((".png", ".jpeg"))]) == 10


@pytest.mark.slow
def test_a_marker_that_says_nothing(tmp_path: Path) -> None:
    """A misspelt word in the marker is an error that names the right ones."""
    (tmp_path / "test_suite.py").write_text(
        "import pytest\n@pytest.mark.flatbed(device_file='x')\ndef test_it(scan_service): pass\n"
    )
    assert "takes devices, arguments, device, camera, keep" in run(tmp_path)


@pytest.mark.slow
def test_a_camera_that_is_not_there(tmp_path: Path) -> None:
    """A test that wants a camera that its devices do not have is told which there are."""
    (tmp_path / "test_suite.py").write_text(
        "import pytest\n@pytest.mark.flatbed(camera='virtual:feeder')\ndef test_it(virtual_webcam): pass\n"
        '@pytest.mark.flatbed(devices=\'schema=1\\n[[device]]\\nid="a"\\nprofile="flatbed"\\n\')\ndef test_none(virtual_webcam): pass\n'
    )
    said = run(tmp_path)
    assert "the service's cameras are virtual:webcam; the test wants virtual:feeder" in said, said
    assert "the service's cameras are none; the test wants one" in said, said


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    """The processes of this module."""
    with Pool() as found:
        yield found


@pytest.mark.slow
def test_one_process_for_many_tests(pool: Pool) -> None:
    """The process is the same as long as it lives, and another one after it has died."""
    with pool.service() as first:
        pass
    with pool.service() as second:
        assert second.pid == first.pid
        second.process.kill()
        second.process.wait()
    with pool.service() as third:
        assert third.pid != first.pid
        third.device("virtual:feeder").unload()
    with pool.service() as again:
        assert again.device("virtual:feeder").state["hopper"] == 10
        assert all(report.clean for report in again.report().values())


@pytest.fixture
def scanners(pool: Pool) -> Iterator[EsclScanners]:
    """Scanners on the network, as at their start."""
    with pool.escl() as found:
        yield found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/devices/nobody/load", {"count": 1}, 404),
        ("POST", "/devices/feeder/load", {"count": "many"}, 400),
        ("POST", "/devices/feeder/load", {"count": 1, "colour": "red"}, 400),
        ("POST", "/devices/feeder/load", {"count": 10**6}, 400),
        ("POST", "/devices/feeder/explode", {}, 400),
        ("POST", "/devices/feeder/load", [1], 400),
        ("POST", "/devices/feeder/load", {"count": "x" * 70_000}, 413),
        ("GET", "/nothing", None, 404),
        ("POST", "/reset", {"all": True}, 400),
    ],
)
def test_bad_requests_to_the_escl_door(
    scanners: EsclScanners, method: str, path: str, body: object, status: int
) -> None:
    """What makes no sense is refused with a sentence, and nothing has changed."""
    before = scanners.device("feeder").state
    with pytest.raises(ControlError) as caught:
        scanners.controls.ask(method, path, body)
    assert caught.value.status == status
    assert len(str(caught.value)) > 10
    assert scanners.device("feeder").state == before


@pytest.mark.slow
def test_control_of_the_escl_door(scanners: EsclScanners) -> None:
    """A test loads paper and jams a scanner on the network; a reset undoes it; nobody does so without the token."""
    feeder = scanners.device("feeder")
    feeder.unload()
    assert feeder.load(3)["hopper"] == 3
    scanners.reset()
    assert feeder.state["hopper"] == 10
    assert "jam" in scanners.controls.ask("GET", "/devices/feeder")["faults"]
    stranger = type(scanners.controls)(str(scanners.controls.address).partition("#")[0] + "#guess")
    with pytest.raises(ControlError) as caught:
        stranger.ask("POST", "/reset")
    assert caught.value.status == 401


@pytest.mark.slow
def test_the_page_of_the_docs(tmp_path: Path) -> None:
    """Who copies the example from docs/testing.md has a suite that passes."""
    page = (Path(__file__).parents[2] / "docs/testing.md").read_text()
    (tmp_path / "test_application.py").write_text(page.partition("```python\n")[2].partition("```")[0])
    assert "3 passed" in run(tmp_path)
