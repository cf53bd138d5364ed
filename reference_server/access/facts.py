"""Reduces a request to the facts that the access table speaks of."""

from __future__ import annotations

import hmac
import ipaddress
import re
from collections.abc import Callable

from reference_server.access.guesses import Caller
from reference_server.access.table import Doing, Facts, HostName, Origin, Peer, Site
from reference_server.config import ServerConfig
from reference_server.modes import AccessMode
from reference_server.wire.connections import CONNECTION, Connection
from reference_server.wire.exchange import Exchange

LOOPBACK_ORIGIN = re.compile(rb"https?://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?")
DOTNET_ORIGIN = b"dynamic-web-twain.net://"
"""The .NET client sends this with a GUID of its own (rest-api.md 1.3)."""
OPAQUE_ORIGIN = re.compile(rb"null|file:.*|[a-z-]+-extension:.*", re.DOTALL)
HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\[\]:/@\s]+)(:[0-9]{0,5})?")
LOOPBACK_NAMES = frozenset({"127.0.0.1", "[::1]", "localhost"})
BEARER = "bearer "
NETWORK_OF_A_HOST = 64
"""A machine has so many leading bits of its IPv6 addresses for itself."""
PAGE_BY_UID = re.compile(r"/api/device/scanners/jobs/[^/]+/next-page")

SameUser = Callable[[tuple[str, int], tuple[str, int]], bool | None]
"""Whether the other end of a connection, given as client and server address, is ours; None where the system cannot tell."""


class FactFinder:
    """Knows the configuration.

    Args:
        config: of the service.
        token: that clients beyond loopback must show; None when nobody can come from there.
        same_user: see :data:`SameUser`.
    """

    def __init__(self, config: ServerConfig, token: str | None, same_user: SameUser) -> None:
        self._mode = config.access
        self._token = token
        self._same_user = same_user
        self._listed = frozenset(text.encode() for text in config.allow_origin)
        self._hosts = frozenset(_host_name(name) for name in (config.host, *config.allow_host)) - {"0.0.0.0", "[::]"}  # noqa: S104  # these are not names
        self._networks = config.trusted_networks()

    def __call__(self, exchange: Exchange) -> Facts:
        """The facts of a request."""
        return Facts(
            self._mode,
            self._peer(exchange),
            self._host(exchange),
            self._origin(exchange),
            _site(exchange),
            _doing(exchange),
        )

    def _peer(self, exchange: Exchange) -> Peer:
        client, server = exchange.scope.get("client"), exchange.scope.get("server")
        if client is None:
            return Peer.LOCAL  # not over the network at all
        address = _address(client[0])
        if address is not None and address.is_loopback:
            if self._mode is AccessMode.LOCKED and server is not None and self._ours(exchange) is False:
                return Peer.OTHER_USER
            return Peer.LOCAL
        if self._has_token(exchange):
            return Peer.TOKEN
        if address is not None and any(address in network for network in self._networks):
            return Peer.TRUSTED
        return Peer.STRANGER

    def _ours(self, exchange: Exchange) -> bool | None:
        """Whether our user has the other end; asked once for each connection, since it costs as much as a small request."""
        client, server = exchange.scope["client"], exchange.scope["server"]
        connection = exchange.scope.get("state", {}).get(CONNECTION)
        if not isinstance(connection, Connection):
            return self._same_user(client, server)
        if connection.same_user is None:
            connection.same_user = (self._same_user(client, server),)
        return connection.same_user[0]

    def _has_token(self, exchange: Exchange) -> bool:
        said = exchange.headers.get("authorization", "")
        if self._token is None or said[: len(BEARER)].lower() != BEARER:
            return False
        return hmac.compare_digest(said[len(BEARER) :].strip().encode(), self._token.encode())

    def _host(self, exchange: Exchange) -> HostName:
        values = exchange.headers.getlist("host")
        if len(values) != 1 or not values[0].strip():
            return HostName.MISSING if not any(value.strip() for value in values) else HostName.FOREIGN
        match = HOST.fullmatch(values[0].strip().lower())
        if match is None:
            return HostName.FOREIGN
        name = _host_name(match[1])
        if name in LOOPBACK_NAMES:
            return HostName.LOOPBACK
        server = exchange.scope.get("server")
        # A page can make a name point anywhere, but not an address: the very address that was connected to is safe.
        if name in self._hosts or (server is not None and name == _host_name(server[0])):
            return HostName.CONFIGURED
        return HostName.FOREIGN

    def _origin(self, exchange: Exchange) -> Origin:
        values = [value for name, value in exchange.scope["headers"] if name.lower() == b"origin"]
        if not values:
            return Origin.NONE
        origin = values[0]
        if len(values) > 1:
            return Origin.FOREIGN
        if origin in self._listed:
            return Origin.LISTED
        if LOOPBACK_ORIGIN.fullmatch(origin):
            return Origin.LOOPBACK
        if origin.startswith(DOTNET_ORIGIN):
            return Origin.DOTNET
        return Origin.OPAQUE if OPAQUE_ORIGIN.fullmatch(origin) else Origin.FOREIGN


def caller(facts: Facts, exchange: Exchange) -> Caller:
    """Who counts as one caller for :class:`reference_server.access.guesses.GuessLimit`: what a page or a machine cannot choose anew for each request."""
    client = exchange.scope.get("client")
    where = "local"
    if client is not None and facts.peer not in {Peer.LOCAL, Peer.OTHER_USER}:
        address = ipaddress.ip_address(client[0].partition("%")[0])
        bits = NETWORK_OF_A_HOST if address.version == 6 else address.max_prefixlen
        where = str(ipaddress.ip_network(f"{address}/{bits}", strict=False))
    origin = exchange.headers.get("origin", "") if facts.origin is Origin.LISTED else facts.origin.value
    return where, origin, facts.site.value


def _host_name(text: str) -> str:
    """A name of a host in one spelling: lower case, no final dot, IPv6 in brackets."""
    name = text.lower().removesuffix(".")
    return f"[{name}]" if ":" in name and not name.startswith("[") else name


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped if mapped is not None else address


def _site(exchange: Exchange) -> Site:
    match exchange.headers.get("sec-fetch-site", "none").lower():
        case "none" | "same-origin":
            return Site.OWN
        case "same-site":
            return Site.SAME_SITE
        case _:
            return Site.CROSS_SITE


def _doing(exchange: Exchange) -> Doing:
    if exchange.method == "OPTIONS":
        return Doing.PREFLIGHT
    by_uid = exchange.method == "GET" and PAGE_BY_UID.fullmatch(exchange.scope["path"]) and "page" in exchange.query
    return Doing.PAGE_BY_UID if by_uid else Doing.OTHER
