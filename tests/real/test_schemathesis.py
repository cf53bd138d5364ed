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

CONFIG = """
[warnings]
enabled = false

# Deleted, locked and forgotten things are refusals too; the reference gives them statuses that are not among schemathesis's own.
[checks]
negative_data_rejection.expected-statuses = [400, 403, 404, 405, 409, 410, 413, 414, 423, 429, 431, 503]

# A scanner may be in use (423); and a device text or a settings blob is one that the service gave out, which no schema can say (400).
[[operations]]
include-path = ["/api/device/scanners/jobs", "/DWTAPI/ScanJobs"]
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 403, 423, 429]

# A source is the URL of a page that is there, which no schema can say (400).
[[operations]]
include-path-regex = "/process/"
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 403, 429]

# A document may have a password (403); which pages it has, and which a job has, no schema can say (400); many long words make a URL too long (414).
[[operations]]
include-path-regex = "documentuid./(content|pages)$"
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 403, 404, 414, 429]

[[operations]]
include-path-regex = "documentuid"
exclude-path-regex = "documentuid./(content|pages)$"
checks.positive_data_acceptance.expected-statuses = ["2xx", 403, 404, 429]

# What is a WebSocket cannot be used by a plain request, as valid as it may be.
[[operations]]
include-path = ["/api/flatbed/events", "/api/flatbed/jobs"]
checks.positive_data_acceptance.expected-statuses = [426, 429]

# A job that is there, so that requests come further than 404. It has ended, which may be the wrong state (409), and its pages are at an end (410).
[[operations]]
include-path-regex = "jobuid"
exclude-method = "DELETE"
parameters = {{ "path.jobuid" = "{job}" }}
checks.positive_data_acceptance.expected-statuses = ["2xx", 404, 409, 410, 429]

# Another one to delete.
[[operations]]
include-path-regex = "jobuid"
include-method = "DELETE"
parameters = {{ "path.jobuid" = "{victim}" }}
checks.positive_data_acceptance.expected-statuses = ["2xx", 404, 410, 429]
"""

SEED = 20261125


def finished_job(url: str) -> str:
    """A job that has scanned all its pages; its UID."""
    uid = str(
        httpx.post(f"{url}/api/device/scanners/jobs", json={"config": {"Resolution": 75}}, timeout=60).json()["jobuid"]
    )
    while httpx.get(f"{url}/api/device/scanners/jobs/{uid}/next-page", timeout=60).status_code == 200:
        pass
    return uid


RUNS = {
    "strict": ["--checks", "all", "--phases", "coverage,fuzzing,stateful", "--max-examples", "4"],
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
        config.write_text(CONFIG.format(job=finished_job(service.url), victim=finished_job(service.url)))
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run"]
        command += [f"{service.url}/api/openapi.json", *RUNS[compat]]
        command += ["--seed", str(SEED), "--request-timeout", "60", "--no-color"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=600)
        assert done.returncode == 0, f"seed {SEED}\n{done.stdout}\n{done.stderr}"
