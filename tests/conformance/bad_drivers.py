"""Drivers that do what no driver may, for ``--driver tests.conformance.bad_drivers:NAME``: each is the legal scanner with one bad habit."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import trio
import trio.lowlevel

from conformance.selftest import LEGAL
from conformance.selftest.build import ZooBackend
from conformance.selftest.job import ZooJob
from conformance.selftest.page import ZooPage
from conformance.selftest.session import ZooSession
from conformance.selftest.store import Store
from device_protocol import DeviceCaps, Event, EventKind, Option, PageParams, Range, Settings, Value, ValueType
from device_protocol.aio import EventStream
from tests.conformance.zoo_drivers import Factory

FLOOD = 100_000


class Abyss(BaseException):
    """No Exception at all."""


class Raises(ZooSession):
    """Raises something when it is asked what it can be set to in a job."""

    error: BaseException = KeyboardInterrupt("from the driver")

    async def reset(self, names: tuple[str, ...] | None = None) -> Any:
        """See the legal one."""
        raise self.error


def raising(raised: BaseException) -> type[ZooSession]:
    """A session that raises *raised* at a reset."""
    return type("Raising", (Raises,), {"error": raised})


class RaisesInTheBackground(ZooBackend):
    """Its own task raises what is no Exception."""

    async def open(self, device_id: str) -> ZooSession:
        """See the legal one."""

        async def fail() -> None:
            await trio.lowlevel.checkpoint()
            raise SystemExit(7)

        self.build.spawn(fail)
        return await super().open(device_id)


class Sleeps(ZooSession):
    """Waits for its hardware as if nobody else ran in the process."""

    async def start(self, *arguments: Any, **more: Any) -> ZooJob:
        """See the legal one."""
        time.sleep(3600)  # noqa: ASYNC251  # that is what is wrong with it
        return await super().start(*arguments, **more)


class Spins(ZooSession):
    """Polls its hardware without a pause."""

    async def get(self, name: str) -> Value:
        """See the legal one."""
        while True:
            pass


class SpinsAtOpen(ZooBackend):
    """Is busy from the first contact on."""

    async def open(self, device_id: str) -> ZooSession:
        """See the legal one."""
        while True:
            pass


class Shielded(ZooJob):
    """Waits for a page, whoever cancels it."""

    async def next_page(self) -> ZooPage | None:
        """See the legal one."""
        with trio.CancelScope(shield=True):
            await trio.sleep_forever()
        raise AssertionError("nobody gets here")


class Deaf(ZooSession):
    """Waits for a person in a status that never comes."""

    async def get(self, name: str) -> Value:
        """See the legal one."""
        await self._ask_the_firmware()
        return await super().get(name)

    async def _ask_the_firmware(self) -> None:
        await trio.sleep_forever()


class Floods(ZooSession):
    """Says everything a hundred thousand times."""

    def events(self) -> EventStream:
        """See the legal one."""
        stream = super().events()
        for number in range(FLOOD):
            stream.put(Event(EventKind.CONDITION, number, "again"))
        return stream


class Eternal(ZooPage):
    """Never comes to its end."""

    def at_end(self) -> None:
        """See the legal one."""

    def strip(self, max_bytes: int) -> bytes:
        """See the legal one."""
        return b"\0" * min(max_bytes, 1 << 16)


class Trickles(ZooPage):
    """Never comes to its end, byte by byte."""

    def at_end(self) -> None:
        """See the legal one."""

    def strip(self, max_bytes: int) -> bytes:
        """See the legal one."""
        return b"\0"


class EndlessJob(ZooJob):
    """Always has another page, even on the glass."""

    def glass(self) -> ZooPage | None:
        """See the legal one."""
        begun, self.begun = self.begun, 0
        page = super().glass()
        self.begun = begun
        return page

    def wanted(self) -> bool:
        """See the legal one."""
        return True


class Babel(ZooSession):
    """Has a million options."""

    many: tuple[Option, ...] = ()

    async def options(self) -> tuple[Option, ...]:
        """See the legal one."""
        if not Babel.many:
            one = Option("x", ValueType.BOOL, default=False)
            Babel.many = (one,) * 1_000_000
        return Babel.many


class Epic(Store):
    """Has a title as long as a book."""

    title = "x" * 3_000_000

    def describe(self) -> tuple[Option, ...]:
        """See the legal one."""
        first, *others = super().describe()
        return (replace(first, title=self.title), *others)


class Deep(ZooSession):
    """Calls itself."""

    async def get(self, name: str) -> Value:
        """See the legal one."""
        return await self.get(name)


class Nan(Store):
    """Knows no numbers."""

    def get(self, name: str) -> Value:
        """See the legal one."""
        return float("nan") if name == "resolution" else super().get(name)

    def params(self, paper_mm: float | None = None) -> PageParams:
        """See the legal one."""
        return replace(super().params(paper_mm), dpi_x=float("inf"), dpi_y=float("nan"))


class WideOpen(Store):
    """Has a range of which nobody sees the end."""

    def describe(self) -> tuple[Option, ...]:
        """See the legal one."""
        return tuple(
            replace(item, constraint=Range(0, float("inf"), 1e-300)) if item.name == "brightness" else item
            for item in super().describe()
        )


class Nothing(ZooBackend):
    """Answers nothing, whatever it is asked."""

    async def open(self, device_id: str) -> Any:
        """See the legal one."""

    async def control(self, device_id: str) -> Any:
        """See the legal one."""


class NoPages(ZooJob):
    """Has jobs in which there is nothing."""

    async def next_page(self) -> ZooPage | None:
        """See the legal one."""
        return None


class NoJob(ZooSession):
    """Starts nothing, and says so by nothing."""

    async def start(self, settings: Settings | None = None, *arguments: Any, **more: Any) -> Any:
        """See the legal one."""


class Liar(ZooSession):
    """Declares capabilities that are none."""

    async def caps(self) -> DeviceCaps:
        """See the legal one."""
        return replace(await super().caps(), sources=None, default_source=5)  # type: ignore[arg-type]  # that is the lie


BAD: Mapping[str, Any] = {
    "keyboard_interrupt": replace(LEGAL, session=raising(KeyboardInterrupt("from the driver"))),
    "system_exit": replace(LEGAL, session=raising(SystemExit(0))),
    "generator_exit": replace(LEGAL, session=raising(GeneratorExit())),
    "abyss": replace(LEGAL, session=raising(Abyss("deep"))),
    "group": replace(LEGAL, session=raising(BaseExceptionGroup("two", [Abyss(), ValueError("x")]))),
    "background": replace(LEGAL, backend=RaisesInTheBackground),
    "deaf": replace(LEGAL, session=Deaf),
    "floods": replace(LEGAL, session=Floods),
    "eternal": replace(LEGAL, page=Eternal),
    "trickles": replace(LEGAL, page=Trickles),
    "endless_job": replace(LEGAL, job=EndlessJob),
    "babel": replace(LEGAL, session=Babel),
    "epic": replace(LEGAL, store=Epic),
    "deep": replace(LEGAL, session=Deep),
    "nan": replace(LEGAL, store=Nan),
    "wide_open": replace(LEGAL, store=WideOpen),
    "nothing": replace(LEGAL, backend=Nothing),
    "no_pages": replace(LEGAL, job=NoPages),
    "no_job": replace(LEGAL, session=NoJob),
    "liar": replace(LEGAL, session=Liar),
}
"""By name, those that a limit in trio's time can judge."""

STUCK: Mapping[str, Any] = {
    "sleeps": replace(LEGAL, session=Sleeps),
    "spins": replace(LEGAL, session=Spins),
    "spins_at_open": replace(LEGAL, backend=SpinsAtOpen),
    "shielded": replace(LEGAL, job=Shielded),
}
"""Those that take the whole process with them."""

for _name, _build in {**BAD, **STUCK}.items():
    setattr(sys.modules[__name__], _name, Factory(_build))
