"""``flatbed check escl`` judges a scanner in another process, by TCP and by TLS: no false alarm, and what a quirk breaks is found by its id."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flatbed.cli import main
from flatbed.testing import EsclScanners

pytestmark = [pytest.mark.real, pytest.mark.slow]

LAB = """
schema = 1
time = "instant"

[[device]]
id = "combi"
profile = "office-combi"
sheets = 3
refill = "never"
"""

QUIRKY = """
schema = 1
model = "Quirky"
[[mode]]
colour = "gray"
[[source]]
kind = "flatbed"
width_mm = 60.0
height_mm = 60.0
[escl]
quirks = ["{quirk}"]
"""


def judge(scanners: EsclScanners, folder: Path, *words: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit status, and the verdicts by id."""
    report = folder / "report.json"
    command = ["check", "escl", scanners.url, "--json", str(report), "--replay-dir", str(folder / "replay"), *words]
    status = main(command)
    verdicts = json.loads(report.read_text())["verdicts"]
    return status, {item["id"]: item for item in verdicts}


def test_no_false_alarm_about_our_own_door(tmp_path: Path) -> None:
    """Everything that does not take minutes, with the door's control as the operator: no failure, no warning, nothing left to a person."""
    with EsclScanners.start(devices=LAB) as scanners:
        status, found = judge(scanners, tmp_path, "--control", scanners.ready["control"], "--quick", "--strict")
    assert status == 0
    bad = {
        name: item for name, item in found.items() if item["verdict"] not in {"pass", "not-applicable", "not-checked"}
    }
    assert bad == {}
    assert {name for name, item in found.items() if item["verdict"] == "not-checked"} <= {"WIRE-15", "WIRE-06"}
    assert len(found) == 75


def test_over_tls(tmp_path: Path) -> None:
    """A certificate that nobody trusts is taken with --insecure only; then TLS has its own requirement."""
    with EsclScanners.start("--tls", devices=LAB) as scanners:
        with pytest.raises(SystemExit) as ended:
            main(["check", "escl", scanners.url])
        assert ended.value.code == 4
        status, found = judge(
            scanners, tmp_path, "--insecure", "--control", scanners.ready["control"], "-k", "ESCL-09", "-k", "WIRE-0"
        )
    assert status == 0, found
    assert found["ESCL-09"]["verdict"] == "pass"


@pytest.mark.parametrize(
    ("quirk", "requirement"),
    [
        ("end-410", "WIRE-05"),
        ("page-wider", "ESCL-45"),
        ("page-octet-stream", "ESCL-43"),
        ("location-other-host", "WIRE-02"),
    ],
)
def test_a_quirk_is_found(quirk: str, requirement: str, tmp_path: Path) -> None:
    """By the requirement that it breaks, with a file that shows it again."""
    (tmp_path / "quirky.toml").write_text(QUIRKY.format(quirk=quirk))
    lab = tmp_path / "lab.toml"
    lab.write_text('schema = 1\ntime = "instant"\n[[device]]\nid = "quirky"\nprofile = "quirky.toml"\n')
    with EsclScanners.start(devices=lab) as scanners:
        status, found = judge(scanners, tmp_path, "--only", requirement, "--only", "ESCL-01")
        (replay,) = (tmp_path / "replay").glob(f"{requirement}-*.json")
        assert main(["replay", str(replay)]) == 1
    assert status == 1
    assert (found[requirement]["verdict"], found["ESCL-01"]["verdict"]) == ("fail", "pass")


@pytest.mark.parametrize(
    "words",
    [
        ["ftp://a/eSCL"],
        ["http://127.0.0.1:9/eSCL", "--control", "nonsense"],
        ["http://127.0.0.1:9/eSCL", "--operator", "ask", "--control", "http://127.0.0.1:9/control#a"],
        ["http://127.0.0.1:9/eSCL", "--operator", "ask"],
        ["http://127.0.0.1:9/eSCL", "--only", "REST-01"],
    ],
)
def test_mistakes_on_the_command_line(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 2 and what to write, before anything is judged."""
    with pytest.raises(SystemExit) as ended:
        main(["check", "escl", *words])
    assert ended.value.code == 2
    assert capsys.readouterr().err


def test_nobody_there(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 4."""
    with pytest.raises(SystemExit) as ended:
        main(["check", "escl", "http://127.0.0.1:9/eSCL"])
    assert ended.value.code == 4
    assert "127.0.0.1:9" in capsys.readouterr().err
