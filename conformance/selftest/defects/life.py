"""Defects of the life of a session."""

from __future__ import annotations

import trio

from conformance.programs import Command, Do
from conformance.selftest.build import ZooBackend
from conformance.selftest.defects.defect import (
    CLOSE,
    NEXT,
    OPEN,
    OPTIONS,
    STATUS,
    defect,
    get,
    put,
    start,
    steps,
)
from conformance.selftest.job import ZooJob
from conformance.selftest.machine import Machine
from conformance.selftest.page import ZooPage
from conformance.selftest.session import ZooSession
from conformance.selftest.store import Store
from device_protocol import Code, DeviceError, Phase, SessionState
from device_protocol.legality import refuse
from device_protocol.states import JobHandle, PageHandle, Verb


class OpensArmed(ZooBackend):
    """A new session has a job already."""

    def session(self, machine: Machine) -> ZooSession:
        """See the contract."""
        session = super().session(machine)
        session.job = self.build.job(session, "all")
        session.state = SessionState.ARMED
        return session


class StealsSession(ZooBackend):
    """A second open takes the device away from the first."""

    def check_free(self, machine: Machine) -> None:
        """See the contract."""
        if machine.session is not None:
            machine.session.end_job()
            machine.session.state = SessionState.CLOSED
        elif machine.busy():
            super().check_free(machine)


class OpensTwice(ZooBackend):
    """An exclusive device can be opened twice."""

    def check_free(self, machine: Machine) -> None:
        """See the contract."""
        if machine.session is None:
            super().check_free(machine)


class StickyFailure(ZooBackend):
    """After a failed open no open ever works again."""

    failed = False

    def check_free(self, machine: Machine) -> None:
        """See the contract."""
        try:
            super().check_free(machine)
        except DeviceError:
            self.failed = True
            raise
        if self.failed:
            raise DeviceError(Code.BUSY, phase=Phase.OPEN)


class HangsWhileReading(ZooSession):
    """close hangs while a page is being read."""

    async def close(self) -> None:
        """See the contract."""
        if self.state is SessionState.TRANSFERRING:
            await trio.sleep_forever()
        await super().close()


class KeepsDevice(ZooSession):
    """close during a job does not give the device back."""

    running = False

    def end_job(self) -> None:
        """See the contract."""
        self.running = self.state is not SessionState.IDLE
        super().end_job()

    def give_back(self) -> None:
        """See the contract."""
        if not self.running:
            super().give_back()


class SecondCloseRaises(ZooSession):
    """close is not idempotent."""

    async def close(self) -> None:
        """See the contract."""
        if self.state is SessionState.CLOSED:
            raise DeviceError(Code.CLOSED, phase=Phase.CLOSE)
        await super().close()


class StaleHandle(ZooSession):
    """A closed session still answers."""

    def refuse(self, verb: Verb) -> None:
        """See the contract."""
        if self.state is not SessionState.CLOSED or verb is Verb.START:
            super().refuse(verb)


class StalePage(ZooPage):
    """A page can be read after its session was closed."""

    def refuse(self, verb: Verb) -> None:
        """See the contract."""
        if self.state is not PageHandle.CLOSED:
            super().refuse(verb)


class SkipsPage(ZooJob):
    """next_page in the middle of a page is accepted."""

    def refuse(self, verb: Verb) -> None:
        """See the contract."""
        if self.state is not JobHandle.TRANSFERRING:
            super().refuse(verb)


class RefusalMutates(ZooJob):
    """A refused next_page throws away the rest of the page."""

    def refuse(self, verb: Verb) -> None:
        """See the contract."""
        if verb is Verb.NEXT_PAGE and self.state is JobHandle.TRANSFERRING and self.page is not None:
            self.page.cut = self.page.position
        refuse(verb, self.state)


class SlotLeak(ZooBackend):
    """Each open uses up a slot for ever; there are 64."""

    opened = 0

    def check_free(self, machine: Machine) -> None:
        """See the contract."""
        super().check_free(machine)
        self.opened += 1
        if self.opened > 64:
            raise DeviceError(Code.BUSY, phase=Phase.OPEN)


class GlobalState(ZooBackend):
    """All devices share their options."""

    shared: Store | None = None

    def store(self, machine: Machine) -> Store:
        """See the contract."""
        if self.shared is None or all(item.session is None for item in self.machines.values()):
            self.shared = super().store(machine)
        return self.shared


class PolicyLies(ZooBackend):
    """Declares defaults after open, and remembers."""

    def store(self, machine: Machine) -> Store:
        """See the contract."""
        if machine.remembered is None:
            machine.remembered = super().store(machine)
        return machine.remembered


DEFECTS = (
    defect("opens-armed", "LIFE-01", "a new session has a job", steps(OPEN, STATUS), backend=OpensArmed),
    defect(
        "steals-session",
        "LIFE-02",
        "a second open takes the device away",
        steps(OPEN, OPEN, STATUS),
        backend=StealsSession,
    ),
    defect("opens-twice", "LIFE-02", "an exclusive device opens twice", steps(OPEN, OPEN), backend=OpensTwice),
    defect(
        "sticky-failure",
        "LIFE-03",
        "after a failed open none works again",
        steps(OPEN, OPEN, CLOSE, OPEN),
        backend=StickyFailure,
    ),
    defect(
        "close-hangs",
        "LIFE-04",
        "close hangs while a page is read",
        steps(OPEN, start(), NEXT, CLOSE),
        session=HangsWhileReading,
    ),
    defect(
        "close-keeps-device",
        "LIFE-04",
        "close during a job does not give the device back",
        steps(OPEN, start(), CLOSE, OPEN),
        session=KeepsDevice,
    ),
    defect("second-close", "LIFE-05", "the second close raises", steps(OPEN, CLOSE, CLOSE), session=SecondCloseRaises),
    defect("stale-handle", "LIFE-06", "a closed session answers", steps(OPEN, CLOSE, OPTIONS), session=StaleHandle),
    defect(
        "stale-page",
        "LIFE-06",
        "a page can be read after close",
        steps(OPEN, start(), NEXT, CLOSE, Command(Do.READ, value=10)),
        page=StalePage,
    ),
    defect(
        "skips-page",
        "LIFE-07",
        "next_page is accepted in the middle of a page",
        steps(OPEN, start("Feeder"), NEXT, NEXT),
        job=SkipsPage,
    ),
    defect(
        "refusal-mutates",
        "LIFE-07",
        "a refused next_page throws the rest of the page away",
        steps(OPEN, start(), NEXT, NEXT, Command(Do.READ_TO_END, value=[4096])),
        job=RefusalMutates,
    ),
    defect(
        "slot-leak",
        "LIFE-08",
        "after 64 sessions no slot is left",
        steps(*((OPEN, CLOSE) for _ in range(65))),
        backend=SlotLeak,
    ),
    defect(
        "global-state",
        "LIFE-09",
        "all devices share their options",
        steps(OPEN, Command(Do.OPEN, on=1), put("lamp", False), Command(Do.GET, "lamp", on=1)),
        backend=GlobalState,
    ),
    defect(
        "policy-lies",
        "LIFE-10",
        "declares defaults after open, and remembers",
        steps(OPEN, put("lamp", False), CLOSE, OPEN, get("lamp")),
        backend=PolicyLies,
    ),
)
