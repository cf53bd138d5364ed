"""The record of a document: who made it, which pages it has and in which order, and what was noted about it.

A record has two layers. The outer one is sealed with the installation's key: owner, how the password makes a key, names and sizes of the page files. With it
the store can clean up and check without anybody's password. The inner one is sealed with the document's own key: what the pages are, and the metadata.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from reference_server.documents.keys import InstallationKey
from reference_server.documents.passwords import Derivation
from reference_server.documents.sealing import SealError, derive, seal, unseal

_MAGIC = b"FBDR1"
_ID = 8


class OtherKeyError(Exception):
    """The record was sealed with the key of another installation."""


@dataclass(frozen=True, slots=True)
class PageEntry:
    """One page.

    Attributes:
        uid: of the page in this document.
        media_type, size: of the file as it came.
        width, height: pixels.
        depth, channels: bits a sample, samples a pixel.
        dpi_x, dpi_y: 0 where nobody knows.
    """

    uid: str
    media_type: str
    size: int
    width: int
    height: int
    depth: int
    channels: int
    dpi_x: float
    dpi_y: float


@dataclass(frozen=True, slots=True)
class Contents:
    """The inner layer.

    Attributes:
        pages: in order.
        metadata: JSON text; None while none was set.
    """

    pages: tuple[PageEntry, ...] = ()
    metadata: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """The outer layer.

    Attributes:
        uid: of the document.
        generation: counts its changes, from 1.
        origin: of the client that made it; None when it sent none.
        derivation: how the password makes a key; None without a password.
        wrapped: the document's key, sealed.
        pages: UID and size of each page.
        inner: :class:`Contents`, sealed.
    """

    uid: str
    generation: int
    origin: bytes | None
    derivation: Derivation | None
    wrapped: bytes = field(repr=False)
    pages: tuple[tuple[str, int], ...]
    inner: bytes = field(repr=False)


def write_record(record: Record, key: InstallationKey) -> bytes:
    """*record* as the content of a file."""
    outer = asdict(record)
    for name in ("origin", "wrapped", "inner"):
        outer[name] = _text(outer[name])
    if record.derivation is not None:
        outer["derivation"]["salt"] = _text(record.derivation.salt)
    head = _MAGIC + key.id
    return head + seal(_own(key, record.uid), json.dumps(outer).encode(), head)


def read_record(uid: str, data: bytes, key: InstallationKey) -> Record:
    """The record of the document *uid*.

    Raises:
        SealError: it is damaged, or another document's.
        OtherKeyError: see there.
    """
    head = data[: len(_MAGIC) + _ID]
    if head[: len(_MAGIC)] != _MAGIC:
        raise SealError
    if head[len(_MAGIC) :] != key.id:
        raise OtherKeyError
    outer: dict[str, Any] = json.loads(unseal(_own(key, uid), data[len(head) :], head))
    for name in ("origin", "wrapped", "inner"):
        outer[name] = _bytes(outer[name])
    if outer["derivation"] is not None:
        outer["derivation"] = Derivation(**outer["derivation"] | {"salt": _bytes(outer["derivation"]["salt"])})
    outer["pages"] = tuple((page, size) for page, size in outer["pages"])
    return Record(**outer)


def wrap_key(key: bytes, record_key: bytes, uid: str) -> bytes:
    """The document's *key* sealed with what password and installation key make."""
    return seal(record_key, key, b"key of " + uid.encode())


def unwrap_key(wrapped: bytes, record_key: bytes, uid: str) -> bytes:
    """The document's key.

    Raises:
        SealError: the password was wrong; the record itself is known to be whole.
    """
    return unseal(record_key, wrapped, b"key of " + uid.encode())


def wrapping_key(key: InstallationKey, uid: str, derivation: Derivation | None, password: str) -> bytes:
    """What seals a document's key: without the installation key no password helps, without the password no installation key. Blocks for a while."""
    derived = b"" if derivation is None else derivation.derive(password)
    return derive(key.secret + derived, b"wrap " + uid.encode())


def seal_contents(contents: Contents, key: bytes, uid: str, generation: int) -> bytes:
    """The inner layer of generation *generation*."""
    return seal(key, json.dumps(asdict(contents)).encode(), _inner_place(uid, generation))


def unseal_contents(record: Record, key: bytes) -> Contents:
    """What :func:`seal_contents` was given.

    Raises:
        SealError: it is damaged.
    """
    inner: Mapping[str, Any] = json.loads(unseal(key, record.inner, _inner_place(record.uid, record.generation)))
    return Contents(tuple(PageEntry(**page) for page in inner["pages"]), inner["metadata"])


def _own(key: InstallationKey, uid: str) -> bytes:
    return derive(key.secret, b"record " + uid.encode())


def _inner_place(uid: str, generation: int) -> bytes:
    return f"{uid}#{generation}".encode()


def _text(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode()


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)
