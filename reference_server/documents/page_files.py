"""One page of a document in a file: written once, never changed, read frame by frame.

A file is a head (what it is, the generation of the document with which it came, a salt) and frames, each AES-256-GCM over up to :data:`FRAME` bytes. The
key is the page's own, made from the document's key, the salt and both UIDs; the frame's number is its nonce, and whether it is the last one is sealed with
it. So a file that was cut, altered, exchanged with another page's or taken from another document is found out.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reference_server.documents.sealing import NONCE, TAG, SealError, derive, seal, unseal

FRAME = 1 << 20
SUFFIX = ".page"
_MAGIC = b"FBPG1"
_SALT = 16
_HEAD = len(_MAGIC) + 8 + _SALT


@dataclass(frozen=True, slots=True)
class Place:
    """Which page of which document."""

    document: str
    page: str

    @property
    def text(self) -> bytes:
        """For sealing."""
        return f"{self.document}/{self.page}".encode()


def file_size(size: int) -> int:
    """Bytes of the file of a page of *size* bytes."""
    return _HEAD + size + frames(size) * TAG


def frames(size: int) -> int:
    """How many frames a page of *size* bytes has."""
    return max(1, -(-size // FRAME))


def sealed_page(data: bytes, place: Place, key: bytes, generation: int) -> Iterator[bytes]:
    """The content of the file of a page.

    Args:
        data: the page.
        place: see there.
        key: of the document.
        generation: of the document, with the page in it.
    """
    salt = os.urandom(_SALT)
    own = derive(key, b"page " + place.text, salt)
    yield _MAGIC + generation.to_bytes(8, "big") + salt
    count = frames(len(data))
    for index in range(count):
        plain = data[index * FRAME : (index + 1) * FRAME]
        yield seal(own, plain, _bound(generation, last=index == count - 1), index.to_bytes(NONCE, "big"))


def read_frame(path: Path, place: Place, size: int, key: bytes, index: int) -> bytes:
    """Frame *index* of a page of *size* bytes.

    Raises:
        SealError: it is damaged.
        OSError: it cannot be read.
    """
    count = frames(size)
    plain = min(FRAME, size - index * FRAME)
    with path.open("rb", buffering=0) as file:
        head = file.read(_HEAD)
        file.seek(_HEAD + index * (FRAME + TAG))
        sealed = file.read(plain + TAG)
    if len(head) < _HEAD or head[: len(_MAGIC)] != _MAGIC:
        raise SealError
    own = derive(key, b"page " + place.text, head[-_SALT:])
    bound = _bound(_generation(head), last=index == count - 1)
    return unseal(own, sealed, bound, index.to_bytes(NONCE, "big"))


def generation_of(path: Path) -> int | None:
    """With which generation of its document a page came; None if the file does not say."""
    with path.open("rb", buffering=0) as file:
        head = file.read(_HEAD)
    return _generation(head) if len(head) == _HEAD and head[: len(_MAGIC)] == _MAGIC else None


def _generation(head: bytes) -> int:
    return int.from_bytes(head[len(_MAGIC) : len(_MAGIC) + 8], "big")


def _bound(generation: int, *, last: bool) -> bytes:
    return generation.to_bytes(8, "big") + bytes([last])
