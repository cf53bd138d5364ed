"""The status port with its control API over a laboratory, in the same trio run."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trio

from device_protocol import Code, ControlCaps, DeviceError, FaultKind, Phase
from device_protocol.aio import RealClock
from reference_server.access.facts import FactFinder
from reference_server.config import Limits
from reference_server.control.api import ControlApi
from reference_server.control.laboratory import Laboratory
from reference_server.status.application import StatusApplication
from reference_server.status.figures import StatusSource
from reference_server.wire.connections import Connections
from reference_server.wire.descriptors import budget
from tests.reference_server.client import Client, Lab, Reply, lab
from tests.reference_server.fakes import FakeHost


@dataclass
class FakeControl:
    """Control of a device: what was done to it."""

    done: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    async def caps(self) -> ControlCaps:
        return ControlCaps(frozenset({"load", "reset", "report"}), frozenset({FaultKind.JAM}))

    async def perform(self, action: str, arguments: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        if action not in (await self.caps()).actions:
            raise DeviceError(Code.UNSUPPORTED, f"The device has no action {action!r}.", phase=Phase.CONTROL)
        if (arguments or {}).get("count", 1) < 1:
            raise DeviceError(Code.INVALID_VALUE, "count must be at least 1", phase=Phase.CONTROL)
        self.done.append((action, dict(arguments or {})))
        return {"hopper": len(self.done)}


class ControlledHost(FakeHost):
    """A host whose feeder can be controlled."""

    def __init__(self) -> None:
        super().__init__()
        self.feeder = FakeControl()

    async def control(self, device_id: str) -> FakeControl:
        if device_id != "virtual:feeder":
            raise DeviceError(Code.UNSUPPORTED, "This device has no control.", phase=Phase.CONTROL)
        return self.feeder


@dataclass
class StatusLab:
    """Both ports."""

    api: Lab
    status: Client
    laboratory: Laboratory
    host: ControlledHost

    async def ask(self, method: str, path: str, body: object = None, **headers: str) -> Reply:
        """A request to the control API, with its token."""
        token = {"Authorization": f"Bearer {self.laboratory.token}"}
        return await self.status.request(method, f"/control{path}", body, token | headers)


@asynccontextmanager
async def status_lab(folder: Path, **changes: Any) -> AsyncIterator[StatusLab]:
    """A service with both ports."""
    host = ControlledHost()
    async with lab(folder, host, **changes) as it, trio.open_nursery() as nursery:
        connections = Connections(budget(10_000, Limits()), 10)
        laboratory = Laboratory(it.service, connections, RealClock(), None)
        it.client.application.recorder = laboratory.recorder
        nursery.start_soon(laboratory.run)
        facts = FactFinder(it.config, changes.get("token"), lambda _client, _server: None)
        control = (ControlApi(laboratory).endpoints, laboratory.token)
        client = Client(
            StatusApplication(it.service, facts, StatusSource(it.service, {}, it.client.application.answered), control)
        )
        client.host, client.server = "127.0.0.1:18625", ("127.0.0.1", 18625)
        yield StatusLab(it, client, laboratory, host)
        nursery.cancel_scope.cancel()
