"""eSCL clients from PyPI, unmodified, each with its dependencies in a folder of its own (kept in ``.clients/``).

They are run by a Python that sees no other packages.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import trio

from sheets import Reading, read_page
from tests.real.pypi_clients import fetched

SCANLIB = "scanlib==1.3.2"
ESCL_SCANNER_CLI = "escl-scanner-cli==0.2.1"
DEPENDENCIES = ("requests==2.32.5", "xmltodict==1.0.2", "zeroconf==0.148.0")
"""Of escl-scanner-cli, pinned so that the same is tested tomorrow."""

LIMIT_S = 60.0

SCAN = """
import sys
import scanlib

address, folder, source, mode, dpi, area = sys.argv[1:]
with scanlib.open_scanner(address) as scanner:
    wanted = scanlib.ScanArea(*map(int, area.split(","))) if area else None
    options = dict(dpi=int(dpi), color_mode=scanlib.ColorMode[mode], source=scanlib.ScanSource[source], scan_area=wanted)
    for index, page in enumerate(scanner.scan_pages(**options), 1):
        with open(f"{folder}/{index:04}.png", "wb") as file:
            file.write(page.to_png())
"""
"""A program of a user of scanlib."""


@dataclass(frozen=True)
class Ran:
    """What a client has done.

    Attributes:
        exit: status.
        words: what it said.
        pages: files.
    """

    exit: int
    words: str
    pages: tuple[bytes, ...] = ()

    def readings(self, dpi: float) -> list[Reading]:
        """The pages as the oracle reads them; these clients write no resolution into files."""
        return [read_page(page, dpi=(dpi, dpi)) for page in self.pages]


def python_with(*requirements: str) -> tuple[list[str], dict[str, str]]:
    """A command and an environment for a Python that has these packages and the standard library."""
    folder = fetched("-".join(requirements[0].split("==")), *requirements)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    return [sys.executable, "-S"], {**environment, "PYTHONPATH": str(folder)}


async def scanlib(  # a call of the library has as many choices
    folder: Path, url: str, *, source: str = "FLATBED", mode: str = "COLOR", dpi: int = 100, area: str = ""
) -> Ran:
    """Scan by scanlib; *area* is x, y, width, height in 0.1 mm."""
    python, environment = await trio.to_thread.run_sync(python_with, SCANLIB)
    address = url.replace("http://", "escl:")
    await trio.Path(folder).mkdir(parents=True, exist_ok=True)
    return await run([*python, "-c", SCAN, address, str(folder), source, mode, str(dpi), area], environment, folder)


async def run(command: Sequence[str], environment: dict[str, str], folder: Path) -> Ran:
    """Run a client that leaves its pages in *folder*."""
    with trio.fail_after(LIMIT_S):
        done = await trio.run_process(
            command, env=environment, capture_stdout=True, stderr=subprocess.STDOUT, check=False
        )
    return Ran(done.returncode, done.stdout.decode(errors="replace"), pages_in(folder))


def pages_in(folder: Path) -> tuple[bytes, ...]:
    """The files that a client has left there, in order."""
    files = sorted(file for file in folder.iterdir() if file.suffix in {".png", ".pdf"})
    return tuple(file.read_bytes() for file in files)
