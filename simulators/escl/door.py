"""The door: a lab's machines behind one port, announced if that is wanted."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trio

from device_host import Isolation, open_backend
from device_host.tasks import open_tasks
from device_protocol.aio import Backend
from simulators.devices_file import load_lab
from simulators.driver import driver as virtual
from simulators.escl.announcer import announced, announcements, interfaces_of
from simulators.escl.control import ROOT as CONTROL
from simulators.escl.control import ControlDesk
from simulators.escl.hosts import Hosts
from simulators.escl.http_server import HttpServer, Limits
from simulators.escl.identity import identity_of
from simulators.escl.routes import ROOT, Routes
from simulators.escl.scanner import IDLE_LIMIT_S, Scanner
from simulators.escl.tls import server_context
from simulators.toml_files import ConfigError

BACKLOG = 512


@dataclass(frozen=True, slots=True)
class DoorConfig:
    """How the door is opened.

    Attributes:
        devices_file: of the lab; None: the built-in one.
        bind: address, IPv4 or IPv6; a free port is taken for *port* 0.
        tls: speak https, with a certificate made for this run, or with *cert* and *key* (PEM).
        mdns: announce every scanner on *interfaces* (IPv4 addresses; none: where the door is bound).
        allow_host: further names by which clients may call us.
        limits: of connections.
        idle_limit_s: after which a job that nobody asks for is aborted.
        driver: further configuration of the virtual machines (``time``, ``resident``).
    """

    devices_file: Path | None = None
    bind: str = "127.0.0.1"
    port: int = 0
    tls: bool = False
    cert: Path | None = None
    key: Path | None = None
    mdns: bool = False
    interfaces: tuple[str, ...] = ()
    allow_host: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    idle_limit_s: float = IDLE_LIMIT_S
    driver: Mapping[str, Any] = field(default_factory=dict)


class Door:
    """An open door.

    Attributes:
        scanners: by name; the first one is at ``/eSCL`` too.
        backend: the lab behind it, for whoever controls its machines.
        server: speaks HTTP; it can serve streams of any kind.
        url: of the door, without a slash at the end.
        control: address of its control API, with the token behind the ``#``.
    """

    def __init__(
        self, scanners: Mapping[str, Scanner], backend: Backend, server: HttpServer, url: str, token: str
    ) -> None:
        self.scanners = scanners
        self.backend = backend
        self.server = server
        self.url = url
        self.control = f"{url}{CONTROL}#{token}"

    def urls(self) -> dict[str, str]:
        """The address of each scanner by its name."""
        return {name: f"{self.url}/{name}/{ROOT}" for name in self.scanners}


@asynccontextmanager
async def open_door(config: DoorConfig) -> AsyncIterator[Door]:
    """Open the door; it serves until the block is left.

    Raises:
        ConfigError: the devices file is wrong, or has no scanner.
        OSError: the port is taken, or the address is none of this machine.
        CertificateError: the certificate cannot be used.
    """
    spec = load_lab(config.devices_file)
    if all(device.profile.camera is not None for device in spec.devices):
        file = "the built-in lab" if config.devices_file is None else str(config.devices_file)
        raise ConfigError("has no scanner: cameras do not speak eSCL", file=file)
    context = server_context(config.cert, config.key, config.bind) if config.tls else None
    async with _lab(config) as backend, open_tasks() as nursery:
        scanners = {
            device.id: Scanner(
                identity_of(device),
                device.profile.caps(),
                backend,
                nursery.start_soon,
                idle_limit_s=config.idle_limit_s,
            )
            for device in spec.devices
            if device.profile.camera is None
        }
        (listener,) = await trio.open_tcp_listeners(config.port, host=config.bind, backlog=BACKLOG)
        port = listener.socket.getsockname()[1]
        scheme = "https" if context is not None else "http"
        routes = Routes(scanners)
        hosts = Hosts(config.bind, config.allow_host)
        desk = ControlDesk(scanners, backend, routes.answer)
        server = HttpServer(desk.answer, hosts, config.limits, scheme=scheme, misnamed=routes.misnamed)
        door = Door(scanners, backend, server, f"{scheme}://{_authority(config.bind)}:{port}", desk.token)
        nursery.start_soon(_serve, server, listener, context)
        known = [(item.identity, item.caps) for item in scanners.values()] if config.mdns else []
        entries = announcements(known, port=port, root=ROOT, secure=config.tls)
        async with announced(entries, config.interfaces or interfaces_of(config.bind)):
            try:
                yield door
            finally:
                with trio.CancelScope(shield=True):
                    for scanner in scanners.values():
                        await scanner.end()


@asynccontextmanager
async def _lab(config: DoorConfig) -> AsyncIterator[Backend]:
    """The machines, supervised as in any host: deadlines, typed errors, and pages encoded beside."""
    given: dict[str, Any] = {**config.driver}
    if config.devices_file is not None:
        given["devices_file"] = str(config.devices_file)
    async with open_backend(virtual, given, isolation=Isolation.IN_PROCESS) as backend:
        yield backend


async def _serve(server: HttpServer, listener: trio.SocketListener, context: ssl.SSLContext | None) -> None:
    async def serve(stream: trio.SocketStream) -> None:
        if context is None:
            await server.serve(stream)
            return
        try:
            await server.serve(trio.SSLStream(stream, context, server_side=True, https_compatible=True))
        except (trio.BrokenResourceError, ssl.SSLError):
            return  # a client that does not trust us, or speaks no TLS

    await trio.serve_listeners(serve, [listener])


def _authority(bind: str) -> str:
    """The address for a URL; of a wildcard the loopback one."""
    if bind in {"0.0.0.0", "::"}:  # noqa: S104  # compared, not bound
        return "127.0.0.1" if bind == "0.0.0.0" else "[::1]"  # noqa: S104  # the same
    return f"[{bind}]" if ":" in bind else bind
