"""Who stands beside the scanners of a service of the zoo (:class:`conformance.service.operators.Operator`)."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.requirements.rest.facts import ScannerFacts
from conformance.selftest.services.lab_host import LabHost
from conformance.service.operators import device_id
from device_protocol import control


@dataclass(frozen=True)
class Person:
    """Does what a person would do, to the virtual machines."""

    host: LabHost

    async def load(self, scanner: ScannerFacts, sheets: int) -> None:
        """See :class:`Operator`."""
        await self._do(scanner, control.UNLOAD)
        await self._do(scanner, control.LOAD, count=sheets)

    async def jam(self, scanner: ScannerFacts, sheet: int) -> None:
        """See :class:`Operator`."""
        await self._do(scanner, control.FAULT, kind="jam", sheet=sheet)

    async def hang(self, scanner: ScannerFacts) -> None:
        """See :class:`Operator`."""
        await self._do(scanner, control.FAULT, kind="hang", verb="next_page")

    async def clear(self, scanner: ScannerFacts) -> None:
        """See :class:`Operator`."""
        await self._do(scanner, control.RESET)

    async def _do(self, scanner: ScannerFacts, action: str, **arguments: object) -> None:
        await self.host.perform(device_id(scanner) or "", action, arguments)
