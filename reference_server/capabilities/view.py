"""What a device says of itself at one moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from device_protocol import Area, DeviceInfo, FeederState, Option, SourceCaps, Value
from device_protocol.options import AREA_NAMES, DEPTH, MODE, RESOLUTION, SOURCE, X_RESOLUTION, Y_RESOLUTION
from device_protocol.vocabularies.twain import OPTION_NAMES, SERIAL_OPTIONS
from reference_server.jobs.job import OpenDevice
from reference_server.jobs.plan.area import mm_per_unit
from reference_server.jobs.plan.known import usable

_READ = frozenset({SOURCE, MODE, DEPTH, RESOLUTION, X_RESOLUTION, Y_RESOLUTION, *AREA_NAMES, *SERIAL_OPTIONS}).union(
    *OPTION_NAMES.values()
)


@dataclass(frozen=True, slots=True)
class View:
    """A device as its capabilities show it.

    Attributes:
        info: of the device.
        opened: caps and plan of the job.
        options: as they are now.
        values: of those options that a capability speaks of.
        feeder: what its sensor says.
        dsdata: whether this client can have the settings as a blob.
    """

    info: DeviceInfo
    opened: OpenDevice
    options: Sequence[Option]
    values: dict[str, Value]
    feeder: FeederState
    dsdata: bool = True

    def option(self, names: str | Iterable[str]) -> Option | None:
        """The first option of these names that the device has now."""
        wanted = (names,) if isinstance(names, str) else names
        return next(
            (option for name in wanted for option in self.options if option.name == name and usable(option)), None
        )

    def number(self, name: str) -> float | None:
        """The value of a numeric option, if it has one."""
        value = self.values.get(name)
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None

    @property
    def source(self) -> SourceCaps:
        """The source that is set."""
        return self.opened.plan.source

    @property
    def area(self) -> Area | None:
        """The area that is set; None where the device does not tell."""
        left, top, right, bottom = (self.number(name) for name in AREA_NAMES)
        if left is None or top is None or right is None or bottom is None:
            return None
        return Area(left, top, right, bottom)

    @property
    def has_area(self) -> bool:
        """Whether the area can be chosen."""
        found = [self.option(name) for name in AREA_NAMES]
        return all(option is not None and option.writable for option in found)

    @property
    def dpi(self) -> tuple[float, float]:
        """The resolutions that are set."""
        common = self.number(RESOLUTION) or self.source.resolutions.nearest(300)
        return self.number(X_RESOLUTION) or common, self.number(Y_RESOLUTION) or common

    @property
    def scale(self) -> tuple[float, float]:
        """Millimetres of one unit, across and along."""
        return mm_per_unit(self.opened.plan.unit, self.dpi)


async def look(info: DeviceInfo, opened: OpenDevice, *, dsdata: bool = True) -> View:
    """Ask an open device about itself.

    Raises:
        DeviceError: it does not answer.
    """
    session = opened.session
    options = await session.options()
    values = {
        option.name: await session.get(option.name) for option in options if option.readable and option.name in _READ
    }
    return View(info, opened, options, values, (await session.status()).feeder, dsdata)
