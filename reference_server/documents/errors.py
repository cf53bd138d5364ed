"""What a client is told about documents (rest-api.md 1.6, 6)."""

from __future__ import annotations

import errno

import structlog

from device_protocol.vocabularies.rest import RestCode
from reference_server.errors import RestError

log = structlog.get_logger("documents")

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""System errors that say that the disk, or this user's part of it, is full."""


class DamagedError(RestError):
    """What is on disk is not what was put there."""


class UnreadableError(DamagedError):
    """Nobody can read the document any more, its owner included: its record is damaged."""


def unknown_document() -> RestError:
    """404: nobody knows this document, or it was deleted."""
    return RestError(404, RestCode.UNKNOWN_DOCUMENT, "There is no document with this UID.", miss=True)


def unknown_page() -> RestError:
    """404: the document has no such page."""
    return RestError(404, RestCode.UNKNOWN_DOCUMENT, "The document has no page with this UID or index.", miss=True)


def wrong_password() -> RestError:
    """403: the password is wrong, or missing."""
    return RestError(403, RestCode.WRONG_PASSWORD, "The password of this document is wrong or missing.")


def too_many_guesses(seconds: float) -> RestError:
    """429: this document takes no password for *seconds*."""
    wait = max(1, round(seconds))
    message = f"Too many wrong passwords for this document; it takes the next one in {wait} s."
    return RestError(429, RestCode.WRONG_PASSWORD, message, {"Retry-After": str(wait)})


def no_room(what: str) -> RestError:
    """507: a limit of the store is reached, or the disk is full; nothing was stored."""
    return RestError(507, RestCode.NO_SPACE, what)


def damaged(uid: str, what: str, kind: type[DamagedError] = DamagedError) -> DamagedError:
    """500: the document *uid* is damaged in the way that *what* says; it is logged too, since a person has to look after the disk."""
    log.error("document damaged", document=uid, what=what)
    return kind(500, RestCode.FAILURE, f"Document {uid} is damaged on disk: {what}.")


def cannot_write(error: OSError) -> RestError:
    """507 for a full disk, 500 for whatever else the system says; nothing was stored."""
    if error.errno in NO_ROOM:
        return no_room(f"The document store is full: {error.strerror}. Delete documents, or free disk space.")
    log.error("document store cannot write", message=str(error))
    return RestError(500, RestCode.FAILURE, f"The document store cannot write: {error.strerror}.")
