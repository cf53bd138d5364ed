"""schemathesis reads the served OpenAPI document and looks for requests that the running service answers otherwise than the document says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.real.services import service_with_feeder

pytestmark = [pytest.mark.real, pytest.mark.slow]

DEVICES = """
schema = 1
time = "instant"

[[device]]
id = "feeder"
profile = "office-duplex-feeder"
sheets = 2
"""

CONFIG = (Path(__file__).parents[2] / "schemathesis.toml").read_text()
ENDED = "# here the tests name a job that has ended"
VICTIM = "# here the tests name a job to delete"
"""Where in that file a job goes that is there, so that requests come further than 404."""

SEED = 20261125


def finished_job(url: str) -> str:
    """A job that has scanned all its pages; its UID."""
    uid = str(
        httpx.post(f"{url}/api/device/scanners/jobs", json={"config": {"Resolution": 75}}, timeout=60).json()["jobuid"]
    )
    while httpx.get(f"{url}/api/device/scanners/jobs/{uid}/next-page", timeout=60).status_code == 200:
        pass
    return uid


def configuration(ended: str, victim: str) -> str:
    """The configuration with jobs in it."""
    text = CONFIG
    for mark, uid in ((ENDED, ended), (VICTIM, victim)):
        assert mark in text
        text = text.replace(mark, f'parameters = {{ "path.jobuid" = "{uid}" }}')
    return text


RUNS = {
    "strict": ["--checks", "all", "--phases", "coverage,fuzzing,stateful", "--max-examples", "3"],
    "lenient": [
        *("--checks", "all", "--exclude-checks", "positive_data_acceptance"),
        *("--phases", "fuzzing", "--max-examples", "3"),
    ],
}
"""Under strict all checks in every phase. Under lenient values at random, and all checks but one: that a lenient service wants one of two parameters, such as
page or pages, OpenAPI cannot say."""


@pytest.mark.parametrize("compat", RUNS)
def test_the_document_tells_the_truth(compat: str, tmp_path: Path) -> None:
    """Every check of schemathesis passes on every operation, within bounds and with a fixed seed."""
    with service_with_feeder("--compat", compat, devices=DEVICES) as service:
        config = tmp_path / "schemathesis.toml"
        config.write_text(configuration(finished_job(service.url), finished_job(service.url)))
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run"]
        command += [f"{service.url}/api/openapi.json", *RUNS[compat]]
        command += ["--seed", str(SEED), "--request-timeout", "60", "--no-color"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=600)
        assert done.returncode == 0, f"seed {SEED}\n{done.stdout}\n{done.stderr}"
