"""What a requirement is: one row of the registry."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from conformance.verdicts import Level
from device_protocol import ControlCaps, DeviceCaps, DeviceInfo, Option

ID = re.compile(r"[A-Z]{3,4}-\d\d")


class Profile(StrEnum):
    """The sort of device that a requirement speaks of."""

    CORE = "core"
    FEEDER = "feeder"
    DUPLEX = "duplex"
    FLATBED = "flatbed"
    CAMERA = "camera"
    VIRTUAL = "virtual"


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
        missing: gives None if a device declares it, else the quotation of the declaration that excludes it.
    """

    words: str
    missing: Callable[[Facts], str | None]


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

    @property
    def family(self) -> str:
        """The letters before the number."""
        return self.id.partition("-")[0]

    @property
    def clause(self) -> str:
        """The sources as one line."""
        return "; ".join(self.sources)
