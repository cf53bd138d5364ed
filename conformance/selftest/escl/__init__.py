"""Scanners that judge ``check escl``: our eSCL door over connections in memory and a clock that jumps, whole, odd, hostile, or with one defect.

``DEFECTS`` are the seeded defects: each a :class:`~conformance.selftest.escl.build.Build` with one part replaced, the requirement it must die by, and a few
requests on which it differs from the legal scanner. ``family`` has legal but odd scanners, ``hostile`` peers that are no scanners at all.

May come in: scanners made to test the tester, and what runs it over them. May not: checks, sockets, real time.
"""

from conformance.selftest.escl.build import LEGAL, Build
from conformance.selftest.escl.defects import DEFECTS, Defect
from conformance.selftest.escl.judge import judged
from conformance.verdicts import Judgement


def sample(name: str) -> Judgement:
    """The verdict on the scanner called *name*, by its own requirement.

    Raises:
        StopIteration: there is none.
    """
    defect = next(item for item in DEFECTS if item.name == name)
    return judged(defect.build, [defect.requirement])[defect.requirement]


__all__ = ["DEFECTS", "LEGAL", "Build", "Defect", "judged", "sample"]
