"""The page buffer: its memory limit, the encrypted files beyond it, and what happens when they are full or damaged (S-069, S-094 to S-096)."""

from __future__ import annotations

import base64
import errno
import os
import resource
import stat
from pathlib import Path

import httpx
import pytest
import trio
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from device_protocol import PNG, PageEnd, PageInfo, PageParams
from reference_server.app import run
from reference_server.config import MEGABYTE, ServerConfig
from reference_server.jobs.states import State
from reference_server.log import LogLevel, start_logging
from reference_server.pages.buffer import JobPages, PageBuffer, StoredPage
from reference_server.pages.spill import FRAME, TAG, DamagedError, GoneError, NoSpaceError, SpillFile
from tests.reference_server.client import JOBS, lab
from tests.reference_server.fakes import FakeHost, Script, content
from tests.reference_server.processes import service

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


@pytest.mark.slow
async def test_two_thousand_pages_through_64_megabytes(tmp_path: Path) -> None:
    """2,000 pages that are nobody's hurry: memory keeps to 64 MB, the rest lies on disk to the byte, and every page is there, in order and by name."""
    size, limit = 40_000, 64 * MEGABYTE
    host = FakeHost({"virtual:feeder": Script(pages=2000, page_bytes=size)})
    async with lab(tmp_path, host, buffer_bytes=limit, disk_floor_bytes=0) as it:
        job = await it.client.create()
        most, scan = 0, it.registry.find(job.rpartition("/")[2])
        while not scan.ended.is_set():
            most = max(most, it.service.buffer.status().memory)
            await trio.lowlevel.checkpoint()
        status = it.service.buffer.status()
        assert scan.state is State.COMPLETED
        assert (status.jobs, status.pages) == (1, 2000)
        assert status.spilled_pages == sum(page.data is None for page in scan.pages.list)
        assert most <= limit + size, "at most the page that has just come is too many"
        assert status.memory == (limit // size) * size
        assert status.spilled_pages == 2000 - limit // size
        assert status.disk == status.spilled_pages * (size + TAG) == next((tmp_path / "spill").iterdir()).stat().st_size
        for number in range(1, 2001):
            assert (await it.client.get(f"{job}/next-page")).body == content(number, size)
        assert (await it.client.get(f"{job}/next-page")).status == 204
        for index in (0, 399, 400, 1999):
            assert (await it.client.get(f"{job}/content?page={index}")).body == content(index + 1, size)
        for number in (1, 2):
            uid = (await it.client.get(f"{job}/next-page-info")).json()["imageuid"]
            assert (await it.client.get(f"{job}/next-page?page={uid}")).body == content(number, size)
        assert (await it.client.request("DELETE", job)).status == 204
        assert it.service.buffer.status().disk == it.service.buffer.status().memory == 0


async def test_the_limit_of_the_disk(tmp_path: Path) -> None:
    """Spilled pages of all jobs together keep to their limit, seals included; what does not fit is refused and nothing is lost."""
    buffer = PageBuffer(tmp_path, limit=0, floor=0, variant_limit=0, disk_limit=4 * (1000 + TAG) - 1)
    first, second = buffer.open_job("first"), buffer.open_job("second")
    await add(first, 1, 1000)
    await add(second, 2, 1000)
    await add(first, 3, 1000)
    with pytest.raises(NoSpaceError, match="used up"):
        await add(second, 4, 1000)
    status = buffer.status()
    assert (status.disk, status.memory, status.full, status.refused_pages) == (3 * (1000 + TAG), 1000, True, 1)
    assert [await second.read(page) for page in second.list] == [content(2, 1000), content(4, 1000)]
    await first.close()
    await buffer.make_room()
    assert (buffer.status().full, buffer.status().memory, buffer.status().disk) == (False, 0, 2 * (1000 + TAG))
    await second.close()


async def test_a_full_disk_refuses_new_jobs(tmp_path: Path) -> None:
    """While there is no room, each new job would keep one more page in memory: it is refused with 507 and -1002 and changes nothing, until a job goes."""
    host = FakeHost({"virtual:feeder": Script(pages=5), "virtual:flatbed": Script(pages=1)})
    async with lab(tmp_path, host, buffer_bytes=2500, disk_floor_bytes=1 << 60) as it:
        job = await it.client.create()
        while await it.client.state(job) != "faulted":
            await trio.lowlevel.checkpoint()
        before = it.service.buffer.status()
        assert before.full
        for path in (JOBS, "/DWTAPI/ScanJobs"):
            reply = await it.client.request("POST", path, {"device": "virtual:flatbed"})
            assert reply.status == 507, reply.body
        reply = await it.client.request("POST", JOBS, {"device": "virtual:flatbed"})
        assert reply.json()["code"] == -1002
        assert "Delete jobs" in reply.json()["message"]
        assert (len(it.registry), it.service.buffer.status().memory) == (1, before.memory)
        assert host.open_devices == set()
        assert (await it.client.get(f"{job}/content?page=2")).body == content(3, 1000)
        await it.client.request("DELETE", job)
        assert await it.client.create(device="virtual:flatbed")
        assert not it.service.buffer.status().full


async def test_a_disk_that_fails_half_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fills up in the middle of a page is a typed error, takes no space for the half, and the next page goes to its place."""
    buffer = PageBuffer(tmp_path, limit=0, floor=0, variant_limit=0)
    pages = buffer.open_job("job")
    await add(pages, 1, 1000)
    write, room = os.pwrite, [FRAME // 2]

    def filling(fd: int, data: bytes, offset: int) -> int:
        if not room[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        taken = min(room[0], len(data))
        room[0] -= taken
        return write(fd, data[:taken], offset)

    monkeypatch.setattr(os, "pwrite", filling)
    with pytest.raises(NoSpaceError, match="No space left"):
        await add(pages, 2, 2 * FRAME)
    assert (tmp_path / "job.spill").stat().st_size == 1000 + TAG
    room[0] = 1 << 40
    await add(pages, 3, 500)
    assert [await pages.read(page) for page in pages.list] == [content(1, 1000), content(2, 2 * FRAME), content(3, 500)]
    assert buffer.status().memory == 0
    await pages.close()


async def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    """A spill folder that somebody tidied away is made again; one that cannot be made is a typed error, and the pages stay readable."""
    buffer = PageBuffer(tmp_path / "spill", limit=0, floor=0, variant_limit=0)
    (tmp_path / "spill").rmdir()
    pages = buffer.open_job("job")
    await add(pages, 1, 1000)
    await pages.close()
    (tmp_path / "spill").rmdir()
    (tmp_path / "spill").write_text("a file")
    assert buffer.status().disk_free is None or buffer.status().disk_free
    pages = buffer.open_job("other")
    with pytest.raises(NoSpaceError, match="cannot write"):
        await add(pages, 2, 1000)
    assert await pages.read(pages.list[0]) == content(2, 1000)
    await pages.close()


def contents(folder: Path) -> list[bytes]:
    """What stands in all files below *folder*."""
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


async def test_the_key_is_in_memory_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that the service writes holds a piece of a page, nor the key in any spelling (S-069)."""
    keys: list[bytes] = []
    generate = AESGCM.generate_key

    def noted(bits: int) -> bytes:
        keys.append(generate(bits))
        return keys[-1]

    monkeypatch.setattr(AESGCM, "generate_key", noted)
    host = FakeHost({"virtual:feeder": Script(pages=4, page_bytes=5000)})
    log_file = start_logging(tmp_path / "log" / "server.log", LogLevel(30))
    async with lab(tmp_path, host, buffer_bytes=0, disk_floor_bytes=0, log_level=30) as it:
        job = await it.client.create()
        while (await it.client.get(f"{job}/next-page")).status == 200:
            pass
        assert it.service.buffer.status().spilled_pages == 4
        written = contents(tmp_path)
    log_file.close()
    assert sum(map(len, written)) > 4 * 5000
    assert len(set(keys)) == 1
    (key,) = set(keys)
    assert len(key) == 32
    secrets = [
        key,
        key.hex().encode(),
        key.hex().upper().encode(),
        base64.b64encode(key)[:40],
        repr(key).encode()[2:-1],
    ]
    pieces = [content(number, 5000)[start : start + 24] for number in range(1, 5) for start in range(0, 4976, 499)]
    for content_of_file in written:
        assert not any(secret in content_of_file for secret in [*secrets, *pieces])


@pytest.mark.slow
def test_leftovers_of_a_killed_service_are_wiped(tmp_path: Path) -> None:
    """After kill -9 in the middle of a job its files hold nothing readable, and the next service removes them before it answers."""
    keys = {
        "drivers": ("virtual",),
        "driver_config": {"virtual": {"time": "instant"}},
        "buffer_bytes": 0,
        "disk_floor_bytes": 0,
    }
    with service(tmp_path, **keys) as (process, ready), httpx.Client(base_url=str(ready["http"]), timeout=30) as client:
        config = {"IfFeederEnabled": True, "Resolution": 100, "PixelType": 1}
        job = client.post(JOBS, json={"device": "virtual:feeder", "config": config}).json()["jobuid"]
        page = client.get(f"{JOBS}/{job}/next-page").content
        assert page.startswith(b"\x89PNG")
        process.kill()
        process.wait()
    leftovers = list((tmp_path / "spill").iterdir())
    assert [path.suffix for path in leftovers] == [".spill"]
    raw = leftovers[0].read_bytes()
    assert len(raw) > len(page)
    assert not any(piece in raw for piece in (b"\x89PNG", b"IHDR", page[40:72], page[-80:-48]))
    (tmp_path / "ready.json").unlink()
    with service(tmp_path, **keys):
        assert list((tmp_path / "spill").iterdir()) == []


@pytest.mark.slow
def test_one_service_for_one_folder(tmp_path: Path) -> None:
    """A second service on the same folder ends with 2, names the first one and the way out, and wipes nothing; kill -9 gives the folder up."""
    said: list[str] = []
    with service(tmp_path) as (process, _):
        (tmp_path / "spill" / "of-the-first.spill").write_bytes(b"x")
        before = sorted(path.name for path in tmp_path.iterdir())
        assert run(ServerConfig(tmp_path, port=0, drivers=()), announce=said.append) == 2
        assert f"in use by the service with process id {process.pid}" in said[0]
        assert "--data-dir" in said[0]
        assert (tmp_path / "spill" / "of-the-first.spill").exists()
        assert sorted(path.name for path in tmp_path.iterdir()) == before
        process.kill()
        process.wait()
    (tmp_path / "ready.json").unlink()
    with service(tmp_path):
        assert list((tmp_path / "spill").iterdir()) == []


async def test_a_disk_quota(tmp_path: Path) -> None:
    """Where the system itself allows no more (a quota, or the largest file), the job is faulted with -1002 and its pages so far are readable (S-096)."""
    host = FakeHost({"virtual:feeder": Script(pages=20, page_bytes=20_000)})
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    async with lab(tmp_path, host, buffer_bytes=50_000, disk_floor_bytes=0) as it:
        resource.setrlimit(resource.RLIMIT_FSIZE, (110_000, hard))
        try:
            job = await it.client.create()
            while await it.client.state(job) == "running":
                await trio.lowlevel.checkpoint()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        status = (await it.client.get(job)).json()
        assert (status["status"], status["code"]) == ("faulted", -1002)
        assert "cannot write" in status["message"]
        pages = it.service.buffer.status().pages
        assert pages == 5 + 2 + 1
        for number in range(1, pages + 1):
            assert (await it.client.get(f"{job}/next-page")).body == content(number, 20_000)
        assert (await it.client.get(f"{job}/next-page")).status == 204
