"""How a machine of the zoo is put together: which classes act on which profile, and the backend that has two of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import trio

from conformance.selftest.control import ZooControl
from conformance.selftest.job import ZooJob
from conformance.selftest.machine import Machine
from conformance.selftest.page import ZooPage
from conformance.selftest.profile import LEGAL_CAPS, SCANNER, SECOND, TRANSPORTS, Profile
from conformance.selftest.session import ZooSession
from conformance.selftest.store import Store
from device_protocol import (
    Choice,
    Code,
    DeviceError,
    DeviceInfo,
    DeviceList,
    FaultKind,
    OptionPolicy,
    Phase,
    TransportFailure,
)
from device_protocol.states import Verb


class ZooBackend:
    """Two machines of the same build."""

    def __init__(self, build: Build) -> None:
        self.build = build
        self.machines = {name: build.machine(name, build.profile) for name in (SCANNER, SECOND)}
        self.failed_transports: set[str] = set()
        for machine in self.machines.values():
            machine.failed_transports = self.failed_transports

    async def devices(self) -> DeviceList:
        """See the contract."""
        await trio.lowlevel.checkpoint()
        return DeviceList(self.list(), self.failures())

    def list(self) -> tuple[DeviceInfo, ...]:
        """Who is there."""
        listed = (self.info(machine) for machine in self.machines.values() if machine.plugged)
        return tuple(info for info in listed if info.transport not in self.failed_transports)

    def info(self, machine: Machine) -> DeviceInfo:
        """How a machine shows itself."""
        return DeviceInfo(machine.id, "Zoo scanner", "flatbed", transport=TRANSPORTS[machine.id], virtual=True)

    def failures(self) -> tuple[TransportFailure, ...]:
        """Ways of finding devices that did not work."""
        found = (TransportFailure(name, Code.ACCESS_DENIED, "no permission") for name in sorted(self.failed_transports))
        return (*self.build.failures, *found)

    def find(self, device_id: str) -> Machine:
        """The machine called *device_id*."""
        machine = self.machines.get(device_id)
        if machine is None:
            raise DeviceError(Code.NOT_FOUND, f"There is no {device_id!r}.", phase=Phase.OPEN)
        return machine

    async def open(self, device_id: str) -> ZooSession:
        """See the contract."""
        await trio.lowlevel.checkpoint()
        machine = self.find(device_id)
        if not machine.plugged:
            raise DeviceError(Code.NOT_FOUND, f"{device_id!r} is unplugged.", phase=Phase.OPEN)
        self.check_free(machine)
        fault = machine.strike(Verb.OPEN)
        if fault is not None and fault.kind is FaultKind.CRASH:
            raise DeviceError(Code.INTERNAL, "The driver crashed.", phase=Phase.OPEN)
        if fault is not None and fault.kind is FaultKind.HANG:
            await trio.sleep(fault.seconds or float("inf"))
            self.check_free(machine)
        machine.session = self.session(machine)
        return machine.session

    def check_free(self, machine: Machine) -> None:
        """Refuse a device that is open already, or that somebody else has."""
        if machine.session is not None or machine.busy():
            raise DeviceError(Code.BUSY, f"{machine.id!r} is open.", phase=Phase.OPEN)

    def session(self, machine: Machine) -> ZooSession:
        """A new session."""
        return self.build.session(self.build, machine, self.store(machine))

    def store(self, machine: Machine) -> Store:
        """The options after open: the defaults, or what was set last."""
        if machine.profile.caps.option_policy is OptionPolicy.DEFAULTS:
            return self.build.store(machine.profile)
        if machine.remembered is None:
            machine.remembered = self.build.store(machine.profile)
        return machine.remembered

    async def control(self, device_id: str) -> ZooControl:
        """See the contract."""
        await trio.lowlevel.checkpoint()
        machine = self.find(device_id)
        if not machine.profile.controlled:
            raise DeviceError(Code.UNSUPPORTED, "Nobody is there to load paper.", phase=Phase.CONTROL)
        return self.build.control(machine)


@dataclass(frozen=True)
class Build:
    """The parts of a machine. Calling it opens a backend; each call makes new machines."""

    profile: Profile = field(default_factory=Profile)
    backend: type[ZooBackend] = ZooBackend
    machine: type[Machine] = Machine
    store: type[Store] = Store
    session: type[ZooSession] = ZooSession
    job: type[ZooJob] = ZooJob
    page: type[ZooPage] = ZooPage
    control: type[ZooControl] = ZooControl
    failures: tuple[TransportFailure, ...] = ()
    nursery: trio.Nursery | None = None

    def spawn(self, function: Callable[..., Awaitable[Any]], *arguments: object) -> None:
        """Run something beside, until the backend ends."""
        assert self.nursery is not None
        self.nursery.start_soon(function, *arguments)

    def __call__(self) -> AbstractAsyncContextManager[ZooBackend]:
        """Open a backend with two machines, ``scanner`` and ``second``."""
        return self._open()

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[ZooBackend]:
        failure: Exception | None = None
        async with trio.open_nursery() as nursery:
            build = replace(self, nursery=nursery)
            try:
                yield build.backend(build)
            except Exception as error:  # noqa: BLE001  # raised below, as it was and not in a group
                failure = error
            nursery.cancel_scope.cancel()
        if failure is not None:
            raise failure


LEGAL = Build()

FINE = replace(
    LEGAL,
    profile=replace(
        LEGAL.profile,
        caps=replace(
            LEGAL_CAPS,
            sources=tuple(replace(source, resolutions=Choice((20, 50, 75, 100))) for source in LEGAL_CAPS.sources),
        ),
    ),
)
"""The legal scanner with a resolution above those that checks usually ask for."""


def legal_backend() -> AbstractAsyncContextManager[ZooBackend]:
    """A backend whose two devices, ``scanner`` and ``second``, keep every clause of the contract."""
    return LEGAL()


__all__ = ["FINE", "LEGAL", "SCANNER", "SECOND", "Build", "ZooBackend", "legal_backend"]
