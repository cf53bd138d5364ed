"""The door: the cameras of a lab behind one port."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import trio

from device_protocol.aio import Backend
from simulators.devices_file import LabSpec, load_lab
from simulators.driver import lab_backend
from simulators.escl.hosts import Hosts
from simulators.fixture_files import fixture
from simulators.mjpeg.feed import Feed
from simulators.mjpeg.http import HttpServer, Limits
from simulators.spec import DeviceSpec

BUILT_IN = "devices/webcams.toml"
SEND_BUFFER = 256 * 1024
"""Of a connection: a frame or two, so that what a reader sees is not old."""


@dataclass(frozen=True, slots=True)
class DoorConfig:
    """How the door is opened.

    Attributes:
        devices_file: of the lab; None: every shipped camera.
        bind: address; a free port is taken for *port* 0.
        allow_host: further names by which clients may call us.
        limits: of connections.
    """

    devices_file: Path | None = None
    bind: str = "127.0.0.1"
    port: int = 0
    allow_host: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)


class Door:
    """An open door.

    Attributes:
        feeds: cameras by name.
        backend: the lab behind it, for whoever controls its machines.
        url: without a slash at the end.
        epoch: unix time from which stamps of frames count.
    """

    def __init__(self, feeds: Mapping[str, Feed], backend: Backend, url: str, epoch: float) -> None:
        self.feeds = feeds
        self.backend = backend
        self.url = url
        self.epoch = epoch


def cameras_of(lab: LabSpec) -> tuple[DeviceSpec, ...]:
    """The devices of *lab* that the door can show."""
    return tuple(device for device in lab.devices if device.profile.camera is not None)


@asynccontextmanager
async def open_door(config: DoorConfig, spec: LabSpec | None = None) -> AsyncIterator[Door]:
    """Open the door; it serves until the block is left.

    Args:
        config: see there.
        spec: the lab, instead of a file.

    Raises:
        ConfigError: the devices file is wrong.
        OSError: the port is taken.
    """
    lab = spec or load_lab(config.devices_file or fixture(BUILT_IN))
    cameras = cameras_of(lab)
    epoch = time.time()
    async with lab_backend(replace(lab, devices=cameras)) as backend, trio.open_nursery() as nursery:
        feeds = {device.id: Feed(backend, device.id, device.profile.caps()) for device in cameras}
        (listener,) = await trio.open_tcp_listeners(config.port, host=config.bind)
        port = listener.socket.getsockname()[1]
        server = HttpServer(feeds, Hosts(config.bind, config.allow_host), epoch, config.limits)
        for feed in feeds.values():
            nursery.start_soon(feed.run)
        nursery.start_soon(_serve, server, listener)
        host = f"[{config.bind}]" if ":" in config.bind else config.bind
        yield Door(feeds, backend, f"http://{host}:{port}", epoch)
        nursery.cancel_scope.cancel()


async def _serve(server: HttpServer, listener: trio.SocketListener) -> None:
    async def serve(stream: trio.SocketStream) -> None:
        stream.setsockopt(trio.socket.SOL_SOCKET, trio.socket.SO_SNDBUF, SEND_BUFFER)
        await server.serve(stream)

    await trio.serve_listeners(serve, [listener])
