"""All documents of an installation: finding, unlocking, making and deleting them, and sweeping up after crashes.

Whoever wants a document first :meth:`DocumentStore.enter` s it: owner, then password. What that gives opens the document as often as is needed, each time
under its lock and with what is on disk at that time, so that two clients who change one document come one after the other and each is told the truth.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial

import structlog
import trio

from reference_server.config import ServerConfig
from reference_server.documents import durable
from reference_server.documents.document import Document, load
from reference_server.documents.errors import cannot_write, no_room, unknown_document
from reference_server.documents.folder import NEW, DocumentFolder
from reference_server.documents.held import Holds
from reference_server.documents.keys import KEY_NAME, InstallationKey, load_key
from reference_server.documents.passwords import Derivation
from reference_server.documents.reading import Reading
from reference_server.documents.records import (
    Contents,
    Record,
    seal_contents,
    wrap_key,
    wrapping_key,
)
from reference_server.documents.sealing import KEY
from reference_server.documents.spool import Spool
from reference_server.documents.unlocking import Unlocker
from reference_server.errors import RestError
from reference_server.pages.spill import wipe
from reference_server.threads import in_thread
from reference_server.uids import draw_uid, fresh_uid

log = structlog.get_logger("documents")

FOLDER = "storage"
UID = re.compile(r"[0-9a-f]{12}")
_ENTRY = re.compile(rf"[0-9a-f]{{12}}({re.escape(NEW)})?")
INSERTIONS = 2
"""Pages that are copied into documents at the same time."""

CONVERSIONS = 2
"""Files that are made at the same time, of those for which pages have to be encoded."""

SWEEP_HOURS = 1.0


@dataclass(frozen=True, slots=True)
class Access:
    """The right to open a document."""

    uid: str
    key: bytes = field(repr=False)


class DocumentStore:
    """See the module.

    Args:
        config: of the service: folder, limits, floor of free disk space, retention (S-100).
        draw: makes UIDs, of which those that are taken are dropped.

    Attributes:
        folder: in which the documents are.
        count: how many there are, once the store is open.
        inserting: who copies a page into a document takes a place here.
        converting: who has pages encoded takes one here.
        holds: who is at work on which document.
        unlocker: who knows which password.
    """

    def __init__(self, config: ServerConfig, draw: Callable[[], str] = draw_uid) -> None:
        self.limits = config.limits
        self.draw = draw
        self.inserting = trio.CapacityLimiter(INSERTIONS)
        self.converting = trio.CapacityLimiter(CONVERSIONS)
        self._data_dir = config.data_dir
        self.folder = config.data_dir / FOLDER
        self._floor = config.disk_floor_bytes
        self._retention_days = config.document_days
        self.holds = Holds()
        self.unlocker = Unlocker()
        self._opening = trio.Lock()
        self._making = trio.Lock()
        self._key: InstallationKey | None = None
        self.count = 0

    async def create(self, password: str, origin: bytes | None) -> str:
        """A new, empty document; its UID.

        Args:
            password: empty for none; at most 32 characters.
            origin: of the client.

        Raises:
            RestError: 507 when there are too many, or the disk is full.
        """
        installation = await self._open()
        async with self._making:
            if self.count >= self.limits.documents:
                raise no_room(f"There are {self.count} documents, which is the limit; delete those that are done.")
            uid = await in_thread(lambda: fresh_uid(self.draw, lambda uid: (self.folder / uid).exists()))
            key = await in_thread(partial(self._make, installation, uid, password, origin))
            self.count += 1
        if password:
            self.unlocker.remember(uid, password, key)
        log.info("document created", document=uid, protected=bool(password))
        return uid

    async def enter(self, uid: str, password: str, admit: Callable[[bytes | None], None]) -> Access:
        """The right to open a document.

        Args:
            uid: of the document; compared case-insensitively.
            password: empty for none; ignored where the document has none.
            admit: raises if the client may not use a document that a client of that origin made.

        Raises:
            RestError: 404 unknown; 403 wrong or missing password; 429 too many wrong ones.
            DamagedError: see there.
        """
        folder = await self._folder_of(uid)
        async with self.holds.locked(folder.uid):
            record = await in_thread(folder.load)
        admit(record.origin)
        return Access(folder.uid, await self.unlocker.key(record, await self._open(), password))

    @asynccontextmanager
    async def opened(self, access: Access) -> AsyncIterator[Document]:
        """A document under its lock.

        Raises:
            RestError: 404, it was deleted meanwhile.
            DamagedError: see there.
        """
        folder = await self._folder_of(access.uid)
        async with self.holds.locked(folder.uid):
            record, contents = await in_thread(partial(load, folder, access.key))
            yield Document(folder, record, contents, access.key, self.holds, self.limits, self.check_room, self.draw)

    async def reading(self, access: Access) -> Reading:
        """The pages of a document as they are now; to be closed."""
        async with self.opened(access) as document:
            return Reading(document, self.holds)

    def check_room(self, size: int) -> None:
        """Blocks.

        Raises:
            RestError: 507, storing *size* bytes would leave too little on the disk.
        """
        if shutil.disk_usage(self._data_dir).free - size < self._floor:
            raise no_room(f"Less than {self._floor >> 20} MB would remain free on the disk of the document store.")

    def spool(self) -> Spool:
        """A place for pages that are encoded for an answer."""
        return Spool(self.folder / "spool", self._floor)

    async def delete(self, uid: str) -> None:
        """Delete a document that the client has entered, or that nobody can read any more.

        Raises:
            RestError: 404 unknown; 507 or 500, the disk does not take it and the document is still there.
        """
        folder = await self._folder_of(uid)
        async with self.holds.locked(folder.uid):
            if not await in_thread(folder.is_there):
                raise unknown_document()
            await in_thread(folder.mark_deleted)
            self.count -= 1
            self.unlocker.forget(folder.uid)
            log.info("document deleted", document=folder.uid)
            await self.holds.when_unread(folder.uid, folder.remove_files)

    async def keep(self) -> None:
        """Runs as long as the service: sweeps up what crashes left behind, then looks after retention now and then."""
        try:
            if await in_thread(self.folder.exists):  # a service that keeps no documents does not prepare for them
                await self._sweep()
        except (RestError, OSError) as error:
            log.warning("document store not swept", message=str(error))
        while self._retention_days is not None:
            try:
                await self._expire(self._retention_days)
            except (RestError, OSError) as error:
                log.warning("documents not looked through", message=str(error))
            await trio.sleep(SWEEP_HOURS * 3600)

    async def _open(self) -> InstallationKey:
        """The key; the first caller prepares the folder.

        Raises:
            RestError: 500, the key is damaged; 507 or 500, the folder cannot be made.
        """
        async with self._opening:
            if self._key is not None:
                return self._key
            try:
                key, self.count = await in_thread(self._prepare)
            except OSError as error:
                raise cannot_write(error) from None
            self._key = key
            return key

    def _prepare(self) -> tuple[InstallationKey, int]:
        key = load_key(self._data_dir / KEY_NAME)
        self.folder.mkdir(mode=0o700, exist_ok=True)
        durable.sync_folder(self._data_dir)
        wipe(self.folder / "spool")
        names = [name for name in self._entries() if UID.fullmatch(name)]
        return key, sum(DocumentFolder(self.folder / name, key).is_there() for name in names)

    async def _sweep(self) -> None:
        await self._open()
        for name in await in_thread(self._entries):
            folder = await self._folder_of(name, pattern=_ENTRY)
            uid = name.removesuffix(NEW)
            async with self._making, self.holds.locked(uid):
                await self.holds.when_unread(uid, folder.tidy)

    async def _expire(self, days: float) -> None:
        for name in await in_thread(self._entries):
            if UID.fullmatch(name):
                folder = await self._folder_of(name)
                age = await in_thread(folder.age_days)
                if age is not None and age > days:
                    with suppress(RestError):  # deleted meanwhile, or the disk does not take it now
                        await self.delete(name)

    def _entries(self) -> Sequence[str]:
        if not self.folder.exists():
            return ()
        return sorted(path.name for path in self.folder.iterdir() if _ENTRY.fullmatch(path.name))

    async def _folder_of(self, uid: str, pattern: re.Pattern[str] = UID) -> DocumentFolder:
        installation = await self._open()
        if not pattern.fullmatch(uid.lower()):
            raise unknown_document()
        return DocumentFolder(self.folder / uid.lower(), installation)

    def _make(self, installation: InstallationKey, uid: str, password: str, origin: bytes | None) -> bytes:
        """A new document; its key. Blocks."""
        self.check_room(0)
        key = os.urandom(KEY)
        derivation = Derivation() if password else None
        wrapped = wrap_key(key, wrapping_key(installation, uid, derivation, password), uid)
        inner = seal_contents(Contents(), key, uid, 1)
        record = Record(uid, 1, origin, derivation, wrapped, (), inner)
        DocumentFolder(self.folder / uid, installation).make(record)
        return key
