"""The drivers `sane` and `sanelab`: libsane in the blocking form of the device protocol.

`sane` shows what the user's own SANE configuration has. `sanelab` shows SANE's `test` back end in a private configuration:
always there, harmless, A4; its devices are `sanelab:test:0` and so on.

Configuration (plain data):

* `network` (bool, `sane`, default False): also look for devices on the network.
* `devices` (int, `sanelab`, default 1): how many test devices.
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
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from device_drivers.sane.cancelling import GRACE_SECONDS
from device_drivers.sane.errors import SaneBindingError, SaneValueError
from device_drivers.sane.labconfig import LabConfig, write_lab_config
from device_drivers.sane.library import Device, Sane
from device_drivers.sane.names import backend_of, openable_unlisted, transport_of
from device_drivers.sane.native import installed
from device_drivers.sane.readerthread import LAB_PATIENCE_SECONDS
from device_drivers.sane.session import SaneSession
from device_drivers.sane.statuses import device_error
from device_drivers.sane.tracing import Trace, TraceFile
from device_protocol.blocking import Inbox, run_queue
from device_protocol.codes import Code
from device_protocol.control import ControlCaps
from device_protocol.devices import DeviceInfo, DeviceList
from device_protocol.driver import Driver, Form
from device_protocol.errors import DeviceError, Phase
from device_protocol.values import Value
from device_protocol.vocabularies.rest import DeviceType

VERSION: Final = "1.0"
LAB_BACKEND: Final = "test"


class SaneBackend:
    """Libsane as a backend of the contract.

    Args:
        make: Initialises the library; called on the driver's thread, at the first verb.
        network: Whether enumeration asks the network too.
        read_ahead: See `SaneJob`.
    """

    def __init__(self, make: Callable[[], Sane], *, network: bool = False, read_ahead: bool = False) -> None:
        self._make = make
        self._network = network
        self._read_ahead = read_ahead
        self._library: Sane | None = None
        self._inbox: Inbox | None = None
        self._closed = False
        self._sessions: dict[str, SaneSession] = {}
        self._defaults: dict[str, dict[str, Value]] = {}
        self._listed: set[str] = set()

    def devices(self) -> DeviceList:
        """A new enumeration. libsane leaves out back ends that fail without a word, so there are never failures."""
        found = self._list(Phase.DISCOVER)
        return DeviceList(tuple({device.name: _info(device) for device in found}.values()))

    def open(self, device_id: str) -> SaneSession:
        """Open a device by its native id; what is not listed is held to `names`.

        Raises:
            DeviceError: NOT_FOUND, BUSY, ACCESS_DENIED, DEVICE_LOST, ...
        """
        library = self._running(Phase.OPEN)
        if device_id in self._sessions:
            raise DeviceError(Code.BUSY, f"{device_id} is open in this driver.", phase=Phase.OPEN)
        if device_id not in self._listed and not openable_unlisted(device_id):
            self._list(Phase.OPEN)
            if device_id not in self._listed:
                raise DeviceError(Code.NOT_FOUND, f"SANE has no device {device_id!r}.", phase=Phase.OPEN)
        try:
            handle = library.open(device_id)
        except SaneBindingError as error:
            raise device_error(error, Phase.OPEN) from error
        try:
            session = SaneSession(
                handle,
                self._defaults.setdefault(device_id, {}),
                deterministic=backend_of(device_id) == LAB_BACKEND,
                later=None if self._inbox is None else self._inbox.put,
                read_ahead=self._read_ahead,
                closed=lambda: self._forget(device_id),
            )
        except SaneBindingError as error:
            handle.close()
            raise device_error(error, Phase.OPEN) from error
        except BaseException:
            handle.close()
            raise
        self._sessions[device_id] = session
        return session

    def control_caps(self, device_id: str) -> ControlCaps:
        """Nothing of a SANE device's surroundings can be controlled."""
        del device_id
        self._running(Phase.CONTROL)
        return ControlCaps()

    def control(self, device_id: str, action: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """Always refused.

        Raises:
            DeviceError: UNSUPPORTED.
        """
        self._running(Phase.CONTROL)
        raise DeviceError(
            Code.UNSUPPORTED,
            f"{device_id} has no {action!r} to control ({len(arguments)} arguments).",
            phase=Phase.CONTROL,
        )

    def run(self, inbox: Inbox) -> None:
        """Execute calls until the host goes away."""
        self._inbox = inbox
        run_queue(inbox)

    def close(self) -> None:
        """Close all sessions and end libsane; idempotent."""
        if self._closed:
            return
        for session in tuple(self._sessions.values()):
            session.close()
        self._closed = True
        if self._library is not None:
            self._library.exit()

    def _running(self, phase: Phase) -> Sane:
        if self._closed:
            raise DeviceError(Code.CLOSED, phase=phase)
        if self._library is None:
            try:
                self._library = self._make()
            except SaneBindingError as error:
                raise device_error(error, phase) from error
        return self._library

    def _list(self, phase: Phase) -> tuple[Device, ...]:
        library = self._running(phase)
        try:
            found = tuple(device for device in library.get_devices(local_only=not self._network) if device.name)
        except SaneBindingError as error:
            raise device_error(error, phase) from error
        self._listed = {device.name for device in found}
        return found

    def _forget(self, device_id: str) -> None:
        self._sessions.pop(device_id, None)


def _info(device: Device) -> DeviceInfo:
    transport = transport_of(device.name)
    return DeviceInfo(
        id=device.name,
        model=device.model,
        maker=device.vendor,
        transport=transport,
        virtual=transport == "virtual",
        rest_type=int(DeviceType.SANE),
        native=device.type,
    )


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
        lab = LabConfig(number_of_devices=int(config.get("devices", 1)))
    except SaneValueError as error:
        raise device_error(error, Phase.DISCOVER) from error
    data_dir, trace = config.get("data_dir"), _trace(config)
    return SaneBackend(lambda: _lab(lab, data_dir, grace, trace), read_ahead=bool(config.get("read_ahead", False)))


def _trace(config: Mapping[str, Any]) -> Trace | None:
    path = config.get("native_trace")
    return None if path is None else TraceFile(Path(path))


def _lab(config: LabConfig, data_dir: str | None, grace: float, trace: Trace | None) -> Sane:
    """Initialise libsane in a configuration that exists only until libsane has read it: a killed worker leaves nothing."""
    parent = None if data_dir is None else Path(data_dir)
    if parent is not None:
        parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sanelab-", dir=parent) as folder:
        folder_of_ours = write_lab_config(Path(folder), config)
        library = Sane(config_dir=folder_of_ours, trace=trace, grace=grace, patience=LAB_PATIENCE_SECONDS)
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
