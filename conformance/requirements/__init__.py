"""The registry: every requirement, as data, one module for each family.

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
    escl,
    life,
    page,
    rest,
    sane,
    scan,
    setting,
    status,
    wire,
)
from conformance.requirements.model import Facts, Gate, Profile, Requirement, Status, Subject

REVISION = 2
"""Grows with every change of a requirement's meaning; reports carry it."""

FAMILIES: tuple[str, ...] = ("DISC", "LIFE", "CAPS", "SET", "SCAN", "DATA", "PAGE", "CANC", "ERR", "STAT", "CAM")

_FAMILY_MODULES = (disc, life, capabilities, setting, scan, data, page, cancel, errors, status, camera)

REQUIREMENTS: dict[str, Requirement] = {row.id: row for module in _FAMILY_MODULES for row in module.REQUIREMENTS}
"""Those on devices, by id, in the order of the families."""

_WIRE_MODULES = (wire, rest, escl, sane)
"""Those on services, eSCL scanners and SANE back ends; one row may be for two of them."""

EVERY: dict[str, Requirement] = REQUIREMENTS | {row.id: row for module in _WIRE_MODULES for row in module.REQUIREMENTS}
"""All of them, by id: an id means one thing, whoever is judged."""


def of(subject: Subject) -> dict[str, Requirement]:
    """The requirements on *subject*, by id, in their order."""
    return {name: row for name, row in EVERY.items() if subject in row.subjects}


__all__ = [
    "EVERY",
    "FAMILIES",
    "REQUIREMENTS",
    "REVISION",
    "Facts",
    "Gate",
    "Profile",
    "Requirement",
    "Status",
    "Subject",
    "of",
]
