"""Makes certificates: an authority that can vouch for this machine only, and the short-lived ones that the doors show (service-behaviour.md S-076).

Everything is ECDSA on P-256: a key takes a millisecond, where RSA would take a good part of the second within which the service must answer.
"""

from __future__ import annotations

import ipaddress
import secrets
import socket
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from reference_server.tls.names import LOOPBACK_NETWORKS, Names
from reference_server.tls.pair import Pair

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

AUTHORITY_LIFE = timedelta(days=3650)
LEAF_LIFE = timedelta(days=90)
BACKDATED = timedelta(hours=1)
"""Clocks of other machines, and ours after a correction, may be a little behind."""
MAKER = "flatbed"
LEAF_NAME = "flatbed scanning service"


def make_authority(names: Names, now: datetime) -> Pair:
    """A new authority. Whoever trusts it trusts it for loopback and for *names* and for nothing else (RFC 5280, 4.2.1.10).

    Args:
        names: beside loopback.
        now: with its time zone.
    """
    from cryptography import x509  # noqa: PLC0415  # see the package
    from cryptography.x509.oid import ExtendedKeyUsageOID  # noqa: PLC0415

    key = _new_key()
    subject = _subject(f"{MAKER} CA {secrets.token_hex(4)} on {socket.gethostname()}"[:64])
    networks = [*LOOPBACK_NETWORKS, *(ipaddress.ip_network(item) for item in names.addresses if not item.is_loopback)]
    permitted: list[x509.GeneralName] = [x509.DNSName(name) for name in sorted({"localhost", *names.dns})]
    permitted += [x509.IPAddress(network) for network in dict.fromkeys(networks)]
    builder = _builder(subject, subject, now, AUTHORITY_LIFE)
    certificate = (
        builder.public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return Pair.of(key, [_signed(certificate, key)])


def make_leaf(authority: Pair, names: Names, begin: datetime, life: timedelta = LEAF_LIFE) -> Pair:
    """A certificate for *names*, signed by *authority*, which comes with it as its chain.

    Args:
        authority: of :func:`make_authority`.
        names: all of them.
        begin: of its validity, with its time zone; it is backdated by an hour.
        life: from *begin* on.
    """
    key = _new_key()
    issuer = authority.certificate
    builder = _leaf(key, issuer.subject, authority.key, names, begin, life)
    return Pair.of(key, [_signed(builder, authority.key), issuer])


def make_self_signed(names: Names, begin: datetime, life: timedelta = LEAF_LIFE) -> Pair:
    """A certificate for *names* that nobody else vouches for; see :func:`make_leaf`."""
    key = _new_key()
    return Pair.of(key, [_signed(_leaf(key, _subject(LEAF_NAME), key, names, begin, life), key)])


def _leaf(
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    issuer_key: Any,
    names: Names,
    begin: datetime,
    life: timedelta,
) -> x509.CertificateBuilder:
    from cryptography import x509  # noqa: PLC0415  # see the package
    from cryptography.x509.oid import ExtendedKeyUsageOID  # noqa: PLC0415

    alternatives: list[x509.GeneralName] = [x509.DNSName(name) for name in names.dns]
    alternatives += [x509.IPAddress(address) for address in names.addresses]
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    return (
        _builder(_subject(LEAF_NAME), issuer, begin, life)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(identifier, critical=False)
    )


def _new_key() -> ec.EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415  # see the package

    return ec.generate_private_key(ec.SECP256R1())


def permits(authority: x509.Certificate, names: Names) -> Names:
    """Those of *names* for which *authority* may vouch."""
    from cryptography import x509  # noqa: PLC0415  # see the package

    try:
        permitted = authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    except x509.ExtensionNotFound:
        return names
    domains = [item.value for item in permitted if isinstance(item, x509.DNSName)]
    networks = [ipaddress.ip_network(item.value) for item in permitted if isinstance(item, x509.IPAddress)]
    dns = [name for name in names.dns if any(name == domain or name.endswith(f".{domain}") for domain in domains)]
    addresses = [item for item in names.addresses if any(item in network for network in networks)]
    return Names(tuple(dns), tuple(addresses))


def _subject(name: str) -> x509.Name:
    from cryptography import x509  # noqa: PLC0415  # see the package
    from cryptography.x509.oid import NameOID  # noqa: PLC0415

    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, MAKER), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    )


def _builder(subject: x509.Name, issuer: x509.Name, begin: datetime, life: timedelta) -> x509.CertificateBuilder:
    from cryptography import x509  # noqa: PLC0415  # see the package

    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer)
    builder = builder.serial_number(x509.random_serial_number())
    return builder.not_valid_before(begin - BACKDATED).not_valid_after(begin + life)


def _usage(*, authority: bool) -> x509.KeyUsage:
    from cryptography import x509  # noqa: PLC0415  # see the package

    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _signed(builder: x509.CertificateBuilder, key: object) -> x509.Certificate:
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415  # see the package

    return builder.sign(key, hashes.SHA256())  # type: ignore[arg-type]  # a private key of any kind
