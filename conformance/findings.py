"""Findings: defects of software that we did not write, as data, and the page that is made of them.

A file in ``fixtures/findings/`` is of one software in one version (TOML, schema 1)::

    schema = 1
    software = "python-sane"
    version = "2.9.2"

    [[finding]]
    number = 1                    # F-001; unique in all files, never used again
    requirement = "DATA-04"       # or, where none of ours speaks of it:  rule = "SANE 4.3.11"
    what = "what happens, in a sentence or two"
    found = 2026-11-25            # the day on which it was last seen
    replay = "pysane-DATA-04.json"   # how to show it: a file beside this one for `flatbed replay`, ...
    check = "device pysane:test:0 --only DATA-04"   # ... or the words after `flatbed check`, ...
    test = "tests/real/escl/test_scanlib.py::test_a_jam_is_taken_for_the_end"   # ... or a test of ours that holds it; one of the three
    upstream = "python-pillow/Sane #50"   # if it is known there
    slow = true                   # the tests of every day leave the replay out
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any, Final

from conformance.requirements import EVERY

SCHEMA: Final = 1
MAX_BYTES: Final = 1 << 20
WAYS: Final = ("replay", "check", "test")

HEAD: Final = """\
# Findings

Defects of software that we did not write, each seen to fail: what happens, which requirement or clause it breaks, and a command that shows it.
`make docs` makes this page of `fixtures/findings/`; [living in this code](contributing.md#adding-a-finding) says how one is added.

{count} findings in {software} versions of software; the last was seen on {day}. By software: {table}.
A replay needs that software in that version, and says "fixed" by exit status 0.
"""


class FindingError(ValueError):
    """A file of findings is not as it must be; the text names file and entry."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A defect of somebody else's software.

    Attributes:
        number: unique in all files.
        what: what happens.
        found: the day on which it was last seen.
        requirement: id of ours that it breaks, or empty.
        rule: clause of a foreign standard, or in words, where no requirement speaks of it.
        replay, check, test: how to show it; exactly one is not empty.
        upstream: where its makers know of it.
        slow: whether showing it takes more than a few seconds.
        software, version: of the file.
    """

    number: int
    what: str
    found: date
    requirement: str = ""
    rule: str = ""
    replay: str = ""
    check: str = ""
    test: str = ""
    upstream: str = ""
    slow: bool = False
    software: str = ""
    version: str = ""

    @property
    def id(self) -> str:
        """As it is cited."""
        return f"F-{self.number:03d}"

    @property
    def command(self) -> str:
        """The line that shows it, from the root of a clone."""
        if self.replay:
            return f"flatbed replay fixtures/findings/{self.replay}"
        return f"flatbed check {self.check}" if self.check else f"python -m pytest {self.test}"


_OF_ENTRY: Final = {field.name: field.type for field in fields(Finding) if field.name not in {"software", "version"}}
_TYPES: Final = {"int": int, "str": str, "bool": bool, "date": date}


def load_findings(folder: Path) -> tuple[Finding, ...]:
    """All findings in a folder, by number.

    Raises:
        FindingError: a file cannot be read or is wrong, or a number is there twice.
    """
    found: dict[int, Finding] = {}
    for path in sorted(folder.glob("*.toml")):
        for finding in _load(path):
            if finding.number in found:
                raise FindingError(f"{path}: {finding.id} is there already, in {found[finding.number].software}")
            found[finding.number] = finding
    return tuple(found[number] for number in sorted(found))


def findings_markdown(folder: Path) -> str:
    """The page of the findings in *folder*."""
    findings = load_findings(folder)
    by_software: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        by_software.setdefault((finding.software, finding.version), []).append(finding)
    table = ", ".join(f"{name} {version}: {len(group)}" for (name, version), group in by_software.items())
    day = max((finding.found for finding in findings), default=None)
    parts = [HEAD.format(count=len(findings), software=len(by_software), day=day, table=table)]
    for (name, version), group in by_software.items():
        parts.append(f"\n## {name} {version}\n\n| | breaks | what happens | seen | show it |\n|---|---|---|---|---|\n")
        parts.extend(_row(finding) for finding in group)
    return "".join(parts)


def _row(finding: Finding) -> str:
    upstream = f" Known upstream: {finding.upstream}." if finding.upstream else ""
    breaks = finding.requirement or finding.rule
    what = f"{finding.what}{upstream}".replace("|", "\\|")
    return f"| {finding.id} | {breaks} | {what} | {finding.found} | `{finding.command}` |\n"


def _load(path: Path) -> list[Finding]:
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1)
        if len(text) > MAX_BYTES:
            raise FindingError(f"{path}: larger than {MAX_BYTES} bytes")
        data = tomllib.loads(text.decode())
    except OSError as error:
        raise FindingError(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FindingError(f"{path}: {error}") from None
    surplus = sorted(set(data) - {"schema", "software", "version", "finding"})
    if surplus:
        raise FindingError(f"{path}: unknown key {surplus[0]!r}")
    if data.get("schema") != SCHEMA:
        raise FindingError(f"{path}: schema {data.get('schema')!r}; this version reads schema {SCHEMA}")
    software, version, entries = data.get("software"), data.get("version"), data.get("finding")
    if not (isinstance(software, str) and software and isinstance(version, str) and version):
        raise FindingError(f"{path}: it must name software and version")
    if not isinstance(entries, list) or not entries:
        raise FindingError(f"{path}: it has no [[finding]]")
    return [
        _finding(entry, f"{path}: finding {place}", path.parent, software, version)
        for place, entry in enumerate(entries, 1)
    ]


def _finding(entry: object, where: str, folder: Path, software: str, version: str) -> Finding:
    if not isinstance(entry, dict):
        raise FindingError(f"{where}: must be a table")
    values: dict[str, Any] = {}
    for key, value in entry.items():
        if key not in _OF_ENTRY:
            raise FindingError(f"{where}: unknown key {key!r}")
        if type(value) is not _TYPES[str(_OF_ENTRY[key])]:
            raise FindingError(f"{where}: {key} must be a {_OF_ENTRY[key]}, not {value!r}")
        values[key] = value
    missing = sorted({"number", "what", "found"} - set(values))
    if missing:
        raise FindingError(f"{where}: needs {', '.join(missing)}")
    finding = Finding(**values, software=software, version=version)
    if finding.number < 1:
        raise FindingError(f"{where}: numbers begin at 1")
    if bool(finding.requirement) == bool(finding.rule):
        raise FindingError(f"{where} ({finding.id}): needs either a requirement or a rule")
    if finding.requirement and finding.requirement not in EVERY:
        raise FindingError(f"{where} ({finding.id}): there is no requirement {finding.requirement!r}")
    if sum(bool(getattr(finding, way)) for way in WAYS) != 1:
        raise FindingError(f"{where} ({finding.id}): needs one of {', '.join(WAYS)}")
    if finding.replay and not (folder / finding.replay).is_file():
        raise FindingError(f"{where} ({finding.id}): there is no {finding.replay} beside it")
    return finding
