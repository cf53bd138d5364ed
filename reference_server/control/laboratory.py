"""Everything that lab mode adds to a service, made in one place. The locked mode does not import this module."""

from __future__ import annotations

import trio

from device_protocol.aio import DeviceClock
from reference_server.connections import Connections
from reference_server.doorway import Doorway
from reference_server.endpoints.call import Service
from reference_server.faults.doors import Doors
from reference_server.faults.profiles import FaultName, parse_fault
from reference_server.faults.requests import RequestFaults
from reference_server.faults.switchboard import Switchboard
from reference_server.tls.broken import BreakableTls
from reference_server.tls.keeper import Keeper


class Laboratory:
    """See the module.

    Args:
        service: is given its faults.
        connections: of all doors.
        clock: service clock.
        keeper: of the certificates; None when no door speaks TLS.

    Attributes:
        service: see there.
        faults: of the service.
        tls: of the https door of the API; None when no door speaks TLS.
    """

    def __init__(self, service: Service, connections: Connections, clock: DeviceClock, keeper: Keeper | None) -> None:
        self.service = service
        self.faults = Switchboard(clock)
        self.tls = None if keeper is None else BreakableTls(keeper)
        self._doors = Doors(self.faults, connections)
        self.faults.on_change.append(self._break_tls)
        service.faults = RequestFaults(self.faults)
        for text in service.config.faults:
            self.faults.set(parse_fault(text))

    def add_doorway(self, doorway: Doorway) -> None:
        """A door of the API, which has faults from now on."""
        self._doors.add(doorway)

    def _break_tls(self) -> None:
        fault = self.faults.get(FaultName.BAD_TLS)
        if self.tls is not None:
            self.tls.set(None if fault is None else fault.tls)

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Runs beside the service."""
        task_status.started()
        await self.faults.run()
