"""The engine: runs the planned checks one after the other and gives each requirement its verdict."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace

import trio

from conformance.bench import Bench, Budget, Limits, Log, OpenBackend, Scan, ScanSpec
from conformance.checks import CHECKS, Check
from conformance.foreign import foreign
from conformance.outcomes import HarnessError, Outcome, leaf
from conformance.requirements import REQUIREMENTS, Facts, Requirement
from conformance.runner.deciding import decided, verdict_of
from conformance.runner.events import CheckStarted, Evidence, Handler
from conformance.verdicts import Judgement, Verdict
from device_protocol import DeviceError
from device_protocol.aio import Backend

CHECK_LIMIT = 900.0
"""Trio seconds after which a whole check is given up, whatever its single verbs did."""


class _ToldBadlyError(Exception):
    """Whoever is told of a verdict or an event broke: it must not look like a fault of the backend, in whose block it happens."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


def _tell(done: Callable[[Judgement], None], judgement: Judgement) -> None:
    try:
        done(judgement)
    except Exception as error:
        raise _ToldBadlyError(error) from error


class Engine:
    """One run on one device.

    Attributes:
        hurt: whether the last check left the backend in a state in which it should not be used again.
    """

    def __init__(
        self,
        open_backend: OpenBackend,
        device_id: str,
        facts: Facts,
        *,
        log: Log,
        budget: Budget,
        limits: Limits,
        seed: int,
        emit: Handler,
        fresh: bool = True,
    ) -> None:
        self._open_backend = open_backend
        self._device_id = device_id
        self._facts = facts
        self._log = log
        self._budget = budget
        self._limits = limits
        self._seed = seed
        self._emit = emit
        self._fresh = fresh
        self._shared: dict[ScanSpec, Scan] = {}
        self.hurt = False

    async def run(self, ids: Iterable[str], done: Callable[[Judgement], None]) -> None:
        """Judge *ids* in order; *done* gets each verdict as it comes.

        On a fresh backend each, so that no check inherits what another did; or on one backend for as long as it is healthy.
        """
        waiting = list(ids)
        while waiting:
            shortage = self._budget.shortage()
            if shortage is not None:
                for name in waiting:
                    done(decided(REQUIREMENTS[name], Verdict.NOT_CHECKED, shortage, self._log))
                return
            batch = waiting[:1] if self._fresh else waiting
            finished = await self._run_on_one_backend(batch, done)
            waiting = waiting[max(1, finished) :]

    async def _run_on_one_backend(self, ids: list[str], done: Callable[[Judgement], None]) -> int:
        """Judge as many of *ids* as the backend survives; says how many."""
        finished = 0
        current = ids[0]
        self.hurt = False
        try:
            with trio.CancelScope() as scope:
                async with self._open_backend() as backend:
                    for current in ids:
                        judgement = await self._judge(current, backend)
                        _tell(done, judgement)
                        finished += 1
                        if self.hurt or self._budget.shortage() is not None:
                            break
                    scope.deadline = trio.current_time() + self._limits.slow
        except BaseException as error:  # whatever a backend raises on its way in or out, the run goes on
            if not foreign(error):
                raise
            cause = leaf(error)
            if isinstance(cause, _ToldBadlyError):
                raise cause.error from cause
            if isinstance(cause, HarnessError):
                raise cause from None
            if finished == 0:
                row = REQUIREMENTS[current]
                done(decided(row, Verdict.UNTESTABLE, f"the backend failed: {cause!r}", self._log))
                finished = 1
        return finished

    async def _judge(self, requirement: str, backend: Backend) -> Judgement:
        row = REQUIREMENTS[requirement]
        check = CHECKS[requirement]
        self._log.begin_check(requirement)
        self._emit(CheckStarted(requirement, check.name))
        bench = Bench(
            self._open_backend,
            backend,
            self._device_id,
            self._facts,
            row,
            log=self._log,
            budget=self._budget,
            limits=self._limits,
            shared=self._shared,
            seed=self._seed,
            note=lambda text: self._emit(Evidence(requirement, text)),
        )
        began = time.monotonic()
        judgement = await self._verdict(row, check, bench)
        await self._tidy(bench)
        self.hurt = self.hurt or bench.hung
        return replace(judgement, seconds=time.monotonic() - began)

    async def _verdict(self, row: Requirement, check: Check[Bench], bench: Bench) -> Judgement:
        try:
            with trio.move_on_after(CHECK_LIMIT) as scope:
                await check.run(bench)
            if scope.cancelled_caught:
                return decided(row, Verdict.UNTESTABLE, f"not finished after {CHECK_LIMIT:g} s", self._log)
        except HarnessError as error:
            raise _ToldBadlyError(error) from error
        except Exception as error:  # noqa: BLE001  # a check may end in any way; the verdict says whose fault it is
            return verdict_of(row, leaf(error), self._log)
        return decided(row, Verdict.PASS, "", self._log)

    async def _tidy(self, bench: Bench) -> None:
        """Leave the device as it was found; what fails here shows in later checks, which find it as it is."""
        try:
            with trio.move_on_after(self._limits.slow * 2) as scope:
                await bench.tidy()
            self.hurt = self.hurt or scope.cancelled_caught
        except (Outcome, DeviceError) as error:
            self.hurt = True
            self._emit(Evidence(bench.requirement.id, f"could not be tidied up: {error}"))
