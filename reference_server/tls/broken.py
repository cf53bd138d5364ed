"""TLS that is wrong in one way, so that integrators see what their application makes of it (service-behaviour.md S-077, S-080). Lab mode only.

Whatever needs a signature is signed by the installation's own authority: a client that trusts it sees the one thing that is wrong and nothing else.
"""

from __future__ import annotations

import ssl
import warnings
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
import trio

from reference_server.faults.doors import set_reset
from reference_server.faults.tls_faults import WRONG_NAME, TlsFault
from reference_server.tls.authority import LEAF_LIFE, make_authority, make_leaf, make_self_signed
from reference_server.tls.contexts import server_context
from reference_server.tls.handshake import Secured, shake_hands
from reference_server.tls.keeper import Keeper
from reference_server.tls.names import LOOPBACK, Names
from reference_server.tls.pair import Pair

log = structlog.get_logger("tls")

DAY = timedelta(days=1)
OLD_CIPHERS = "DEFAULT:@SECLEVEL=0"
"""At other levels OpenSSL 3 has no signature that TLS 1.1 could use."""


@dataclass(frozen=True, slots=True)
class _Source:
    """What faulty certificates are made from."""

    authority: Pair
    names: Names
    now: datetime


def _made(fault: TlsFault, source: _Source) -> Pair:
    """The certificate that shows *fault*; a good one where it is not the certificate that is wrong."""
    authority, names, now = source.authority, source.names, source.now
    match fault:
        case TlsFault.EXPIRED:
            return make_leaf(authority, names, now - DAY - LEAF_LIFE)
        case TlsFault.NOT_YET_VALID:
            return make_leaf(authority, names, now + 2 * DAY)
        case TlsFault.WRONG_NAME:
            return make_leaf(authority, Names.of([WRONG_NAME]), now)
        case TlsFault.UNKNOWN_AUTHORITY:
            return make_leaf(make_authority(Names(), now), LOOPBACK, now)
        case TlsFault.SELF_SIGNED:
            return make_self_signed(names, now)
        case TlsFault.AUTHORITY_ONLY:
            return authority
        case _:
            return make_leaf(authority, names, now)


class BreakableTls:
    """TLS of a door that can be broken and mended while the service runs.

    Args:
        keeper: of the good certificates.
    """

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._context: ssl.SSLContext | None = None
        self.fault: TlsFault | None = None

    def set(self, fault: TlsFault | None) -> None:
        """Have *fault* from the next connection on; None: none."""
        if fault is self.fault:
            return
        self._context = None
        if fault not in {None, TlsFault.HANG, TlsFault.RESET, TlsFault.PLAIN_HTTP}:
            self._context = self._broken_context(TlsFault(fault))
        self.fault = fault
        log.info("tls fault", fault=fault)

    async def __call__(self, stream: trio.SocketStream) -> Secured:
        """What is served on a new connection; None when it has come to its end."""
        match self.fault:
            case None:
                return await self._keeper.secure(stream)
            case TlsFault.PLAIN_HTTP:
                return stream
            case TlsFault.HANG:
                await _read_to_the_end(stream)
                return None
            case TlsFault.RESET:
                await _reset(stream)
                return None
        assert self._context is not None
        return await shake_hands(stream, self._context)

    def _broken_context(self, fault: TlsFault) -> ssl.SSLContext:
        names = self._keeper.default.names or LOOPBACK
        now = self._keeper.now()
        authority = self._keeper.authority() or make_authority(names, now)
        context = server_context(_made(fault, _Source(authority, names, now)))
        if fault is TlsFault.OLD_PROTOCOL:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # that it is deprecated is the point
                context.minimum_version = ssl.TLSVersion.TLSv1
                context.maximum_version = ssl.TLSVersion.TLSv1_1
            context.set_ciphers(OLD_CIPHERS)
        return context


async def _read_to_the_end(stream: trio.SocketStream) -> None:
    """Answer nothing until the client leaves; the sweep of all connections ends it sooner or later."""
    try:
        while await stream.receive_some():
            pass
    except (trio.BrokenResourceError, trio.ClosedResourceError):
        return


async def _reset(stream: trio.SocketStream) -> None:
    """Wait for the client's first bytes, and reset the connection."""
    try:
        await stream.receive_some()
    except (trio.BrokenResourceError, trio.ClosedResourceError):
        return
    set_reset(stream.socket)
    await trio.aclose_forcefully(stream)
