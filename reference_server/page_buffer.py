"""The pages of all jobs: encoded, in memory up to a limit, beyond it on disk; readable by UID and index until their job goes (S-094 to S-096, S-098)."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import trio

from device_protocol import PageEnd, PageInfo
from reference_server.spill import SUFFIX, GoneError, Record, SpillFile, wipe
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
    """Figures of a page buffer; sizes in bytes."""

    pages: int
    memory: int
    memory_limit: int
    variants: int
    spilled_pages: int
    disk: int
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
    """

    def __init__(self, folder: Path, limit: int, floor: int, variant_limit: int) -> None:
        self.limit = limit
        self.floor = floor
        self._folder = folder
        self._memory = 0
        self._order: deque[tuple[JobPages, StoredPage]] = deque()
        self._evicting = trio.Lock()
        self._jobs: set[JobPages] = set()
        self._variants: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._variant_bytes = 0
        self._variant_limit = variant_limit
        self._wiped = wipe(folder)

    def open_job(self, uid: str) -> JobPages:
        """A place for the pages of the job *uid*."""
        pages = JobPages(self, self._folder / f"{uid}{SUFFIX}")
        self._jobs.add(pages)
        return pages

    async def admit(self, pages: JobPages, page: StoredPage) -> None:
        """Count *page*, and move the oldest pages to disk until the limit holds. Only :class:`JobPages` calls this."""
        self._memory += page.size
        self._order.append((pages, page))
        async with self._evicting:
            while self._memory > self.limit and self._order:
                owner, oldest = self._order[0]
                try:
                    await owner.spill(oldest)
                except GoneError:
                    continue  # its job was removed meanwhile, and forget() has done the rest
                if not owner.closed:
                    self._order.popleft()
                    self._memory -= oldest.size

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
        files = [pages.file for pages in self._jobs if pages.file is not None]
        return BufferStatus(
            pages=sum(len(pages) for pages in self._jobs),
            memory=self._memory,
            memory_limit=self.limit,
            variants=self._variant_bytes,
            spilled_pages=sum(page.data is None for pages in self._jobs for page in pages.list),
            disk=sum(file.bytes for file in files),
            wiped_files=self._wiped,
        )
