"""Paper and faults: what a person or a robot does to the device, where its control offers that."""

from __future__ import annotations

from conformance.bench.budget import Budget
from conformance.bench.proxies import BenchBackend, BenchControl
from conformance.outcomes import NeedsOperator, OverBudget
from conformance.requirements.model import Facts
from device_protocol import Code, DeviceError, Fault, FaultKind
from device_protocol.control import (
    CLEAR_FAULTS,
    CLEAR_JAM,
    CLOSE_COVER,
    FAULT,
    LOAD,
    OPEN_COVER,
    REMOVE_SHEET,
    REPLUG,
    RESET,
    UNLOAD,
    UNPLUG,
)

UNDO: dict[str, frozenset[str]] = {
    CLEAR_FAULTS: frozenset({FAULT}),
    CLEAR_JAM: frozenset({FAULT}),
    CLOSE_COVER: frozenset({FAULT, OPEN_COVER}),
    REPLUG: frozenset({FAULT, UNPLUG}),
}
"""What undoes which actions."""


class Media:
    """The surroundings of the device under test."""

    def __init__(self, backend: BenchBackend, device_id: str, facts: Facts, budget: Budget) -> None:
        self._backend = backend
        self._device_id = device_id
        self._facts = facts
        self._budget = budget
        self._control: BenchControl | None = None
        self._done: set[str] = set()

    def offers(self, *actions: str) -> bool:
        """Whether all *actions* can be done without a person."""
        control = self._facts.control
        return control is not None and set(actions) <= control.actions

    def can_fault(self, kind: FaultKind) -> bool:
        """Whether the device can be told to have that fault."""
        control = self._facts.control
        return control is not None and FAULT in control.actions and kind in control.faults

    def need(self, what: str, *actions: str) -> None:
        """Ask for a person unless the control offers *actions*.

        Raises:
            NeedsOperator: with *what* they would have to do.
        """
        if not self.offers(*actions):
            raise NeedsOperator(what)

    def need_fault(self, what: str, kind: FaultKind, *actions: str) -> None:
        """The same for a fault.

        Raises:
            NeedsOperator: with *what* they would have to do.
        """
        if not self.can_fault(kind) or not self.offers(*actions):
            raise NeedsOperator(what)

    async def perform(self, action: str, **arguments: object) -> None:
        """Do *action*.

        Raises:
            NeedsOperator: a person was asked, and cannot.
        """
        self._done.add(action)
        try:
            await self._perform(action, arguments)
        except NeedsOperator:
            self._done.discard(action)
            raise

    async def _perform(self, action: str, arguments: dict[str, object]) -> None:
        if self._control is not None:
            try:
                await self._control.perform(action, arguments or None)
            except DeviceError as error:
                if error.code is not Code.DEVICE_LOST:
                    raise
            else:
                return
        # The first time, or after the driver's process has died: a control is a handle of that process.
        self._control = await self._backend.control(self._device_id)
        await self._control.perform(action, arguments or None)

    async def fault(self, fault: Fault) -> None:
        """Arm *fault*."""
        await self.perform(FAULT, **fault.arguments())

    async def load(self, sheets: int, **arguments: object) -> None:
        """Have exactly *sheets* sheets in the feeder, the first ones of the deck; without control: rely on those that lie there.

        Raises:
            OverBudget: there are not that many left to spend.
        """
        shortage = self._budget.shortage(sheets)
        if shortage:
            raise OverBudget(shortage)
        self._budget.feed(sheets)
        if self.offers(LOAD, UNLOAD):
            await self.perform(UNLOAD)
            await self.perform(LOAD, count=sheets, **arguments)

    async def empty(self) -> bool:
        """Take all paper out; says whether that was possible."""
        if not self.offers(UNLOAD):
            return False
        await self.perform(UNLOAD)
        return True

    async def clear(self, *, cover: bool = False) -> None:
        """Take the cause of a condition away: jammed paper, armed faults, an open cover."""
        for action in (CLEAR_FAULTS, CLEAR_JAM, *((CLOSE_COVER,) if cover else ())):
            if self.offers(action):
                await self.perform(action)

    async def bare_glass(self) -> bool:
        """Take the sheet off the glass; says whether that was possible."""
        if not self.offers(REMOVE_SHEET):
            return False
        await self.perform(REMOVE_SHEET)
        return True

    async def restore(self) -> None:
        """As it was found: by a reset, or by undoing what was done and no more, since a person may have to do it."""
        done, self._done = self._done, set()
        if not done:
            return
        try:
            if self.offers(RESET):
                await self.perform(RESET)
                return
            for action, after in UNDO.items():
                if done & after and self.offers(action):
                    await self.perform(action)
        except (DeviceError, NeedsOperator):
            return
        finally:
            self._done.clear()
