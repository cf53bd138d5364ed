"""Defects of errors."""

from __future__ import annotations

from dataclasses import replace

import trio

from conformance.programs import Command, Do
from conformance.selftest.build import ZooBackend
from conformance.selftest.defects.defect import (
    CLOSE,
    NEXT,
    OPEN,
    PAGE,
    READ_ALL,
    STATUS,
    act,
    defect,
    fault,
    get,
    start,
    steps,
)
from conformance.selftest.job import ZooJob
from conformance.selftest.machine import Machine
from conformance.selftest.page import ZooPage
from conformance.selftest.session import ZooSession
from conformance.selftest.store import Store
from device_protocol import (
    ALL,
    NATIVE,
    ApplyResult,
    Auto,
    Code,
    Delivery,
    DeviceError,
    FaultKind,
    JobState,
    Option,
    Phase,
    SessionState,
    SetResult,
    Settings,
    Value,
)
from device_protocol.states import JobHandle, PageHandle, Verb


class ForeignException(Store):
    """An unknown option is a KeyError."""

    def get(self, name: str) -> Value:
        """See the contract."""
        return self.values[name] if name not in {item.name for item in self.describe()} else super().get(name)

    def set(self, name: str, value: Value | Auto) -> SetResult:
        """See the contract."""
        if name not in {item.name for item in self.describe()}:
            raise KeyError(name)
        return super().set(name, value)


class GenericIo(ZooJob):
    """A jam is a broken transfer, though the caps declare that it is noticed."""

    def jam(self, phase: Phase, page: int) -> DeviceError:
        """See the contract."""
        super().jam(phase, page)
        return DeviceError(Code.OTHER, phase=phase, page=page)


class HangsWhenLost(ZooSession):
    """After the plug was pulled every call hangs."""

    async def get(self, name: str) -> Value:
        """See the contract."""
        if self.state is SessionState.LOST:
            await trio.sleep_forever()
        return await super().get(name)

    async def options(self) -> tuple[Option, ...]:
        """See the contract."""
        if self.state is SessionState.LOST:
            await trio.sleep_forever()
        return await super().options()


class ReadHangsWhenLost(ZooPage):
    """After the plug was pulled a read hangs."""

    async def read(self, max_bytes: int) -> bytes:
        """See the contract."""
        if self.state is PageHandle.LOST:
            await trio.sleep_forever()
        return await super().read(max_bytes)


class OnceLost(ZooSession):
    """Removal is reported once, and then the old options again."""

    told = False

    def refuse(self, verb: Verb) -> None:
        """See the contract."""
        if self.state is SessionState.LOST and self.told:
            return
        self.told = self.state is SessionState.LOST and verb is not Verb.STATUS
        super().refuse(verb)


class AlwaysRetryable(ZooSession):
    """Every error says that one may try again."""

    def standing(self, phase: Phase, page: int | None = None) -> None:
        """See the contract."""
        try:
            super().standing(phase, page)
        except DeviceError as error:
            error.retryable = True
            raise

    def check_target(self, pages: int | str) -> None:
        """See the contract."""
        try:
            super().check_target(pages)
        except DeviceError as error:
            error.retryable = True
            raise


class SwappedRefusals(ZooBackend):
    """An open device is UNSUPPORTED."""

    def check_free(self, machine: Machine) -> None:
        """See the contract."""
        try:
            super().check_free(machine)
        except DeviceError:
            raise DeviceError(Code.UNSUPPORTED, phase=Phase.OPEN) from None


class BusyForNever(ZooSession):
    """What it cannot do is BUSY."""

    async def start(
        self, settings: Settings | None = None, pages: int | str = ALL, delivery: Delivery = NATIVE
    ) -> ZooJob:
        """See the contract."""
        try:
            return await super().start(settings, pages, delivery)
        except DeviceError as error:
            if error.code is Code.INVALID_VALUE:
                raise DeviceError(Code.BUSY, phase=Phase.START) from None
            raise

    async def set(self, name: str, value: Value | Auto) -> SetResult:
        """See the contract."""
        try:
            return await super().set(name, value)
        except DeviceError as error:
            if error.code is Code.UNSUPPORTED:
                raise DeviceError(Code.BUSY, phase=Phase.OPTIONS) from None
            raise


class StaleJam(ZooSession):
    """A jam that is long gone comes back after a good scan."""

    jams = 0

    async def ready(self) -> None:
        """See the contract."""
        if self.job is not None and self.job.error is not None and self.job.error.code is Code.JAM:
            self.jams += 1
        if self.job is not None and self.job.terminal is JobState.COMPLETED and self.jams:
            self.jams = 0
            raise DeviceError(Code.JAM, phase=Phase.START)
        await super().ready()


class OrphanJob(ZooJob):
    """A job that an error has ended goes on existing."""

    def finish(self, state: JobState) -> None:
        """See the contract."""
        if state is not JobState.ABORTED:
            super().finish(state)

    def abort(self, error: DeviceError) -> None:
        """See the contract."""
        super().abort(error)
        if self.own is JobHandle.ABORTED:
            self.session.state = SessionState.PAGE_GAP


class OrphanBuffer(ZooJob):
    """A job that an error has ended keeps its buffer."""

    def buffered(self) -> int:
        """See the contract."""
        return super().buffered() if self.error is None else 1


class CrashHangs(ZooJob):
    """When the driver falls over, the call hangs."""

    async def feed(self) -> ZooPage | None:
        """See the contract."""
        if any(item.kind is FaultKind.CRASH for item in self.machine.faults):
            await trio.sleep_forever()
        return await super().feed()


class CrashPage(ZooPage):
    """The page of CrashHangs."""

    async def strikes(self) -> None:
        """See the contract."""
        if any(item.kind is FaultKind.CRASH for item in self.machine.faults):
            await trio.sleep_forever()
        await super().strikes()


class DiesMidway(Store):
    """Takes an area that is too large, and gives up in the middle of the page."""

    too_large = False

    def apply(self, settings: Settings) -> ApplyResult:
        """See the contract."""
        area, source = settings.area, self.source
        self.too_large = area is not None and (area.right > source.width_mm + 1 or area.bottom > source.height_mm + 1)
        return super().apply(replace(settings, area=None) if self.too_large else settings)


class DyingPage(ZooPage):
    """The page of DiesMidway."""

    def strip(self, max_bytes: int) -> bytes:
        """See the contract."""
        store = self.job.session.store
        if self.position and isinstance(store, DiesMidway) and store.too_large:
            raise DeviceError(Code.NO_MEMORY, phase=Phase.READ)
        return super().strip(min(max_bytes, 1000))


JAM_FIRST = (fault("jam", sheet=1), OPEN, start("Feeder"), NEXT)

DEFECTS = (
    defect(
        "foreign-exception",
        "ERR-01",
        "an unknown option is a KeyError",
        steps(OPEN, get("nothing")),
        store=ForeignException,
    ),
    defect("generic-io", "ERR-02", "a jam is some error", steps(JAM_FIRST), job=GenericIo),
    defect(
        "hangs-when-lost",
        "ERR-03",
        "calls hang after the plug was pulled",
        steps(OPEN, act("unplug"), get("lamp")),
        session=HangsWhenLost,
        page=ReadHangsWhenLost,
    ),
    defect(
        "once-lost",
        "ERR-03",
        "removal is reported only once",
        steps(OPEN, act("unplug"), get("lamp"), get("lamp")),
        session=OnceLost,
    ),
    defect(
        "always-retryable",
        "ERR-04",
        "an empty feeder says: try again",
        steps(act("unload"), OPEN, start("Feeder")),
        session=AlwaysRetryable,
    ),
    defect("swapped-refusals", "ERR-05", "an open device is UNSUPPORTED", steps(OPEN, OPEN), backend=SwappedRefusals),
    defect("busy-for-never", "ERR-05", "what it cannot do is BUSY", steps(OPEN, start(pages=0)), session=BusyForNever),
    defect(
        "stale-jam",
        "ERR-06",
        "an old jam comes back after a good scan",
        steps(JAM_FIRST, act("clear-jam"), start(pages=1), PAGE, NEXT, start()),
        session=StaleJam,
    ),
    defect("orphan-job", "ERR-07", "an error leaves a job", steps(JAM_FIRST, STATUS), job=OrphanJob),
    defect("orphan-buffer", "ERR-07", "an error leaves a buffer", steps(JAM_FIRST, STATUS), job=OrphanBuffer),
    defect(
        "crash-hangs",
        "ERR-08",
        "a crash is a hang",
        steps(fault("crash"), OPEN, start(), NEXT, READ_ALL, CLOSE),
        job=CrashHangs,
        page=CrashPage,
    ),
    defect(
        "dies-midway",
        "ERR-09",
        "takes too large an area, and fails in the page",
        steps(OPEN, Command(Do.START, value={"settings": {"area": [0, 0, 5000, 5000]}}), NEXT, READ_ALL),
        store=DiesMidway,
        page=DyingPage,
    ),
)
