"""The folder ``cert`` of an installation: its authority and the certificate that it signed last (service-behaviour.md S-076).

* ``ca.pem``: the authority's certificate, for whoever is to trust it;
* ``ca_pair.pem``: the same with its key. This file counts; the other is made from it;
* ``server_pair.pem``: key, certificate and chain of the doors.

Key and certificate share one file, so that no crash can part them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from reference_server.tls.authority import LEAF_LIFE, make_authority, make_leaf, permits
from reference_server.tls.files import PRIVATE, PUBLIC, locked, make_private_folder, read_or_none, write_whole
from reference_server.tls.names import LOOPBACK, Names
from reference_server.tls.pair import Pair, PairError

log = structlog.get_logger("tls")

FOLDER_NAME = "cert"
RENEW_BEFORE = timedelta(days=30)
"""How long before its end a certificate is replaced: a machine that sleeps for a month of holidays wakes up with a valid one."""


@dataclass(frozen=True)
class Stored:
    """What the folder has after :meth:`CertStore.ensure`.

    Attributes:
        authority, server: see the module.
        uncovered: names that were asked for, but for which the authority may not vouch.
        new_authority: whether the authority was made just now, so that nobody trusts it yet.
    """

    authority: Pair
    server: Pair
    uncovered: Names
    new_authority: bool


class CertStore:
    """The certificates of an installation.

    Args:
        data_dir: of the service.
    """

    def __init__(self, data_dir: Path) -> None:
        self.folder = data_dir / FOLDER_NAME
        self.ca_path = self.folder / "ca.pem"
        self.ca_pair_path = self.folder / "ca_pair.pem"
        self.server_pair_path = self.folder / "server_pair.pem"

    def ensure(self, names: Names, now: datetime, *, fresh: bool = False, fresh_authority: bool = False) -> Stored:
        """Have an authority and a certificate that are good for a while; what is there and good stays as it is.

        Args:
            names: that the certificate should have, beside loopback. It keeps those it has already, since another service may share the folder.
            now: with its time zone.
            fresh: make a new certificate even if the old one would do, with *names* and no others.
            fresh_authority: make a new authority too; whoever trusted the old one must be told again.

        Raises:
            OSError: the folder cannot be had or written; what was there is still there.
        """
        make_private_folder(self.folder)
        with locked(self.folder):
            authority = None if fresh_authority else self._authority(now)
            new_authority = authority is None
            if authority is None:
                authority = make_authority(names, now)
                write_whole(self.ca_pair_path, authority.pem, PRIVATE)
                log.info("new authority", path=str(self.ca_path), names=names.words())
            self._publish(authority)
            wanted = LOOPBACK | permits(authority.certificate, names)
            server = None if fresh else self._server(authority, wanted, now)
            if server is None:
                kept = Names() if fresh or new_authority else self._names_so_far(authority)
                server = make_leaf(authority, wanted | kept, now, LEAF_LIFE)
                write_whole(self.server_pair_path, server.pem, PRIVATE)
                log.info("new certificate", names=server.names.words(), until=_day(server))
            return Stored(authority, server, names - wanted, new_authority)

    def authority(self) -> Pair | None:
        """The authority, if there is a whole one; changes nothing.

        Raises:
            OSError: its file cannot be read.
        """
        return _parsed(self.ca_pair_path)

    def server(self) -> Pair | None:
        """The certificate of the doors, if there is a whole one; changes nothing.

        Raises:
            OSError: its file cannot be read.
        """
        return _parsed(self.server_pair_path)

    def _authority(self, now: datetime) -> Pair | None:
        """The authority, if it lives long enough for another certificate."""
        authority = self.authority()
        if authority is None:
            if self.ca_pair_path.exists() or self.ca_path.exists():
                _trust_again("the files of the authority are damaged or incomplete", self.ca_path)
            return None
        if now + LEAF_LIFE > authority.certificate.not_valid_after_utc:
            _trust_again("the authority is at its end", self.ca_path)
            return None
        if now < authority.certificate.not_valid_before_utc:  # a clock without a battery must not cost the trust
            log.warning("the authority is not valid yet; is the clock right?", now=str(now))
        return authority

    def _server(self, authority: Pair, names: Names, now: datetime) -> Pair | None:
        """The certificate, if it is the authority's, has all *names*, and is not to be renewed yet."""
        server = self.server()
        if server is None or not _signed_by(server, authority):
            return None
        return (
            server if server.good_at(now) and server.good_at(now + RENEW_BEFORE) and not names - server.names else None
        )

    def _names_so_far(self, authority: Pair) -> Names:
        server = self.server()
        return permits(authority.certificate, server.names) if server is not None else Names()

    def _publish(self, authority: Pair) -> None:
        """See that ``ca.pem`` is there, and is that of the pair."""
        from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415  # see the package

        public = authority.certificate.public_bytes(Encoding.PEM)
        if read_or_none(self.ca_path) != public:
            write_whole(self.ca_path, public, PUBLIC)


def _parsed(path: Path) -> Pair | None:
    data = read_or_none(path)
    try:
        return None if data is None else Pair.parse(data)
    except PairError as error:
        log.warning("damaged", path=str(path), reason=str(error))
        return None


def _signed_by(server: Pair, authority: Pair) -> bool:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415  # see the package

    try:
        server.certificate.verify_directly_issued_by(authority.certificate)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _trust_again(reason: str, path: Path) -> None:
    log.warning(
        "the trust in the old authority is worth nothing any more; install it again", reason=reason, path=str(path)
    )


def _day(pair: Pair) -> str:
    return pair.certificate.not_valid_after_utc.date().isoformat()
