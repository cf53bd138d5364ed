"""``flatbed check`` and ``flatbed replay`` as a driver's author uses them."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from flatbed.cli import main
from flatbed.exits import Exit

DRIVER = '''
"""A driver that nobody installed: a scanner of the zoo that loses the old value when it refuses a new one."""

from conformance.selftest.defects import DEFECTS

(defect,) = [item for item in DEFECTS if item.name == "{name}"]


def broken(config):
    """The factory."""
    return defect.build()


broken.form = "trio"
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's folder, with a driver in it that breaks SET-04."""
    from conformance.selftest.defects import DEFECTS  # noqa: PLC0415  # only here

    defect = next(item for item in DEFECTS if item.requirement == "SET-04")
    (tmp_path / "mydriver.py").write_text(DRIVER.replace("{name}", defect.name))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def run(words: list[str]) -> int:
    """The exit status of a command line."""
    try:
        return main(words)
    except SystemExit as end:
        return int(str(end.code))


def test_a_defect_is_named_and_replays(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A defective class that nobody installed: exit 1, the requirement with its clause, and a replay line that fails again the same way."""
    words = [
        "check",
        "device",
        "--driver",
        "mydriver:broken",
        "scanner",
        "-k",
        "SET",
        "--json",
        "r.json",
        "--junit",
        "r.xml",
    ]
    assert run(words) == Exit.FAILED
    text = capsys.readouterr().out
    assert "FAIL SET-04 (MUST)" in text
    assert "source: " in text
    line = re.search(r"flatbed replay (\S*SET-04\S+)", text)
    assert line is not None
    assert run(["replay", line.group(1)]) == Exit.FAILED
    assert "failed again in the same way" in capsys.readouterr().out
    report = json.loads((folder / "r.json").read_text())
    assert report["schema"] == 1
    assert report["summary"]["fail"] >= 1
    (verdict,) = [item for item in report["verdicts"] if item["id"] == "SET-04"]
    assert verdict["verdict"] == "fail"
    cases = ET.parse(folder / "r.xml").getroot().iter("testcase")
    assert any("SET-04" in (case.get("name") or "") and case.find("failure") is not None for case in cases)


def test_json_on_standard_output(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--json -` gives nothing but JSON on standard output; what people read goes to standard error."""
    words = ["check", "device", "virtual:flatbed", "-k", "CAPS-02", "--json", "-"]
    assert run(words) == Exit.OK
    captured = capsys.readouterr()
    assert json.loads(captured.out)["summary"]["pass"] == 1
    assert "virtual:flatbed" in captured.err


@pytest.mark.parametrize(
    ("words", "status", "complaint"),
    [
        (["check", "device", "virtual:nothing"], Exit.UNREACHABLE, "nothing"),
        (["check", "device", "nodriver:x"], Exit.UNREACHABLE, "nodriver"),
        (["check", "device", "noid"], Exit.USAGE, "noid"),
        (["check", "device", "virtual:feeder", "-k", "NOPE-01"], Exit.USAGE, "NOPE-01"),
        (["check", "device", "virtual:feeder", "--budget", "much"], Exit.USAGE, "much"),
        (["check", "device", "virtual:feeder", "--budget", "time=0s"], Exit.USAGE, "nothing to check"),
        (["check", "device", "virtual:feeder", "--no-baseline", "--baseline", "mydriver.py"], Exit.USAGE, "exclude"),
        (["check", "device", "virtual:feeder", "--baseline", "mydriver.py"], Exit.USAGE, "mydriver.py"),
        (["check", "device", "virtual:feeder", "-k", "CAPS-02", "--trace", "no/where"], Exit.USAGE, "no/where"),
        (["check", "device", "--driver", "missing:thing", "x"], Exit.UNREACHABLE, "missing"),
        (["replay", "mydriver.py"], Exit.USAGE, "mydriver.py"),
        (["replay", "absent.json"], Exit.USAGE, "absent.json"),
    ],
)
def test_what_cannot_be_judged(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], status: Exit, complaint: str
) -> None:
    """A device that is not there is 4, a wrong word or file is 2, and each says which."""
    assert run(words) == status
    assert complaint in capsys.readouterr().err
