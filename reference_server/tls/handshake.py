"""The handshake of a new connection: within a limit, with an alert for whoever fails, and a line in the log that says why."""

from __future__ import annotations

import ssl
from contextlib import suppress

import structlog
import trio

log = structlog.get_logger("tls")

HANDSHAKE_SECONDS = 10.0
ALERT_SECONDS = 1.0
DISTRUST = ("UNKNOWN_CA", "CERTIFICATE_UNKNOWN", "BAD_CERTIFICATE")
"""Alerts of clients that do not trust the certificate, as OpenSSL calls them (S-081)."""

Secured = trio.SSLStream[trio.SocketStream] | trio.SocketStream | None
"""What is served on a connection to a TLS door; None when there is nothing left to serve."""


async def shake_hands(stream: trio.SocketStream, context: ssl.SSLContext) -> Secured:
    """TLS on *stream*, ready for use; None when there will be none."""
    secured = trio.SSLStream(stream, context, server_side=True, https_compatible=True)
    try:
        with trio.fail_after(HANDSHAKE_SECONDS):
            await secured.do_handshake()
    except trio.TooSlowError:
        log.info("handshake too slow", seconds=HANDSHAKE_SECONDS)
    except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
        reason = getattr(error.__cause__, "reason", None) or type(error.__cause__).__name__
        advice = {"advice": "the client does not trust this certificate; see `flatbed cert install`"}
        log.info("handshake failed", reason=reason, **(advice if any(word in reason for word in DISTRUST) else {}))
        await _send_alert(secured)
    else:
        return secured
    return None


async def _send_alert(secured: trio.SSLStream[trio.SocketStream]) -> None:
    """Tell the client what OpenSSL thinks of it; trio forgets that when a handshake fails, and the client would see a bare end."""
    alert = secured._outgoing.read()  # noqa: SLF001  # trio has no other way to it; a test with an old client pins it
    with suppress(trio.BrokenResourceError, trio.ClosedResourceError), trio.move_on_after(ALERT_SECONDS):
        if alert:
            await secured.transport_stream.send_all(alert)
