"""Helpers for tests of drivers and of their callers. Public, and without any test framework.

``run`` starts trio with reproducible scheduling and the clock of your choice, and ``reseed`` begins its dice anew; ``Jumper`` is the virtual clock that moves
when everybody waits and nobody holds it. What may come in: what helps to test against the contract. What may not: devices, pytest.
"""

from device_protocol.testing.jumper import Jumper
from device_protocol.testing.run import reseed, run

__all__ = ["Jumper", "reseed", "run"]
