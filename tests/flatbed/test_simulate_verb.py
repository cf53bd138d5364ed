"""``flatbed simulate``: what it shows of the virtual machines."""

from __future__ import annotations

import json

import pytest

from flatbed.cli import main
from simulators.fixture_files import fixture_names


def test_list_names_and_describes_all(capsys: pytest.CaptureFixture[str]) -> None:
    """Every shipped profile and scenario is listed with a sentence, for people and for machines."""
    assert main(["simulate", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert main(["simulate", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    for kind in ("profiles", "scenarios"):
        assert [item["name"] for item in listed[kind]] == list(fixture_names(kind))
        for item in listed[kind]:
            assert item["description"]
            assert any(line.split(maxsplit=1) == [item["name"], item["description"]] for line in lines)
