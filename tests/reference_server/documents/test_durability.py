"""After a crash at any change on disk, and with a disk that is full at any change: each document is whole, in a state that was or was about to be answered."""

from __future__ import annotations

import itertools
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from device_protocol.testing import run
from reference_server.config import ServerConfig
from reference_server.documents.document import Document
from reference_server.documents.records import PageEntry
from reference_server.documents.store import DocumentStore
from reference_server.errors import RestError
from tests.reference_server.documents.disk import NEEDS_ROOM, Crash, Disk, full, watched

State = dict[str, tuple[list[bytes], str | None]]
"""Documents by UID: their pages and their metadata."""

Shape = list[tuple[list[bytes], str | None]]
"""The same without the UIDs, which are random."""

FILES = [bytes([number]) * (700 + number) for number in range(4)]


def entry(data: bytes) -> PageEntry:
    """A page of any kind."""
    return PageEntry("", "image/png", len(data), 1, 1, 8, 1, 100, 100)


def store_in(folder: Path) -> DocumentStore:
    """A store in *folder*."""
    return DocumentStore(ServerConfig(folder, disk_floor_bytes=0))


async def look(store: DocumentStore) -> State:
    """Every document of a store, byte for byte."""
    state: State = {}
    for path in sorted(store.folder.glob("[0-9a-f]*")):
        if path.suffix:
            continue
        try:
            access = await store.enter(path.name, "", lambda _owner: None)
        except RestError as error:
            assert error.status == 404, error  # noqa: PT017  # anything else is damage
            continue
        async with store.opened(access) as document:
            metadata = document.contents.metadata
        reading = await store.reading(access)
        state[path.name] = ([await reading.read(page) for page in reading.pages], metadata)
        await reading.close()
    return state


def names(store: DocumentStore) -> set[str]:
    """All files and folders of a store."""
    return {str(path.relative_to(store.folder)) for path in store.folder.rglob("*")}


def tidy_size(state: State) -> int:
    """How many files and folders a store in *state* has when nothing is left over: the spool; of each document its folder, a record and its pages."""
    return 1 + sum(2 + len(pages) for pages, _ in state.values())


async def story(store: DocumentStore) -> AsyncGenerator[None, None]:
    """Two documents and all that can happen to them; stops after each answer."""
    uids: list[str] = []

    async def create() -> None:
        uids.append(await store.create("", None))

    async def change(number: int, what: Callable[[Document], Awaitable[None]]) -> None:
        access = await store.enter(uids[number], "", lambda _owner: None)
        async with store.opened(access) as document:
            await what(document)

    def insert(file: int, position: int | None) -> Callable[[Document], Awaitable[None]]:
        return lambda document: document.insert(FILES[file], entry(FILES[file]), position)

    steps: list[Callable[[], Awaitable[None]]] = [
        create,
        lambda: change(0, insert(0, None)),
        create,
        lambda: change(0, insert(1, 1)),
        lambda: change(1, insert(2, None)),
        lambda: change(0, lambda document: document.set_metadata('"note"')),
        lambda: change(0, lambda document: document.remove_page("0")),
        lambda: change(0, insert(3, None)),
        lambda: store.delete(uids[1]),
    ]
    for step in steps:
        await step()
        yield


def shape(state: State) -> Shape:
    """A state without the UIDs, which are random."""
    return sorted(state.values(), key=repr)


async def states() -> list[Shape]:
    """The store before the story, and after each of its answers."""
    with TemporaryDirectory() as folder:
        store = store_in(Path(folder))
        async with aclosing(story(store)) as steps:
            return [[], *[shape(await look(store)) async for _ in steps]]


@dataclass
class Life:
    """A service's life: the story on a disk, and how many answers there were."""

    disk: Disk
    answers: int = 0

    async def live(self, folder: Path) -> None:
        with watched(self.disk, folder):
            async with aclosing(story(store_in(folder))) as steps:
                async for _ in steps:
                    self.answers += 1


@pytest.mark.slow
@pytest.mark.parametrize("power_cut", [False, True])
def test_a_crash_at_any_change(power_cut: bool, tmp_path: Path) -> None:
    """Whatever was answered before the crash is there afterwards, byte for byte; the change under way is there whole or not at all; no file is left over.

    When the power is cut, files lose what was written to them and not synced.
    """

    async def after(folder: Path) -> Shape:
        store = store_in(folder)
        found = await look(store)
        await store.keep()
        assert await look(store) == found, "sweeping changes nothing that is there"
        if store.folder.exists():
            assert len(names(store)) == tidy_size(found), names(store)
        return shape(found)

    whole = run(states)
    for number in itertools.count(1):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        life = Life(Disk(number))
        try:
            run(partial(life.live, folder))
        except Crash:
            if power_cut:
                life.disk.cut_power(folder)
            assert run(partial(after, folder)) in whole[life.answers : life.answers + 2], f"a crash at change {number}"
        else:
            break
    assert number > 60


@pytest.mark.slow
@pytest.mark.parametrize("for_good", [False, True])
def test_a_full_disk_at_any_change(for_good: bool, tmp_path: Path) -> None:
    """Each request either succeeds whole or is 507 -1002 and changes nothing; documents that are there stay readable; no file is left over."""

    async def main(life: Life, folder: Path) -> None:
        try:
            await life.live(folder)
        except RestError as error:
            assert (error.status, int(error.code)) == (507, -1002)  # noqa: PT017  # it need not come
        else:
            assert life.answers + 1 == len(whole), "there was another way, or nothing had to be written"
        store = store_in(folder)
        found = await look(store)
        assert shape(found) == whole[life.answers]
        await store.keep()
        if store.folder.exists():
            assert len(names(store)) == tidy_size(found), names(store)

    whole = run(states)
    for number in itertools.count(1):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        life = Life(Disk(number, full, for_good, NEEDS_ROOM))
        run(partial(main, life, folder))
        if life.disk.seen < number:
            break
    assert number > 30


def test_a_disk_with_less_than_the_floor_takes_nothing(tmp_path: Path) -> None:
    """The free space that the configuration reserves stays free: 507, and nothing is written."""

    async def main() -> None:
        store = DocumentStore(ServerConfig(tmp_path, disk_floor_bytes=1 << 60))
        with pytest.raises(RestError) as caught:
            await store.create("", None)
        assert (caught.value.status, int(caught.value.code)) == (507, -1002)
        assert await look(store) == {}
        roomy = store_in(tmp_path)
        uid = await roomy.create("", None)
        access = await store.enter(uid, "", lambda _owner: None)
        before = names(store)
        async with store.opened(access) as document:
            with pytest.raises(RestError) as caught:
                await document.insert(FILES[0], entry(FILES[0]), None)
            assert caught.value.status == 507
            assert names(store) == before
            await document.set_metadata('"notes are small"')

    run(main)
