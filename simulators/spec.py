"""What a lab is made of: one :class:`DeviceSpec` for each machine."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from device_protocol import DeviceInfo, DeviceKind, Fault
from simulators.profile import Profile
from simulators.stacks import Artworks, Batch, Optics


class Refill(StrEnum):
    """When the operator of the lab puts the stack of the devices file into the hopper again.

    The operator only ever acts when a session is opened, never while it is open, so that a feeder that was emptied stays empty for the client that
    emptied it. Once somebody else has put paper in or taken it out through the control, the operator keeps away until the control's ``reset``.
    """

    NEVER = "never"
    WHEN_EMPTY = "when-empty"
    ALWAYS = "always"
    """Whatever is left in the hopper is replaced by a fresh stack, so that every session starts at sheet 1."""


@dataclass(frozen=True, slots=True)
class Timed:
    """Something that is done to a machine *seconds* after its scenario began: with the lab, with a reset, or when the control said so."""

    seconds: float
    action: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scenario:
    """What happens to a machine.

    Attributes:
        faults: that are armed from the start.
        timed: actions at a time.
        description: for people.
        seed: that parts of it were drawn from; None: it is all as somebody wrote it.
    """

    faults: tuple[Fault, ...] = ()
    timed: tuple[Timed, ...] = ()
    description: str = ""
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class DeviceSpec:
    """A machine of the lab.

    Attributes:
        id: its native id.
        name: what menus show; empty: the model of the profile.
        batches: the stack in the hopper; of a flatbed, the first sheet lies on the glass.
        seed: of the sheets, and of everything random.
        rest_type: as in :class:`device_protocol.DeviceInfo`.
        optics: what this one machine does to each page; None: what the profile says.
        artworks: documents that can be printed on sheets, by name.
    """

    id: str
    profile: Profile
    scenario: Scenario = Scenario()
    batches: tuple[Batch, ...] = (Batch(10),)
    seed: int = 0
    rest_type: int = 0
    name: str = ""
    refill: Refill = Refill.ALWAYS
    optics: Optics | None = None
    artworks: Artworks = field(default_factory=dict)

    @property
    def serial(self) -> str:
        """The serial number: made from id and seed, so the same in every run."""
        return f"FB{zlib.crc32(f'{self.id}/{self.seed}'.encode()):08X}"

    @property
    def infos(self) -> tuple[DeviceInfo, ...]:
        """All entries that enumeration has for it: one, and one more for each further protocol (S-104)."""
        first = self.info
        others = self.profile.defects.protocols
        return first, *(replace(first, id=f"{self.id}-{protocol}", transport=protocol) for protocol in others)

    @property
    def info(self) -> DeviceInfo:
        """What enumeration shows of it."""
        return DeviceInfo(
            id=self.id,
            model=self.name or self.profile.model,
            maker=self.profile.maker,
            kind=DeviceKind.SCANNER if self.profile.camera is None else DeviceKind.CAMERA,
            transport="virtual",
            virtual=True,
            rest_type=self.rest_type,
            native=self.serial,
        )
