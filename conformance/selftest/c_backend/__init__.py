"""A small back end for SANE in C (``zoo.c``), clean or with one defect, that judges ``check sane``.

``DEFECTS`` has them all: the requirement each must die by, a sentence, and a few calls on which it differs from the clean one; ``FAMILY`` has the legal
but odd ones. ``build.library`` compiles it, once for each version of the source.
May come in: the back end, its defects, and what runs the suite over them. May not: checks.
"""

from conformance.selftest.c_backend.defects import DEFECTS, Defect
from conformance.selftest.c_backend.family import FAMILY
from conformance.selftest.c_backend.judge import sample

__all__ = ["DEFECTS", "FAMILY", "Defect", "sample"]
