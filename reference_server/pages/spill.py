"""Pages on disk: one file a job, encrypted, with a key that lives in memory only (service-behaviour.md S-069).

Each page is a run of frames. A frame is AES-256-GCM over up to :data:`FRAME` bytes under a nonce that counts through the file; since the nonce is not in
the file but known from the frame's place, frames that were swapped, cut or altered are found out. Everything here blocks; callers use a thread.
"""

from __future__ import annotations

import os
import shutil
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

FRAME = 1 << 20
TAG = 16
SUFFIX = ".spill"


class SpillError(Exception):
    """A page cannot be kept on disk, or not be read from it."""


class NoSpaceError(SpillError):
    """The disk is full, or would be fuller than the floor allows."""


class DamagedError(SpillError):
    """What is on disk is not what was put there."""


class GoneError(SpillError):
    """The file was closed, because its job is gone."""


@dataclass(frozen=True, slots=True)
class Record:
    """Where a page lies: *size* bytes of plain text in *frames* frames from *offset*; *nonce* is the number of its first frame."""

    uid: str
    offset: int
    size: int
    frames: int
    nonce: int


class SpillFile:
    """The file of one job; made when the first page comes.

    Args:
        path: must not exist yet; its folder is made again if somebody has tidied it away.
        floor: bytes of free disk space that must remain.

    Attributes:
        bytes: length of the file.

    Raises:
        NoSpaceError: the file cannot be made.
    """

    def __init__(self, path: Path, floor: int) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415  # a tenth of the start of a service that may never spill

        self.path = path
        self.bytes = 0
        self._floor = floor
        self._cipher = AESGCM(AESGCM.generate_key(256))
        self._nonce = 0
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._fd: int | None = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise _cannot_write(error) from None

    def append(self, uid: str, data: bytes) -> Record:
        """Write a page.

        Raises:
            NoSpaceError, GoneError: see there; the file is then as it was.
        """
        frames = _frames(len(data))
        free = free_space(self.path.parent)
        if free is not None and free - sealed_size(len(data)) < self._floor:
            raise NoSpaceError(f"Less than {self._floor >> 20} MB would remain free on the disk of the page buffer.")
        with self._lock:
            record = Record(uid, self.bytes, len(data), frames, self._nonce)
            offset = record.offset
            self._nonce += frames  # never used again, even if writing fails half-way
            try:
                for index in range(frames):
                    plain = data[index * FRAME : (index + 1) * FRAME]
                    offset += self._write(self._cipher.encrypt(_nonce(record, index), plain, None), offset)
            except OSError as error:
                self._cut()
                raise _cannot_write(error) from None
            self.bytes = offset
            return record

    def frame(self, record: Record, index: int) -> bytes:
        """One frame of a page, decrypted.

        Raises:
            DamagedError, GoneError: see there.
        """
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415  # see above

        plain = min(FRAME, record.size - index * FRAME)
        with self._lock:
            if self._fd is None:
                raise GoneError("The page has been removed together with its job.")
            try:
                sealed = os.pread(self._fd, plain + TAG, record.offset + index * (FRAME + TAG))
            except OSError as error:
                raise DamagedError(f"Page {record.uid} cannot be read from disk: {error.strerror}.") from None
        try:
            return self._cipher.decrypt(_nonce(record, index), sealed, None)
        except InvalidTag:
            raise DamagedError(f"Page {record.uid} is damaged on disk.") from None

    def close(self) -> None:
        """Remove the file. The key goes with this object."""
        with self._lock:
            if self._fd is not None:
                os.close(self._fd)
                self._fd = None
        self.path.unlink(missing_ok=True)

    def _write(self, sealed: bytes, offset: int) -> int:
        if self._fd is None:
            raise GoneError("The page has been removed together with its job.")
        written = 0
        while written < len(sealed):
            written += os.pwrite(self._fd, memoryview(sealed)[written:], offset + written)
        return len(sealed)

    def _cut(self) -> None:
        """Give back what half a page took: the disk is full, and others need it."""
        if self._fd is not None:
            with suppress(OSError):
                os.ftruncate(self._fd, self.bytes)


def sealed_size(size: int) -> int:
    """Bytes on disk of a page of *size* bytes."""
    return size + _frames(size) * TAG


def free_space(folder: Path) -> int | None:
    """Bytes that are free on the disk of *folder*; None if the system does not tell."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def wipe(folder: Path) -> int:
    """Remove what an earlier service left in *folder*; nobody has its keys any more. How many files there were."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    leftovers = list(folder.glob(f"*{SUFFIX}"))
    for path in leftovers:
        path.unlink(missing_ok=True)
    return len(leftovers)


def _frames(size: int) -> int:
    return max(1, -(-size // FRAME))


def _cannot_write(error: OSError) -> NoSpaceError:
    return NoSpaceError(f"The page buffer cannot write: {error.strerror}.")


def _nonce(record: Record, index: int) -> bytes:
    return (record.nonce + index).to_bytes(12, "big")
