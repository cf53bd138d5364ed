"""Open passwords of PDF files: the standard security handler with AES-256, revision 6 (ISO 32000-2 7.6.4).

The owner password is a random one that nobody is told, so whoever opens the file has every right in it. Clause numbers below are of that standard.
"""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from functools import partial

from reference_server.documents.output.plan import Stream
from reference_server.threads import in_thread

BLOCK = 16
MAX_PASSWORD = 127
"""Bytes that count (algorithm 2.A)."""

_ALL_RIGHTS = -4
"""All permission bits of table 22; the two lowest are reserved as 0."""

_ROUNDS = 64
_HASHES = (hashlib.sha256, hashlib.sha384, hashlib.sha512)


class Encryption:
    """The key of one file, and its ``Encrypt`` dictionary.

    Args:
        password: with which the file opens.
    """

    def __init__(self, password: str) -> None:
        self._key = os.urandom(32)
        user = unicodedata.normalize("NFKC", password).encode()[:MAX_PASSWORD]  # what SASLprep does to what people type
        owner = os.urandom(32)
        self._u, self._ue = self._entries(user, b"")
        self._o, self._oe = self._entries(owner, self._u)

    def dictionary(self) -> bytes:
        """The ``Encrypt`` dictionary (tables 20 and 21)."""
        strings = {"U": self._u, "UE": self._ue, "O": self._o, "OE": self._oe, "Perms": self._perms()}
        words = " ".join(f"/{name} <{value.hex()}>" for name, value in strings.items())
        crypt_filter = "<< /StdCF << /AuthEvent /DocOpen /CFM /AESV3 /Length 32 >> >>"
        return (
            f"<< /Filter /Standard /V 5 /R 6 /Length 256 /P {_ALL_RIGHTS} {words} "
            f"/CF {crypt_filter} /StmF /StdCF /StrF /StdCF >>"
        ).encode()

    def string(self, plain: bytes) -> bytes:
        """A string of the file, encrypted, as PDF writes it (algorithm 1.A)."""
        start = os.urandom(BLOCK)
        return b"<" + (start + _cbc(self._key, start, _padded(plain))).hex().encode() + b">"

    def block(self, plain: bytes) -> bytes:
        """A short stream, encrypted."""
        start = os.urandom(BLOCK)
        return start + _cbc(self._key, start, _padded(plain))

    def stream(self, size: int, chunks: Callable[[], AsyncGenerator[bytes, None]]) -> Stream:
        """A long one, encrypted while it goes out."""
        return Stream(BLOCK + size + BLOCK - size % BLOCK, lambda: self._encrypted(chunks))

    async def _encrypted(self, chunks: Callable[[], AsyncGenerator[bytes, None]]) -> AsyncGenerator[bytes, None]:
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes  # noqa: PLC0415  # see sealing
        from cryptography.hazmat.primitives.padding import PKCS7  # noqa: PLC0415

        start = os.urandom(BLOCK)
        coder = Cipher(algorithms.AES(self._key), modes.CBC(start)).encryptor()
        padder = PKCS7(BLOCK * 8).padder()
        yield start
        async with aclosing(chunks()) as parts:
            async for part in parts:
                yield await in_thread(partial(lambda part: coder.update(padder.update(part)), part))
        yield coder.update(padder.finalize()) + coder.finalize()

    def _entries(self, password: bytes, user_entry: bytes) -> tuple[bytes, bytes]:
        """``U`` and ``UE``, or ``O`` and ``OE`` (algorithms 8 and 9)."""
        validation, key_salt = os.urandom(8), os.urandom(8)
        entry = _hash(password, validation, user_entry) + validation + key_salt
        return entry, _cbc(_hash(password, key_salt, user_entry), bytes(BLOCK), self._key)

    def _perms(self) -> bytes:
        """``Perms`` (algorithm 10)."""
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes  # noqa: PLC0415  # see sealing

        plain = (_ALL_RIGHTS & 0xFFFFFFFF).to_bytes(4, "little") + b"\xff\xff\xff\xffTadb" + os.urandom(4)
        coder = Cipher(algorithms.AES(self._key), modes.ECB()).encryptor()  # noqa: S305  # one block, and the standard's own choice
        return coder.update(plain) + coder.finalize()


def _hash(password: bytes, salt: bytes, user_entry: bytes) -> bytes:
    """Algorithm 2.B."""
    key = hashlib.sha256(password + salt + user_entry).digest()
    number = 0
    while True:
        coded = _cbc(key[:16], key[16:32], (password + key + user_entry) * 64)
        key = _HASHES[sum(coded[:16]) % 3](coded).digest()
        number += 1
        if number >= _ROUNDS and coded[-1] <= number - 32:
            return key[:32]


def _cbc(key: bytes, start: bytes, plain: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes  # noqa: PLC0415  # see sealing

    coder = Cipher(algorithms.AES(key), modes.CBC(start)).encryptor()
    return coder.update(plain) + coder.finalize()


def _padded(plain: bytes) -> bytes:
    missing = BLOCK - len(plain) % BLOCK
    return plain + bytes([missing]) * missing
