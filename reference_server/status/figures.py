"""The status JSON: version, ports, uptime, paths and the page buffer (service-behaviour.md S-027)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import trio

from reference_server.doors import DOORS, Door
from reference_server.endpoints.call import Service
from reference_server.endpoints.server import product_version
from reference_server.page_buffer import BufferStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """Where the service keeps its files."""

    install: str
    data: str
    log: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusFigures:
    """The document.

    Attributes:
        uptime: seconds since the service became ready.
        ports: of each door; null for one that is not open.
        buffer: sizes in bytes.
    """

    schema: int = 1
    product: str = "flatbed"
    version: str
    status: str = "normal"
    uptime: float
    access: str
    compat: str
    log_level: int
    ports: Mapping[str, int | None]
    paths: Paths
    buffer: BufferStatus


class StatusSource:
    """Knows where the figures come from.

    Args:
        service: behind the endpoints.
        ports: of the doors that are open.
    """

    def __init__(self, service: Service, ports: Mapping[Door, int]) -> None:
        self._service = service
        self._ports = {door.name: ports.get(door) for door in DOORS}
        self._begun = trio.current_time()

    def figures(self) -> StatusFigures:
        """As they are now."""
        config = self._service.config
        return StatusFigures(
            version=product_version(),
            uptime=round(trio.current_time() - self._begun, 3),
            access=str(config.access),
            compat=str(config.compat),
            log_level=self._service.log_level.value,
            ports=self._ports,
            paths=Paths(
                install=str(Path(__file__).parents[2]),
                data=str(config.data_dir),
                log=str(config.data_dir / "log" / "server.log"),
            ),
            buffer=self._service.buffer.status(),
        )
