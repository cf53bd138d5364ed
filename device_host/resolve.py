"""Which drivers there are, without importing any of them."""

from __future__ import annotations

import functools
import re
import sys
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Final

from device_protocol.codes import Code
from device_protocol.driver import ENTRY_POINT_GROUP
from device_protocol.errors import DeviceError, Phase

_TARGET: Final = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")


@dataclass(frozen=True, slots=True)
class Target:
    """A driver that can be loaded.

    Attributes:
        name: its id: the entry point's name, or ``module:name`` as it was given.
        module, attribute: where it is.
    """

    name: str
    module: str
    attribute: str

    @property
    def text(self) -> str:
        """``module:name``."""
        return f"{self.module}:{self.attribute}"


def known_drivers() -> dict[str, Target]:
    """The installed drivers by id, in alphabetical order; one that is installed into a running process is seen when ``sys.path`` changes."""
    return dict(_installed(tuple(sys.path)))


@functools.lru_cache(maxsize=2)
def _installed(_path: tuple[str, ...]) -> dict[str, Target]:
    """Looking through all distributions takes milliseconds, and a suite opens a driver hundreds of times."""
    found: dict[str, Target] = {}
    for point in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda item: item.name):
        module, _, attribute = point.value.partition(":")
        found.setdefault(point.name, Target(point.name, module.strip(), attribute.strip()))
    return found


def resolve(driver: str) -> Target:
    """The driver of that id, or at ``module:name``.

    Raises:
        DeviceError: NOT_FOUND, with the ids of those that there are.
    """
    known = known_drivers()
    if driver in known:
        return known[driver]
    if _TARGET.fullmatch(driver):
        module, _, attribute = driver.partition(":")
        return Target(driver, module, attribute)
    there_are = ", ".join(known) or "none"
    raise DeviceError(
        Code.NOT_FOUND,
        f"There is no driver {driver!r}. Installed are: {there_are}. A driver that is not installed is named module:name.",
        phase=Phase.DISCOVER,
    )
