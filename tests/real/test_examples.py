"""What users copy from examples/ and docs/ci/: the examples pass as they stand, and the CI jobs are what GitHub and GitLab take."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import playwright
import pytest
import yaml

from tests.browser import executable
from tests.parts import need

ROOT = Path(__file__).parents[2]
SCHEMAS = "check-jsonschema==0.39.0"
"""Brings the schemas of both forges as they publish them."""
JOBS = {"github-actions.yml": "github-workflows.json", "gitlab-ci.yml": "gitlab-ci.json"}
DRIVERS = {"driver-github-actions.yml": "github-workflows.json"}


def run(*command: str, folder: Path, **more: str) -> str:
    """What a command says in *folder*, with our `flatbed` first in the path."""
    given = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    given |= {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)} | more
    done = subprocess.run(
        command, cwd=folder, env=given, capture_output=True, encoding="utf-8", timeout=120, check=False
    )
    return f"{done.stdout}{done.stderr}\nexit {done.returncode}"


@pytest.mark.slow
def test_playwright_in_javascript(tmp_path: Path) -> None:
    """A page is tested in the system's Chromium by JavaScript that knows nothing but the ready file. Node and its library are those of the Python package."""
    driver = Path(playwright.__file__).parent / "driver"
    folder = tmp_path / "example"
    shutil.copytree(ROOT / "examples/playwright-js", folder)
    (folder / "node_modules").mkdir()
    (folder / "node_modules/playwright-core").symlink_to(driver / "package")
    said = run(str(driver / "node"), "--test", "--test-reporter=tap", folder=folder, CHROMIUM=executable())
    assert re.search(r"^# pass 2$", said, re.MULTILINE), said
    assert said.endswith("exit 0"), said


@pytest.mark.slow
def test_plain_pytest(tmp_path: Path) -> None:
    """The example of pytest passes on two workers, as the CI jobs run it."""
    shutil.copytree(ROOT / "examples/pytest", tmp_path / "example")
    command = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-n", "2", "--flatbed-artifacts", "left")
    said = run(*command, folder=tmp_path / "example")
    assert "3 passed" in said, said
    assert not (tmp_path / "example/left").exists()


@pytest.fixture(scope="module")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the forges' schemas."""
    folder = tmp_path_factory.mktemp("schemas")
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(folder), SCHEMAS]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120, check=False)
    if done.returncode:
        need("pip can install check-jsonschema", done.stderr)
    return folder / "check_jsonschema/builtin_schemas/vendor"


@pytest.mark.slow
@pytest.mark.parametrize("name", JOBS | DRIVERS)
def test_ci_jobs_are_what_the_forges_take(schemas: Path, name: str) -> None:
    """Each job obeys its forge's schema; a word that the forge does not know would not."""
    schema = json.loads((schemas / (JOBS | DRIVERS)[name]).read_text())
    job = read(name)
    check = jsonschema.validators.validator_for(schema)(schema)
    assert not [error.message for error in check.iter_errors(job)]
    broken: dict[str, Any] = job | {
        "jobs": {"test": {"runs_on": 1}, "check": {"runs_on": 1}},
        "scanning": {"script": 1},
    }
    assert [error.message for error in check.iter_errors(broken)]


@pytest.mark.parametrize("name", JOBS)
def test_ci_jobs_run_commands_that_exist(name: str) -> None:
    """Each job's pytest line has options that this pytest knows with our plugin, and what it keeps is the folder that the option names."""
    text = (ROOT / "docs/ci" / name).read_text()
    (line,) = re.findall(r"python -m (pytest .*)", text)
    said = run(sys.executable, "-m", *line.split(), "--help", folder=ROOT / "examples/pytest")
    assert said.endswith("exit 0"), said
    folder = line.split("--flatbed-artifacts ")[1].split()[0]
    assert folder in str(read(name)).replace(line, "")


def read(name: str) -> dict[str, Any]:
    """A CI job as data; YAML 1.1 reads `on` as true, the forge does not."""
    data = yaml.safe_load((ROOT / "docs/ci" / name).read_text())
    return {"on" if key is True else key: value for key, value in data.items()}
