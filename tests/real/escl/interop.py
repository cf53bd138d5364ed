"""What arrives: every shipped machine, by each road, at each client, as the oracle reads it. ``python -m tests.real.escl.interop --write`` makes the page.

Each scans two sheets from the feeder, or one from the glass, at 75 dpi in grey where the machine has that. What stands in a cell depends on the machine and on
the client's version, not on the day; the tests make some of the rows again and compare.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import trio

from device_host import Isolation, open_backend
from device_protocol import Code, Colour, DeviceError, Encode, Settings, SourceCaps, SourceKind, find_mode
from device_protocol.aio import read_all
from device_protocol.control import RESET
from device_protocol.delivery import PNG
from flatbed.client import JobFailedError, SyncScanClient
from flatbed.testing import ScanService
from sheets import Reading, read_page
from simulators.driver import driver as virtual
from simulators.escl import Door
from simulators.fixture_files import fixture, fixture_names
from simulators.profile import Profile, load_profile
from tests.real.escl.airscan import airscan
from tests.real.escl.doors import door, feeder, flatbed
from tests.real.escl.pypi import SCANLIB, scanlib
from tests.real.escl.sane_escl import sane_escl

PAGE = Path(__file__).parents[3] / "docs/reference/what-arrives.md"
DPI = 75
LIMIT_S = 20.0
ROADS = ("in-process", "service, `flatbed.client`", "eSCL, sane-airscan", "eSCL, SANE `escl`", "eSCL, scanlib")

_HEAD = """\
# What arrives

Written by `make interop` on {day}, with {versions}.

Every shipped scanner by each road at each client: two sheets from its feeder, or one from its glass, at 75 dpi in grey where it has that, and what the oracle
says of the pages. *true* means: the right sheets in their order, upright, whole, of the resolution that the file declares, and nothing else to be said of them.
Machines called `network-...` differ in their names only, and `no-sources` has nothing to scan from.
What is behind the odd cells is in [what real software does](../interop.md).

"""


def machines() -> dict[str, Profile]:
    """The shipped scanners that differ in more than their names."""
    loaded = {name: load_profile(fixture(f"profiles/{name}.toml")) for name in fixture_names("profiles")}
    return {
        name: profile for name, profile in loaded.items() if profile.caps().sources and not name.startswith("network-")
    }


def source_of(profile: Profile) -> SourceCaps:
    """The source that is scanned from: the feeder's one side, else what there is."""
    caps = profile.caps()
    order = (SourceKind.FEEDER, SourceKind.FEEDER_DUPLEX, SourceKind.FLATBED)
    return next((found for kind in order if (found := caps.first(kind)) is not None), caps.sources[0])


def gray(profile: Profile) -> bool:
    """Whether it has grey."""
    return find_mode(source_of(profile), Colour.GRAY) is not None


def table(name: str, profile: Profile) -> str:
    """The machine in a devices file."""
    feeds = source_of(profile).kind.feeds
    return feeder(name, name).replace("sheets = 3", "sheets = 2") if feeds else flatbed(name, name)


def cell(readings: list[Reading], ended: str = "") -> str:
    """What the oracle says, in few words."""
    words: list[str] = []
    if readings:
        count = f"{len(readings)} page" + "s" * (len(readings) > 1)
        problems = [problem for reading in readings for problem in reading.problems()]
        sheets = [reading.number for reading in readings]
        if sheets != sorted(sheets, key=lambda number: number or 0):
            problems.append(f"sheets {sheets}")
        size = {round(reading.dpi_x) for reading in readings if reading.dpi_x}
        dpi = "" if size <= {DPI} else f" at {', '.join(map(str, sorted(size)))} dpi"
        words.append(f"{count}{dpi}, {problems[0] if problems else 'true'}")
    return "; ".join([*words, *([ended] if ended else [])]) or "nothing"


async def in_process(name: str, profile: Profile, folder: Path) -> str:
    """By the contract, in this process."""
    file = folder / "in-process.toml"
    await trio.Path(file).write_text("schema = 1\n" + table(name, profile))
    source, pages, ended = source_of(profile), [], ""
    mode = find_mode(source, Colour.GRAY)
    settings = Settings(source=source.name, resolution=source.resolutions.nearest(DPI))
    if mode is not None:
        settings = Settings(source=source.name, mode=mode[0].value, resolution=source.resolutions.nearest(DPI))
    config = {"devices_file": str(file), "time": "instant"}
    async with open_backend(virtual, config, isolation=Isolation.IN_PROCESS) as backend:
        try:
            session = await backend.open(name)
            try:
                job = await session.start(settings, 2 if source.kind.feeds else 1, Encode(PNG))
                while (page := await job.next_page()) is not None:
                    pages.append((await read_all(page))[0])
            finally:
                await session.close()
        except DeviceError as error:
            ended = "" if error.code is Code.NO_MEDIA and pages else f"error {error.code.value}"
    return cell([read_page(page) for page in pages], ended)


async def by_airscan(name: str, profile: Profile, opened: Door, folder: Path) -> str:
    """By the real sane-airscan."""
    source = source_of(profile)
    words = [f"--resolution={DPI}", *(["--mode=Gray"] if gray(profile) else [])]
    words += ["--source=ADF"] if source.kind.feeds else []
    scan = await airscan(folder / "airscan" / name, opened.urls()[name], *words, batch=source.kind.feeds)
    return cell(scan.readings, f"exit {scan.exit}" if scan.exit else "")


async def by_sane_escl(name: str, profile: Profile, folder: Path) -> str:
    """By SANE's own back end; the machine is the only one of its door, and told no source if it has no glass (docs/interop.md)."""
    feeds = source_of(profile).kind.feeds
    words = [f"--resolution={DPI}", *(["--mode=Gray"] if gray(profile) else [])]
    words += ["--source=ADF"] if feeds and profile.flatbed else []
    own = folder / "sane-escl" / name
    await trio.Path(own).mkdir(parents=True)
    async with door(own, table(name, profile)) as opened:
        scan = await sane_escl(own, opened.url, *words, batch=feeds)
    return cell(scan.readings, f"exit {scan.exit}" if scan.exit else "")


async def by_scanlib(name: str, profile: Profile, opened: Door, folder: Path) -> str:
    """By scanlib from PyPI."""
    await (await opened.backend.control(name)).perform(RESET)  # it asks for paper before the operator would put some in
    source = "FEEDER" if source_of(profile).kind.feeds else "FLATBED"
    mode = "GRAY" if gray(profile) else "COLOR"
    ran = await scanlib(folder / "scanlib" / name, opened.urls()[name], source=source, mode=mode, dpi=DPI)
    error = ran.words.strip().splitlines()[-1].partition(":")[0].rpartition(".")[2] if ran.exit else ""
    return cell(ran.readings(DPI), error)


def by_service(client: SyncScanClient, profile: Profile) -> str:
    """Through the service, by our client."""
    words = f"{profile.maker} {profile.model}"
    found = [item for item in client.scanners() if item.name in {words, profile.model}]
    if not found:
        return "not listed"
    config = {"PixelType": 1, "Resolution": DPI, "XferCount": 2, "IfShowUI": False}
    config |= {"IfFeederEnabled": True} if source_of(profile).kind.feeds else {}
    pages: list[bytes] = []
    with client.create_job(found[0], config) as job:
        try:
            pages += [page.data for page in job.pages()]
        except JobFailedError:
            return "job failed"
    return cell([read_page(page) for page in pages])


async def rows(names: Iterable[str], folder: Path) -> dict[str, list[str]]:
    """The cells of machines but that of the service, which has a row for all at once; see :func:`through_service`."""
    wanted = {name: profile for name, profile in machines().items() if name in set(names)}
    found: dict[str, list[str]] = {}
    async with door(folder, *(table(name, profile) for name, profile in wanted.items())) as opened:
        for name, profile in wanted.items():
            found[name] = [
                await _limited(in_process, name, profile, folder),
                await _limited(by_airscan, name, profile, opened, folder),
                await _limited(by_sane_escl, name, profile, folder),
                await _limited(by_scanlib, name, profile, opened, folder),
            ]
    return found


async def _limited(road: Callable[..., Awaitable[str]], *arguments: object) -> str:
    with trio.move_on_after(LIMIT_S):
        return await road(*arguments)
    return f"nothing within {LIMIT_S:g} s"


def through_service(names: Iterable[str]) -> dict[str, str]:
    """The cells of the service."""
    wanted = {name: profile for name, profile in machines().items() if name in set(names)}
    devices = 'schema = 1\ntime = "instant"\n' + "".join(table(name, profile) for name, profile in wanted.items())
    words = ("--https-port", "off", "--status-https-port", "off")
    with ScanService.start(*words, devices=devices) as service, service.client() as client:
        return {name: by_service(client, profile) for name, profile in wanted.items()}


def versions() -> str:
    """Of the clients."""
    told = []
    for package in ("sane-airscan", "libsane1"):
        words = ["dpkg-query", "-W", "-f=${Version}", package]
        told.append(f"{package} {subprocess.run(words, capture_output=True, text=True, check=False).stdout}")
    return ", ".join([*told, SCANLIB.replace("==", " ")])


def made(names: Iterable[str]) -> dict[str, list[str]]:
    """Whole rows, in the order of :data:`ROADS`."""
    chosen = list(names)
    with tempfile.TemporaryDirectory(prefix="interop-") as folder:
        others = trio.run(rows, chosen, Path(folder))
    service = through_service(chosen)
    return {name: [cells[0], service[name], *cells[1:]] for name, cells in others.items()}


def written() -> dict[str, list[str]]:
    """The rows that stand in the page."""
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    split = [[part.strip() for part in line.strip("|").split("|")] for line in lines]
    return {name.strip("`"): cells for name, *cells in split}


def main() -> int:
    """Make every row, and print the page, or write it with ``--write``."""
    found = made(machines())
    lines = [f"| machine | {' | '.join(ROADS)} |", "|---" * (len(ROADS) + 1) + "|"]
    lines += [f"| `{name}` | {' | '.join(cells)} |" for name, cells in found.items()]
    text = _HEAD.format(day=datetime.now(UTC).date().isoformat(), versions=versions()) + "\n".join(lines) + "\n"
    sys.stdout.write(text)
    if "--write" in sys.argv:
        PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
