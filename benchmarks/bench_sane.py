"""SANE's test device (A4, 300 dpi, "Color pattern") through worker and service as JPEG, beside scanimage on the same device.

Both deliver the ten pages of the device's feeder with quality 75 and 4:2:0. A batch is counted from opening the device to the last byte of the last page;
the steady rate only from the first page to the last, without what starting and ending cost.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.catalogue import CannotRunError
from benchmarks.client import Client
from benchmarks.runner import Figure
from benchmarks.service import Spent, service
from device_drivers.sane.labconfig import write_lab_config

PAGES = 10  # of the test device's feeder
ROUNDS = 9
FEEDER = "Automatic Document Feeder"
Rates = tuple[float, float]
"""Pages a second: of the whole batch, and from its first page to its last."""


TRIES = 3
SCANIMAGE_SECONDS = 30


def run() -> list[Figure]:
    """Batches in turn, ours and scanimage's."""
    if shutil.which("scanimage") is None:
        raise CannotRunError("scanimage is not installed (sane-utils)")
    ours: list[Rates] = []
    theirs: list[Rates] = []
    with (
        tempfile.TemporaryDirectory(prefix="flatbed-bench-") as folder,
        service("--quality", "75") as running,
        Client(running.url) as client,
    ):
        config = write_lab_config(Path(folder) / "sane.d")
        device = client.device("test:0")
        _through_the_service(client, device)  # starts the worker
        spent = Spent(running)
        before = _children()
        for _ in range(ROUNDS):
            with spent:
                ours.append(_through_the_service(client, device))
            spent.pages += PAGES
            theirs.append(_scanimage(config, Path(folder)))
        scanimage = (_children() - before) * 1e3 / (PAGES * ROUNDS)
    batch, steady = (
        tuple(statistics.median(rates[part] for rates in each) for each in (ours, theirs)) for part in (0, 1)
    )
    note = f"{spent.told()}; scanimage {scanimage:.0f} ms"
    what = "SANE test as JPEG, worker + service"
    return [
        Figure(f"{what}: batch of {PAGES}", batch[0], "pages/s", "scanimage --batch", batch[1], ">= 1.0 x", note),
        Figure(f"{what}: steady", steady[0], "pages/s", "scanimage --batch", steady[1]),
    ]


def _through_the_service(client: Client, device: str) -> Rates:
    start = time.perf_counter()
    job = client.create(device, PixelType=2, Resolution=300, PageSize=1, IfFeederEnabled=True)
    arrivals = [time.perf_counter() for _ in client.pages(job)]
    seconds = time.perf_counter() - start
    client.delete(job)
    return _rates(arrivals, seconds)


def _run_within(words: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    """Run scanimage, which hangs in `test` now and then as any caller does (docs/decisions/0009); then once more."""
    for _ in range(TRIES):
        try:
            return subprocess.run(words, env=environment, check=False, capture_output=True, timeout=SCANIMAGE_SECONDS)
        except subprocess.TimeoutExpired:
            continue
    raise CannotRunError(f"scanimage hung {TRIES} times")


def _scanimage(config: Path, folder: Path) -> Rates:
    words = ["scanimage", "-d", "test:0", "--source", FEEDER, "--mode", "Color", "--depth", "8", "--resolution", "300"]
    words += ["--test-picture", "Color pattern", "-l", "0", "-t", "0", "-x", "210", "-y", "297"]
    words += ["--format=jpeg", f"--batch={folder}/page%d.jpg"]
    environment = os.environ | {"SANE_CONFIG_DIR": str(config)}
    start = time.perf_counter()
    result = _run_within(words, environment)
    seconds = time.perf_counter() - start
    pages = list(folder.glob("page*.jpg"))
    arrivals = sorted(page.stat().st_mtime_ns / 1e9 for page in pages)
    for page in pages:
        page.unlink()
    if len(pages) != PAGES:
        raise RuntimeError(f"scanimage: exit {result.returncode}: {result.stderr[-500:]!r}")
    return _rates(arrivals, seconds)


def _rates(arrivals: list[float], seconds: float) -> Rates:
    if len(arrivals) != PAGES:
        raise RuntimeError(f"{len(arrivals)} pages instead of {PAGES}")
    return PAGES / seconds, (PAGES - 1) / (arrivals[-1] - arrivals[0])


def _children() -> float:
    """Processor seconds of the ended children of this process: the scanimages."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
