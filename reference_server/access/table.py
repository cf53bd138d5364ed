"""Who may do what: the access table (design 6; rest-api.md 1.5; service-behaviour.md S-063 to S-074).

A request is reduced to :class:`Facts`; the first row of :data:`TABLE` that fits them decides. A refusal is 403 with code -2137 and without CORS headers,
and it names the flag that would allow the request. Origins are compared as bytes and never taken apart, except to see whether one is loopback.
"""

from __future__ import annotations

import functools
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from device_protocol.vocabularies.rest import RestCode
from reference_server.errors import RestError
from reference_server.modes import AccessMode
from reference_server.wire.exchange import Exchange


class Peer(StrEnum):
    """Where the connection comes from."""

    LOCAL = "this machine"
    OTHER_USER = "another user of this machine"
    TRUSTED = "a trusted network"
    TOKEN = "another machine, with the token"  # noqa: S105  # a kind of peer, no secret
    STRANGER = "another machine"


class HostName(StrEnum):
    """What ``Host`` says."""

    LOOPBACK = "loopback"
    CONFIGURED = "configured"
    MISSING = "missing"
    FOREIGN = "foreign"


class Origin(StrEnum):
    """What ``Origin`` says."""

    NONE = "none"
    LISTED = "listed"
    LOOPBACK = "loopback"
    DOTNET = "dotnet client"
    OPAQUE = "null, file or extension"
    FOREIGN = "foreign"


class Site(StrEnum):
    """What ``Sec-Fetch-Site`` says; absent outside browsers."""

    OWN = "absent, none or same-origin"
    SAME_SITE = "same-site"
    CROSS_SITE = "cross-site"


class Doing(StrEnum):
    """What the request is, as far as access cares."""

    PREFLIGHT = "preflight"
    PAGE_BY_UID = "next-page?page=UID"
    """It moves no cursor, so an ``<img>`` on a foreign page may do it (S-073)."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Facts:
    """What access knows of a request."""

    mode: AccessMode
    peer: Peer = Peer.LOCAL
    host: HostName = HostName.LOOPBACK
    origin: Origin = Origin.NONE
    site: Site = Site.OWN
    doing: Doing = Doing.OTHER


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table; an empty collection fits everything.

    Attributes:
        name: of the row, for the log.
        allow: the answer.
        message: for people; may name the offending value as ``{host}`` or ``{origin}``.
        flag: what would allow it.
    """

    name: str
    allow: bool = False
    message: str = ""
    flag: str = ""
    modes: Collection[AccessMode] = ()
    peers: Collection[Peer] = ()
    hosts: Collection[HostName] = ()
    origins: Collection[Origin] = ()
    sites: Collection[Site] = ()
    doings: Collection[Doing] = ()

    def fits(self, facts: Facts) -> bool:
        """Whether the row speaks of *facts*."""
        pairs = (
            (self.modes, facts.mode),
            (self.peers, facts.peer),
            (self.hosts, facts.host),
            (self.origins, facts.origin),
            (self.sites, facts.site),
            (self.doings, facts.doing),
        )
        return all(not allowed or fact in allowed for allowed, fact in pairs)


_LOCKED = (AccessMode.LOCKED,)
_NO_FLAG = "no flag allows this"

TABLE: tuple[Row, ...] = (
    Row(
        "another machine without the token",
        message="Clients on other machines need the token of this service (Authorization: Bearer ...).",
        flag="--trust-network",
        peers=(Peer.STRANGER,),
        doings=(Doing.PAGE_BY_UID, Doing.OTHER),  # a preflight cannot carry a token
    ),
    Row(
        "another user of this machine",
        message="This service answers the user who runs it.",
        flag="--access lab",
        modes=_LOCKED,
        peers=(Peer.OTHER_USER,),
    ),
    Row(
        "trusted network when locked",
        message="A network is trusted in lab mode only.",
        flag="--access lab",
        modes=_LOCKED,
        peers=(Peer.TRUSTED,),
    ),
    Row("no host", message="The request names no host.", flag=_NO_FLAG, hosts=(HostName.MISSING,)),
    Row(
        "foreign host",
        message="This service is not known as {host}.",
        flag="--allow-host",
        hosts=(HostName.FOREIGN,),
    ),
    Row(
        "foreign origin",
        message="Pages of {origin} may not use this service.",
        flag="--allow-origin",
        origins=(Origin.FOREIGN, Origin.OPAQUE),
    ),
    Row(
        "unlisted origin when locked",
        message="Pages of {origin} may not use this service.",
        flag="--allow-origin",
        modes=_LOCKED,
        origins=(Origin.LOOPBACK, Origin.DOTNET),
    ),
    Row("page by UID", allow=True, origins=(Origin.NONE,), doings=(Doing.PAGE_BY_UID,)),
    Row(
        "another site without origin",
        message="A page of another site may only fetch next-page?page=UID without an Origin.",
        flag=_NO_FLAG,
        origins=(Origin.NONE,),
        sites=(Site.CROSS_SITE,),
    ),
    Row(
        "same site without origin when locked",
        message="A page of another port may only fetch next-page?page=UID without an Origin.",
        flag="--access lab",
        modes=_LOCKED,
        origins=(Origin.NONE,),
        sites=(Site.SAME_SITE,),
    ),
    Row(
        "the rest",
        allow=True,
        hosts=(HostName.LOOPBACK, HostName.CONFIGURED),
        origins=(Origin.NONE, Origin.LISTED, Origin.LOOPBACK, Origin.DOTNET),
    ),
)
"""The whole table; what no row allows is refused."""

_NOTHING_FITS = Row("nothing fits", message="This request is not allowed.", flag=_NO_FLAG)


@functools.cache
def decide(facts: Facts) -> Row:
    """The row that decides about *facts*; kept, since there are only so many, and each request asks."""
    return next((row for row in TABLE if row.fits(facts)), _NOTHING_FITS)


def refusal(row: Row, host: str, origin: str) -> RestError:
    """The answer to a request that *row* refuses."""
    text = row.message.replace("{host}", repr(host[:200])).replace("{origin}", repr(origin[:200]))
    hint = "" if row.flag == _NO_FLAG else f" The flag {row.flag} allows it."
    return RestError(403, RestCode.ACCESS, text + hint)


def may_use_job(owner: bytes | None, exchange: Exchange, what: str = "job") -> None:
    """Refuse a client whose Origin is not that of the job's maker (S-064). The same holds for documents.

    A job that was made without an Origin belongs to whoever knows its UID, and a request without one has passed the table.

    Raises:
        RestError: 403 -2137.
    """
    origin = exchange.headers.get("origin")
    if owner is not None and origin is not None and origin.encode("latin-1") != owner:
        raise RestError(403, RestCode.ACCESS, f"This {what} belongs to another origin.")
