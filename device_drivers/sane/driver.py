"""The drivers `sane` and `sanelab`: libsane in the blocking form of the device protocol.

`sane` shows what the user's own SANE configuration has. `sanelab` shows SANE's `test` back end in a private configuration:
always there, harmless, A4; its devices are `sanelab:test:0` and so on.

Configuration (plain data):

* `network` (bool, `sane`, default False): also look for devices on the network.
* `devices` (int, `sanelab`, default 1): how many test devices.
* `switches` (table, `sanelab`): what the test devices are at the start; see `labconfig.SWITCHES`.
* `data_dir` (str, `sanelab`): where the private configuration is made, for the moment in which libsane reads it.
* `grace_s` (float): see `cancelling`.
* `read_ahead` (bool, default False): a feeder's next page is started as soon as one has ended. Off, since it changes
  what a client can observe.
* `native_trace` (str): a file to which every native call is appended, one JSON object a line.

One process, one thread: the host calls everything on the thread that runs `run`; it ends the process when a call does
not return in time.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from device_drivers.sane.backend import LibraryBackend
from device_drivers.sane.cancelling import GRACE_SECONDS
from device_drivers.sane.errors import SaneBindingError, SaneValueError
from device_drivers.sane.handle import Handle
from device_drivers.sane.labconfig import LabConfig, lab_folder, lab_of
from device_drivers.sane.library import Sane
from device_drivers.sane.native import installed
from device_drivers.sane.readerthread import LAB_PATIENCE_SECONDS
from device_drivers.sane.session import SaneSession
from device_drivers.sane.statuses import device_error
from device_drivers.sane.tracing import Trace, TraceFile
from device_protocol.driver import Driver, Form
from device_protocol.errors import Phase

VERSION: Final = "1.0"


class SaneBackend(LibraryBackend[Handle, SaneSession]):
    """Libsane by our own binding as a backend of the contract; see :class:`LibraryBackend`."""

    def __init__(self, make: Callable[[], Sane], *, network: bool = False, read_ahead: bool = False) -> None:
        super().__init__(make, SaneSession, network=network, read_ahead=read_ahead)


def make_sane(config: Mapping[str, Any]) -> SaneBackend:
    """A backend on the user's configuration."""
    grace = float(config.get("grace_s", GRACE_SECONDS))
    trace = _trace(config)
    return SaneBackend(
        lambda: Sane(grace=grace, trace=trace),
        network=bool(config.get("network", False)),
        read_ahead=bool(config.get("read_ahead", False)),
    )


def make_sanelab(config: Mapping[str, Any]) -> SaneBackend:
    """A backend on a private configuration.

    Raises:
        DeviceError: INVALID_VALUE for a number of devices that is none.
    """
    grace = float(config.get("grace_s", GRACE_SECONDS))
    try:
        lab = lab_of(config)
    except SaneValueError as error:
        raise device_error(error, Phase.DISCOVER) from error
    data_dir, trace = config.get("data_dir"), _trace(config)
    return SaneBackend(lambda: _lab(lab, data_dir, grace, trace), read_ahead=bool(config.get("read_ahead", False)))


def _trace(config: Mapping[str, Any]) -> Trace | None:
    path = config.get("native_trace")
    return None if path is None else TraceFile(Path(path))


def _lab(config: LabConfig, data_dir: str | None, grace: float, trace: Trace | None) -> Sane:
    """Initialise libsane in the private configuration."""
    with lab_folder(config, data_dir) as folder:
        library = Sane(config_dir=folder, trace=trace, grace=grace, patience=LAB_PATIENCE_SECONDS)
        with contextlib.suppress(SaneBindingError):  # whoever enumerates next hears of it
            library.get_devices()  # makes the dll layer load the back end, which reads its configuration now
        return library


def unusable() -> str | None:
    """Why there is no SANE here, or None."""
    if sys.platform == "win32":
        return "SANE does not exist on Windows"
    return None if installed() else "libsane is not installed; on Debian and Ubuntu: apt-get install libsane1"


sane = Driver(name="SANE", form=Form.BLOCKING, factory=make_sane, version=VERSION, unusable=unusable)
sanelab = Driver(
    name="SANE's test back end", form=Form.BLOCKING, factory=make_sanelab, version=VERSION, unusable=unusable
)
