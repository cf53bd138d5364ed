"""Which faults the service has now. Doors, connections and endpoints ask it; flags, files and the control API set it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
import trio

from device_protocol.aio import DeviceClock
from reference_server.faults.profiles import FaultName, FaultSetting

log = structlog.get_logger("faults")


@dataclass(slots=True)
class Active:
    """A fault that is set.

    Attributes:
        setting: see there.
        left: how often it will strike yet; None: without end.
        until: time of the clock at which it is over; None: never.
        struck: how often it has.
    """

    setting: FaultSetting
    left: int | None
    until: float | None
    struck: int = 0


class Switchboard:
    """See the module. Each profile is set once at most; setting it again replaces it.

    Args:
        clock: service clock.
        faults: set from the start.
    """

    def __init__(self, clock: DeviceClock, faults: Iterable[FaultSetting] = ()) -> None:
        self.clock = clock
        self._active: dict[FaultName, Active] = {}
        self._changed = trio.Event()
        self.on_change: list[Callable[[], None]] = []
        for fault in faults:
            self.set(fault)

    def __bool__(self) -> bool:
        """Whether any fault is set; while none is, requests are not looked at."""
        return bool(self._active)

    def set(self, setting: FaultSetting) -> None:
        """Have that fault from now on."""
        now = self.clock.now()
        until = None if setting.lasts is None else now + setting.lasts
        self._active[setting.name] = Active(setting, setting.count, until)
        log.warning(
            "fault set", **{("fault" if key == "name" else key): value for key, value in setting.shown().items()}
        )
        self._tell()

    def clear(self, name: FaultName | None = None) -> bool:
        """Lift that fault, or all of them; whether there was any."""
        names = [name] if name is not None else list(self._active)
        there = [item for item in names if self._active.pop(item, None) is not None]
        if there:
            log.info("faults cleared", faults=[item.value for item in there])
            self._tell()
        return bool(there)

    def get(self, name: FaultName) -> FaultSetting | None:
        """The setting of a fault that the service has now; it is not counted."""
        active = self._active.get(name)
        if active is None or (active.until is not None and self.clock.now() >= active.until):
            return None
        return active.setting

    def strike(self, name: FaultName) -> FaultSetting | None:
        """The setting of a fault that strikes now; it is counted, and over with its last strike."""
        setting = self.get(name)
        if setting is None:
            return None
        active = self._active[name]
        active.struck += 1
        if active.left is not None:
            active.left -= 1
            if not active.left:
                self.clear(name)
        return setting

    def shown(self) -> list[Mapping[str, Any]]:
        """What is set, as JSON."""
        now = self.clock.now()
        return [
            {
                **active.setting.shown(),
                "struck": active.struck,
                "left": active.left,
                "seconds_left": None if active.until is None else round(max(0.0, active.until - now), 3),
            }
            for active in self._active.values()
        ]

    async def run(self) -> None:
        """Runs beside the service: lifts what has lasted long enough."""
        while True:
            changed = self._changed
            ends = [active.until for active in self._active.values() if active.until is not None]
            with trio.CancelScope() as scope:
                async with trio.open_nursery() as nursery:
                    if ends:
                        nursery.start_soon(self._end_at, min(ends), scope)
                    await changed.wait()
                    nursery.cancel_scope.cancel()

    async def _end_at(self, until: float, scope: trio.CancelScope) -> None:
        await self.clock.sleep(max(0.0, until - self.clock.now()))
        for name in [
            name for name, active in self._active.items() if active.until is not None and active.until <= until
        ]:
            self.clear(name)
        scope.cancel()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = trio.Event()
        for listener in self.on_change:
            listener()
