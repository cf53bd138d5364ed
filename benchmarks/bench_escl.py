"""sane-airscan from the eSCL door (A4, colour, 300 dpi, JPEG, feeder), beside the same client on a static server with the same pages in memory."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.catalogue import CannotRunError
from benchmarks.escl_door import escl_door, read_job
from benchmarks.runner import Figure
from benchmarks.service import DATA, processor_time
from benchmarks.static_escl import static_scanner

PAGES = 100
"""On the feeder of the devices file."""

ROUNDS = 3
LIMIT_S = 120
CONFIG = '[devices]\n"it" = {url}, eSCL\n[options]\ndiscovery = disable\nws-discovery = off\n'


def run() -> list[Figure]:
    """Whole batches of scanimage in turn: from its start to its end."""
    if shutil.which("scanimage") is None or shutil.which("airscan-discover") is None:
        raise CannotRunError("scanimage and sane-airscan are not installed (sane-utils, sane-airscan)")
    with (
        tempfile.TemporaryDirectory(prefix="flatbed-bench-") as name,
        escl_door(DATA / "escl-feeder.toml", "--no-mdns") as door,
    ):
        url = door.urls[0]
        capabilities, pages = read_job(url)
        if len(pages) != PAGES:
            raise RuntimeError(f"{len(pages)} pages instead of {PAGES}")
        with static_scanner(capabilities, pages) as static:
            clients = [_client(Path(name) / "ours", url), _client(Path(name) / "static", static)]
            rates: list[list[float]] = [[], []]
            before = processor_time(door.pid)
            for _ in range(ROUNDS):
                for client, found in zip(clients, rates, strict=True):
                    found.append(_scanimage(client))
            spent = (processor_time(door.pid) - before) * 1e3 / (PAGES * ROUNDS)
    ours, theirs = (statistics.median(found) for found in rates)
    note = f"batches of {PAGES}; {sum(map(len, pages)) / len(pages) / 1e3:.0f} kB a page; the door's processor time {spent:.0f} ms a page"
    return [Figure("eSCL to sane-airscan, JPEG", ours, "pages/s", "static server", theirs, ">= 0.9 x", note)]


def _client(folder: Path, url: str) -> Path:
    folder.mkdir()
    (folder / "dll.conf").write_text("airscan\n")
    (folder / "airscan.conf").write_text(CONFIG.format(url=url))
    return folder


def _scanimage(folder: Path) -> float:
    words = ["scanimage", "-d", "airscan:e0:it", "--source", "ADF", "--mode", "Color", "--resolution", "300"]
    words += ["--format=pnm", f"--batch={folder}/page%d.pnm"]
    start = time.perf_counter()
    result = subprocess.run(
        words, env=os.environ | {"SANE_CONFIG_DIR": str(folder)}, check=False, capture_output=True, timeout=LIMIT_S
    )
    seconds = time.perf_counter() - start
    pages = list(folder.glob("page*.pnm"))
    for page in pages:
        page.unlink()
    if len(pages) != PAGES:
        raise RuntimeError(f"{len(pages)} pages; scanimage: exit {result.returncode}: {result.stderr[-500:]!r}")
    return PAGES / seconds
