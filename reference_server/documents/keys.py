"""The key of this installation: a file that only its owner may read, without which no document can be opened (design 6).

A key that cannot be read is never replaced by a new one: documents that somebody may still rescue by restoring the file would be lost with it.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from device_protocol.vocabularies.rest import RestCode
from reference_server.documents.durable import remove, rename, sync_folder, write_new
from reference_server.documents.sealing import KEY, derive
from reference_server.errors import RestError

log = structlog.get_logger("documents")

KEY_NAME = "storage.key"
_HEAD = "flatbed-storage-key-1"


@dataclass(frozen=True, slots=True)
class InstallationKey:
    """The secret, and a short public name of it, by which a document says which key it needs."""

    secret: bytes = field(repr=False)
    id: bytes


def load_key(path: Path) -> InstallationKey:
    """The key in *path*; made if there is none.

    Raises:
        RestError: 500, the file is damaged.
        OSError: it cannot be read or written.
    """
    if not path.exists():
        _make(path)
    mode = path.stat().st_mode & 0o777
    if mode & 0o077 and os.name != "nt":
        path.chmod(0o600)
        log.warning("the storage key could be read by others", file=path.name, mode=f"{mode:o}")
    head, _, rest = path.read_text("ascii", "replace").strip().partition(" ")
    digits, _, check = rest.partition(" ")
    with suppress(ValueError):
        secret = bytes.fromhex(digits)
        if head == _HEAD and len(secret) == KEY and check == _check(secret):
            return InstallationKey(secret, derive(secret, b"flatbed key id")[:8])
    log.error("the storage key is damaged", file=path.name)
    message = f"The key of the document store is damaged: restore {KEY_NAME} in the data folder from a backup."
    raise RestError(500, RestCode.FAILURE, message)


def _make(path: Path) -> None:
    secret = os.urandom(KEY)
    fresh = path.with_suffix(".new")
    remove(fresh)
    write_new(fresh, [f"{_HEAD} {secret.hex()} {_check(secret)}\n".encode()])
    try:
        path.hardlink_to(fresh)  # unlike renaming, this never replaces the key that another process has just made
    except FileExistsError:
        remove(fresh)
    except OSError:  # a file system without links
        rename(fresh, path)
    else:
        remove(fresh)
        sync_folder(path.parent)


def _check(secret: bytes) -> str:
    return hashlib.sha256(secret).hexdigest()[:16]
