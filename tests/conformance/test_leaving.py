"""What some checks look at besides their defects of the zoo: backends that are left or watched, and a control that does not keep its word."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

import pytest
import trio

from conformance import Verdict, judge
from conformance.bench import OpenBackend
from conformance.selftest import LEGAL, SCANNER, legal_backend
from conformance.selftest.build import ZooBackend
from conformance.selftest.page import ZooPage
from device_protocol import DeviceChange
from device_protocol.aio import Backend
from device_protocol.devices import ChangeKind
from device_protocol.testing import Jumper, run


def left(how: str) -> OpenBackend:
    """Opens the zoo's legal backend; at its end it hangs or raises."""

    @asynccontextmanager
    async def opening() -> AsyncIterator[Backend]:
        async with legal_backend() as backend:
            yield backend
        if how == "hangs":
            await trio.sleep_forever()
        raise RuntimeError("gone wrong")

    def opened() -> AbstractAsyncContextManager[Backend]:
        return opening()

    return opened


class NeverHangs(ZooPage):
    """Nothing strikes it."""

    async def strikes(self) -> None:
        """See the legal one."""
        await trio.lowlevel.checkpoint()


async def first_whole_then(opener: OpenBackend) -> Verdict:
    """The verdict on LIFE-08 of a device whose every backend but the first contact's ends as *opener* has it."""
    calls = 0

    def opened() -> AbstractAsyncContextManager[Backend]:
        nonlocal calls
        calls += 1
        return legal_backend() if calls <= 2 else opener()

    return (await judge(opened, SCANNER, {"LIFE-08"}))["LIFE-08"].verdict


@pytest.mark.parametrize("how", ["hangs", "raises"])
def test_a_backend_has_to_come_to_its_end(how: str) -> None:
    """One that hangs when it is left, and one that raises, break LIFE-08."""
    assert run(lambda: first_whole_then(left(how)), clock=Jumper()) is Verdict.FAIL


def test_a_hang_that_was_promised_has_to_come() -> None:
    """A virtual device that is told to hang and does not leaves CANC-02 untestable, and no pass that has seen nothing."""
    judged = run(lambda: judge(replace(LEGAL, page=NeverHangs), SCANNER, {"CANC-02"}), clock=Jumper())
    assert judged["CANC-02"].verdict is Verdict.UNTESTABLE


class Watched(ZooBackend):
    """The legal backend, and it can be watched; what is said can be wrong."""

    def watch(self) -> AsyncGenerator[DeviceChange, None]:
        """See the contract."""
        return self._changes()

    wrong = ""

    async def _changes(self) -> AsyncGenerator[DeviceChange, None]:
        known, revision = set(self.list()), 1
        yield DeviceChange(ChangeKind.LIST, revision, tuple(known))
        while True:
            await trio.sleep(0.1)
            now = set(self.list())
            if now == known or self.wrong == "deaf":
                continue
            revision += 2 if self.wrong == "revision" else 1
            kind = ChangeKind.GONE if known - now else ChangeKind.ARRIVED
            yield DeviceChange(kind, revision, tuple(known ^ now))
            known = now


class Deaf(Watched):
    """Says nothing after the list."""

    wrong = "deaf"


class Skips(Watched):
    """Leaves revisions out."""

    wrong = "revision"


@pytest.mark.parametrize(("kind", "verdict"), [(Watched, Verdict.PASS), (Deaf, Verdict.FAIL), (Skips, Verdict.FAIL)])
def test_who_watches_hears_of_removal(kind: type[ZooBackend], verdict: Verdict) -> None:
    """ERR-03: a backend that can be watched tells who goes and who comes, each with the next revision."""
    judged = run(lambda: judge(replace(LEGAL, backend=kind), SCANNER, {"ERR-03"}), clock=Jumper())
    assert judged["ERR-03"].verdict is verdict
