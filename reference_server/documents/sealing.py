"""AES-256-GCM, and keys that are made from keys (S-069). The imports are inside: a service that keeps no documents need not load them."""

from __future__ import annotations

import os

KEY = 32
NONCE = 12
TAG = 16


class SealError(Exception):
    """Not what was sealed, not with this key, or not for this place."""


def derive(secret: bytes, purpose: bytes, salt: bytes = b"") -> bytes:
    """A key for one purpose (HKDF with SHA-256)."""
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415  # see the module
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

    return HKDF(SHA256(), KEY, salt, purpose).derive(secret)


def seal(key: bytes, plain: bytes, place: bytes, nonce: bytes | None = None) -> bytes:
    """*plain* sealed for *place*, which is not stored but must be the same when it is opened.

    Args:
        key: of 32 bytes.
        plain: anything.
        place: what the result belongs to.
        nonce: of 12 bytes, never used before with *key*; None: a random one, which then stands in front of the result.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415  # see the module

    if nonce is not None:
        return AESGCM(key).encrypt(nonce, plain, place)
    fresh = os.urandom(NONCE)
    return fresh + AESGCM(key).encrypt(fresh, plain, place)


def unseal(key: bytes, sealed: bytes, place: bytes, nonce: bytes | None = None) -> bytes:
    """What :func:`seal` was given.

    Raises:
        SealError: see there.
    """
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415  # see the module
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    if nonce is None:
        nonce, sealed = sealed[:NONCE], sealed[NONCE:]
    if len(nonce) < NONCE or len(sealed) < TAG:
        raise SealError
    try:
        return AESGCM(key).decrypt(nonce, sealed, place)
    except InvalidTag:
        raise SealError from None
