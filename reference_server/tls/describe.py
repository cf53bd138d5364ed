"""What people and machines are told of a certificate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography import x509


@dataclass(frozen=True, slots=True)
class Description:
    """A certificate.

    Attributes:
        subject, issuer: as RFC 4514 writes them.
        names: for whom it is good; of an authority, for whom it may vouch.
        begin, end: of its validity, ISO 8601 in UTC.
        days_left: whole days until its end; negative when it has expired.
        sha256, sha1: fingerprints, hexadecimal with colons, as browsers show them.
    """

    subject: str
    issuer: str
    names: tuple[str, ...]
    begin: str
    end: str
    days_left: int
    sha256: str
    sha1: str

    @classmethod
    def of(cls, certificate: x509.Certificate, now: datetime) -> Description:
        """The description of *certificate* at *now*."""
        from cryptography.hazmat.primitives import hashes  # noqa: PLC0415  # see the package

        begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        return cls(
            certificate.subject.rfc4514_string(),
            certificate.issuer.rfc4514_string(),
            _names(certificate),
            begin.isoformat(),
            end.isoformat(),
            (end - now).days,
            certificate.fingerprint(hashes.SHA256()).hex(":").upper(),
            certificate.fingerprint(hashes.SHA1()).hex(":").upper(),  # noqa: S303  # shown for comparison with a browser's window
        )


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    from cryptography import x509  # noqa: PLC0415  # see the package

    try:
        names: x509.Extension[x509.SubjectAlternativeName] = certificate.extensions.get_extension_for_class(
            x509.SubjectAlternativeName
        )
    except x509.ExtensionNotFound:
        pass
    else:
        return tuple(str(item.value) for item in names.value)
    try:
        permitted = certificate.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees
    except x509.ExtensionNotFound:
        return ()
    return tuple(str(item.value) for item in permitted or ())
