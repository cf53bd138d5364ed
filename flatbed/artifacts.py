"""What a failed test's scanning service has to say: sections of pytest's report, and files."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from flatbed.testing import ControlError, EsclScanners, ScanService

if TYPE_CHECKING:
    import pytest

LOG_CHARS = 4000
"""Of the log's end, in the report."""
PAGES = 20
"""Files of pages at most."""


def attach(
    report: pytest.TestReport, test: str, used: Sequence[ScanService | EsclScanners], folder: Path | None
) -> None:
    """Add what *used* say to *report*, and write files below *folder*, if there is one. Never raises for a process that is gone."""
    for number, running in enumerate(used):
        name = type(running).__name__
        report.sections.append((f"{name} log", running.log()[-LOG_CHARS:]))
        duties = ""
        try:
            lines = [f"{device}: {duty}" for device, duty in running.report().items()]
            lines += [str(client) for client in running.clients()] if isinstance(running, ScanService) else []
            duties = "\n".join(lines)
        except (ControlError, OSError) as error:
            duties = f"not to be had: {error}"
        report.sections.append((f"{name} report on the client", duties))
        if folder is None:
            continue
        target = folder / _file_name(test) / f"{number}-{name}"
        try:
            _write(running, target)
        except (ControlError, OSError) as error:
            report.sections.append((f"{name} artifacts", f"not complete: {error}"))
        report.sections.append((f"{name} artifacts", str(target)))


def _write(running: ScanService | EsclScanners, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    (target / "log.txt").write_text(running.log())
    reports = {device: asdict(duty) for device, duty in running.report().items()}
    (target / "report.json").write_text(json.dumps(reports, indent=2))
    if not isinstance(running, ScanService):
        return
    (target / "clients.json").write_text(json.dumps(running.control("GET", "/clients"), indent=2))
    (target / "requests.json").write_text(json.dumps(running.control("GET", "/requests"), indent=2))
    jobs = running.control("GET", "/jobs")
    (target / "jobs.json").write_text(json.dumps(jobs, indent=2))
    pages = [(job["job"], page) for job in jobs for page in job["pages"]]
    for job, page in pages[-PAGES:]:
        suffix = str(page["type"]).rpartition("/")[2]
        data = running.controls.bytes_of("GET", f"/jobs/{job}/pages/{page['index']}")
        (target / f"{job}-{page['index']}.{suffix}").write_bytes(data)


def _file_name(test: str) -> str:
    """A folder's name for a test's."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", test).strip("._")[-150:]
