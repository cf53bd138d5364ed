"""The page buffer: its memory limit, the encrypted files beyond it, and what happens when they are full or damaged (S-069, S-094 to S-096)."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
import trio

from device_protocol import PNG, PageEnd, PageInfo, PageParams
from reference_server.page_buffer import JobPages, PageBuffer, StoredPage
from reference_server.spill import FRAME, TAG, DamagedError, GoneError, NoSpaceError, SpillFile
from tests.reference_server.client import lab
from tests.reference_server.fakes import FakeHost, Script, content

PARAMS = PageParams(10, 10, 10)


async def add(pages: JobPages, number: int, size: int) -> StoredPage:
    """A page of *size* bytes."""
    data = content(number, size)
    return await pages.add(f"{number:012x}", data, PNG, PageInfo(number, PARAMS), PageEnd(number, PARAMS, len(data)))


async def test_pages_beyond_the_limit_go_to_disk_encrypted(tmp_path: Path) -> None:
    """Memory stays within its limit, the oldest pages lie in a file of mode 0600 without a byte of plain text, and every page reads back."""
    buffer = PageBuffer(tmp_path / "spill", limit=5000, floor=0, variant_limit=0)
    pages = buffer.open_job("job")
    stored = [await add(pages, number, 2000) for number in range(1, 11)]
    status = buffer.status()
    assert (status.pages, status.spilled_pages, status.memory) == (10, 8, 4000)
    file = tmp_path / "spill" / "job.spill"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert file.stat().st_size == status.disk == 8 * (2000 + TAG)
    raw = file.read_bytes()
    assert not any(content(number, 2000)[20:40] in raw for number in range(1, 11))
    for number, page in enumerate(stored, 1):
        assert await pages.read(page) == content(number, 2000)
        assert pages.get(page.uid.upper()) is page
    await pages.close()
    assert not file.exists()
    assert buffer.status().memory == buffer.status().disk == 0


async def test_big_pages_are_read_frame_by_frame(tmp_path: Path) -> None:
    """A page larger than a frame, and one larger than the whole limit, come back in pieces and whole."""
    buffer = PageBuffer(tmp_path, limit=1000, floor=0, variant_limit=0)
    pages = buffer.open_job("job")
    size = 2 * FRAME + 12345
    page = await add(pages, 1, size)
    chunks = [chunk async for chunk in pages.chunks(page)]
    assert page.data is None
    assert b"".join(chunks) == content(1, size)
    assert max(map(len, chunks)) <= FRAME
    await pages.close()


async def test_damage_is_found(tmp_path: Path) -> None:
    """A changed byte, a frame in another's place and a file that was cut are each found out, and other pages stay readable."""
    buffer = PageBuffer(tmp_path, limit=0, floor=0, variant_limit=0)
    pages = buffer.open_job("job")
    stored = [await add(pages, number, 1000) for number in (1, 2, 3, 4)]
    file = tmp_path / "job.spill"
    raw = bytearray(file.read_bytes())
    length = 1000 + TAG
    raw[10] ^= 1
    raw[length : 2 * length], raw[2 * length : 3 * length] = raw[2 * length : 3 * length], raw[length : 2 * length]
    file.write_bytes(raw)
    for page in stored[:3]:
        with pytest.raises(DamagedError):
            await pages.read(page)
    assert await pages.read(stored[3]) == content(4, 1000)
    os.truncate(file, 3 * length)
    with pytest.raises(DamagedError):
        await pages.read(stored[3])
    await pages.close()


async def test_damage_on_the_wire(tmp_path: Path) -> None:
    """A damaged page is 500 with a code, not a broken picture; the cursor does not lose the others."""
    host = FakeHost({"virtual:feeder": Script(pages=2)})
    async with lab(tmp_path, host, buffer_bytes=0, disk_floor_bytes=0) as it:
        job = await it.client.create()
        while await it.client.state(job) != "completed":
            await trio.lowlevel.checkpoint()
        (file,) = (tmp_path / "spill").iterdir()
        raw = bytearray(file.read_bytes())
        raw[0] ^= 1
        file.write_bytes(raw)
        for query in ("page=0", "page=0&type=image/jpeg"):
            reply = await it.client.get(f"{job}/content?{query}")
            assert (reply.status, reply.json()["code"]) == (500, -1001)
        assert (await it.client.get(f"{job}/content?page=1")).body == content(2, 1000)


def test_leftovers_are_wiped(tmp_path: Path) -> None:
    """Files of an earlier service, whose keys are lost, are removed at the start; other files are left alone."""
    (tmp_path / "old.spill").write_bytes(b"x")
    (tmp_path / "other").write_bytes(b"x")
    buffer = PageBuffer(tmp_path, limit=0, floor=0, variant_limit=0)
    assert [path.name for path in tmp_path.iterdir()] == ["other"]
    assert buffer.status().wiped_files == 1


async def test_full_disk(tmp_path: Path) -> None:
    """When the disk would fall below its floor, adding fails with a typed error, and every page so far, that one included, stays readable."""
    buffer = PageBuffer(tmp_path, limit=2500, floor=1 << 60, variant_limit=0)
    pages = buffer.open_job("job")
    await add(pages, 1, 1000)
    await add(pages, 2, 1000)
    with pytest.raises(NoSpaceError):
        await add(pages, 3, 1000)
    assert [await pages.read(page) for page in pages.list] == [content(number, 1000) for number in (1, 2, 3)]
    await pages.close()


async def test_full_disk_faults_the_job(tmp_path: Path) -> None:
    """A job whose pages find no room is faulted with -1002 and keeps what it has; the service goes on."""
    host = FakeHost({"virtual:feeder": Script(pages=5, page_bytes=1000)})
    async with lab(tmp_path, host, buffer_bytes=2500, disk_floor_bytes=1 << 60) as it:
        job = await it.client.create()
        bodies = []
        while (reply := await it.client.get(f"{job}/next-page")).status == 200:
            bodies.append(reply.body)
        assert bodies == [content(number, 1000) for number in (1, 2, 3)]
        assert (await it.client.get(job)).json()["code"] == -1002
        await it.client.request("DELETE", job)
        assert await it.client.create()


async def test_two_jobs_share_the_limit(tmp_path: Path) -> None:
    """The limit is one for all jobs; a job that goes takes only its own pages with it, also while they are being written."""
    buffer = PageBuffer(tmp_path, limit=3000, floor=0, variant_limit=0)
    first, second = buffer.open_job("first"), buffer.open_job("second")
    await add(first, 1, 1000)
    await add(second, 2, 1000)
    await add(first, 3, 1000)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(add, second, 4, 1000)
        nursery.start_soon(add, second, 5, 1000)
        nursery.start_soon(first.close)
    assert buffer.status().memory <= 3000
    assert [await second.read(page) for page in second.list] == [content(number, 1000) for number in (2, 4, 5)]
    with pytest.raises(GoneError):
        await add(first, 6, 10)
    await second.close()
    assert buffer.status().memory == 0
    assert os.listdir(tmp_path) == []  # noqa: PTH208  # nothing waits for anything any more


def test_spill_file_after_close(tmp_path: Path) -> None:
    """A file that was closed gives a typed error instead of another file's bytes."""
    file = SpillFile(tmp_path / "x.spill", floor=0)
    record = file.append("u", b"data")
    assert file.frame(record, 0) == b"data"
    file.close()
    file.close()
    with pytest.raises(GoneError):
        file.frame(record, 0)
    with pytest.raises(GoneError):
        file.append("v", b"data")
