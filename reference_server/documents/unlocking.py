"""From a password to a document's key: tried once, then known for a while."""

from __future__ import annotations

import hmac
import os
from collections import OrderedDict
from functools import partial

from reference_server.documents.errors import damaged, wrong_password
from reference_server.documents.keys import InstallationKey
from reference_server.documents.passwords import Guard
from reference_server.documents.records import Record, unwrap_key, wrapping_key
from reference_server.documents.sealing import KEY, SealError
from reference_server.threads import in_thread

KNOWN = 64
"""Documents with a password whose keys are kept in memory, so that not every page costs a key derivation."""


class Unlocker:
    """See the module.

    Attributes:
        known: for documents with a password, a tag of it and the document's key; in memory only, the least used ones give way.
    """

    def __init__(self) -> None:
        self.known: OrderedDict[str, tuple[bytes, bytes]] = OrderedDict()
        self._guard = Guard()
        self._tag_key = os.urandom(KEY)

    async def key(self, record: Record, installation: InstallationKey, password: str) -> bytes:
        """The key of the document that has *record*.

        Args:
            record: known to be whole.
            installation: the key of it.
            password: empty for none; ignored where the document has none.

        Raises:
            RestError: 403 wrong or missing password; 429 too many wrong ones; 503 too many at once.
            DamagedError: the key does not fit the record.
        """
        uid = record.uid
        if record.derivation is None:
            try:
                return unwrap_key(record.wrapped, wrapping_key(installation, uid, None, ""), uid)
            except SealError:
                raise damaged(uid, "its key does not fit its record") from None
        if not password:
            raise wrong_password()
        known = self.known.get(uid)
        if known is not None and hmac.compare_digest(known[0], self._tag(uid, password)):
            self.known.move_to_end(uid)
            return known[1]
        async with self._guard.attempt(uid):
            record_key = await in_thread(partial(wrapping_key, installation, uid, record.derivation, password))
            try:
                key = unwrap_key(record.wrapped, record_key, uid)
            except SealError:
                self._guard.wrong(uid)
                raise wrong_password() from None
            self._guard.right(uid)
        self.remember(uid, password, key)
        return key

    def remember(self, uid: str, password: str, key: bytes) -> None:
        """Let the same password in again without deriving a key."""
        self.known[uid] = self._tag(uid, password), key
        if len(self.known) > KNOWN:
            self.known.popitem(last=False)

    def forget(self, uid: str) -> None:
        """The document is gone."""
        self.known.pop(uid, None)

    def _tag(self, uid: str, password: str) -> bytes:
        return hmac.digest(self._tag_key, f"{uid} {password}".encode(), "sha256")
