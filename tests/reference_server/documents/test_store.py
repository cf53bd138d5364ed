"""Housekeeping of the document store: what survives a restart, what is swept up, what waits for readers, what expires."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
import trio

from device_protocol.testing import Jumper, run
from reference_server.config import ServerConfig
from reference_server.documents.store import DocumentStore
from reference_server.uids import draw_uid, fresh_uid
from tests.reference_server.documents.desk import DOCUMENTS, desk, refused
from tests.reference_server.fakes import FakeHost, Script, content
from tests.reference_server.wire import read_head, wire


def page_files(folder: Path) -> int:
    """How many there are."""
    return len(list(folder.rglob("*.page")))


async def test_documents_survive_a_restart(tmp_path: Path) -> None:
    """Pages, metadata, password and owner are there in the next service; jobs are not (S-099, S-100)."""
    right, mine = {"DWT-DOC-PASSWORD": "s3cret"}, {"Origin": "http://localhost:1"}
    async with desk(tmp_path) as it:
        path = await it.create(headers=mine, password="s3cret")
        await it.ask("POST", f"{path}/pages", {"source": it.sources[1]}, right)
        await it.ask("PATCH", path, {"metadata": {"case": 7}}, right)
        before = (await it.ask("GET", path, None, right)).json()
    async with desk(tmp_path) as it:
        assert (await it.ask("GET", path, None, right)).json() == before
        assert refused(await it.ask("GET", path)) == (403, -1043)
        assert refused(await it.ask("GET", path, None, right | {"Origin": "http://localhost:2"})) == (403, -2137)
        reply = await it.ask("GET", f"{path}/content?type=image/png", None, right)
        assert reply.body == content(2, 1000)


async def test_what_is_swept_at_the_start(tmp_path: Path) -> None:
    """Leftovers of crashes go: unfinished and deleted documents, older records, pages of no record, spools. Whatever else lies there stays."""
    async with desk(tmp_path) as it:
        path = await it.create(pages=2)
        whole = sorted((tmp_path / "storage").rglob("*"))
    storage = tmp_path / "storage"
    here = storage / path[1:]
    foreign = storage / "notes.txt"
    foreign.write_text("mine")
    (record,) = here.glob("record.*")
    (page, _) = here.glob("*.page")
    for folder, names in (
        ("0123456789ab.new", ("record.1",)),
        ("123456789abc", ("deleted", "23456789abcd.page")),
        ("23456789abcd", ()),
    ):
        (storage / folder).mkdir()
        for name in names:
            (storage / folder / name).write_bytes(page.read_bytes())
    (here / "record.1").write_bytes(record.read_bytes())
    (here / "record.new").write_bytes(b"half")
    (here / "3456789abcde.page").write_bytes(b"FBPG1" + (3).to_bytes(8, "big") + b"half a page")
    (storage / "spool" / "0123456789abcdef.spill").write_bytes(b"x")
    async with desk(tmp_path) as it:
        await it.there.service.documents.keep()
        assert sorted(storage.rglob("*")) == sorted([*whole, foreign])
        assert await it.page(path, 1) == content(2, 1000)


async def test_a_service_without_documents_prepares_nothing(tmp_path: Path) -> None:
    """Neither key nor folder is made before the first document."""
    async with desk(tmp_path) as it:
        await it.there.service.documents.keep()
        assert not (tmp_path / "storage").exists()
        assert not (tmp_path / "storage.key").exists()


@pytest.mark.parametrize("removal", ["DELETE page", "DELETE document"])
async def test_a_reader_keeps_what_others_delete(removal: str, tmp_path: Path) -> None:
    """A file that is on its way comes whole, though its page or document is deleted meanwhile; then the disk is given back."""
    size = 3 << 20
    host = FakeHost({"virtual:feeder": Script(page_bytes=size)})
    async with desk(tmp_path, host, pages=1) as it:
        path = await it.create(pages=1)
        here = tmp_path / "storage" / path[1:]
        begun, go = trio.Event(), trio.Event()

        async def hold(message: dict[str, object]) -> None:
            if message["type"] == "http.response.body" and not begun.is_set():
                begun.set()
                await go.wait()

        async with trio.open_nursery() as nursery:
            answers: list[bytes] = []

            async def read() -> None:
                reply = await it.ask("GET", f"{path}/content?type=image/png", on_message=hold)
                answers.append(reply.body)

            nursery.start_soon(read)
            await begun.wait()
            where = f"{path}/pages/0" if removal == "DELETE page" else path
            assert (await it.ask("DELETE", where)).status == 204
            assert (await it.ask("DELETE", where)).status == 404
            assert len(list(here.glob("*.page"))) == 1
            go.set()
        assert answers == [content(1, size)]
        assert not list(here.glob("*.page"))
        assert here.exists() == (removal == "DELETE page")


async def test_a_client_that_leaves_in_the_middle(tmp_path: Path) -> None:
    """Over a real socket: the reading ends, and a page that was deleted meanwhile is gone from the disk."""
    host = FakeHost({"virtual:feeder": Script(pages=1, page_bytes=30 << 20)})
    async with wire(tmp_path, host) as it:
        job = await it.create()
        assert (await it.ask("GET", f"{job}/next-page"))[0] == 200
        info = (await it.ask("GET", f"{job}/next-page-info"))[1].decode()
        source = info.partition('"url":"')[2].partition('"')[0]
        made = (await it.ask("POST", DOCUMENTS))[1].decode()
        path = f"{DOCUMENTS}/{made.partition(chr(34) + 'uid' + chr(34) + ': ' + chr(34))[2][:12]}"
        assert (await it.ask("POST", f"{path}/pages", {"source": source}))[0] == 200
        stream = await it.send("GET", f"{path}/content?type=image/png")
        async with stream:
            status, headers, _ = await read_head(stream)
            assert (status, headers["content-length"]) == (200, str(30 << 20))
            assert (await it.ask("DELETE", f"{path}/pages/0"))[0] == 204
            assert page_files(tmp_path) == 1
        with trio.fail_after(20):
            while page_files(tmp_path):
                await trio.lowlevel.checkpoint()


def test_retention(tmp_path: Path) -> None:
    """Documents that were not changed for so many days are deleted, looked for each hour; without the setting they stay for ever (S-100)."""

    async def main() -> None:
        async with desk(tmp_path) as it:
            old, young = await it.create(pages=1), await it.create()
            then = time.time() - 8 * 86_400
            for record in (tmp_path / "storage" / old[1:]).glob("record.*"):
                os.utime(record, (then, then))
            await it.there.service.documents.keep()
            assert len(await it.pages(old)) == 1
        async with desk(tmp_path, document_days=7.0) as it, trio.open_nursery() as nursery:
            nursery.start_soon(it.there.service.documents.keep)
            await trio.sleep(1)
            assert refused(await it.ask("GET", old)) == (404, -1040)
            for record in (tmp_path / "storage" / young[1:]).glob("record.*"):
                os.utime(record, (then, then))
            assert await it.pages(young) == []
            await trio.sleep(3600)
            assert refused(await it.ask("GET", young)) == (404, -1040)
            nursery.cancel_scope.cancel()

    run(main, clock=Jumper())


def test_uids_are_random_and_never_taken() -> None:
    """48 random bits in twelve hex characters (design 6); one that is taken is drawn again."""
    drawn: list[str] = []

    def taken(uid: str) -> bool:
        drawn.append(uid)
        return len(drawn) < 3

    assert fresh_uid(draw_uid, taken) == drawn[2]
    many = {fresh_uid(draw_uid, lambda _uid: False) for _ in range(2000)}
    assert len(many) == 2000
    assert all(len({uid[place] for uid in many}) == 16 for place in range(12)), "every digit varies"


async def test_documents_that_were_there_count(tmp_path: Path) -> None:
    """The limit of documents holds over restarts; deleted ones do not count."""
    store = DocumentStore(ServerConfig(tmp_path, disk_floor_bytes=0))
    uids = [await store.create("", None) for _ in range(3)]
    await store.delete(uids[0])
    again = DocumentStore(ServerConfig(tmp_path, disk_floor_bytes=0))
    await again.create("", None)
    assert again.count == 3
