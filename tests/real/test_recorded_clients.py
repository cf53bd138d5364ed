"""The recorded clients of rest-api.md 9 scan from a running service; each of their loops ends, and the oracle reads what arrived (12.8)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from flatbed.testing import ScanService
from sheets import Side, read_page
from tests.real.recorded import CLIENTS, Player, Script, SpinError
from tests.real.services import service_with_feeder

pytestmark = pytest.mark.real

SHEETS = 2
DEVICES = f"""
schema = 1
time = "instant"

[[device]]
id = "feeder"
profile = "office-duplex-feeder"
sheets = {SHEETS}

[[device]]
id = "flatbed"
profile = "flatbed"
sheets = 1
"""

NEVER_DELETES = {"k1"}
"""Scripts of clients that have no call to delete a job, as the report on clients must say."""

SCRIPTS = {path.stem: Script.load(path) for path in sorted(CLIENTS.glob("*.toml"))}
ROWS = {"J1", "J2", "N", "C2", "F1", "F2", "K1", "K2", "W"}

Services = Callable[[tuple[str, ...]], ScanService]


@pytest.fixture(scope="module")
def services() -> Iterator[Services]:
    """Services by their arguments, each started once."""
    running: dict[tuple[str, ...], ScanService] = {}
    with ExitStack() as stack:

        def service(arguments: tuple[str, ...]) -> ScanService:
            if arguments not in running:
                running[arguments] = stack.enter_context(service_with_feeder(*arguments, devices=DEVICES))
            return running[arguments]

        yield service


def player(service: ScanService) -> Player:
    """A player that scans from the feeder."""
    return Player(service.url, "virtual:feeder")


def step_of(script: Script, name: str) -> dict[str, Any]:
    """The step of that name."""
    return next(step for step in script.steps if step["name"] == name)


def test_every_row_is_recorded() -> None:
    """Each row of the client matrix that has no package in a registry has at least one script, and each script belongs to one of the rows."""
    assert {script.row for script in SCRIPTS.values()} == ROWS


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_client_ends(services: Services, name: str) -> None:
    """The client finds the feeder once with its own mask, makes its job, fetches all pages in order, ends its loop by its own rule, and cleans up."""
    script = SCRIPTS[name]
    service = services(script.serve)
    service.reset()
    it = player(service)
    it.play(script)
    wrong = {duty for client in service.clients() for duty in client.neglected}
    assert wrong == ({"job-never-deleted"} if name in NEVER_DELETES else set()), [
        str(item) for item in service.clients()
    ]
    assert all(report.clean for report in service.report().values())
    body = json.loads(step_of(script, "create")["body"].replace("<<", "").replace(">>", ""))
    sides = [Side.FRONT, Side.BACK] if body["config"]["IfDuplexEnabled"] else [Side.FRONT]
    wanted = [(number, side) for number in range(1, SHEETS + 1) for side in sides]
    loops = [step["name"] for step in script.steps if "pages" in step]
    assert loops
    for loop in loops:
        readings = [read_page(page) for page in it.pages[loop]]
        assert [(reading.number, reading.side) for reading in readings] == wanted, loop
        assert all(reading.declared_dpi == pytest.approx((100, 100), rel=0.01) for reading in readings)
        assert not any(reading.turned or reading.mirrored or reading.inverted for reading in readings)


@pytest.mark.parametrize("name", [name for name, script in SCRIPTS.items() if "--end-of-pages" in script.serve])
def test_without_the_switch_it_spins(services: Services, name: str) -> None:
    """A client that knows no end but 410 gets its pages and then asks for ever; the log says what would help (D-05)."""
    service = services(())
    it = player(service)
    for step in SCRIPTS[name].steps:
        if step["name"] != "pages":
            it.step(step)
            continue
        for _ in range(2):  # as often as it takes until the log says something
            with pytest.raises(SpinError, match="the last was 204"):
                it.step(step)
    it.close()
    assert len(it.pages["pages"]) == SHEETS
    assert "--end-of-pages 410" in (service.data_dir / "log" / "server.log").read_text()


@pytest.mark.parametrize("name", SCRIPTS)
def test_one_slash_too_many(services: Services, name: str) -> None:
    """A host that ends in a slash gives a path that begins with two; the list is the same (rest-api.md 1.1)."""
    it = player(services(SCRIPTS[name].serve))
    step = SCRIPTS[name].lists
    it.step(step | {"head": step["head"].replace("GET /", "GET //")})
    it.close()


def test_files_are_exact() -> None:
    """A head has the very bytes of the wire: a request line, then headers, none empty; a body's length is said in it."""
    for script in SCRIPTS.values():
        for step in script.steps:
            first, *lines = step["head"].strip("\n").split("\n")
            assert first.endswith(" HTTP/1.1"), script.name
            assert all(": " in line for line in lines), (script.name, step["name"])
            assert ("body" in step) == ("<<length>>" in step["head"]), (script.name, step["name"])
    assert Path(CLIENTS).is_dir()
