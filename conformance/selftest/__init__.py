"""The zoo: devices that judge the suite. The suite must be silent about the legal ones and name the right requirement for each defective one.

``legal_backend()`` opens a correct device; ``FAMILY`` has the legal but odd ones; ``DEFECTS`` the seeded defects, each with the requirement it must die by and
a program on which it differs; ``matrix`` runs the suite over all of them, and so does ``python -m conformance.selftest``. A defect is a small subclass of
one of the parts of a machine (``build.Build``).

May come in: devices made to test the tester, and what runs the tester over them. May not: checks. This room may import every other one.
"""

from conformance.selftest.build import LEGAL, Build, legal_backend
from conformance.selftest.defects import DEFECTS, Defect
from conformance.selftest.family import FAMILY
from conformance.selftest.profile import SCANNER, SECOND

__all__ = ["DEFECTS", "FAMILY", "LEGAL", "SCANNER", "SECOND", "Build", "Defect", "legal_backend"]
