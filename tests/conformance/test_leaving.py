"""LIFE-08 also looks at what becomes of a backend that is left, and CANC-02 at a control that does not keep its word."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

import pytest
import trio

from conformance import Verdict, judge
from conformance.bench import OpenBackend
from conformance.selftest import LEGAL, SCANNER, legal_backend
from conformance.selftest.page import ZooPage
from device_protocol.aio import Backend
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
