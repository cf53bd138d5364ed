"""Drivers that nobody installed, for ``--driver module:factory``: devices of the zoo."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Any

import trio

from conformance.selftest import LEGAL, Build, legal_backend
from conformance.selftest.build import ZooBackend
from conformance.selftest.defects import DEFECTS
from conformance.selftest.family import FAMILY
from conformance.selftest.page import ZooPage
from conformance.selftest.session import ZooSession
from conformance.selftest.store import Store
from device_protocol import Code, DeviceError, Option, Value
from device_protocol.aio import Backend


class OffByOne(Store):
    """Stores another number than it reports (SET-01)."""

    def get(self, name: str) -> Value:
        """See the contract."""
        value = super().get(name)
        return value - 1 if name == "panel-light" and isinstance(value, int) and value > 5 else value


class Hanging(ZooSession):
    """Never says what it is set to."""

    async def get(self, name: str) -> Value:
        """See the contract."""
        await trio.sleep_forever()


class Foreign(ZooSession):
    """Fails with an exception of its own."""

    async def options(self) -> tuple[Option, ...]:
        """See the contract."""
        raise KeyError("no options today")


class LateForeign(ZooSession):
    """Fails with an exception of its own when it is reset."""

    async def reset(self, names: tuple[str, ...] | None = None) -> Any:
        """See the contract."""
        raise ZeroDivisionError("reset")


class Eternal(ZooPage):
    """Never comes to its end."""

    def at_end(self) -> None:
        """See the contract."""

    def strip(self, max_bytes: int) -> bytes:
        """See the contract."""
        return b"\0" * min(max_bytes, 1 << 16)


class Refusing(ZooBackend):
    """Opens nothing."""

    async def open(self, device_id: str) -> ZooSession:
        """See the contract."""
        raise DeviceError(Code.ACCESS_DENIED, "Not for you.")


OFF_BY_ONE = replace(LEGAL, store=OffByOne)
HANGING = replace(LEGAL, session=Hanging)
FOREIGN = replace(LEGAL, session=Foreign)
LATE_FOREIGN = replace(LEGAL, session=LateForeign)
REFUSING = replace(LEGAL, backend=Refusing)


class Factory:
    """The factory of a driver in trio form."""

    form = "trio"

    def __init__(self, build: Build) -> None:
        self._build = build

    def __call__(self, config: Mapping[str, Any]) -> AbstractAsyncContextManager[Backend]:
        """Open it."""
        return self._build()


legal = Factory(LEGAL)
off_by_one = Factory(OFF_BY_ONE)
refusing = Factory(REFUSING)


@asynccontextmanager
async def breaks_down() -> AsyncIterator[Backend]:
    """A backend whose own task fails after a while."""

    async def fail() -> None:
        raise OSError("the bus is gone")

    async with trio.open_nursery() as nursery, legal_backend() as backend:
        nursery.start_soon(fail)
        yield backend


alone = Factory(FAMILY["no-control"])


def close_once(config: Mapping[str, Any]) -> AbstractAsyncContextManager[Backend]:
    """A factory: a second close is refused (LIFE-05)."""
    del config
    (defect,) = [item for item in DEFECTS if item.name == "second-close"]
    return defect.build()


close_once.form = "trio"  # type: ignore[attr-defined]  # a factory says its form so
