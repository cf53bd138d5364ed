"""By which names a client may call the door, so that a foreign page cannot reach it through a name of its own (DNS rebinding)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

LOOPBACK_NAMES = frozenset({"localhost", "ip6-localhost"})
_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^\[\]:@/\s]+))(?::(\d{1,5}))?")
"""A name or address, and a port (RFC 9110 7.2)."""

LAST_PORT = 65_535


class Hosts:
    """Loopback names and addresses, names ending in ``.local``, addresses that we are bound to, and what was allowed; any port.

    Args:
        bound: the address that the door is bound to; of a wildcard every literal address is ours.
        allowed: further names.
    """

    def __init__(self, bound: str = "127.0.0.1", allowed: Iterable[str] = ()) -> None:
        self._any = bound in {"0.0.0.0", "::"}  # noqa: S104  # compared, not bound
        self._names = LOOPBACK_NAMES | {bound.lower()} | {name.lower().rstrip(".") for name in allowed}

    def accepts(self, host: str | None, *, required: bool = True) -> bool:
        """Whether a request with that Host is for us; HTTP/1.0 may do without."""
        if host is None:
            return not required
        said = _HOST.fullmatch(host.strip().lower())
        if said is None or int(said[3] or 0) > LAST_PORT:
            return False
        name = (said[1] or said[2]).rstrip(".")
        if name in self._names or name.endswith(".local"):
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return address.is_loopback or self._any
