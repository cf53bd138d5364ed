"""The driver `pysane`.

Configuration (plain data):

* `lab` (bool, default True): SANE's `test` back end in a private configuration, as `sanelab` has it; False: the user's own configuration.
* `devices` (int, default 1): how many test devices.
* `switches` (table): what the test devices are at the start; see `device_drivers.sane.labconfig`. All their options are active unless it says otherwise.
* `data_dir` (str): where the private configuration is made, for the moment in which libsane reads it.
* `arrays` (bool, default False): take pages by `arr_snap` and not by `snap`.
* `network` (bool, default False): also look for devices on the network.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from device_drivers.pysane.library import PythonSane
from device_drivers.pysane.scanner import Scanner
from device_drivers.pysane.session import PythonSaneSession
from device_drivers.sane.backend import LibraryBackend
from device_drivers.sane.errors import SaneBindingError, SaneValueError
from device_drivers.sane.labconfig import LabConfig, lab_folder, lab_of
from device_drivers.sane.statuses import device_error
from device_protocol.driver import Driver, Form
from device_protocol.errors import Phase

MODULE: Final = "sane"
ALL_OPTIONS: Final[Mapping[str, bool | int | str]] = {"enable-test-options": True}
"""An option of each type is there only then, and python-sane gets some of the types wrong."""


def make_pysane(config: Mapping[str, Any]) -> LibraryBackend[Scanner, PythonSaneSession]:
    """A backend.

    Raises:
        DeviceError: INVALID_VALUE for a number of devices that is none.
    """
    try:
        lab = lab_of(config, ALL_OPTIONS) if config.get("lab", True) else None
    except SaneValueError as error:
        raise device_error(error, Phase.DISCOVER) from error
    arrays, data_dir = bool(config.get("arrays", False)), config.get("data_dir")
    return LibraryBackend(
        lambda: _loaded(arrays) if lab is None else _in_lab(lab, data_dir, arrays),
        PythonSaneSession,
        network=bool(config.get("network", False)),
    )


def _loaded(arrays: bool) -> PythonSane:
    return PythonSane(importlib.import_module(MODULE), arrays=arrays)


def _in_lab(lab: LabConfig, data_dir: str | None, arrays: bool) -> PythonSane:
    """Initialise libsane in the private configuration, which it reads when it is first asked for devices."""
    with lab_folder(lab, data_dir) as folder:
        os.environ["SANE_CONFIG_DIR"] = str(folder)
        library = _loaded(arrays)
        with contextlib.suppress(SaneBindingError):  # whoever enumerates next hears of it
            library.get_devices()
        return library


def unusable() -> str | None:
    """Why there is no python-sane here, or None."""
    if sys.platform == "win32":
        return "SANE does not exist on Windows"
    if importlib.util.find_spec("_sane") is None:
        return "python-sane is not installed: pip install 'flatbed[pysane]' compiles it (Debian and Ubuntu: libsane-dev, gcc, python3-dev)"
    return None


def _version() -> str:
    try:
        return version("python-sane")
    except PackageNotFoundError:
        return "0"


pysane = Driver(
    name="python-sane on SANE's test back end",
    form=Form.BLOCKING,
    factory=make_pysane,
    version=_version(),
    unusable=unusable,
)
