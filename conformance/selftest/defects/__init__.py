"""The seeded defects: one small class each, the requirement it must die by, and a program on which it differs from the device it was made from."""

from conformance.selftest.defects import blind, cam, canc, caps, data, disc, err, life, more, page, scan, setting, stat
from conformance.selftest.defects.defect import Defect

DEFECTS: tuple[Defect, ...] = (
    *disc.DEFECTS,
    *life.DEFECTS,
    *caps.DEFECTS,
    *setting.DEFECTS,
    *scan.DEFECTS,
    *data.DEFECTS,
    *page.DEFECTS,
    *canc.DEFECTS,
    *err.DEFECTS,
    *stat.DEFECTS,
    *cam.DEFECTS,
    *blind.DEFECTS,
    *more.DEFECTS,
)
"""All of them, by family."""

__all__ = ["DEFECTS", "Defect"]
