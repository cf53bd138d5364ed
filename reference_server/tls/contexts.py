"""TLS as the doors speak it: versions, ciphers, and the choice of a certificate by host name."""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from reference_server.tls.pair import Pair, PairError

CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2; forward secret and authenticated. TLS 1.3 has no others."""
PROTOCOLS = ["http/1.1"]
"""Not ``h2``: a cursor moves when the client has taken its last byte, which a connection with many streams does not tell (docs/decisions/0015)."""


def server_context(pair: Pair) -> ssl.SSLContext:
    """A context that shows *pair*, for TLS 1.2 and newer.

    Raises:
        PairError: OpenSSL does not take it.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.set_alpn_protocols(PROTOCOLS)
    load(context, pair)
    return context


def load(context: ssl.SSLContext, pair: Pair) -> None:
    """Put *pair* into *context*.

    Raises:
        PairError: OpenSSL does not take it, for example because its key is too short.
    """
    try:
        with _as_file(pair.pem) as path:
            context.load_cert_chain(path)
    except ssl.SSLError as error:
        raise PairError(f"OpenSSL refuses it: {error.reason or error}") from None


@contextmanager
def _as_file(data: bytes) -> Iterator[str]:
    """A path from which *data* can be read for the length of the block: OpenSSL takes keys from files only. In memory, where the system can do that."""
    if hasattr(os, "memfd_create") and os.path.isdir("/dev/fd"):  # noqa: PTH112  # a device folder, no file of ours
        with os.fdopen(os.memfd_create("pair"), "wb") as file:
            file.write(data)
            file.flush()
            yield f"/dev/fd/{file.fileno()}"
        return
    handle, path = tempfile.mkstemp(prefix="flatbed-", suffix=".pem")  # 0600 by its contract
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        yield path
    finally:
        os.unlink(path)  # noqa: PTH108  # as mkstemp gave it


def choose_by_name(context: ssl.SSLContext, by_name: Mapping[str, ssl.SSLContext]) -> None:
    """Have connections of *context* whose client names a host of *by_name* go on with that one's context (S-043)."""

    def choose(connection: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> None:
        other = by_name.get((name or "").lower().removesuffix("."))
        if other is not None:
            connection.context = other

    context.sni_callback = choose
