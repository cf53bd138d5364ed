"""The JSON report keeps its published schema, whoever is judged."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from conformance.reports import JsonReport
from conformance.reports.schema import schema
from conformance.runner.check import check_device
from conformance.runner.options import CheckOptions
from conformance.runner.targets import Target


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """The report of a run."""
    path = tmp_path_factory.mktemp("json") / "report.json"
    target = Target("virtual", "flatbed", {"time": "instant"})
    check_device(target, CheckOptions(only={"LIFE-01", "SCAN-10"}, programs=1, replay_dir=None), [JsonReport(path)])
    loaded: dict[str, object] = json.loads(path.read_text())
    return loaded


def test_a_report_is_valid(data: dict[str, object]) -> None:
    """The schema itself is one, and a real report keeps it."""
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(data, schema())


@pytest.mark.parametrize("key", ["schema", "subject", "target", "summary", "verdicts", "environment", "exit"])
def test_the_schema_bites(data: dict[str, object], key: str) -> None:
    """Without a key, or with a wrong value, a report is not valid."""
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({name: value for name, value in data.items() if name != key}, schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**data, key: 99.5}, schema())


def test_it_is_published() -> None:
    """The file in the documentation is this very schema."""
    published = Path(__file__).parents[2] / "docs/reference/report.schema.json"
    assert json.loads(published.read_text()) == schema()
