"""Control of devices, as far as the service goes: which there are, what can be done to them, and doing it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import structlog
import trio

from device_protocol import Code, DeviceError, DeviceInfo, control
from device_protocol.aio import Control
from device_protocol.vocabularies.rest import RestCode
from reference_server.control.models import ActionDone, ControlledDevice, DevicePanel, TimeAnswer
from reference_server.endpoints.call import Service
from reference_server.errors import RestError
from reference_server.scanners import display_name

log = structlog.get_logger("control")

_STATUS = {Code.NOT_FOUND: 404, Code.UNSUPPORTED: 400, Code.INVALID_VALUE: 400, Code.BUSY: 409, Code.WRONG_STATE: 409}
"""Statuses of refusals; everything else is a failure, 500."""


ADVANCE_S = 15.0
"""Real time of one request that advances time; what is left is for the next."""
PATIENCE_S = 2.0
"""Real time for a running job's next call; sessions are open only for jobs, and one whose pages nobody fetches costs it once."""
BEGIN_S = 5.0
"""Real time for jobs to reach their machines."""


class ControllingHost(Protocol):
    """A device host that reaches the surroundings of devices, too."""

    async def control(self, device_id: str) -> Control:
        """Control of a device, whether it is open or not."""
        ...


class DeviceDesk:
    """See the module. A device whose plug was pulled is remembered, so that it can be put back.

    Args:
        service: whose devices they are.

    Attributes:
        on_change: is told the id of a device to which something was done.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._seen: dict[str, DeviceInfo] = {}
        self.on_change: Callable[[str], None] = _nobody

    async def listed(self) -> list[ControlledDevice]:
        """The devices that there are now, and those that were unplugged."""
        await self._first_answers()
        there = self._look()
        return [_entry(device, there) for device in self._seen.values()]

    async def panel(self, device_id: str) -> DevicePanel:
        """What can be done to a device; nothing, where it cannot be controlled.

        Raises:
            RestError: 404.
        """
        with refusals():
            try:
                device = await self._control(device_id)
            except DeviceError as error:
                if error.code is not Code.UNSUPPORTED:
                    raise
                entry = _entry(self._seen[device_id], self._look())
                return DevicePanel(**entry.model_dump(), actions=[], faults=[], state=None)
            caps = await device.caps()
            state = await device.perform(control.REPORT) if control.REPORT in caps.actions else None
        return DevicePanel(
            **_entry(self._seen[device_id], self._look()).model_dump(),
            actions=sorted(caps.actions),
            faults=sorted(fault.value for fault in caps.faults),
            state=None if state is None else dict(state),
        )

    async def perform(self, device_id: str, action: str, arguments: Mapping[str, Any]) -> ActionDone:
        """Do *action* to a device.

        Raises:
            RestError: 404; 400 for an action it does not have, or wrong arguments; 409; 500.
        """
        with refusals():
            state = await (await self._control(device_id)).perform(action, arguments)
        if action not in control.LOOKS:
            log.info("device controlled", device=device_id, action=action)
            self.on_change(device_id)
        return ActionDone(device=device_id, action=action, state=dict(state))

    async def picture(self, device_id: str, entry: int, width: int | None) -> tuple[str, bytes]:
        """Type and file of a small picture of one of its last pages.

        Raises:
            RestError: 404, it is not kept any more; 400.
        """
        arguments = {"page": entry} if width is None else {"page": entry, "width": width}
        with refusals():
            shown = await (await self._control(device_id)).perform(control.PICTURE, arguments)
        return str(shown["type"]), base64.b64decode(shown["data"])

    async def watch(self, device_id: str, since: int, wait: float) -> tuple[list[str], int]:
        """Ids of devices of the same lab that have changed after *since*, and the number to ask with next time.

        Raises:
            RestError: 400 for a device that cannot say.
        """
        with refusals():
            answer = await (await self._control(device_id)).perform(control.WATCH, {"since": since, "wait": wait})
        lab = device_id.removesuffix(str(answer["device"]))
        return [f"{lab}{name}" for name in answer["changed"]], int(answer["next"])

    async def advance(self, seconds: float) -> TimeAnswer:
        """Let *seconds* pass for the virtual machines whose time is manual, as many as fit into :data:`ADVANCE_S`.

        Raises:
            RestError: 409, there are none.
        """
        await self._first_answers()
        left, woken, now = seconds, 0, 0.0
        with refusals():
            device = await self._with_manual_time()
            await self._jobs_begun(device)
            latest = trio.current_time() + ADVANCE_S
            while True:
                answer = await device.perform(control.ADVANCE, {"seconds": left, "patience": PATIENCE_S})
                now, left, woken = answer["now"], answer["left"], woken + answer["woken"]
                if left <= 0 or trio.current_time() >= latest:
                    break
        log.info("time advanced", seconds=seconds - left, woken=woken)
        return TimeAnswer(now=now, left=left, woken=woken)

    async def _jobs_begun(self, lab: Control) -> None:
        """Return when the jobs that were accepted wait for their machines, so that none of them misses its time; at the latest after :data:`BEGIN_S`."""
        with trio.move_on_after(BEGIN_S):
            for job in self._service.registry.jobs():
                device = job.request.device
                while device.virtual and not job.state.ended and not len(job.pages):
                    idle = (await lab.perform(control.ADVANCE, {"seconds": 0, "patience": PATIENCE_S}))["idle"]
                    if device.id.partition(":")[2] not in idle and await self._in_use(device.id):
                        break
                    await trio.sleep(0.01)

    async def _in_use(self, device_id: str) -> bool:
        try:
            return bool((await (await self._control(device_id)).perform(control.REPORT)).get("in_use", True))
        except DeviceError:
            return True  # nobody will get there

    async def _with_manual_time(self) -> Control:
        """A device of the lab whose time is manual; there is one lab in a service."""
        for device_id in self.virtual():
            try:
                device = await self._control(device_id)
                if control.ADVANCE in (await device.caps()).actions:
                    return device
            except DeviceError:  # cannot be controlled, or has just gone
                continue
        raise RestError(
            409, RestCode.PARAMETER, 'No device has manual time here; time = "manual" in the devices file gives it.'
        )

    def virtual(self) -> list[str]:
        """The ids of the virtual devices that are known, unplugged ones included."""
        self._look()
        return [device.id for device in self._seen.values() if device.virtual]

    async def reset_all(self) -> list[str]:
        """Put every virtual device back to its start; the ids of those that were."""
        await self._first_answers()
        self._look()
        done = []
        for device in self._seen.values():
            if not device.virtual:
                continue
            try:
                await (await self._control(device.id)).perform(control.RESET)
            except DeviceError as error:
                log.warning("a device was not reset", device=device.id, error=error.code.value, message=error.message)
            else:
                done.append(device.id)
        return done

    async def _first_answers(self) -> None:
        await self._service.host.first_answers(self._service.config.limits.first_answers_seconds)

    def _look(self) -> set[str]:
        """Remember what is there; the ids of it."""
        devices = self._service.devices()
        self._seen |= {device.id: device for device in devices}
        return {device.id for device in devices}

    async def _control(self, device_id: str) -> Control:
        if device_id not in self._look() and device_id not in self._seen:
            await self._first_answers()  # whoever sets the scene does so as soon as the service is ready
            self._look()
        if device_id not in self._seen:
            raise RestError(
                404,
                RestCode.UNKNOWN_DEVICE,
                f"There is no device {device_id[:200]!r}; GET /control/devices lists them.",
            )
        host: Any = self._service.host  # the service itself asks no more of a host than reference_server.host.Host
        controlling: ControllingHost = host
        return await controlling.control(device_id)


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what a device says into an answer.

    Raises:
        RestError: see :data:`_STATUS`.
    """
    try:
        yield
    except DeviceError as error:
        status = _STATUS.get(error.code, 500)
        code = RestCode.PARAMETER if status == 400 else error.rest_code
        raise RestError(status, code, error.message) from None


def _nobody(device_id: str) -> None:
    """Nobody wants to know."""


def _entry(device: DeviceInfo, there: set[str]) -> ControlledDevice:
    return ControlledDevice(
        id=device.id,
        name=display_name(device),
        kind=device.kind.value,
        virtual=device.virtual,
        there=device.id in there,
    )
