"""How a scanner of the zoo is put together: the parts of our eSCL door, over virtual machines, a clock that jumps and connections in memory."""

from __future__ import annotations

import functools
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import trio

from conformance.escl.suite import Address, EsclSuite, EsclTarget
from conformance.selftest.services.pipe import pipe
from conformance.wire import Connect
from device_host import Isolation, open_backend
from device_host.tasks import open_tasks
from device_protocol import Driver, Form
from device_protocol.aio import Backend
from device_protocol.vocabularies.escl import JPEG, PDF, PNG
from simulators.devices_file import LabSpec
from simulators.driver import lab_backend
from simulators.escl.control import ControlDesk
from simulators.escl.hosts import Hosts
from simulators.escl.http_server import HttpServer, Limits
from simulators.escl.identity import identity_of
from simulators.escl.points import Answer, Moment, Point, Quirk, Quirks
from simulators.escl.quirks import DoorQuirk
from simulators.escl.routes import Request, Routes
from simulators.escl.scanner import IDLE_LIMIT_S, Scanner
from simulators.fixture_files import fixture
from simulators.profile import Profile, load_profile, profile_from_data
from simulators.spec import DeviceSpec, Refill
from simulators.stacks import Batch

HERE, THERE = ("127.0.0.1", 40_000), ("127.0.0.1", 8290)
HOST = "127.0.0.1:8290"
NAME = "scanner"
ROOM = 16 << 10
"""Bytes that a connection holds: a page is larger, so that the scanner notices when its client leaves within one."""
INSTANT = math.inf
"""Speed of the machines: a scan takes no time."""

Changes: TypeAlias = Mapping[Point, Callable[[Any, Moment], Any]]
Answering: TypeAlias = Callable[[Request], Awaitable[Answer]]
Around: TypeAlias = Callable[[Answering], Answering]
"""Stands before the scanner: gets what would answer, and gives what answers instead; it may remember things for as long as the scanner is open."""
Edit: TypeAlias = Callable[[trio.abc.Stream], trio.abc.Stream]
"""Stands before the server: gets the server's end of each connection."""
Serve: TypeAlias = Callable[[trio.abc.Stream], Awaitable[None]]
"""Serves connections in place of the door."""


class Seeded(Quirks):
    """Changes that belong to the scanner itself: the machine does not report them as quirks, so they stay."""

    @property
    def names(self) -> list[str]:
        """None."""
        return []


@dataclass(frozen=True, slots=True)
class Running:
    """A scanner of the zoo at work.

    Attributes:
        connect: gives connections to it.
        suite: judges it, with the door's control as operator.
    """

    connect: Connect
    suite: EsclSuite


def as_it_is(thing: Any) -> Any:
    """Nothing is changed."""
    return thing


COMBI: dict[str, Any] = {
    "schema": 1,
    "maker": "flatbed",
    "model": "Zoo Combi",
    "default_source": "flatbed",
    "feeder": {"capacity": 50},
    "mode": [{"colour": "color"}, {"colour": "gray"}, {"colour": "lineart"}],
    "source": [
        {"kind": kind, "width_mm": 110.0, "height_mm": 115.0, "resolutions": [75, 150, 300]}
        for kind in ("flatbed", "feeder", "feeder-duplex")
    ],
}
"""A small machine with everything, so that whole areas are quick to scan."""


@functools.cache
def shipped(name: str) -> Profile:
    """A profile that is shipped."""
    return load_profile(fixture(f"profiles/{name}.toml"))


def machine(**changes: Any) -> Profile:
    """The small machine with some keys of its profile changed."""
    return profile_from_data({**COMBI, **changes})


@dataclass(frozen=True)
class Build:
    """A scanner whose parts can be replaced.

    Attributes:
        profile: of the machine, a shipped one by its name, or one of the zoo's own.
        formats: that it offers.
        changes: what becomes of answers and documents at the points of the door.
        scanner, routes, hosts: classes of the door's parts.
        around, edit: see :data:`Around` and :data:`Edit`.
        serve: see :data:`Serve`; None: the door itself.
        limits, idle_limit_s, scheme: of the door.
        speed: of the machine, times real speed.
        root: path of its documents.
        names: by which it is announced, beside its address.
    """

    profile: str | Profile = field(default_factory=machine)
    formats: tuple[str, ...] = (JPEG, PNG, PDF)
    changes: Changes = field(default_factory=dict)
    scanner: type[Scanner] = Scanner
    routes: type[Routes] = Routes
    hosts: type[Hosts] = Hosts
    around: Around = as_it_is
    edit: Edit = as_it_is
    serve: Serve | None = None
    limits: Limits = field(default_factory=Limits)
    idle_limit_s: float = IDLE_LIMIT_S
    scheme: str = "http"
    speed: float = INSTANT
    root: str = "/eSCL"
    names: tuple[str, ...] = ("localhost:8290", "scanner.local:8290")

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[Running]:
        """Open it, for as long as the block lasts."""
        profile = shipped(self.profile) if isinstance(self.profile, str) else self.profile
        spec = DeviceSpec(NAME, profile, batches=(Batch(3),), refill=Refill.NEVER)
        async with _backend(spec, self.speed) as backend, open_tasks() as nursery:
            quirks: list[Quirk] = [DoorQuirk("seeded", self.changes)]
            scanner = self.scanner(
                replace(identity_of(spec), formats=self.formats),
                profile.caps(),
                backend,
                nursery.start_soon,
                idle_limit_s=self.idle_limit_s,
            )
            scanner.quirks = Seeded(quirks)
            scanners = {NAME: scanner}
            routes = self.routes(scanners)
            desk = ControlDesk(scanners, backend, self.around(routes.answer))
            server = HttpServer(desk.answer, self.hosts(), self.limits, scheme=self.scheme, misnamed=routes.misnamed)

            async def connect() -> trio.abc.Stream:
                ours, theirs = pipe(HERE, THERE, ROOM)
                nursery.start_soon(self.serve or server.serve, self.edit(theirs))
                return ours

            target = EsclTarget(
                Address(self.scheme, *THERE, self.root),
                self.names,
                control=f"{self.scheme}://{HOST}/control#{desk.token}",
                connect=connect,
            )
            try:
                yield Running(connect, EsclSuite(target))
            finally:
                with trio.CancelScope(shield=True):
                    await scanner.end()


@asynccontextmanager
async def _backend(spec: DeviceSpec, speed: float) -> AsyncIterator[Backend]:
    """A machine, supervised as behind any door."""

    def factory(_config: Mapping[str, Any]) -> Any:
        return lab_backend(LabSpec((spec,), speed))

    async with open_backend(Driver("virtual", Form.TRIO, factory), {}, isolation=Isolation.IN_PROCESS) as backend:
        yield backend


LEGAL = Build()
"""The door as it is, over a machine with a glass and a feeder for both sides."""
