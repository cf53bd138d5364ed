"""Scans as values: what was asked for and all that came, kept so that several checks can look at one."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.bench.proxies import BenchJob, BenchPage, BenchSession
from conformance.outcomes import EndlessPage
from device_protocol import PageEnd, PageInfo, Settings

STRIP = 1 << 16
MAX_PAGES = 200


@dataclass(frozen=True, slots=True)
class ScanSpec:
    """What to scan.

    Attributes:
        settings: complete enough to be repeatable.
        pages: the page target.
        load: sheets to put into the feeder first; None leaves it as it is.
        read_size: for ``read``.
        repetition: two specs that differ in it are two scans of the same.
    """

    settings: Settings
    pages: int | str = 1
    load: int | None = None
    read_size: int = STRIP
    repetition: int = 0


@dataclass(frozen=True, slots=True)
class ScannedPage:
    """A page as it came.

    Attributes:
        info: when it began.
        data: its bytes, as they came.
        end: what was said at its end.
    """

    info: PageInfo
    data: bytes
    end: PageEnd


@dataclass(frozen=True, slots=True)
class Scan:
    """A job as it came, to its end."""

    spec: ScanSpec
    pages: tuple[ScannedPage, ...]

    @property
    def page(self) -> ScannedPage:
        """The first page."""
        return self.pages[0]


async def read_page(page: BenchPage, size: int = STRIP) -> ScannedPage:
    """*page* to its end."""
    info = page.info
    strips: list[bytes] = []
    while strip := await page.read(size):
        strips.append(strip)
    return ScannedPage(info, b"".join(strips), await page.end())


async def read_job(job: BenchJob, size: int = STRIP) -> tuple[ScannedPage, ...]:
    """All pages of *job*."""
    pages: list[ScannedPage] = []
    while (page := await job.next_page()) is not None:
        pages.append(await read_page(page, size))
        if len(pages) > MAX_PAGES:
            raise EndlessPage(f"{job.handle} gave more than {MAX_PAGES} pages")
    return tuple(pages)


async def run_scan(session: BenchSession, spec: ScanSpec) -> Scan:
    """Do what *spec* says."""
    job = await session.start(spec.settings, spec.pages)
    return Scan(spec, await read_job(job, spec.read_size))
