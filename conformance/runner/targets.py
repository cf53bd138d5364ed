"""Targets: what is to be judged, and how it is opened."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from conformance.bench import OpenBackend
from device_host import Isolation, open_backend
from device_host.loading import load_driver
from device_host.resolve import resolve
from device_protocol import DeviceError, Form, split_id
from device_protocol.aio import Backend, guard
from device_protocol.testing import Jumper

UNDER_CHECK: Mapping[str, Mapping[str, Any]] = {
    "virtual": {"time": "instant"},
}
"""How drivers that have a choice are set up for a check, unless the caller says otherwise: virtual machines need not take their time."""

KEEP_HOLDS = frozenset({"virtual", "replay"})
"""Drivers that take a hold (``device_protocol.aio.hold``) whenever they wait for something outside trio, so that a clock may jump: a hang costs no time."""


class UsageError(ValueError):
    """What was asked for makes no sense; says what to write instead (exit status 2)."""


@dataclass(frozen=True, slots=True)
class Target:
    """A device to judge.

    Attributes:
        driver: entry point, or ``module:factory`` of a driver that nobody installed.
        device: native id.
        config: for the driver; plain data.
        isolation: where the driver runs.
        guarded: put the guard of the contract in front, which judges driver and guard together, as services use them.
    """

    driver: str
    device: str
    config: Mapping[str, Any] = field(default_factory=dict)
    isolation: Isolation = Isolation.AUTO
    guarded: bool = False

    @property
    def name(self) -> str:
        """As one would type it."""
        return f"{self.driver}:{self.device}"

    def opener(self) -> OpenBackend:
        """Opens a new backend each time it is called."""

        def opened() -> AbstractAsyncContextManager[Backend]:
            return self._open()

        return opened

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[Backend]:
        async with open_backend(self.driver, self.config, isolation=self.isolation) as backend:
            yield guard(backend) if self.guarded else backend

    def in_process(self) -> bool:
        """Whether the driver runs in this process, so that opening a backend is cheap.

        Raises:
            DeviceError: there is no such driver.
        """
        if self.isolation is Isolation.HOSTED:
            return False
        return load_driver(resolve(self.driver).text, self.driver).form is Form.TRIO

    def clock(self) -> Jumper | None:
        """The clock to judge it by: one that jumps where the driver runs here and is known to allow that; None for real time."""
        return Jumper() if self.driver in KEEP_HOLDS and self.isolation is not Isolation.HOSTED else None

    def as_data(self) -> dict[str, Any]:
        """For a replay file."""
        return {
            "driver": self.driver,
            "device": self.device,
            "config": dict(self.config),
            "isolation": self.isolation.value,
            "guarded": self.guarded,
        }


def make_target(
    device: str,
    *,
    driver: str | None = None,
    config: Mapping[str, Any] | None = None,
    hosted: bool = False,
    guarded: bool = False,
) -> Target:
    """The target of a command line.

    Args:
        device: ``ENTRYPOINT:NATIVE_ID``; with *driver*, the native id alone.
        driver: ``module:factory`` of a driver that is not installed.
        config: for the driver, on top of what suits a check.
        hosted: run the driver in a worker even if it could run here.
        guarded: see :class:`Target`.

    Raises:
        UsageError: *device* is no id.
    """
    if driver is None:
        try:
            driver, device = split_id(device)
        except DeviceError as error:
            raise UsageError(f"{error.message} With --driver module:factory the native id alone is enough.") from None
    elif not device:
        raise UsageError("which device of the driver? Give its native id.")
    settled = {**UNDER_CHECK.get(driver, {}), **(config or {})}
    return Target(driver, device, settled, Isolation.HOSTED if hosted else Isolation.AUTO, guarded)


def target_from_data(data: object) -> Target:
    """The target in a replay file.

    Raises:
        UsageError: it is none.
    """
    if not isinstance(data, Mapping):
        raise UsageError("the replay file names no target")
    driver, device, config = data.get("driver"), data.get("device"), data.get("config", {})
    if not (isinstance(driver, str) and driver and isinstance(device, str) and device and isinstance(config, Mapping)):
        raise UsageError("the replay file's target has no driver, device or config")
    try:
        isolation = Isolation(data.get("isolation", Isolation.AUTO.value))
    except ValueError as error:
        raise UsageError(f"the replay file's target: {error}") from None
    return Target(driver, device, dict(config), isolation, data.get("guarded") is True)
