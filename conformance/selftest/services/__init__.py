"""Services that judge ``check service``: the reference service over connections in memory and a clock that jumps, whole or with one defect.

``LEGAL()`` opens the service as it is; a defect is a :class:`~conformance.selftest.services.build.Build` with one part replaced.

May come in: services made to test the tester, and what runs it over them. May not: checks, sockets, real time.
"""

from conformance.selftest.services.build import DEVICES, LEGAL, Build, Running

__all__ = ["DEVICES", "LEGAL", "Build", "Running"]
