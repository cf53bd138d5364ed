"""How a service of the zoo is put together: the parts of the reference service, over virtual machines, a clock that jumps and connections in memory."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID

import structlog
import trio
from starlette.types import ASGIApp

from conformance.selftest.services.lab_host import LabHost, open_lab
from conformance.selftest.services.listener import Listener
from conformance.selftest.services.pipe import PipeStream
from device_host.tasks import open_tasks
from device_protocol.aio import RealClock
from reference_server.access.audit import Audit
from reference_server.access.consent import ConsentDesk
from reference_server.access.facts import FactFinder
from reference_server.application import Application
from reference_server.config import ServerConfig
from reference_server.documents.store import DocumentStore
from reference_server.endpoints.call import Service
from reference_server.endpoints.operation import Endpoint
from reference_server.endpoints.table import ENDPOINTS
from reference_server.events.hub import EventHub
from reference_server.jobs.registry import JobRegistry, open_registry
from reference_server.jobs.scanning import Workshop
from reference_server.log import LogLevel
from reference_server.pages.buffer import PageBuffer
from reference_server.uids import PageUids

DEVICES = """
schema = 1
time = 4

[[device]]
id = "feeder"
name = "Zoo Feeder"
profile = "office-duplex-feeder"
rest_type = 64
sheets = 3

[[device]]
id = "flatbed"
name = "Zoo Flatbed"
profile = "flatbed"
rest_type = 64
sheets = 1
"""
"""Two scanners, one that feeds and one that does not; they are quick, since a check that waits asks again and again."""

BEGAN = 1_790_000_000.0
"""Unix time at which every service of the zoo starts, so that its UIDs are the same each time."""

Around: TypeAlias = Callable[[ASGIApp], ASGIApp]
"""Puts something around an ASGI application."""

Wire: TypeAlias = Callable[[PipeStream], Any]
"""Puts something around the service's end of a connection."""


@dataclass(frozen=True)
class Build:
    """The parts of a service. Calling it opens one.

    Attributes:
        devices: what the lab has, as the text of a devices file.
        config: of the service, besides its folder.
        endpoints: what there is.
        host, registry, documents, facts, application: classes of the parts.
        around: what is put around the application, the innermost first.
        wire: what is put around the service's end of each connection.
        peer: address that clients have.
        authority: name and port under which they know the service.
        beyond: whether other machines can connect.
    """

    devices: str = DEVICES
    config: Mapping[str, Any] = field(default_factory=dict)
    endpoints: tuple[Endpoint, ...] = ENDPOINTS
    host: type[LabHost] = LabHost
    registry: type[JobRegistry] = JobRegistry
    documents: type[DocumentStore] = DocumentStore
    facts: type[FactFinder] = FactFinder
    application: type[Application] = Application
    around: tuple[Around, ...] = ()
    wire: Wire | None = None
    peer: str = "127.0.0.1"
    authority: str = "127.0.0.1:18622"
    beyond: bool = False

    def __call__(self) -> AbstractAsyncContextManager[Running]:
        """Open a service of its own folder; it ends with the block."""
        return _open(self)

    def with_config(self, **changes: Any) -> Build:
        """The same with other settings."""
        return replace(self, config={**self.config, **changes})

    def inside(self, *around: Around) -> Build:
        """The same with something more around it."""
        return replace(self, around=(*self.around, *around))


@dataclass(frozen=True)
class Running:
    """A service that runs.

    Attributes:
        connect: gives connections to it (:data:`conformance.wire.Connect`).
        host: its machines, for whoever stands before them.
        service: its insides, for tests.
        errors: what its log has of the level error and above.
    """

    listener: Listener
    host: LabHost
    service: Service
    errors: list[str]

    @property
    def connect(self) -> Callable[[], Any]:
        """See the class."""
        return self.listener.connect

    @property
    def authority(self) -> str:
        """What belongs into ``Host``."""
        return self.listener.authority


@asynccontextmanager
async def _open(build: Build) -> AsyncIterator[Running]:
    failure: Exception | None = None
    with tempfile.TemporaryDirectory(prefix="flatbed-zoo-") as name, _own_log() as errors:
        folder = Path(name)
        file = folder / "devices.toml"
        file.write_text(build.devices)  # a few bytes, before anything runs
        async with open_lab(file, build.host) as host, open_tasks() as nursery:
            config = ServerConfig(folder, **build.config)
            limits, clock = config.limits, RealClock()
            sizes = config.buffer_bytes, config.disk_floor_bytes, limits.variant_bytes, config.disk_limit_bytes
            buffer = PageBuffer(folder / "spill", *sizes)
            shop = Workshop(
                host,
                clock,
                PageUids(lambda: BEGAN + trio.current_time()),
                config.jpeg_quality,
                limits.close_seconds,
                EventHub(limits.events),
                _job_uids(),
            )
            async with open_registry(shop, buffer, limits, build.registry) as registry:
                service = Service(
                    config,
                    host,
                    registry,
                    buffer,
                    LogLevel(config.log_level),
                    ConsentDesk.of(config, clock),
                    Audit(None),
                    build.documents(config, _document_uids()),
                )
                facts = build.facts(config, config.token, lambda _client, _server: None)
                application: ASGIApp = build.application(service, facts, build.endpoints)
                for around in build.around:
                    application = around(application)
                listener = Listener(application, limits, registry.polls_full, nursery, build)
                nursery.start_soon(listener.connections.sweep)
                nursery.start_soon(service.documents.keep)
                try:
                    yield Running(listener, host, service, errors)
                except Exception as error:  # noqa: BLE001  # raised below, as it was and not in a group
                    failure = error
                finally:
                    listener.close()
                    nursery.cancel_scope.cancel()
    if failure is not None:
        raise failure


def _job_uids() -> Callable[[], str]:
    numbers = iter(range(1, 1 << 30))
    return lambda: str(UUID(int=next(numbers) * 0x9E3779B97F4A7C15F39CC0605CEDC835 % (1 << 128), version=4))


def _document_uids() -> Callable[[], str]:
    numbers = iter(range(1, 1 << 30))
    return lambda: f"{next(numbers) * 0x9E3779B97F4B % (1 << 48):012x}"


@contextmanager
def _own_log() -> Iterator[list[str]]:
    """Keep the log of the service to itself; what it has of errors."""
    errors: list[str] = []

    def keep(_logger: object, method: str, event: Any) -> Any:
        if method in {"error", "critical", "exception"}:
            errors.append(repr(event))
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(processors=[structlog.processors.format_exc_info, keep], cache_logger_on_first_use=False)
    try:
        yield errors
    finally:
        structlog.configure(**before)


LEGAL = Build()
"""The reference service as it is."""

ON_THE_NETWORK = replace(LEGAL.with_config(host="0.0.0.0", token="a-token-of-the-zoo"), beyond=True)  # noqa: S104, S106  # nothing is bound, and it is no secret
"""The same where other machines can connect to it; it wants a token of them."""
