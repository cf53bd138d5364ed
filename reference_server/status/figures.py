"""The status JSON: version, ports, uptime, paths and the page buffer (service-behaviour.md S-027)."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trio

from reference_server.access.audit import FILE as AUDIT
from reference_server.endpoints.call import Service
from reference_server.endpoints.server import API_DATE, product_version
from reference_server.jobs.job import Job
from reference_server.pages.buffer import BufferStatus
from reference_server.supervision.dumps import FOLDER as DUMPS
from reference_server.tls.describe import Description
from reference_server.tls.keeper import Keeper
from reference_server.wire.doors import DOORS, Door

SCANS_SHOWN = 100
EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104  # only compared with


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """Where the service keeps its files."""

    install: str
    data: str
    log: str
    audit: str
    dumps: str
    config: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """A job without its UID, which is all that a client needs to use it."""

    device: str
    state: str
    pages: int
    code: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverFailure:
    """A driver that cannot say what is connected."""

    driver: str
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusFigures:
    """The document.

    Attributes:
        uptime: seconds since the service became ready.
        pid: of the process that answers; the top process is its monitor, or itself.
        restarts: how often the monitor has started it again after a crash.
        ports: of each door; null for one that is not open.
        api_version: revision of the API that is followed.
        urls: of each door, as far as they are open; ``localhost`` where it answers on every address.
        ca: file of the authority that browsers would have to trust; null for a certificate of one's own.
        certificate: that the https doors show to clients which name no host; null when there is none.
        buffer: sizes in bytes.
        jobs: how many there are in each state.
        expired_jobs: removed because their time was over, or because others came after them (S-100).
        polls: requests that wait for a page.
        scans: the last of these jobs, oldest first.
        devices: how many clients may use.
        late: drivers that have not answered yet.
        failed: drivers that could not.
        host: drivers and their workers, as the device host says it.
        answered: requests to the API, by status.
        consents_pending: decisions that nobody has made yet.
        faults: that the service has on purpose.
    """

    schema: int = 1
    product: str = "flatbed"
    version: str
    status: str = "normal"
    uptime: float
    pid: int
    restarts: int
    access: str
    compat: str
    log_level: int
    ports: Mapping[str, int | None]
    paths: Paths
    urls: Mapping[str, str | None]
    ca: str | None
    certificate: Description | None
    buffer: BufferStatus
    api_version: str = API_DATE
    jobs: Mapping[str, int]
    expired_jobs: int
    scans: Sequence[Scan]
    polls: int
    devices: int
    late: Sequence[str]
    failed: Sequence[DriverFailure]
    host: Any
    answered: Mapping[int, int]
    consents_pending: int
    faults: Sequence[str]


class StatusSource:
    """Knows where the figures come from.

    Args:
        service: behind the endpoints.
        ports: of the doors that are open.
        answered: counts of the API.
        keeper: of the certificates; None when no door speaks TLS.
        restarts: of the service.
    """

    def __init__(
        self,
        service: Service,
        ports: Mapping[Door, int],
        answered: Mapping[int, int],
        keeper: Keeper | None = None,
        restarts: int = 0,
    ) -> None:
        self._service = service
        self._ports = {door.name: ports.get(door) for door in DOORS}
        self._answered = answered
        self._keeper = keeper
        self._restarts = restarts
        self._begun = trio.current_time()

    def figures(self) -> StatusFigures:
        """As they are now."""
        service, config = self._service, self._service.config
        found = service.host.devices()
        ca = None if self._keeper is None else self._keeper.ca
        return StatusFigures(
            version=product_version(),
            uptime=round(trio.current_time() - self._begun, 3),
            pid=os.getpid(),
            restarts=self._restarts,
            access=str(config.access),
            compat=str(config.compat),
            log_level=self._service.log_level.value,
            ports=self._ports,
            paths=Paths(
                install=str(Path(__file__).parents[2]),
                data=str(config.data_dir),
                log=str(config.data_dir / "log" / "server.log"),
                audit=str(config.data_dir / "log" / AUDIT),
                dumps=str(config.data_dir / DUMPS),
                config=[str(path) for path in config.files],
            ),
            urls={door.name: self._url(door) for door in DOORS},
            ca=None if ca is None else str(ca),
            certificate=None if self._keeper is None else self._keeper.description(),
            buffer=service.buffer.status(),
            jobs=Counter(str(job.state) for job in service.registry.jobs()),
            scans=[_scan(job) for job in service.registry.jobs()[-SCANS_SHOWN:]],
            expired_jobs=service.registry.expired,
            polls=service.registry.polls,
            devices=len(service.devices()),
            late=found.late,
            failed=[
                DriverFailure(driver=item.transport, code=item.code.value, message=item.message)
                for item in found.failures
            ],
            host=service.host.status(),
            answered=dict(sorted(self._answered.items())),
            consents_pending=len(service.consent.pending),
            faults=service.faults.names() if service.faults else (),
        )

    def _url(self, door: Door) -> str | None:
        port = self._ports[door.name]
        host = self._service.config.host
        name = "localhost" if host in EVERY_ADDRESS else f"[{host}]" if ":" in host else host
        return None if port is None else f"{door.scheme}://{name}:{port}"


def _scan(job: Job) -> Scan:
    return Scan(
        device=job.request.device.id,
        state=str(job.state),
        pages=len(job.pages),
        code=job.code,
        message=job.message,
    )
