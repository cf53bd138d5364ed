"""What a plan is made of and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from device_protocol import Choice, DeviceCaps, Option, Range, Settings, SourceCaps, Value
from device_protocol.options import AREA_NAMES, RESOLUTION, SOURCE
from device_protocol.vocabularies.rest import RestCode
from device_protocol.vocabularies.twain import Units
from reference_server.jobs.plan.known import usable
from reference_server.jobs.wishes import Wish


@dataclass(frozen=True, slots=True)
class Note:
    """A wish that was met by something else, or not at all.

    Attributes:
        wish: see there.
        got: what it became.
        code: -1013 for something that cannot be set here, -1010 for a value.
    """

    wish: Wish
    got: object
    code: RestCode = RestCode.BAD_VALUE

    @property
    def message(self) -> str:
        """A sentence for people."""
        if self.code is RestCode.BAD_CAPABILITY:
            return f"{self.wish.label} cannot be set on this device."
        if self.wish.value is None:
            return f"{self.wish.label}: the value is of the wrong type."
        return f"{self.wish.label} cannot be {self.wish.shown}; nearest is {self.got}."


class PlanError(Exception):
    """A wish that must be met exactly (``exception: "fail"``) cannot be.

    Attributes:
        code: -1013 for a capability that is not there, -1010 for a value.
    """

    def __init__(self, note: Note) -> None:
        super().__init__(note.message)
        self.code = note.code


@dataclass(frozen=True, slots=True)
class Present:
    """What the device is before anything is set.

    Attributes:
        caps: of the device.
        options: as they are now.
        values: of those options that matter and can be read.
    """

    caps: DeviceCaps
    options: tuple[Option, ...] = ()
    values: Mapping[str, Value] = field(default_factory=dict)

    def option(self, name: str) -> Option | None:
        """The option called *name*, if the device has it now."""
        return next((option for option in self.options if option.name == name and usable(option)), None)

    def can_set(self, *names: str) -> bool:
        """Whether all of these options can be set now."""
        return all(option is not None and option.writable for option in map(self.option, names))

    @property
    def source(self) -> SourceCaps:
        """The source that is set, as far as the device tells."""
        name = self.values.get(SOURCE)
        found = self.caps.source(name) if isinstance(name, str) else None
        return found or self.caps.source() or self.caps.sources[0]

    @property
    def has_area(self) -> bool:
        """Whether the area can be chosen."""
        return self.can_set(*AREA_NAMES)

    def axis(self, name: str) -> str | None:
        """The option that sets the resolution of an axis: its own where the device has that, else the common one."""
        return next((option for option in (name, RESOLUTION) if self.can_set(option)), None)

    def limits(self, option: str, source: SourceCaps) -> Range | Choice:
        """What a resolution option takes with *source*."""
        found = self.option(option)
        if option != RESOLUTION and found is not None and isinstance(found.constraint, Range | Choice):
            return found.constraint
        return source.resolutions


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with the device.

    Attributes:
        settings: to apply before the scan.
        source: the source that they choose.
        steps: wishes for single options, in order, to be set after the settings, when it shows which options there are.
        pages: page target of the scan.
        notes: where the device lacks what was wished.
        count: pages wanted as the client said it: a number from 1, or -1 for all.
        unit: the ICAP_UNITS that the client works in.
        auto_feed: whether the sheets after the first are wanted.
        landscape: whether page sizes lie across.
        failure: the first wish that must be met and cannot be; the plan goes only up to it.
    """

    settings: Settings
    source: SourceCaps
    steps: tuple[Wish, ...]
    pages: int | str
    notes: tuple[Note, ...]
    count: int = -1
    unit: Units = Units.INCHES
    auto_feed: bool = True
    landscape: bool = False
    failure: PlanError | None = None
