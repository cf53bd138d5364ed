"""Key and certificate that the user brings (service-behaviour.md S-043, S-079), read with errors that say what to do."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from reference_server.tls.names import is_host_name
from reference_server.tls.pair import Pair, PairError

log = structlog.get_logger("tls")

FILE_BYTES = 1 << 20
Stamp = tuple[tuple[int, int, int] | None, ...]


@dataclass(frozen=True, slots=True)
class PairFiles:
    """Where a pair stands.

    Attributes:
        cert: PEM file: the certificate, then those above it.
        key: PEM file of the private key; None: it stands in *cert* too.
    """

    cert: Path
    key: Path | None = None

    def stamp(self) -> Stamp:
        """Changes when one of the files does; None for one that is not there."""
        return tuple(file_stamp(path) for path in (self.cert, self.key) if path is not None)

    def read(self, now: datetime) -> Pair:
        """The pair.

        Args:
            now: with its time zone; the certificate must be valid then.

        Raises:
            PairError: it cannot be used; the message names the file and says what is wrong with it.
        """
        cert = _read(self.cert, "certificate")
        key = None if self.key is None else _read(self.key, "key")
        try:
            pair = Pair.parse(cert, key)
        except PairError as error:
            raise PairError(f"{self}: {error}.") from None
        begin, end = pair.certificate.not_valid_before_utc, pair.certificate.not_valid_after_utc
        if now > end:
            raise PairError(
                f"{self.cert}: the certificate expired on {end:%Y-%m-%d}; get a new one from whoever made it."
            )
        if now < begin:
            raise PairError(
                f"{self.cert}: the certificate is not valid before {begin:%Y-%m-%d %H:%M} UTC; is the clock right?"
            )
        if _open_to_others(self.key or self.cert):
            log.warning("other users can read the key", path=str(self.key or self.cert), remedy="chmod 600")
        return pair

    def __str__(self) -> str:
        return str(self.cert) if self.key is None else f"{self.cert} with {self.key}"


def parse_host_certs(texts: Iterable[str]) -> dict[str, PairFiles]:
    """The pairs for single hosts, each ``HOST=CERT`` or ``HOST=CERT:KEY``, with the system's separator of paths (``;`` on Windows).

    Raises:
        ValueError: one of them is something else, or a second one for its host.
    """
    found: dict[str, PairFiles] = {}
    for text in texts:
        host, _, files = text.partition("=")
        cert, _, key = files.partition(os.pathsep)
        name = host.strip().lower().removesuffix(".")
        if not cert or not is_host_name(name):
            raise ValueError(f"{text[:200]!r} is not HOST=CERT or HOST=CERT{os.pathsep}KEY")
        if name in found:
            raise ValueError(f"{name[:200]!r} has two certificates")
        found[name] = PairFiles(Path(cert), Path(key) if key else None)
    return found


def file_stamp(path: Path) -> tuple[int, int, int] | None:
    """Changes when the file does; None if it is not there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _read(path: Path, what: str) -> bytes:
    """Raises: PairError: there is no such file of a sensible size."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode) or found.st_size > FILE_BYTES:
            raise PairError(
                f"{path}: this is no {what}, but a folder, a device or a file of more than {FILE_BYTES} bytes."
            )
        return path.read_bytes()
    except OSError as error:
        raise PairError(f"{path}: the {what} cannot be read: {error.strerror}.") from None


def _open_to_others(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & 0o077)
    except OSError:
        return False
