"""A private key with its certificate and chain, as one PEM text: whole or not there, so that no crash leaves a key without its certificate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from reference_server.tls.names import Names

if TYPE_CHECKING:
    from cryptography import x509


class PairError(Exception):
    """Key and certificate cannot be used; the message says why."""


@dataclass(frozen=True)
class Pair:
    """What a door shows, or an authority signs with.

    Attributes:
        key: private key.
        chain: the certificate, and those above it.
        pem: key and chain as text.
    """

    key: Any
    chain: tuple[x509.Certificate, ...]
    pem: bytes

    @classmethod
    def of(cls, key: Any, chain: Sequence[x509.Certificate]) -> Self:
        """The pair of a new key."""
        from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415  # see the package

        secret = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
        return cls(key, tuple(chain), secret + b"".join(item.public_bytes(form.Encoding.PEM) for item in chain))

    @classmethod
    def parse(cls, certificate: bytes, key: bytes | None = None) -> Self:
        """The pair that stands in PEM texts.

        Args:
            certificate: with its chain, and perhaps the key.
            key: None when it stands with the certificate.

        Raises:
            PairError: there is no certificate or no key in them, the key is encrypted, or the two do not belong together.
        """
        from cryptography import x509  # noqa: PLC0415  # see the package
        from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
        from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415

        secret = certificate if key is None else key
        try:
            chain = x509.load_pem_x509_certificates(certificate)
        except ValueError:
            raise PairError("there is no PEM certificate in it (-----BEGIN CERTIFICATE-----)") from None
        if b"ENCRYPTED" in secret:
            raise PairError("the key is encrypted; take its password off: openssl pkey -in KEY -out NEW-KEY")
        try:
            private = form.load_pem_private_key(secret, None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise PairError("there is no PEM private key in it (-----BEGIN PRIVATE KEY-----)") from None
        try:
            belongs = private.public_key() == chain[0].public_key()
            for item in chain:
                _read_all_of(item)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise PairError(f"a certificate in it cannot be understood ({str(error)[:100]})") from None
        if not belongs:
            raise PairError("the key does not belong to the first certificate of the file")
        return cls.of(private, chain)

    @property
    def certificate(self) -> x509.Certificate:
        """The first of the chain."""
        return self.chain[0]

    @property
    def names(self) -> Names:
        """For whom it is good: its subject alternative names."""
        return names_of(self.certificate)

    def good_at(self, moment: datetime) -> bool:
        """Whether *moment* is within its validity."""
        return self.certificate.not_valid_before_utc <= moment <= self.certificate.not_valid_after_utc


def _read_all_of(certificate: x509.Certificate) -> None:
    """Have the parts of *certificate* parsed that are needed later, when nobody expects an error of them.

    Raises:
        ValueError, TypeError: it is damaged.
    """
    certificate.subject.rfc4514_string()
    certificate.issuer.rfc4514_string()
    _ = certificate.not_valid_before_utc, certificate.not_valid_after_utc, certificate.version
    names_of(certificate)


def names_of(certificate: x509.Certificate) -> Names:
    """The subject alternative names of *certificate*."""
    from cryptography import x509  # noqa: PLC0415  # see the package

    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return Names()
    words = [*found.get_values_for_type(x509.DNSName), *map(str, found.get_values_for_type(x509.IPAddress))]
    return Names.of(words)
