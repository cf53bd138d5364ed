"""Libsane behind fourteen typed functions: the only module of this driver that touches pointers.

`Native` is the narrow interface that everything above is written against, so that a fake in plain Python can stand in
(tests, and a library that hangs on purpose). `load` gives the real one. Strings and structures are copied before the
next native call can move them (4.3.3: a device list is valid until the next sane_get_devices).

Measured, libsane 1.2.1: `sanei_thread_waitpid` sets SIGPIPE back to its default when it finds it ignored, which is how
Python starts. From the first page on, a write to a peer that has gone would then kill the process without a word. So
SIGPIPE is put back to "ignored" after each call that can end a reader thread.
"""

from __future__ import annotations

import ctypes
import signal
from collections.abc import Callable
from ctypes.util import find_library
from typing import Any, Final, Protocol, cast

from device_drivers.sane.errors import SaneMissingError
from device_protocol.vocabularies.sane_abi import (
    PROTOTYPES,
    CDevice,
    COptionDescriptor,
    CParameters,
    DeviceList,
    Parameters,
)

LIBRARY: Final = "libsane.so.1"
HANDLE_BYTES: Final = ctypes.sizeof(ctypes.c_void_p)

RawDevice = tuple[bytes, bytes, bytes, bytes]
"""Name, vendor, model, type."""


class Native(Protocol):
    """The SANE API with Python's types; results are `(status, value)` where C has an output argument."""

    def init(self) -> tuple[int, int]:
        """4.3.1, without authorisation callback: a password-protected net device says ACCESS_DENIED."""
        ...

    def exit(self) -> None:
        """4.3.2."""
        ...

    def get_devices(self, local_only: bool) -> tuple[int, list[RawDevice]]:
        """4.3.3."""
        ...

    def open(self, name: bytes) -> tuple[int, int]:
        """4.3.4; the handle is an address."""
        ...

    def close(self, handle: int) -> None:
        """4.3.5."""
        ...

    def get_option_descriptor(self, handle: int, index: int) -> COptionDescriptor | None:
        """4.3.6; valid only until the next call."""
        ...

    def control_option(self, handle: int, index: int, action: int, value: bytearray | None) -> tuple[int, int]:
        """4.3.7; gives the info bits, and C may have changed *value*."""
        ...

    def get_parameters(self, handle: int) -> tuple[int, Parameters]:
        """4.3.8."""
        ...

    def start(self, handle: int) -> int:
        """4.3.9."""
        ...

    def read(self, handle: int, buffer: bytearray, max_length: int) -> tuple[int, int]:
        """4.3.10."""
        ...

    def cancel(self, handle: int) -> None:
        """4.3.11; the only one that may be called while another is under way."""
        ...

    def set_io_mode(self, handle: int, non_blocking: bool) -> int:
        """4.3.12."""
        ...

    def get_select_fd(self, handle: int) -> tuple[int, int]:
        """4.3.13."""
        ...

    def strstatus(self, status: int) -> bytes:
        """4.3.14."""
        ...


class Libsane:
    """The real library. Every function has its prototype set, so that a wrong argument is a TypeError and not a crash."""

    def __init__(self, library: Any) -> None:
        self._functions = library
        for name, (result, arguments) in PROTOTYPES.items():
            function = getattr(library, name)
            function.restype = result
            function.argtypes = arguments
        self._ignore_sigpipe = _sigpipe_keeper()
        load_unwinder()

    def init(self) -> tuple[int, int]:  # noqa: D102  # the interface says it, here and below
        version = ctypes.c_int(0)
        status = self._functions.sane_init(ctypes.byref(version), None)
        return status, version.value

    def exit(self) -> None:  # noqa: D102
        self._functions.sane_exit()

    def get_devices(self, local_only: bool) -> tuple[int, list[RawDevice]]:  # noqa: D102
        devices = DeviceList()
        status = self._functions.sane_get_devices(ctypes.byref(devices), int(local_only))
        found: list[RawDevice] = []
        if not bool(devices):  # a null pointer of ctypes is false
            return status, found
        while status == 0 and devices[len(found)]:
            device = cast("CDevice", devices[len(found)].contents)
            found.append((device.name or b"", device.vendor or b"", device.model or b"", device.type or b""))
        return status, found

    def open(self, name: bytes) -> tuple[int, int]:  # noqa: D102
        handle = ctypes.c_void_p()
        status = self._functions.sane_open(name, ctypes.byref(handle))
        return status, handle.value or 0

    def close(self, handle: int) -> None:  # noqa: D102
        self._functions.sane_close(handle)
        self._ignore_sigpipe()

    def get_option_descriptor(self, handle: int, index: int) -> COptionDescriptor | None:  # noqa: D102
        pointer = self._functions.sane_get_option_descriptor(handle, index)
        return cast("COptionDescriptor", pointer.contents) if pointer else None

    def control_option(  # noqa: D102
        self, handle: int, index: int, action: int, value: bytearray | None
    ) -> tuple[int, int]:
        info = ctypes.c_int(0)
        view = None if value is None else (ctypes.c_char * len(value)).from_buffer(value)
        status = self._functions.sane_control_option(handle, index, action, view, ctypes.byref(info))
        return status, info.value

    def get_parameters(self, handle: int) -> tuple[int, Parameters]:  # noqa: D102
        raw = CParameters()
        status = self._functions.sane_get_parameters(handle, ctypes.byref(raw))
        return status, Parameters(
            raw.format, bool(raw.last_frame), raw.bytes_per_line, raw.pixels_per_line, raw.lines, raw.depth
        )

    def start(self, handle: int) -> int:  # noqa: D102
        status = int(self._functions.sane_start(handle))
        self._ignore_sigpipe()
        return status

    def read(self, handle: int, buffer: bytearray, max_length: int) -> tuple[int, int]:  # noqa: D102
        length = ctypes.c_int(0)
        view = (ctypes.c_char * len(buffer)).from_buffer(buffer)
        status = self._functions.sane_read(handle, view, max_length, ctypes.byref(length))
        self._ignore_sigpipe()
        return status, length.value

    def cancel(self, handle: int) -> None:  # noqa: D102
        self._functions.sane_cancel(handle)
        self._ignore_sigpipe()

    def set_io_mode(self, handle: int, non_blocking: bool) -> int:  # noqa: D102
        return int(self._functions.sane_set_io_mode(handle, int(non_blocking)))

    def get_select_fd(self, handle: int) -> tuple[int, int]:  # noqa: D102
        descriptor = ctypes.c_int(-1)
        status = self._functions.sane_get_select_fd(handle, ctypes.byref(descriptor))
        return status, descriptor.value

    def strstatus(self, status: int) -> bytes:  # noqa: D102
        return self._functions.sane_strstatus(status) or b""


def load(path: str | None = None) -> Libsane:
    """Load libsane, without initialising it.

    Args:
        path: A file, or None for the system's `libsane.so.1`.

    Raises:
        SaneMissingError: There is none, or it lacks one of the fourteen functions.
    """
    name = path if path is not None else LIBRARY
    try:
        return Libsane(ctypes.CDLL(name))
    except OSError as error:
        raise SaneMissingError(
            f"{name} cannot be loaded ({error}); on Debian and Ubuntu: apt-get install libsane1"
        ) from error
    except AttributeError as error:
        raise SaneMissingError(f"{name} is not a libsane: {error}") from error


def installed() -> bool:
    """Whether a libsane can be found, without loading it into this process."""
    return find_library("sane") is not None


def load_unwinder() -> bool:
    """Make glibc load what ends threads (libgcc_s) now, on this thread; whether that was possible.

    Otherwise it is loaded when a thread ends for the first time in the process. With back ends of sanei_thread that is the
    reader thread, which runs with asynchronous cancellation and is killed just then: killed inside the loader it leaves
    the loader's locks held, and the next pthread_create or dlclose never returns. Measured in new processes under load:
    8 hangs in 273 processes without this, and the stacks showed those locks. `backtrace` is the public function that has
    this effect and no other.
    """
    try:
        ctypes.CDLL(None).backtrace((ctypes.c_void_p * 1)(), 1)
    except AttributeError:  # no glibc
        return False
    return True


def _sigpipe_keeper() -> Callable[[], object]:
    """A function that ignores SIGPIPE again, from any thread; does nothing if this process does not ignore it."""
    if not hasattr(signal, "SIGPIPE") or signal.getsignal(signal.SIGPIPE) is not signal.SIG_IGN:
        return lambda: None
    function = ctypes.CDLL(None).signal  # Python's own signal() works on the main thread only
    function.restype = ctypes.c_void_p
    function.argtypes = (ctypes.c_int, ctypes.c_void_p)
    return lambda: function(signal.SIGPIPE, int(signal.SIG_IGN))
