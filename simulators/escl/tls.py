"""TLS of the door: a certificate of the user's, or one that is made for this run and that nobody trusts, as scanners have."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
import tempfile
from pathlib import Path

DAYS = 30


class CertificateError(ValueError):
    """A certificate cannot be used; says which and why."""


def server_context(cert: Path | None, key: Path | None, bind: str) -> ssl.SSLContext:
    """The context of the door.

    Args:
        cert: PEM with a certificate and its chain; None: one is made.
        key: PEM of its key; None: it stands in *cert*.
        bind: address for which one is made, beside the loopback names.

    Raises:
        CertificateError: the files cannot be read, or do not fit.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    if cert is not None:
        try:
            context.load_cert_chain(cert, key)
        except OSError as error:  # SSLError is one; neither names a file
            files = " and ".join(str(file) for file in (cert, key) if file is not None)
            raise CertificateError(f"{files}: {error.strerror or error}") from None
        return context
    with tempfile.TemporaryDirectory(prefix="flatbed-") as folder:
        pair = Path(folder) / "pair.pem"
        pair.touch(mode=0o600)
        pair.write_bytes(_self_signed(bind))
        context.load_cert_chain(pair)
    return context


def _self_signed(bind: str) -> bytes:
    """A certificate for localhost and *bind*, signed by itself, with its key; PEM."""
    from cryptography import x509  # noqa: PLC0415  # slow to import, and only TLS needs it
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415  # the same
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415  # the same
    from cryptography.x509.oid import NameOID  # noqa: PLC0415  # the same

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "flatbed eSCL scanner")])
    addresses = {"127.0.0.1", "::1", bind}
    names: list[x509.GeneralName] = [x509.DNSName("localhost")]
    names += [x509.IPAddress(ipaddress.ip_address(item)) for item in sorted(addresses) if _is_address(item)]
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=DAYS))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
