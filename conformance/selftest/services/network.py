"""What else is on the network of a service of the zoo: addresses that it could be made to fetch."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from conformance.service.traps import Trap


@dataclass
class Network:
    """Addresses that a service could be made to fetch."""

    traps: dict[str, Trap] = field(default_factory=dict)

    @asynccontextmanager
    async def open_trap(self) -> AsyncIterator[Trap]:
        """An address that is watched (:data:`conformance.service.traps.OpenTrap`)."""
        name = f"trap-{len(self.traps) + 1}.example:80"
        self.traps[name] = Trap(f"http://{name}")
        yield self.traps[name]

    def fetch(self, address: str) -> None:
        """Somebody connects to *address*, ``HOST:PORT``."""
        if address in self.traps:
            self.traps[address].touched = True
