"""Setting the scene from a user's test: virtual machines, faults of the service and recorded requests, in a service of its own process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from flatbed.testing import ControlError, ScanService
from sheets import read_page

JOBS = "/api/device/scanners/jobs"


@pytest.fixture(scope="module")
def running() -> Iterator[ScanService]:
    """One service for all tests here."""
    with ScanService.start("--https-port", "off", "--status-https-port", "off") as service:
        yield service


@pytest.fixture
def scene(running: ScanService) -> Iterator[ScanService]:
    """The service as at its start, and left so."""
    running.control("POST", "/reset")
    yield running
    running.control("POST", "/reset")


def scan(service: ScanService, pages_wanted: int = 100, **keys: Any) -> tuple[int, dict[str, Any]]:
    """Pages that a job of the feeder gives, and how it ended."""
    config = {"IfFeederEnabled": True, "IfDuplexEnabled": False, "Resolution": 75, "PixelType": 1}
    with httpx.Client(base_url=service.url, timeout=30, trust_env=False) as client:
        reply = client.post(JOBS, json={"device": "virtual:feeder", "config": config, **keys})
        assert reply.status_code == 201, reply.text
        job = f"{JOBS}/{reply.json()['jobuid']}"
        pages = 0
        while pages < pages_wanted and client.get(f"{job}/next-page").status_code == 200:
            pages += 1
        state = client.get(job).json()
        client.delete(job)
    return pages, state


@pytest.mark.slow
def test_paper_faults_and_buttons(scene: ScanService) -> None:
    """The feeder has what was loaded, jams where it was told to, is cleared, has its button pressed, and is as before after a reset."""
    panel = scene.control("GET", "/devices/virtual:feeder")
    start = panel["state"]["hopper"]
    assert {"load", "fault", "press-button", "reset"} <= set(panel["actions"])
    feeder = "/devices/virtual:feeder"
    assert scene.control("POST", f"{feeder}/unload")["state"]["hopper"] == 0
    assert scene.control("POST", f"{feeder}/load", {"count": 3})["state"]["hopper"] == 3
    assert scan(scene) == (3, {"status": "completed", "code": 0, "message": "Successful"})
    scene.control("POST", f"{feeder}/load", {"count": 3})
    scene.control("POST", f"{feeder}/fault", {"kind": "jam", "sheet": 2})
    pages, state = scan(scene)
    assert (pages, state["status"], state["code"]) == (1, "faulted", -1020)
    assert scene.control("GET", feeder)["state"]["jammed"]
    assert not scene.control("POST", f"{feeder}/clear-jam")["state"]["jammed"]
    with pytest.raises(ControlError, match="name") as caught:
        scene.control("POST", f"{feeder}/press-button", {"name": "no such button"})
    assert caught.value.status == 400
    scene.control("POST", "/reset")
    assert scene.control("GET", feeder)["state"]["hopper"] == start


@pytest.mark.slow
def test_paper_in_any_condition(scene: ScanService) -> None:
    """What was loaded by HTTP is what an application's page shows; a mistake is named and puts no sheet in."""
    feeder = "/devices/virtual:feeder"
    scene.control("POST", f"{feeder}/unload")
    with pytest.raises(ControlError, match=r"fold\.corner") as caught:
        scene.control("POST", f"{feeder}/load", {"count": 1, "fold": {"corner": "left", "size_mm": 20}})
    assert caught.value.status == 400
    assert scene.control("GET", feeder)["state"]["hopper"] == 0
    worn = {"skew": -1.5, "bleed": 0.1, "streaks": [{"x_mm": 70}], "fold": {"corner": "top-left", "size_mm": 30}}
    scene.control("POST", f"{feeder}/load", {"count": 1, "size": "A5", **worn})
    config = {"IfFeederEnabled": True, "IfDuplexEnabled": False, "Resolution": 100, "PixelType": 1}
    with httpx.Client(base_url=scene.url, timeout=30, trust_env=False) as client:
        job = client.post(JOBS, json={"device": "virtual:feeder", "config": config}).json()["jobuid"]
        reading = read_page(client.get(f"{JOBS}/{job}/next-page").content)
        client.delete(f"{JOBS}/{job}")
    assert reading.skew == pytest.approx(-1.5, abs=0.1)
    assert reading.measures.bleed == pytest.approx(0.1, abs=0.02)
    assert [round(streak.at_mm) for streak in reading.measures.streaks] == [70]
    assert reading.measures.fold
    assert reading.measures.fold.corner == "top-left"


@pytest.mark.slow
def test_pulling_the_plug(scene: ScanService) -> None:
    """A machine whose plug is pulled is gone from the list of scanners, is still there to be controlled, and comes back."""
    scene.control("POST", "/devices/virtual:flatbed/unplug")
    there = {item["id"]: item["there"] for item in scene.control("GET", "/devices")}
    deadline = 100
    while there["virtual:flatbed"] and deadline:
        there = {item["id"]: item["there"] for item in scene.control("GET", "/devices")}
        deadline -= 1
    assert not there["virtual:flatbed"]
    scene.control("POST", "/devices/virtual:flatbed/replug")


@pytest.mark.slow
def test_faults_and_requests(scene: ScanService) -> None:
    """The service says another version as often as it was told to, and what the application asked is there to be read."""
    scene.control("POST", "/faults", {"name": "wrong-version", "count": 1})
    with httpx.Client(base_url=scene.url, trust_env=False, headers={"User-Agent": "my-application"}) as client:
        assert [client.get("/api/server/version").json()["compatible"] for _ in range(2)] == [False, True]
    requests = scene.control("GET", "/requests")["requests"]
    assert [item["path"] for item in requests] == ["/api/server/version"] * 2
    assert {item["headers"]["user-agent"] for item in requests} == {"my-application"}
    with pytest.raises(ControlError, match="name"):
        scene.control("POST", "/faults", {"name": "fire"})


@pytest.mark.slow
def test_over_https() -> None:
    """Where the status port speaks https only, the control API is reached with the authority of the service."""
    with ScanService.start("--status-port", "off", "--https-port", "off") as service:
        assert service.ready["control"].startswith("https:")
        assert service.control("GET", "/log") == {"level": 1}


def test_without_a_control_api(scene: ScanService) -> None:
    """A service that has none says so instead of failing in some other way."""
    locked = ScanService(scene.url, scene.ready | {"control": None}, scene.data_dir, scene.process)
    with pytest.raises(ControlError, match="no control API"):
        locked.control("GET", "/faults")


MANUAL = """
schema = 1
time = "manual"

[[device]]
id = "feeder"
profile = "office-duplex-feeder"
sheets = 3
"""


@pytest.mark.slow
def test_time_by_hand(scene: ScanService) -> None:
    """In a service whose machines live in manual time no page comes before time was advanced, and all of them have come when the advance returns."""
    with pytest.raises(ControlError, match="manual") as caught:
        scene.advance(1)
    assert caught.value.status == 409
    with (
        ScanService.start("--https-port", "off", "--status-https-port", "off", devices=MANUAL) as service,
        httpx.Client(base_url=service.url, timeout=30, trust_env=False) as client,
    ):
        for wrong in ({"seconds": -1}, {"seconds": "1"}, {}, {"seconds": 1, "minutes": 1}):
            with pytest.raises(ControlError) as caught:
                service.control("POST", "/time", wrong)
            assert caught.value.status == 400
        assert service.advance(0) == 0
        config = {"IfFeederEnabled": True, "IfDuplexEnabled": False, "Resolution": 75, "PixelType": 1}
        job = f"{JOBS}/{client.post(JOBS, json={'device': 'virtual:feeder', 'config': config}).json()['jobuid']}"
        service.advance(0)
        assert service.control("GET", "/jobs")[0]["count"] == 0
        assert service.advance(3600) >= 3600
        (shown,) = service.control("GET", "/jobs")
        assert (shown["status"], shown["count"]) == ("completed", 3)
        assert [client.get(f"{job}/next-page").status_code for _ in range(4)] == [200, 200, 200, 204]


@pytest.mark.slow
def test_each_client_is_judged(scene: ScanService) -> None:
    """A tidy client is clean; an untidy one beside it is told what it left, whose pages it never fetched, and that it called the service by a wrong name."""
    make = {"device": "virtual:flatbed", "config": {"Resolution": 75}}

    def until_over(client: httpx.Client, job: str) -> None:
        while client.get(job).json()["status"] in {"pending", "running"}:
            continue

    with httpx.Client(base_url=scene.url, trust_env=False, headers={"User-Agent": "tidy"}) as tidy:
        job = f"{JOBS}/{tidy.post(JOBS, json=make).json()['jobuid']}"
        while tidy.get(f"{job}/next-page").status_code == 200:
            continue
        assert tidy.delete(job).status_code == 204
        assert tidy.get(job).status_code == 410
    with httpx.Client(base_url=scene.url, trust_env=False, headers={"User-Agent": "untidy"}) as untidy:
        left = f"{JOBS}/{untidy.post(JOBS, json=make).json()['jobuid']}"
        until_over(untidy, left)
        gone = f"{JOBS}/{untidy.post(JOBS, json=make).json()['jobuid']}"
        untidy.get(f"{gone}/next-page")
        untidy.delete(gone)
        assert untidy.get(f"{gone}/next-page").status_code == 410
        assert untidy.get("/api/server/version", headers={"Host": "example.org"}).status_code == 403
    clients = {client.program: client for client in scene.clients()}
    assert clients["tidy"].clean, str(clients["tidy"])
    assert clients["tidy"].jobs == 1
    assert clients["untidy"].neglected == {
        "wrong-host": 1,
        "job-never-deleted": 1,
        "pages-never-fetched": 1,
        "used-after-delete": 1,
    }
    assert left.rpartition("/")[2] in str(clients["untidy"])
    assert set(clients["untidy"].neglected) <= {duty["name"] for duty in scene.control("GET", "/clients")["duties"]}
    scene.reset()
    assert scene.clients() == []
