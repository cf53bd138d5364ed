"""The pages of all jobs: encoded, in memory up to a limit, beyond it on disk; readable by UID and index until their job goes (S-094 to S-096, S-098)."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import trio

from device_protocol import PageEnd, PageInfo
from reference_server.pages.spill import (
    SUFFIX,
    GoneError,
    NoSpaceError,
    Record,
    SpillFile,
    free_space,
    sealed_size,
    wipe,
)
from reference_server.threads import in_thread

CHUNK = 1 << 18
"""How much of a page is handed to a client at a time."""


@dataclass(slots=True)
class StoredPage:
    """A page of a job.

    Attributes:
        uid, index: its names; the index counts from 0.
        media_type, size: of the file as it was encoded first, the master.
        info, end: what the device said of it.
    """

    uid: str
    index: int
    media_type: str
    size: int
    info: PageInfo
    end: PageEnd
    data: bytes | None
    record: Record | None = None


@dataclass(frozen=True, slots=True)
class BufferStatus:
    """Figures of a page buffer; sizes in bytes.

    Attributes:
        jobs, pages: that are kept.
        memory, memory_limit: of masters in memory.
        variants, variants_limit: of pages in a second encoding.
        spilled_pages, disk, disk_limit: on disk; no limit is null.
        disk_floor, disk_free: what must remain free on that disk, and what is; null if the system does not tell.
        full: neither memory nor disk has room; new jobs are refused until that changes.
        refused_pages: how often there was no room, each time the end of a job.
        wiped_files: leftovers of an earlier service, removed at the start.
    """

    jobs: int
    pages: int
    memory: int
    memory_limit: int
    variants: int
    variants_limit: int
    spilled_pages: int
    disk: int
    disk_limit: int | None
    disk_floor: int
    disk_free: int | None
    full: bool
    refused_pages: int
    wiped_files: int


class JobPages:
    """The pages of one job, in order; made by :meth:`PageBuffer.open_job`."""

    def __init__(self, buffer: PageBuffer, path: Path) -> None:
        self._buffer = buffer
        self._path = path
        self._by_uid: dict[str, StoredPage] = {}
        self.list: list[StoredPage] = []
        self.file: SpillFile | None = None
        self.closed = False

    def __len__(self) -> int:
        return len(self.list)

    def get(self, uid: str) -> StoredPage | None:
        """The page called *uid*, if there is one; UIDs are compared case-insensitively."""
        return self._by_uid.get(uid.lower())

    async def add(self, uid: str, data: bytes, media_type: str, info: PageInfo, end: PageEnd) -> StoredPage:
        """Keep a page. Returns when the buffer is within its memory limit again.

        Raises:
            NoSpaceError: memory is full and the disk is too; the page is kept all the same.
            GoneError: the job was removed.
        """
        if self.closed:
            raise GoneError("The job is gone.")
        page = StoredPage(uid, len(self.list), media_type, len(data), info, end, data)
        self.list.append(page)
        self._by_uid[uid] = page
        await self._buffer.admit(self, page)
        return page

    async def chunks(self, page: StoredPage) -> AsyncGenerator[bytes, None]:
        """The master of *page*, piece by piece.

        Raises:
            SpillError: it is damaged, or gone with its job.
        """
        data, file, record = page.data, self.file, page.record
        if data is not None:
            for start in range(0, len(data), CHUNK):
                yield data[start : start + CHUNK]
            return
        assert file is not None
        assert record is not None
        for index in range(record.frames):
            frame = await in_thread(partial(file.frame, record, index))
            for start in range(0, len(frame), CHUNK):
                yield frame[start : start + CHUNK]

    async def read(self, page: StoredPage) -> bytes:
        """The whole master of *page*.

        Raises:
            SpillError: see :meth:`chunks`.
        """
        if page.data is not None:
            return page.data
        return b"".join([chunk async for chunk in self.chunks(page)])

    async def spill(self, page: StoredPage) -> None:
        """Move *page* to disk.

        Raises:
            NoSpaceError: it stays in memory.
            GoneError: the job went meanwhile.
        """
        data = page.data
        assert data is not None
        if self.file is None:
            file = await in_thread(lambda: SpillFile(self._path, self._buffer.floor))
            if self.closed:
                await in_thread(file.close)
                raise GoneError("The job is gone.")
            self.file = file
        file = self.file
        self._buffer.check_disk(len(data))
        record = await in_thread(partial(file.append, page.uid, data))
        page.record, page.data = record, None

    async def close(self) -> None:
        """Forget all pages and remove the file."""
        self.closed = True
        self._buffer.forget(self)
        self.list.clear()
        self._by_uid.clear()
        if self.file is not None:
            await in_thread(self.file.close)


class PageBuffer:
    """All pages of all jobs.

    Args:
        folder: for spilled pages; what lies in it is wiped.
        limit: bytes of masters in memory.
        floor: bytes of disk space that must remain free.
        variant_limit: bytes of pages kept in a second encoding.
        disk_limit: bytes of all files together; None: as much as the floor allows.

    Attributes:
        full: memory is over its limit and the last try to move a page to disk found no room.
    """

    def __init__(self, folder: Path, limit: int, floor: int, variant_limit: int, disk_limit: int | None = None) -> None:
        self.limit = limit
        self.floor = floor
        self.disk_limit = disk_limit
        self.full = False
        self._folder = folder
        self._memory = 0
        self._order: deque[tuple[JobPages, StoredPage]] = deque()
        self._evicting = trio.Lock()
        self._jobs: set[JobPages] = set()
        self._variants: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._variant_bytes = 0
        self._variant_limit = variant_limit
        self._refused = 0
        self._wiped = wipe(folder)

    def open_job(self, uid: str) -> JobPages:
        """A place for the pages of the job *uid*."""
        pages = JobPages(self, self._folder / f"{uid}{SUFFIX}")
        self._jobs.add(pages)
        return pages

    async def admit(self, pages: JobPages, page: StoredPage) -> None:
        """Count *page*, and make room for it. Only :class:`JobPages` calls this."""
        self._memory += page.size
        self._order.append((pages, page))
        try:
            await self.make_room()
        except NoSpaceError:
            self._refused += 1
            raise

    async def make_room(self) -> None:
        """Move the oldest pages to disk until the memory limit holds.

        Raises:
            NoSpaceError: the disk has no room either. All pages stay readable.
        """
        async with self._evicting:
            while self._memory > self.limit and self._order:
                owner, oldest = self._order[0]
                try:
                    await owner.spill(oldest)
                except GoneError:
                    continue  # its job was removed meanwhile, and forget() has done the rest
                except NoSpaceError:
                    self.full = self._memory > self.limit  # unless the very job was removed meanwhile
                    raise
                if not owner.closed:
                    self._order.popleft()
                    self._memory -= oldest.size
            self.full = False

    def check_disk(self, size: int) -> None:
        """Refuse a page of *size* bytes on disk if that is beyond the limit. Only :class:`JobPages` calls this.

        Raises:
            NoSpaceError: it is.
        """
        if self.disk_limit is not None and self._disk() + sealed_size(size) > self.disk_limit:
            raise NoSpaceError(f"The page buffer may use {self.disk_limit >> 20} MB of disk, and they are used up.")

    def forget(self, pages: JobPages) -> None:
        """Drop a job's pages from memory. Only :class:`JobPages` calls this."""
        self._jobs.discard(pages)
        self._memory -= sum(page.size for owner, page in self._order if owner is pages)
        self._order = deque(item for item in self._order if item[0] is not pages)
        uids = {page.uid for page in pages.list}
        for key in [key for key in self._variants if key[0] in uids]:
            self._variant_bytes -= len(self._variants.pop(key))

    def variant(self, uid: str, media_type: str) -> bytes | None:
        """A page in another encoding than its master's, if it was made before."""
        key = (uid, media_type)
        if key in self._variants:
            self._variants.move_to_end(key)
        return self._variants.get(key)

    def keep_variant(self, uid: str, media_type: str, data: bytes) -> None:
        """Keep such an encoding for a while; the least used ones give way."""
        key = (uid, media_type)
        if key in self._variants or len(data) > self._variant_limit:
            return
        self._variants[key] = data
        self._variant_bytes += len(data)
        while self._variant_bytes > self._variant_limit:
            self._variant_bytes -= len(self._variants.popitem(last=False)[1])

    def status(self) -> BufferStatus:
        """Figures as they are now."""
        kept = sum(len(pages) for pages in self._jobs)
        return BufferStatus(
            jobs=len(self._jobs),
            pages=kept,
            memory=self._memory,
            memory_limit=self.limit,
            variants=self._variant_bytes,
            variants_limit=self._variant_limit,
            spilled_pages=kept - len(self._order),
            disk=self._disk(),
            disk_limit=self.disk_limit,
            disk_floor=self.floor,
            disk_free=free_space(self._folder),
            full=self.full,
            refused_pages=self._refused,
            wiped_files=self._wiped,
        )

    def _disk(self) -> int:
        return sum(pages.file.bytes for pages in self._jobs if pages.file is not None)
