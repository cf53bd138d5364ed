"""Damage on disk is found out and said, with the document's name; other documents are as they were (S-069)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import structlog.testing

from reference_server.documents.output import content
from tests.reference_server.client import Reply
from tests.reference_server.documents.desk import Desk, desk, refused
from tests.reference_server.fakes import FakeHost, Script


def files(folder: Path, path: str) -> tuple[Path, list[Path]]:
    """The record of a document and its page files, the oldest first."""
    here = folder / "storage" / path[1:]
    (record,) = here.glob("record.*")
    return record, sorted(here.glob("*.page"), key=lambda file: file.stat().st_mtime_ns)


def below(folder: Path) -> list[Path]:
    """Everything in *folder*."""
    return sorted(folder.rglob("*"))


def flip(position: float) -> Callable[[Path], None]:
    """Turns one bit over, at a part of the length."""

    def change(file: Path) -> None:
        data = bytearray(file.read_bytes())
        data[min(len(data) - 1, int(len(data) * position))] ^= 1
        file.write_bytes(data)

    return change


def cut(file: Path) -> None:
    """Takes the last byte off."""
    os.truncate(file, file.stat().st_size - 1)


def empty(file: Path) -> None:
    """Leaves nothing but the name."""
    file.write_bytes(b"")


def longer(file: Path) -> None:
    """Adds a byte."""
    file.write_bytes(file.read_bytes() + b"\0")


def said(reply: Reply, path: str) -> None:
    """The answer is 500 and names the document."""
    assert refused(reply) == (500, -1001)
    assert path[1:] in reply.json()["message"]
    assert "damaged" in reply.json()["message"]


async def everything(it: Desk, path: str) -> list[Reply]:
    """What reading a document answers: its information, and each page."""
    replies = [await it.ask("GET", path)]
    return replies + [await it.ask("GET", f"{path}/content?type=image/png&pages={number}") for number in range(2)]


DAMAGE: dict[str, Callable[[Path], None]] = {
    "first byte": flip(0),
    "head": flip(0.02),
    "middle": flip(0.5),
    "last byte": flip(1),
    "cut": cut,
    "empty": empty,
    "longer": longer,
    "missing": Path.unlink,
}


@pytest.mark.parametrize("damage", DAMAGE)
async def test_a_damaged_record(damage: str, tmp_path: Path) -> None:
    """Every request to the document is 500, it is logged, others are as they were, a start keeps what is there, and deleting gives the room back."""
    async with desk(tmp_path) as it:
        path, other = await it.create(pages=2), await it.create(pages=2)
        record, _ = files(tmp_path, path)
        DAMAGE[damage](record)
        for reply in await everything(it, path):
            said(reply, path)
        said(await it.ask("PATCH", path, {"metadata": "x"}), path)
        said(await it.ask("POST", f"{path}/pages", {"source": it.sources[0]}), path)
        assert [reply.status for reply in await everything(it, other)] == [200] * 3
        with structlog.testing.capture_logs() as lines:
            await it.there.service.documents.keep()
        assert [line["document"] for line in lines if line["event"] == "document damaged"] == [path[1:]]
        assert len(list(record.parent.glob("*.page"))) == 2, "somebody may still put the record back"
        assert (await it.ask("DELETE", path)).status == 204
        assert refused(await it.ask("GET", path)) == (404, -1040)
        assert not record.parent.exists()
        assert [reply.status for reply in await everything(it, other)] == [200] * 3


@pytest.mark.parametrize("damage", DAMAGE)
async def test_a_damaged_page(damage: str, tmp_path: Path) -> None:
    """The page is 500 wherever it is needed and named; the other pages and documents are as they were; the page can be removed, and then all is well."""
    async with desk(tmp_path) as it:
        path, other = await it.create(pages=2), await it.create(pages=1)
        uids = await it.pages(path)
        _, (first, _second) = files(tmp_path, path)
        DAMAGE[damage](first)
        for reply in (
            await it.ask("GET", f"{path}/content?type=image/png&pages=0"),
            await it.ask("GET", f"{path}/content?type=image/png&pages={uids[0]}"),
        ):
            said(reply, path)
            assert uids[0] in reply.json()["message"]
        information = await it.ask("GET", path)
        if damage in {"cut", "empty", "longer", "missing"}:
            said(information, path)
        assert (await it.ask("GET", f"{path}/content?type=image/png&pages=1")).status == 200
        assert (await it.ask("GET", f"{other}/content?type=image/png")).status == 200
        assert (await it.ask("PATCH", path, {"metadata": "x"})).status == 200
        assert (await it.ask("DELETE", f"{path}/pages/{uids[0]}")).status == 204
        assert await it.pages(path) == uids[1:]


async def test_files_in_a_wrong_place(tmp_path: Path) -> None:
    """A page or a record of another document, or another page of the same one, is not taken for the right one, though they were all made here."""
    async with desk(tmp_path, FakeHost({"virtual:feeder": Script(page_bytes=500)})) as it:
        path, other = await it.create(pages=2), await it.create(pages=2)
        record, (first, second) = files(tmp_path, path)
        other_record, (other_first, _) = files(tmp_path, other)
        kept = {file: file.read_bytes() for file in (record, first, second)}
        for target, source in ((first, other_first), (first, second), (record, other_record)):
            shutil.copyfile(source, target)
            said(await it.ask("GET", f"{path}/content?type=image/png&pages=0"), path)
            target.write_bytes(kept[target])
            assert (await it.ask("GET", f"{path}/content?type=image/png&pages=0")).status == 200


async def test_an_older_state_put_back(tmp_path: Path) -> None:
    """A record from before is not taken for the newest one: not under its name, and not under its own beside pages that came later."""
    async with desk(tmp_path) as it:
        path = await it.create(pages=1)
        old, _ = files(tmp_path, path)
        before = old.read_bytes()
        await it.insert(path, 1)
        await it.insert(path, 2)
        new, _ = files(tmp_path, path)
        after = new.read_bytes()
        new.write_bytes(before)
        said(await it.ask("GET", path), path)
        new.unlink()
        old.write_bytes(before)
        said(await it.ask("GET", path), path)
        old.unlink()
        new.write_bytes(after)
        assert len(await it.pages(path)) == 3


async def test_damage_that_shows_in_the_middle_breaks_the_answer_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large file begins before all of it was looked through; at the damage the answer ends short of its length, and the log names document and page."""
    monkeypatch.setattr(content, "VERIFIED_BYTES", 0)
    size = 3 << 20
    async with desk(tmp_path, FakeHost({"virtual:feeder": Script(page_bytes=size)}), pages=1) as it:
        path = await it.create(pages=1)
        _, (page,) = files(tmp_path, path)
        flip(0.9)(page)
        seen: list[dict[str, Any]] = []
        with structlog.testing.capture_logs() as lines, pytest.raises(Exception, match="damaged"):
            await it.ask("GET", f"{path}/content?type=image/png", on_message=seen.append)
        assert seen[0]["status"] == 200
        assert 0 < sum(len(message.get("body", b"")) for message in seen) < size
        assert path[1:] in next(
            line["what"] + line["document"] for line in lines if line["event"] == "document damaged"
        )
        monkeypatch.undo()
        said(await it.ask("GET", f"{path}/content?type=image/png"), path)


async def test_the_key_of_the_installation(tmp_path: Path) -> None:
    """It is made once, for its owner only, and never replaced: a damaged one is 500 on every document, one of another installation names the document."""
    async with desk(tmp_path) as it:
        path = await it.create(pages=1)
    key = tmp_path / "storage.key"
    assert key.stat().st_mode & 0o777 == 0o600
    kept = key.read_bytes()
    for damaged in (kept[:-3], b"", kept.replace(b"1", b"2", 1), b"\xff" * 80):
        key.write_bytes(damaged)
        async with desk(tmp_path) as it:
            for method, where in (("GET", path), ("POST", ""), ("DELETE", path)):
                reply = await it.ask(method, where)
                assert refused(reply) == (500, -1001)
                assert "storage.key" in reply.json()["message"]
        assert key.read_bytes() == damaged
    key.unlink()
    async with desk(tmp_path) as it:
        said(await it.ask("GET", path), path)
        said(await it.ask("DELETE", path), path)
        new = await it.create(pages=1)
        assert await it.pages(new)
    key.write_bytes(kept)
    key.chmod(0o644)
    async with desk(tmp_path) as it:
        assert len(await it.pages(path)) == 1
        said(await it.ask("GET", new), new)
    assert key.stat().st_mode & 0o777 == 0o600, "a key that others could read is theirs no longer"


async def test_nothing_readable_is_on_disk(tmp_path: Path) -> None:
    """No page, name or note of a document lies on disk as it is, with a password or without, and all files are their owner's only."""
    async with desk(tmp_path) as it:
        for password in ("", "s3cret"):
            headers = {"DWT-DOC-PASSWORD": password, "Origin": "http://localhost:7"}
            path = await it.create(headers=headers, password=password)
            await it.ask("POST", f"{path}/pages", {"source": it.sources[0]}, headers)
            assert (await it.ask("PATCH", path, {"metadata": "a remarkable note"}, headers)).status == 200
        page = (await it.there.client.get(it.sources[0].partition("18622")[2])).body
    stored = [file for file in below(tmp_path) if file.is_file() and file.suffix != ".key"]
    assert len(stored) >= 4
    for file in stored:
        data = file.read_bytes()
        assert file.stat().st_mode & 0o077 == 0
        assert all(text not in data for text in (b"remarkable", b"image/png", b"localhost:7", b"s3cret", page[:16]))
