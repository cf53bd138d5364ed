"""``scanimage`` over sane-airscan, with a configuration of its own: no discovery, one device, and a trace of the whole dialogue.

sane-airscan reads /etc/sane.d/airscan.conf after the private file (sane-escl 0, fact 1); a machine that names devices or options there is its owner's matter.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import trio

from sheets import Reading, read_page
from tests.parts import need

LIMIT_S = 60.0
CONFIG = """
[devices]
"{name}" = {url}, eSCL
[options]
discovery = disable
ws-discovery = off
[debug]
trace = {trace}
"""


@dataclass(frozen=True)
class Scan:
    """What scanimage has done.

    Attributes:
        exit: its exit status, the status of SANE (sane-escl 1.3).
        words: what it said.
        pages: files, in order.
        seconds: how long it took.
        trace: the dialogue as sane-airscan wrote it down.
    """

    exit: int
    words: str
    pages: tuple[bytes, ...]
    seconds: float
    trace: str = ""

    @property
    def said(self) -> str:
        """What scanimage itself said, without the driver's trace."""
        return "\n".join(line for line in self.words.splitlines() if line.startswith(("scanimage:", "Batch")))

    @property
    def readings(self) -> list[Reading]:
        """The pages as the oracle reads them; each file says its resolution itself if its format can."""
        return [read_page(page) for page in self.pages]

    def requests(self, method: str) -> int:
        """How often the driver asked something by *method*, according to its trace."""
        return sum(line.startswith(f"{method} http") for line in self.trace.splitlines())


def private(folder: Path, backend: str, files: Mapping[str, str]) -> dict[str, str]:
    """The environment for a SANE that knows *backend* alone, as *files* configure it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dll.d").mkdir(exist_ok=True)
    for name, text in {"dll.conf": f"{backend}\n", **files}.items():
        (folder / name).write_text(text)
    return {**os.environ, "SANE_CONFIG_DIR": str(folder), "LC_ALL": "C"}


async def scanimage(
    folder: Path,
    device: str,
    environment: Mapping[str, str],
    *options: str,
    batch: bool = False,
    kind: str = "png",
    limit: float = LIMIT_S,
) -> Scan:
    """Scan by scanimage, into *folder*."""
    program = need("scanimage", "sane-utils")
    pages = folder / "pages"
    await trio.Path(pages).mkdir(parents=True, exist_ok=True)
    target = f"--batch={pages}/%04d.{kind}" if batch else f"--output-file={pages}/0001.{kind}"
    began = trio.current_time()
    with trio.fail_after(limit):
        done = await trio.run_process(
            [program, "-d", device, f"--format={kind}", target, *options],
            env=dict(environment),
            capture_stdout=True,
            stderr=subprocess.STDOUT,
            check=False,
        )
    seconds = trio.current_time() - began
    files = sorted(file for file in pages.iterdir() if file.stat().st_size)
    logs = sorted((folder / "trace").glob("*.log"))
    return Scan(
        done.returncode,
        done.stdout.decode(errors="replace"),
        tuple(file.read_bytes() for file in files),
        seconds,
        "".join(log.read_text(errors="replace") for log in logs),
    )


async def airscan(folder: Path, url: str, *options: str, batch: bool = False, kind: str = "png") -> Scan:
    """Scan from the scanner at *url* by sane-airscan."""
    need("airscan-discover", "sane-airscan")
    config = CONFIG.format(name="it", url=url, trace=folder / "trace")
    environment = private(folder / "sane.d", "airscan", {"airscan.conf": config})
    return await scanimage(folder, "airscan:e0:it", environment, *options, batch=batch, kind=kind)
