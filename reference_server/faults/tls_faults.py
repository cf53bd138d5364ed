"""What can be wrong with TLS, as data; :mod:`reference_server.tls.broken` does it."""

from __future__ import annotations

from enum import StrEnum

WRONG_NAME = "wrong.localhost"
"""An authority of ours may vouch for names under ``localhost``, and no client asks for this one."""


class TlsFault(StrEnum):
    """What can be wrong."""

    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    WRONG_NAME = "wrong-name"
    UNKNOWN_AUTHORITY = "unknown-ca"
    SELF_SIGNED = "self-signed"
    AUTHORITY_ONLY = "ca-only"
    OLD_PROTOCOL = "old-protocol"
    HANG = "hang"
    RESET = "reset"
    PLAIN_HTTP = "plain-http"


FAULTS: dict[TlsFault, str] = {
    TlsFault.EXPIRED: "The certificate expired yesterday.",
    TlsFault.NOT_YET_VALID: "The certificate is valid from tomorrow on.",
    TlsFault.WRONG_NAME: f"The certificate is for {WRONG_NAME}.",
    TlsFault.UNKNOWN_AUTHORITY: "The certificate was signed by an authority that nobody knows.",
    TlsFault.SELF_SIGNED: "The certificate was signed by nobody but itself.",
    TlsFault.AUTHORITY_ONLY: "The authority's own certificate is shown as the server's.",
    TlsFault.OLD_PROTOCOL: "Nothing newer than TLS 1.1 is spoken; nothing at all where OpenSSL is built without it.",
    TlsFault.HANG: "The handshake is never answered.",
    TlsFault.RESET: "The connection is reset when the handshake begins.",
    TlsFault.PLAIN_HTTP: "Plain HTTP is spoken on the https port.",
}
"""What a client sees of each."""
