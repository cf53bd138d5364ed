"""Libsane in this process: initialised once, used by one thread, ended once (SANE 4.3.1 to 4.3.4).

The standard allows init again after exit; back ends that unload badly do not survive it, and python-sane crashes on any
use after exit. So a process gets one init and one exit, and `exit` closes every handle that is still open.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from device_drivers.sane.cancelling import GRACE_SECONDS
from device_drivers.sane.errors import SaneError, SaneMissingError, SaneUsageError
from device_drivers.sane.handle import Handle
from device_drivers.sane.native import Libsane, Native, load
from device_drivers.sane.text import decode, encode
from device_drivers.sane.tracing import Trace, Traced
from device_protocol.vocabularies.sane_abi import MAJOR_VERSION, Status


@dataclass(frozen=True, slots=True)
class Device:
    """An entry of sane_get_devices (4.2.8)."""

    name: str
    vendor: str
    model: str
    type: str


@dataclass(frozen=True, slots=True)
class Version:
    """What sane_init tells. Measured: Debian's libsane 1.2.1 says 1.1.1."""

    major: int
    minor: int
    build: int


class _Process:
    """Whether the real library was initialised in this process; fakes are not counted."""

    lock = threading.Lock()
    used = False


class Sane:
    """The library between init and exit; also a context manager.

    Args:
        native: The calls; None loads libsane.
        config_dir: Becomes SANE_CONFIG_DIR of this process, before init, since libsane reads it once. None leaves the
            environment alone.
        trace: Told of every native call (see `tracing`).
        grace: See `cancelling`.
        patience: See `readerthread`.

    Raises:
        SaneMissingError: There is no libsane, or one of another major version.
        SaneUsageError: This process had one already.
        SaneError: sane_init failed.
    """

    def __init__(
        self,
        native: Native | None = None,
        *,
        config_dir: Path | None = None,
        trace: Trace | None = None,
        grace: float = GRACE_SECONDS,
        patience: float = 0.0,
    ) -> None:
        if config_dir is not None:
            _set_config_dir(config_dir)
        loaded: Native = load() if native is None else native
        if isinstance(loaded, Libsane):
            with _Process.lock:
                if _Process.used:
                    raise SaneUsageError("libsane is initialised once in a process, and this one has done that")
                _Process.used = True
        self._native: Native = loaded if trace is None else Traced(loaded, trace)
        self._thread = threading.get_ident()
        self._grace, self._patience = grace, patience
        self._handles: list[Handle] = []
        self._names: dict[str, bytes] = {}
        self._running = True
        status, version = self._native.init()
        if status != Status.GOOD:
            self._running = False
            raise self.error(status, "sane_init")
        self.version = Version(version >> 24 & 0xFF, version >> 16 & 0xFF, version & 0xFFFF)
        if self.version.major != MAJOR_VERSION:
            self.exit()
            raise SaneMissingError(f"libsane speaks version {self.version.major} of SANE, we speak {MAJOR_VERSION}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.exit()

    def get_devices(self, *, local_only: bool = False) -> tuple[Device, ...]:
        """The devices that libsane knows now; may take seconds (all back ends of a stock Debian: 3.4 s, measured).

        A back end that fails is left out by libsane without a word, so nothing can be told about it.

        Raises:
            SaneError: sane_get_devices failed as a whole.
        """
        self.check_thread()
        status, found = self._native.get_devices(local_only)
        if status != Status.GOOD:
            raise self.error(status, "sane_get_devices")
        devices = tuple(Device(*(decode(part) for part in raw)) for raw in found)
        self._names = {device.name: raw[0] for device, raw in zip(devices, found, strict=True)}
        return devices

    def open(self, name: str) -> Handle:
        """Open a device by its name; see `names` for what a name can do to libsane.

        Raises:
            SaneUsageError: The name is empty: libsane would open the first device it has.
            SaneValueError: The name cannot be a C string.
            SaneError: The back end refuses; INVAL means that there is no such device (4.3.4).
        """
        self.check_thread()
        if not name:
            raise SaneUsageError("a device has a name")
        raw = self._names.get(name)
        status, address = self._native.open(encode(name) if raw is None else raw)
        if status != Status.GOOD:
            raise self.error(status, "sane_open")
        handle = Handle(self, self._native, address, name, self._grace, self._patience)
        self._handles.append(handle)
        try:
            handle.reload()
        except BaseException:
            handle.close()
            raise
        return handle

    def exit(self) -> None:
        """Close what is open and end libsane; a second exit does nothing."""
        if not self._running:
            return
        self.check_thread()
        for handle in tuple(self._handles):
            handle.close()
        self._running = False
        self._native.exit()

    # -- for handles --------------------------------------------------------------------------------------------------

    def check_thread(self) -> None:
        """Refuse a call after exit, or from another thread than the one that made this object.

        Raises:
            SaneUsageError: So it is.
        """
        if not self._running:
            raise SaneUsageError("libsane has been ended in this process")
        if threading.get_ident() != self._thread:
            raise SaneUsageError("native SANE calls belong to the thread that initialised libsane")

    def error(self, status: int, call: str) -> SaneError:
        """The exception for a status, with libsane's own words."""
        return SaneError(status, call, decode(self._native.strstatus(status)))

    def forget(self, handle: Handle) -> None:
        """A handle is about to be closed."""
        self._handles.remove(handle)


def _set_config_dir(folder: Path) -> None:
    text = str(folder.resolve())
    if ":" in text:  # DIR_SEP of sanei_config: it would be read as two folders
        raise SaneUsageError(f"{text} cannot be a SANE_CONFIG_DIR: it contains a colon")
    os.environ["SANE_CONFIG_DIR"] = text
