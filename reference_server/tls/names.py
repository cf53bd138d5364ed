"""The names and addresses for which the service has a certificate: how its clients reach it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LOOPBACK_NETWORKS: tuple[Network, ...] = (ipaddress.IPv4Network("127.0.0.0/8"), ipaddress.IPv6Network("::1/128"))
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NAME_MAX = 253


@dataclass(frozen=True, slots=True)
class Names:
    """Host names in lower case, and addresses; sorted, each once."""

    dns: tuple[str, ...] = ()
    addresses: tuple[Address, ...] = ()

    @classmethod
    def of(cls, words: Iterable[str]) -> Self:
        """The names among *words*, which may carry brackets, a port or a final dot; wildcard addresses and what is no name are left out."""
        dns: set[str] = set()
        addresses: set[Address] = set()
        for word in words:
            name = _bare(word)
            try:
                address = ipaddress.ip_address(name)
            except ValueError:
                if is_host_name(name):
                    dns.add(name)
            else:
                if not address.is_unspecified:
                    addresses.add(address)
        return cls(tuple(sorted(dns)), tuple(sorted(addresses, key=lambda item: (item.version, int(item)))))

    def __or__(self, other: Names) -> Names:
        return Names.of([*self.words(), *other.words()])

    def __sub__(self, other: Names) -> Names:
        theirs = set(other.words())
        return Names.of(word for word in self.words() if word not in theirs)

    def __bool__(self) -> bool:
        return bool(self.dns or self.addresses)

    def words(self) -> list[str]:
        """All of them as text."""
        return [*self.dns, *map(str, self.addresses)]


def is_host_name(text: str) -> bool:
    """Whether *text* can stand in a certificate as the name of a host, in lower case and without wildcards."""
    return len(text) <= _NAME_MAX and all(_LABEL.fullmatch(label) for label in text.split("."))


def check_host_names(words: Iterable[str]) -> None:
    """Refuse what no ``Host`` header names, such as a URL or a name with a port: ports do not matter there.

    Raises:
        ValueError: says which.
    """
    for word in words:
        name = word.lower().removesuffix(".")
        try:
            ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
        except ValueError:
            if not is_host_name(name):
                raise ValueError(
                    f"a host is a name or an address, without scheme and port; {word[:60]!r} is none"
                ) from None


def _bare(word: str) -> str:
    text = word.strip().lower()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    if text.count(":") == 1:
        text = text.partition(":")[0]
    return text.removesuffix(".")


LOOPBACK = Names.of(["localhost", "127.0.0.1", "::1"])
"""Every certificate of ours has these."""
