"""The doors on which the service listens, as data (service-behaviour.md S-018, S-019, S-021; design 6).

Each has an offset to ``--port N``, a protocol and the application behind it; each can have a port of its own, or be switched off.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, TypeAlias

PORT_MAX = 65_535
OFF: Final = "off"

DoorPort: TypeAlias = int | Literal["off"] | None
"""Port of one door: 0 takes a free one, ``off`` does not open the door, None leaves it to ``--port N``."""


class Serves(StrEnum):
    """Which application is behind a door."""

    API = "api"
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class Door:
    """One door.

    Attributes:
        name: as the ready file and the status JSON call it.
        offset: to N of ``--port N``.
        tls: whether it speaks HTTPS (and WSS) instead of HTTP (and WS).
        serves: see there.
    """

    name: str
    offset: int
    tls: bool
    serves: Serves

    @property
    def field(self) -> str:
        """Its field of :class:`reference_server.config.ServerConfig`."""
        return f"{self.name}_port"

    @property
    def flag(self) -> str:
        """Its option on the command line."""
        return f"--{self.field.replace('_', '-')}"

    @property
    def scheme(self) -> str:
        """Of its URLs."""
        return "https" if self.tls else "http"


HTTP = Door("http", 0, tls=False, serves=Serves.API)
HTTPS = Door("https", 1, tls=True, serves=Serves.API)
STATUS = Door("status", 3, tls=False, serves=Serves.STATUS)
STATUS_HTTPS = Door("status_https", 4, tls=True, serves=Serves.STATUS)

DOORS = (HTTP, HTTPS, STATUS, STATUS_HTTPS)
"""All of them, in the order of their ports."""


def door_port(door: Door, base: int, own: DoorPort) -> int | None:
    """The port to bind for *door*; 0 for a free one, None for none.

    Args:
        door: see there.
        base: N of ``--port N``; 0 makes every port that is not given a free one.
        own: what was chosen for this door alone.
    """
    if own == OFF:
        return None
    if own is not None:
        return own
    return base + door.offset if base else 0


def check_ports(base: int, own: dict[Door, DoorPort]) -> None:
    """See that the ports make sense together.

    Raises:
        ValueError: one is no port, two doors have the same one, or no door is left.
    """
    ports = {door: door_port(door, base, own[door]) for door in DOORS}
    for door, port in ports.items():
        if port is None:
            continue
        if not 0 <= port <= PORT_MAX:
            given = f"port {base}" if own[door] is None else f"{door.flag} {port}"
            raise ValueError(
                f"{given}: the {door.name} door would be at {port}; ports go to {PORT_MAX}, 0 is a free one"
            )
        twin = next((other for other in DOORS if other is not door and port and ports[other] == port), None)
        if twin is not None:
            raise ValueError(f"port {port} is wanted by two doors, {door.name} and {twin.name}")
    if not any(ports[door] is not None for door in DOORS if door.serves is Serves.API):
        raise ValueError("the http and the https door are both off: there is nothing left to serve the API on")
