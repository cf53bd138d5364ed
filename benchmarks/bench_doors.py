"""500 idle eSCL scanners in one process: what each costs in memory, until all are announced and have answered, and whether the last one costs more.

Announced on the loopback interface; how many of them another mDNS stack has found when the door says that it is ready stands in the note.
"""

from __future__ import annotations

import http.client
import statistics
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.escl_door import escl_door
from benchmarks.runner import Figure

COUNT = 500
SOME = 50
DEVICE = '[[device]]\nid = "scanner-{number}"\nprofile = "office-duplex-feeder"\nseed = {number}\n\n'
TYPE = "_uscan._tcp.local."
BROWSE_S = 10.0


def run() -> list[Figure]:
    """One door with one scanner, and one with all."""
    with tempfile.TemporaryDirectory(prefix="flatbed-bench-") as name:
        with escl_door(_devices(Path(name), 1), "--no-mdns") as door:
            _ask_all(door.urls)
            one = door.memory()
        found = _Found()
        try:
            with escl_door(_devices(Path(name), COUNT)) as door:
                seconds = _ask_all(door.urls)
                all_of_them = door.memory()
                ready, total = door.seconds, door.seconds + sum(seconds)
                seen = found.wait(COUNT)
        finally:
            found.close()
    first, last = statistics.median(seconds[1 : SOME + 1]), statistics.median(seconds[-SOME:])
    return [
        Figure(f"{COUNT} idle eSCL scanners: each", (all_of_them - one) / (COUNT - 1), "MB", wanted="< 1 MB"),
        Figure(
            f"{COUNT} eSCL scanners: from start until all have answered",
            total,
            "s",
            wanted="< 5 s",
            note=f"announced after {ready:.1f} s; a browser has found {seen} of them",
        ),
        Figure("two documents of the last 50 scanners", last * 1e3, "ms", "of the first 50", first * 1e3, "~ 1.0 x"),
    ]


class _Found:
    """Names that another mDNS stack has found on the loopback interface."""

    def __init__(self) -> None:
        from zeroconf import IPVersion, ServiceBrowser, Zeroconf  # noqa: PLC0415  # slow to import

        self._names: set[str] = set()
        self._changed = threading.Condition()
        self._zeroconf = Zeroconf(interfaces=["127.0.0.1"], ip_version=IPVersion.V4Only)
        self._browser = ServiceBrowser(self._zeroconf, TYPE, handlers=[self._heard])

    def _heard(self, name: str, **_: object) -> None:
        with self._changed:
            self._names.add(name)
            self._changed.notify_all()

    def wait(self, count: int) -> int:
        """How many have been found once *count* have, or nothing more comes."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._names) >= count, BROWSE_S)
            return len(self._names)

    def close(self) -> None:
        self._zeroconf.close()


def _devices(folder: Path, count: int) -> Path:
    file = folder / f"{count}.toml"
    file.write_text("schema = 1\n\n" + "".join(DEVICE.format(number=number + 1) for number in range(count)))
    return file


def _ask_all(urls: tuple[str, ...]) -> list[float]:
    """Seconds that each scanner takes for its capabilities and its status."""
    connection = http.client.HTTPConnection(urlsplit(urls[0]).netloc, timeout=30)
    seconds = []
    for url in urls:
        start = time.perf_counter()
        for document in ("ScannerCapabilities", "ScannerStatus"):
            connection.request("GET", f"{urlsplit(url).path}/{document}")
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{url}/{document}: {answer.status}")
        seconds.append(time.perf_counter() - start)
    connection.close()
    return seconds
