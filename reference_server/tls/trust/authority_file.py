"""Our authority's certificate as the stores are given it."""

from __future__ import annotations

import hashlib
import ssl
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class AuthorityFile:
    """See the module.

    Attributes:
        path: of ``ca.pem``.
        pem: its text.
    """

    path: Path
    pem: str

    @classmethod
    def read(cls, path: Path) -> AuthorityFile:
        """The certificate at *path*.

        Raises:
            OSError: it cannot be read.
            ValueError: it is no certificate.
        """
        pem = path.read_text("ascii")
        ssl.PEM_cert_to_DER_cert(pem)
        return cls(path, pem)

    @property
    def der(self) -> bytes:
        """Its bytes."""
        return ssl.PEM_cert_to_DER_cert(self.pem)

    @property
    def short(self) -> str:
        """The beginning of its SHA-256 fingerprint: distinguishes authorities of ours in a store."""
        return hashlib.sha256(self.der).hexdigest()[:16]

    @property
    def file_name(self) -> str:
        """In a folder of the system."""
        return f"flatbed-{self.short}.crt"

    @property
    def nickname(self) -> str:
        """In a store of NSS."""
        return f"flatbed CA {self.short}"

    def same_as(self, pem: str) -> bool:
        """Whether *pem* is this certificate."""
        try:
            return ssl.PEM_cert_to_DER_cert(pem.strip() + "\n") == self.der
        except ValueError:
            return False
