"""One document on disk: a folder with a record and a file for each page. Everything here blocks; callers use a thread and hold the document's lock.

``record.N`` is generation N of the record. A change writes what is new, then ``record.N+1``, and only then removes what is old, so that a crash leaves
either generation whole, and beside it files that :meth:`DocumentFolder.tidy` knows to be leftovers. A document is deleted from the moment on in which its
record is called ``deleted``. A folder without a record is damaged and kept: nobody can tell any more what was in it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from reference_server.documents import durable
from reference_server.documents.errors import (
    DamagedError,
    UnreadableError,
    cannot_write,
    damaged,
    unknown_document,
)
from reference_server.documents.keys import InstallationKey
from reference_server.documents.page_files import SUFFIX, file_size, generation_of
from reference_server.documents.records import OtherKeyError, Record, read_record, write_record
from reference_server.documents.sealing import SealError

NEW = ".new"
_RECORD = "record."
_FRESH = "record.new"
_DELETED = "deleted"


class DocumentFolder:
    """See the module.

    Args:
        path: of the folder; its name is the document's UID.
        key: of the installation.
    """

    def __init__(self, path: Path, key: InstallationKey) -> None:
        self.path = path
        self.uid = path.name
        self._key = key

    def page(self, uid: str) -> Path:
        """The file of a page."""
        return self.path / f"{uid}{SUFFIX}"

    def make(self, record: Record) -> None:
        """A new document.

        Raises:
            RestError: 507 or 500; there is none then.
        """
        fresh = self.path.with_name(self.uid + NEW)
        with _telling():
            try:
                durable.make_folder(fresh)
                durable.write_new(fresh / f"{_RECORD}{record.generation}", [write_record(record, self._key)])
                durable.sync_folder(fresh)
                durable.rename(fresh, self.path)
            except OSError:
                if not fresh.exists():  # it has its name already, so the same way out as for any document
                    with suppress(OSError):
                        (self.path / f"{_RECORD}{record.generation}").rename(self.path / _DELETED)
                        _sweep(self.path)
                _sweep(fresh)
                raise

    def load(self) -> Record:
        """The newest record.

        Raises:
            RestError: 404, there is no such document.
            DamagedError: the record is damaged, missing, or older than what else is there.
        """
        if not self.is_there():
            raise unknown_document()
        names = self._names()
        generations = _generations(names)
        if not generations:
            raise damaged(self.uid, "its record is missing", UnreadableError)
        newest = generations[-1]
        try:
            data = (self.path / f"{_RECORD}{newest}").read_bytes()
            record = read_record(self.uid, data, self._key)
        except SealError:
            raise damaged(self.uid, "its record is altered, cut or another document's", UnreadableError) from None
        except OtherKeyError:
            raise damaged(self.uid, "it was sealed with the key of another installation") from None
        except OSError as error:
            raise damaged(self.uid, f"its record cannot be read ({error.strerror})") from None
        if record.generation != newest:
            raise damaged(self.uid, f"its record is of state {record.generation} and not {newest}", UnreadableError)
        self._refuse_older(record, names)
        return record

    def is_there(self) -> bool:
        """Whether there is a document, whole or damaged."""
        names = self._names()
        return bool(names) and _DELETED not in names

    def age_days(self) -> float | None:
        """Days since the last change; None if nobody knows."""
        generations = _generations(self._names())
        try:
            return (time.time() - (self.path / f"{_RECORD}{generations[-1]}").stat().st_mtime) / 86_400
        except (IndexError, OSError):
            return None

    def check_pages(self, record: Record, wanted: Iterable[str]) -> None:
        """Look whether the files of the pages *wanted* are there in full length.

        Raises:
            DamagedError: one is not.
        """
        sizes = dict(record.pages)
        for uid in wanted:
            try:
                size = self.page(uid).stat().st_size
            except OSError:
                raise damaged(self.uid, f"page {uid} is missing") from None
            if size != file_size(sizes[uid]):
                raise damaged(self.uid, f"page {uid} has {size} bytes instead of {file_size(sizes[uid])}")

    def commit(self, record: Record, new_page: tuple[str, Iterable[bytes]] | None = None) -> None:
        """Make *record* the newest one, together with the file of a new page.

        Raises:
            RestError: 507 or 500; everything is as it was.
        """
        target = self.path / f"{_RECORD}{record.generation}"
        fresh = self.path / _FRESH
        with _telling():
            try:
                if new_page is not None:
                    uid, parts = new_page
                    durable.write_new(self.page(uid), parts)
                    durable.sync_folder(self.path)
                durable.remove(fresh)
                durable.write_new(fresh, [write_record(record, self._key)])
                durable.rename(fresh, target)
            except OSError:
                # In this order: a record without its page would be damage, a page without a record is a leftover.
                with suppress(OSError):
                    durable.remove(target)
                    durable.remove(fresh)
                    if new_page is not None:
                        durable.remove(self.page(new_page[0]))
                raise
        with suppress(OSError):  # a leftover, if it stays
            durable.remove(self.path / f"{_RECORD}{record.generation - 1}")

    def mark_deleted(self) -> None:
        """From here on there is no such document.

        Raises:
            RestError: 507 or 500; it is still there.
        """
        with _telling():
            mark = self.path / _DELETED
            generations = _generations(self._names())
            if not generations:
                durable.write_new(mark, [])
                return
            record = self.path / f"{_RECORD}{generations[-1]}"
            try:
                durable.rename(record, mark)
            except OSError:
                with suppress(OSError):
                    mark.rename(record)
                raise

    def remove_files(self) -> None:
        """Free the disk space of a document that was marked as deleted; what cannot be removed now is swept at the next start."""
        _sweep(self.path)

    def tidy(self) -> None:
        """Remove what crashes left behind, and say what is damaged."""
        if self.uid.endswith(NEW) or not self.is_there():
            _sweep(self.path)
            return
        try:
            record = self.load()
        except DamagedError:
            return  # it was logged; nobody knows what of this is a leftover
        known = {f"{uid}{SUFFIX}" for uid, _ in record.pages}
        for name in self._names():
            older = name.startswith(_RECORD) and name != f"{_RECORD}{record.generation}"
            if older or (name.endswith(SUFFIX) and name not in known):
                with suppress(OSError):
                    durable.remove(self.path / name)
        with suppress(DamagedError):
            self.check_pages(record, dict(record.pages))

    def _refuse_older(self, record: Record, names: list[str]) -> None:
        """A crash can leave a page that came with the next change, but none of a later one: that means that the record was put back to an older state."""
        known = {f"{uid}{SUFFIX}" for uid, _ in record.pages}
        for name in names:
            if name.endswith(SUFFIX) and name not in known:
                with suppress(OSError):
                    came = generation_of(self.path / name)
                    if came is not None and came > record.generation + 1:
                        raise damaged(self.uid, f"its record is older than page {name.removesuffix(SUFFIX)}")

    def _names(self) -> list[str]:
        try:
            return sorted(path.name for path in self.path.iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return []


def _generations(names: Iterable[str]) -> list[int]:
    numbers = (name.removeprefix(_RECORD) for name in names if name.startswith(_RECORD))
    return sorted(int(number) for number in numbers if number.isdigit())


def _sweep(path: Path) -> None:
    """Remove a folder that is no document; the mark that says so goes last."""
    with suppress(OSError):
        for inner in sorted(path.iterdir(), key=lambda inner: inner.name == _DELETED):
            durable.remove(inner)
        durable.remove_folder(path)


@contextmanager
def _telling() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise cannot_write(error) from None
