"""Services that judge ``check service``: the reference service over connections in memory and a clock that jumps, whole or with one defect.

``LEGAL()`` opens the service as it is; ``DEFECTS`` are the seeded defects: each a :class:`~conformance.selftest.services.build.Build` with one part replaced,
the requirement it must die by, and a few requests on which it differs from the legal service. ``FAMILY`` are legal but odd ones, and ``judge`` runs the
suite over all of them.

May come in: services made to test the tester, and what runs it over them. May not: checks, sockets, real time.
"""

from conformance.selftest.services.build import DEVICES, LEGAL, Build, Running
from conformance.selftest.services.defects import DEFECTS, Defect
from conformance.selftest.services.family import FAMILY
from conformance.selftest.services.judge import sample

__all__ = ["DEFECTS", "DEVICES", "FAMILY", "LEGAL", "Build", "Defect", "Running", "sample"]
