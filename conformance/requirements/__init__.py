"""The registry: every requirement on a device, as data, one module for each family.

For whom: checks, the zoo, reports and ``flatbed explain``. What may come in: rows and gates (predicates over declarations). What may not: code that
talks to a device. Texts are in our own words; each row says where the requirement comes from.
"""

from __future__ import annotations

from conformance.requirements import (
    camera,
    cancel,
    capabilities,
    data,
    disc,
    errors,
    life,
    page,
    scan,
    setting,
    status,
)
from conformance.requirements.model import Facts, Gate, Profile, Requirement, Status

REVISION = 1
"""Grows with every change of a requirement's meaning; reports carry it."""

FAMILIES = ("DISC", "LIFE", "CAPS", "SET", "SCAN", "DATA", "PAGE", "CANC", "ERR", "STAT", "CAM")

_FAMILY_MODULES = (disc, life, capabilities, setting, scan, data, page, cancel, errors, status, camera)

REQUIREMENTS: dict[str, Requirement] = {row.id: row for module in _FAMILY_MODULES for row in module.REQUIREMENTS}
"""By id, in the order of the families."""

__all__ = ["FAMILIES", "REQUIREMENTS", "REVISION", "Facts", "Gate", "Profile", "Requirement", "Status"]
