"""Findings: the form of the data, and that the page, the baselines and the tests that are named agree with it."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from conformance.findings import Finding, FindingError, findings_markdown, load_findings
from conformance.runner.baselines import load_baseline
from simulators.fixture_files import fixture, fixture_names

ROOT = Path(__file__).parents[2]
GOOD = """
schema = 1
software = "scan"
version = "1"
[[finding]]
number = 7
requirement = "DATA-04"
what = "short | pages"
found = 2026-11-25
check = "device scan:0 --only DATA-04"
"""


def findings(folder: Path, text: str) -> tuple[Finding, ...]:
    """The findings of a folder with one file of that text."""
    (folder / "it.toml").write_text(text)
    return load_findings(folder)


def test_a_file_becomes_a_row(tmp_path: Path) -> None:
    """Number, requirement, words, day and command stand in the page; a bar in the words does not end the cell."""
    (finding,) = findings(tmp_path, GOOD)
    assert (finding.id, finding.command) == ("F-007", "flatbed check device scan:0 --only DATA-04")
    row = "| F-007 | DATA-04 | short \\| pages | 2026-11-25 | `flatbed check device scan:0 --only DATA-04` |"
    assert row in findings_markdown(tmp_path).splitlines()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("schema = 1", "schema = 2", "schema 2"),
        ("schema = 1", "schema = 1\nwhat = 1", "unknown key 'what'"),
        ('version = "1"', "version = 1", "software and version"),
        ("number = 7", "number = 0", "begin at 1"),
        ("number = 7", "number = true", "number must be a int"),
        ("number = 7\n", "", "needs number"),
        ("number = 7", "number = 7\ncolour = 1", "unknown key 'colour'"),
        ("2026-11-25", '"2026-11-25"', "found must be"),
        ("DATA-04", "DATA-99", "no requirement 'DATA-99'"),
        ('requirement = "DATA-04"', "", "a requirement or a rule"),
        ('requirement = "DATA-04"', 'requirement = "DATA-04"\nrule = "x"', "a requirement or a rule"),
        ('check = "device scan:0 --only DATA-04"', "", "needs one of"),
        ('check = "device', 'test = "x"\ncheck = "device', "needs one of"),
        ('check = "device scan:0 --only DATA-04"', 'replay = "gone.json"', "no gone.json"),
        ("[[finding]]", "[[finding", "it.toml"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(old: str, new: str, words: str, tmp_path: Path) -> None:
    """Each fault has its own words, and the name of the file."""
    with pytest.raises(FindingError, match=r"it\.toml") as caught:
        findings(tmp_path, GOOD.replace(old, new, 1))
    assert words in str(caught.value)


def test_a_number_is_used_once(tmp_path: Path) -> None:
    """In all files together."""
    (tmp_path / "other.toml").write_text(GOOD)
    with pytest.raises(FindingError, match="F-007 is there already"):
        findings(tmp_path, GOOD)


def test_what_shows_a_finding_exists() -> None:
    """Each named test is in its file, and each `flatbed check` selects the requirement that is broken."""
    for finding in load_findings(fixture("findings")):
        if finding.test:
            name, _, function = finding.test.partition("::")
            assert f"def {function.partition('[')[0]}(" in (ROOT / name).read_text(), finding.id
        if finding.check:
            words = shlex.split(finding.check)
            assert finding.requirement in words[words.index("--only") + 1 :], finding.id


ON_PURPOSE = {"pysane-2.9.2": {"LIFE-10", "SET-08"}}
"""Known failures that are no defects: SANE's `test` has an option that stores one more than it is given, so that front ends can be tested by it."""


def test_every_known_failure_is_a_finding() -> None:
    """What a baseline excuses in foreign software is in the list of findings, and a stranger can see it."""
    listed = {finding.requirement for finding in load_findings(fixture("findings"))}
    for name in fixture_names("baselines"):
        known = {entry.requirement for entry in load_baseline(fixture(f"baselines/{name}.toml")).entries}
        assert known - ON_PURPOSE.get(name, set()) <= listed, name
