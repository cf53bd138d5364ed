"""How a defective device of the zoo looks to the suite: the verdict on its own requirement, with the steps that led there."""

from __future__ import annotations

from conformance.api import judge
from conformance.selftest.defects import DEFECTS
from conformance.selftest.profile import SCANNER
from conformance.verdicts import Judgement
from device_protocol.testing import Jumper, run

__all__ = ["DEFECTS", "sample"]


def sample(name: str) -> Judgement:
    """The verdict on the device called *name*.

    Raises:
        StopIteration: there is none.
    """
    defect = next(item for item in DEFECTS if item.name == name)
    judged = run(lambda: judge(defect.build, SCANNER, [defect.requirement]), clock=Jumper())
    return judged[defect.requirement]
