"""Passwords of documents: a key derivation that costs its guesser time and memory, and a guard that lets only a few guesses through."""

from __future__ import annotations

import os
import unicodedata
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import trio

from reference_server.documents.errors import too_many_guesses
from reference_server.errors import overloaded

MAX_LENGTH = 32
"""Characters of a password (rest-api.md 6)."""

FREE_GUESSES = 5
LONGEST_WAIT = 60.0
"""Seconds. After :data:`FREE_GUESSES` wrong passwords a document takes the next one after 1 s, then 2 s, 4 s, ... up to this."""

WAITING_GUESSES = 8
"""Requests that may wait for their turn to have a password of one document tried."""

REMEMBERED = 1024
"""Documents whose wrong passwords are remembered."""


@dataclass(frozen=True, slots=True)
class Derivation:
    """Parameters of scrypt, stored with the document, so that they can grow in later versions.

    Attributes:
        salt: random.
        n, r, p: cost, block size, parallelism. The defaults take 32 MB and a fifth of a second.
    """

    salt: bytes = field(default_factory=lambda: os.urandom(16))
    n: int = 1 << 15
    r: int = 8
    p: int = 3

    def derive(self, password: str) -> bytes:
        """The key that *password* makes; blocks for a while."""
        from cryptography.hazmat.primitives.kdf.scrypt import Scrypt  # noqa: PLC0415  # see sealing

        return Scrypt(self.salt, 32, self.n, self.r, self.p).derive(unicodedata.normalize("NFC", password).encode())


def header_text(value: str) -> str:
    """A password as it came in a header. Clients write UTF-8 or Latin-1 there, and the server reads every header as Latin-1."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value


@dataclass(slots=True)
class _Attempts:
    turn: trio.Lock = field(default_factory=trio.Lock)
    wrong: int = 0
    not_before: float = 0.0


class Guard:
    """Counts wrong passwords of each document, and has its guesses tried one at a time; all documents share one place to derive keys in."""

    def __init__(self) -> None:
        self._attempts: OrderedDict[str, _Attempts] = OrderedDict()
        self._one = trio.Lock()

    def __len__(self) -> int:
        return len(self._attempts)

    @asynccontextmanager
    async def attempt(self, uid: str) -> AsyncIterator[None]:
        """The turn of one guess; report it with :meth:`wrong` or :meth:`right`.

        Raises:
            RestError: 429 while the document takes no password, 503 when too many guesses wait already.
        """
        attempts = self._attempts.setdefault(uid, _Attempts())
        self._attempts.move_to_end(uid)
        self._forget_old()
        if attempts.turn.statistics().tasks_waiting >= WAITING_GUESSES:
            raise overloaded("Too many passwords of this document are being tried.")
        async with attempts.turn:
            left = attempts.not_before - trio.current_time()
            if left > 0:
                raise too_many_guesses(left)
            async with self._one:
                yield

    def wrong(self, uid: str) -> None:
        """It was a wrong one."""
        attempts = self._attempts.setdefault(uid, _Attempts())
        attempts.wrong += 1
        over = attempts.wrong - FREE_GUESSES
        if over >= 0:
            attempts.not_before = trio.current_time() + min(2.0 ** min(over, 10), LONGEST_WAIT)

    def right(self, uid: str) -> None:
        """It was the right one: earlier mistakes are forgotten."""
        if (attempts := self._attempts.get(uid)) is not None:
            attempts.wrong = 0

    def _forget_old(self) -> None:
        for uid in [uid for uid, attempts in self._attempts.items() if not attempts.turn.locked()]:
            if len(self._attempts) <= REMEMBERED:
                return
            del self._attempts[uid]
