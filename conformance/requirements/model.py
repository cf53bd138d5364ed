"""What a requirement is: one row of the registry."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from conformance.verdicts import Level
from device_protocol import ControlCaps, DeviceCaps, DeviceInfo, Option

ID = re.compile(r"[A-Z]{3,4}-\d{2,3}")


class Subject(StrEnum):
    """What is judged: who has to keep a requirement."""

    DEVICE = "device"
    """A driver's device behind the contract: ``flatbed check device``."""
    SERVICE = "service"
    """A scanning service, by HTTP and WebSocket alone: ``flatbed check service``."""
    ESCL = "escl"
    """An eSCL scanner on the wire: ``flatbed check escl``."""
    SANE = "sane"
    """The C API of a SANE back end: ``flatbed check sane``."""


class Profile(StrEnum):
    """The sort of device that a requirement speaks of."""

    CORE = "core"
    FEEDER = "feeder"
    DUPLEX = "duplex"
    FLATBED = "flatbed"
    CAMERA = "camera"
    VIRTUAL = "virtual"
    ESCL = "escl"
    REST = "rest"
    SANE = "sane"


class Status(StrEnum):
    """How far a requirement has come (design section 7)."""

    PLANNED = "planned"
    """Listed; there is no check yet."""
    PROVISIONAL = "provisional"
    """Checked and reported, but never a failure."""
    ACTIVE = "active"
    """Its check has killed its seeded defect and stayed silent on the legal family."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a device declares about itself: all that a gate may look at."""

    info: DeviceInfo
    caps: DeviceCaps
    options: tuple[Option, ...]
    control: ControlCaps | None


@dataclass(frozen=True, slots=True)
class Gate:
    """The declared capability without which a requirement says nothing.

    Attributes:
        words: the capability.
        missing: gives None if the target declares it, else the quotation of the declaration that excludes it. It gets the facts of the subject: for
            devices :class:`Facts`, for the others what their first contact gave.
    """

    words: str
    missing: Callable[[Any], str | None]


@dataclass(frozen=True, slots=True)
class Requirement:
    """One row.

    Attributes:
        id: family and number; never used again for something else.
        level: MUST, SHOULD or MAY.
        text: the requirement, in our words.
        sources: where it comes from, with clause.
        kills: names of the zoo's defects that must die by it; for a planned one, what such a defect would do.
        gate: the declared capability it depends on; None: every device.
        profile: the sort of device it speaks of.
        since: revision of the registry that brought it.
        status: see :class:`Status`.
        why_planned: for a planned one, what is missing.
        why: why it matters to somebody, in a sentence or two (``flatbed explain``).
        subjects: who has to keep it.
    """

    id: str
    level: Level
    text: str
    sources: tuple[str, ...]
    kills: tuple[str, ...]
    gate: Gate | None = None
    profile: Profile = Profile.CORE
    since: int = 1
    status: Status = Status.ACTIVE
    why_planned: str = ""
    why: str = ""
    subjects: frozenset[Subject] = frozenset({Subject.DEVICE})

    @property
    def family(self) -> str:
        """The letters before the number."""
        return self.id.partition("-")[0]

    @property
    def clause(self) -> str:
        """The sources as one line."""
        return "; ".join(self.sources)
