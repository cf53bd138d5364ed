"""Keeps the certificates of a running service good: makes them, renews them, and takes what has changed on disk without a restart (S-076, S-079).

New connections get the new certificate, open ones live on. A replacement that is no good is logged, and the old one stays.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
import trio

from device_protocol.aio import DeviceClock
from reference_server.config import ServerConfig
from reference_server.errors import StartError
from reference_server.threads import in_thread
from reference_server.tls.contexts import choose_by_name, server_context
from reference_server.tls.describe import Description
from reference_server.tls.handshake import Secured, shake_hands
from reference_server.tls.names import Names
from reference_server.tls.pair import Pair, PairError
from reference_server.tls.store import RENEW_BEFORE, CertStore
from reference_server.tls.user_pair import PairFiles, Stamp, file_stamp, parse_host_certs

log = structlog.get_logger("tls")

POLL_SECONDS = 2.0
"""How often the files are looked at: a ``stat`` each."""
RETRY = timedelta(minutes=10)
"""After a renewal that failed, for example because the disk was full."""
WARN_BEFORE = timedelta(days=14)
WARN_EVERY = timedelta(days=1)

Now = Callable[[], datetime]


def utc_now() -> datetime:
    """The time of the day."""
    return datetime.now(UTC)


def _from_files(files: PairFiles, now: datetime) -> tuple[Pair, ssl.SSLContext]:
    pair = files.read(now)
    try:
        return pair, server_context(pair)
    except PairError as error:
        raise PairError(f"{files}: {error}.") from None


@dataclass(frozen=True)
class _Loaded:
    """Pairs, and the context that shows them."""

    default: Pair
    by_name: dict[str, Pair]
    context: ssl.SSLContext


class Keeper:
    """The certificates of one service.

    Args:
        config: see there.
        clock: on which the files are looked at.
        now: time of the day, with its time zone.

    Attributes:
        now: time of the day, with its time zone.
        default: what clients get that name no host, or none that is configured.
        new_authority: whether the authority was made by this service, so that nobody trusts it yet.
        uncovered: names by which the service is reached, but for which its authority may not vouch.

    Raises:
        StartError: no usable certificate can be had; nothing was opened.
    """

    def __init__(self, config: ServerConfig, clock: DeviceClock, now: Now = utc_now) -> None:
        self._clock = clock
        self.now = now
        self._names = Names.of([config.host, *config.allow_host])
        self._store = CertStore(config.data_dir)
        self._own = None if config.cert is None else PairFiles(config.cert, config.key)
        self._hosts = parse_host_certs(config.host_cert)
        self.new_authority = False
        self.uncovered = Names()
        self._wait_until: datetime | None = None
        self._warned: datetime | None = None
        try:
            self._their_stamp = self._their_stamps()
            self._use(self._load())
            self._our_last_stamp = self._our_stamp()
        except PairError as error:
            raise StartError(f"TLS: {error}") from None
        except OSError as error:
            raise StartError(f"TLS: cannot use {self._store.folder}: {error.strerror or error}.") from None

    @property
    def ca(self) -> Path | None:
        """What clients must trust; None when the user brought a certificate."""
        return self._store.ca_path if self._own is None else None

    async def secure(self, stream: trio.SocketStream) -> Secured:
        """TLS on a new connection, with what is current now."""
        return await shake_hands(stream, self._context)

    def authority(self) -> Pair | None:
        """Our authority; None when the user brought a certificate and there is none."""
        return self._store.authority()

    def description(self) -> Description:
        """What there is to say about the certificate that clients get which name no host."""
        return Description.of(self.default.certificate, self.now())

    async def run(self) -> None:
        """Look after the certificates until cancelled."""
        while True:
            await self._clock.sleep(POLL_SECONDS)
            await self.look()

    async def look(self) -> None:
        """Renew what is due, and take what has changed."""
        now = self.now()
        if self._wait_until is not None and self._wait_until - RETRY <= now < self._wait_until:
            return
        self._wait_until = None
        theirs = self._their_stamps()
        if theirs == self._their_stamp and self._our_stamp() == self._our_last_stamp and not self._due(now):
            self._warn_of_end(now)
            return
        try:
            self._use(await in_thread(self._load))
            log.info("certificate in use", until=self.default.certificate.not_valid_after_utc.date().isoformat())
        except PairError as error:
            log.warning("replacement refused, the old certificate stays", reason=str(error))
        except OSError as error:
            log.warning("certificate not renewed", reason=str(error))
            self._wait_until = now + RETRY
        self._their_stamp = theirs  # as before they were read: a change meanwhile is seen next time
        self._our_last_stamp = self._our_stamp()

    def _due(self, now: datetime) -> bool:
        return self._own is None and not (self.default.good_at(now) and self.default.good_at(now + RENEW_BEFORE))

    def _load(self) -> _Loaded:
        """The pairs as they are on disk now, ours made or renewed if need be, with their contexts.

        Raises:
            PairError: one of them is no good.
            OSError: ours cannot be made or read.
        """
        now = self.now()
        if self._own is None:
            default = self._ours(now)
            context = server_context(default)
        else:
            default, context = _from_files(self._own, now)
        hosts = {name: _from_files(files, now) for name, files in self._hosts.items()}
        if hosts:
            choose_by_name(context, {name: its_context for name, (_, its_context) in hosts.items()})
        return _Loaded(default, {name: pair for name, (pair, _) in hosts.items()}, context)

    def _ours(self, now: datetime) -> Pair:
        stored = self._store.ensure(self._names, now)
        if stored.uncovered and stored.uncovered != self.uncovered:
            log.warning(
                "the authority may not vouch for some names",
                names=stored.uncovered.words(),
                remedy="flatbed cert renew --authority makes one that may; install it anew afterwards",
            )
        self.uncovered = stored.uncovered
        self.new_authority |= stored.new_authority
        return stored.server

    def _use(self, loaded: _Loaded) -> None:
        """Show what was loaded from the next connection on."""
        self.default, self._by_name = loaded.default, loaded.by_name
        self._context = loaded.context

    def _their_stamps(self) -> tuple[Stamp, ...]:
        files = [*self._hosts.values(), *([self._own] if self._own else [])]
        return tuple(item.stamp() for item in files)

    def _our_stamp(self) -> Stamp:
        return (file_stamp(self._store.server_pair_path) if self._own is None else None,)

    def _warn_of_end(self, now: datetime) -> None:
        """Say once a day that a certificate of the user's comes to its end; ours is renewed long before."""
        if self._warned is not None and now < self._warned + WARN_EVERY:
            return
        for name, pair in {"": self.default, **self._by_name}.items():
            end = pair.certificate.not_valid_after_utc
            if now > end - WARN_BEFORE:
                self._warned = now
                log.warning("certificate expires" if now <= end else "certificate has expired", host=name, end=str(end))
