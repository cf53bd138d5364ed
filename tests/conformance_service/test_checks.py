"""The checks of services as a table: nothing without a check, no check without a requirement, and no clock but trio's."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import conformance.service
from conformance.requirements import EVERY, Status, Subject, of
from conformance.requirements.rest import REQUIREMENTS
from conformance.service.checks import CHECKS, MODULES
from conformance.verdicts import Level

ROOM = Path(conformance.service.__file__).parent


def test_ids_have_no_gaps() -> None:
    """REST-01 and on, in order; 60 and more of them."""
    assert [row.id for row in REQUIREMENTS] == [f"REST-{number:02d}" for number in range(1, len(REQUIREMENTS) + 1)]
    assert len(REQUIREMENTS) >= 60


def test_each_requirement_has_its_check_and_each_check_its_requirement() -> None:
    """Nothing is an orphan, in either direction."""
    active = {row.id for row in of(Subject.SERVICE).values() if row.status is not Status.PLANNED}
    assert set(CHECKS) == active


@pytest.mark.parametrize("row", REQUIREMENTS, ids=lambda row: row.id)
def test_a_row_says_all_that_is_to_be_said(row: object) -> None:
    """Text, clause, reason and a defect; and each clause has a form that leads somewhere."""
    row = EVERY[getattr(row, "id")]  # noqa: B009  # pytest gives an object
    assert row.text.endswith(".")
    assert row.why.endswith(".")
    assert row.kills
    assert row.level in {Level.MUST, Level.SHOULD}
    for source in row.sources:
        assert re.fullmatch(r"rest-api \d+(\.\d+)?|D-\d\d|S-\d{3}|RFC \d+ [\d.]+|CWE-\d+|Fetch [\d.]+", source), source


def test_modules_are_registered_and_described() -> None:
    """Each module of checks is imported, and each check says in a sentence what it looks at."""
    files = {path.stem for path in (ROOM / "checks").glob("*.py")} - {"__init__", "registry"}
    assert {module.__name__.rpartition(".")[2] for module in MODULES} == files
    for check in CHECKS.values():
        assert (check.run.__doc__ or "").strip(), check.id


def test_no_clock_but_trios() -> None:
    """The whole room runs on virtual time: nobody imports a clock, and nobody sleeps elsewhere."""
    for path in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            module = node.module if isinstance(node, ast.ImportFrom) else None
            assert not {"time", "datetime", "asyncio", "threading"} & {*names, module}, path


def test_points_are_stable() -> None:
    """A point names a place in a check: no port, no time and no UID is put into one."""
    for path in (ROOM / "checks").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.keyword) and node.arg == "point" and isinstance(node.value, ast.JoinedStr):
                words = ast.unparse(node.value)
                assert not re.search(r"uid|host|url|took|seconds|current_time", words, re.IGNORECASE), (path, words)
