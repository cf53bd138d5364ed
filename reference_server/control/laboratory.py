"""Everything that lab mode adds to a service, made in one place. The locked mode does not import this module."""

from __future__ import annotations

import secrets

import structlog
import trio

from device_protocol.aio import DeviceClock
from reference_server.control.clients import ClientBook
from reference_server.control.devices import DeviceDesk
from reference_server.control.news import News, device_topic
from reference_server.control.recorder import Recorder
from reference_server.endpoints.call import Service
from reference_server.faults.doors import Doors
from reference_server.faults.profiles import FaultName, FaultSetting, parse_fault
from reference_server.faults.requests import RequestFaults
from reference_server.faults.switchboard import Switchboard
from reference_server.tls.broken import BreakableTls
from reference_server.tls.keeper import Keeper
from reference_server.wire.connections import Connections
from reference_server.wire.doorway import Doorway

log = structlog.get_logger("laboratory")

TOKEN_BYTES = 24


class Laboratory:
    """See the module.

    Args:
        service: is given its faults.
        connections: of all doors.
        clock: service clock.
        keeper: of the certificates; None when no door speaks TLS.
        token: of the control API; None makes one.

    Attributes:
        service: see there.
        token: of the control API.
        faults: of the service.
        tls: of the https door of the API; None when no door speaks TLS.
        recorder: of the API's requests.
        clients: what each of them did wrong.
        devices: their control.
        news: what has changed, for pages that stay current.
    """

    def __init__(
        self,
        service: Service,
        connections: Connections,
        clock: DeviceClock,
        keeper: Keeper | None,
        token: str | None = None,
    ) -> None:
        self.service = service
        self.token = token or secrets.token_urlsafe(TOKEN_BYTES)
        self.faults = Switchboard(clock)
        self.tls = None if keeper is None else BreakableTls(keeper)
        self.recorder = Recorder()
        self.clients = ClientBook(service.registry.find)
        self.recorder.on_end = self.clients.note
        self.devices = DeviceDesk(service)
        self.news = News(service.registry.events, self.devices)
        self.devices.on_change = self._device_changed
        self._doors = Doors(self.faults, connections)
        self.faults.on_change += [self._break_tls, self.news.mark_service]
        service.faults = RequestFaults(self.faults)
        self._set_first_faults()

    def add_doorway(self, doorway: Doorway) -> None:
        """A door of the API, which has faults from now on."""
        self._doors.add(doorway)

    def _break_tls(self) -> None:
        fault = self.faults.get(FaultName.BAD_TLS)
        if self.tls is not None:
            self.tls.set(None if fault is None else fault.tls)

    def set_fault(self, setting: FaultSetting) -> None:
        """Have a fault from now on."""
        self.faults.set(setting)

    async def run(self) -> None:
        """Runs beside the service."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self.news.run)
            await self.faults.run()

    def _device_changed(self, device_id: str) -> None:
        self.news.mark(device_topic(device_id))

    async def reset(self) -> tuple[int, list[str]]:
        """Put everything back to the start, save documents, which belong to those who made them.

        Returns:
            How many jobs were removed, and the ids of the devices that were reset.
        """
        service = self.service
        self.faults.clear()
        service.consent.forget()
        service.log_level.set(service.config.log_level)
        jobs = service.registry.jobs()
        for job in jobs:
            await service.registry.remove(job)
        with trio.move_on_after(service.config.limits.close_seconds):
            for job in jobs:
                await job.released.wait()
        service.registry.last_device = None
        devices = await self.devices.reset_all()
        self._set_first_faults()
        self.recorder.clear()
        self.clients.clear()
        log.info("reset", jobs=len(jobs), devices=devices)
        return len(jobs), devices

    def _set_first_faults(self) -> None:
        for text in self.service.config.faults:
            self.faults.set(parse_fault(text))
