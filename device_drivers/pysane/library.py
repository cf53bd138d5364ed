"""python-sane between init and exit."""

from __future__ import annotations

from types import ModuleType

from device_drivers.pysane.scanner import Scanner
from device_drivers.pysane.wording import translated
from device_drivers.sane.library import Device


class PythonSane:
    """The module `sane`, initialised.

    Args:
        sane: The module.
        arrays: See `Scanner`.

    Raises:
        SaneTextError: libsane cannot be initialised.
    """

    def __init__(self, sane: ModuleType, *, arrays: bool = False) -> None:
        self._sane = sane
        self._arrays = arrays
        with translated(sane):
            sane.init()

    def get_devices(self, *, local_only: bool = False) -> tuple[Device, ...]:
        """The devices there are now."""
        with translated(self._sane):
            return tuple(Device(*found) for found in self._sane.get_devices(local_only))

    def open(self, name: str) -> Scanner:
        """Open a device."""
        with translated(self._sane):
            return Scanner(self._sane, self._sane.open(name), arrays=self._arrays)

    def exit(self) -> None:
        """End it. Whatever is used afterwards is a segmentation fault (sane-escl 1.4, defect 2), so all is closed by then."""
        self._sane.exit()
