"""Every native call can be watched: `Traced` stands around a `Native` and tells a hook of each call and its time.

The hook gets `(call, arguments, status, seconds)`. Buffers are told by their length, never by their content. Calls
without a status (exit, close, cancel, descriptors) tell 0. A hook that raises is the caller's fault and passes through.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import TypeVar

from device_drivers.sane.native import Native, RawDevice
from device_drivers.sane.text import decode
from device_protocol.vocabularies.sane_abi import COptionDescriptor, Parameters, status_name

Trace = Callable[[str, tuple[object, ...], int, float], None]
_T = TypeVar("_T")


class Traced:
    """A `Native` that reports; every method does what the wrapped one does."""

    def __init__(self, native: Native, hook: Trace) -> None:
        self._native = native
        self._hook = hook

    def _timed(
        self, call: str, arguments: tuple[object, ...], function: Callable[[], _T], status: Callable[[_T], int]
    ) -> _T:
        began = perf_counter()
        result = function()
        self._hook(call, arguments, status(result), perf_counter() - began)
        return result

    def init(self) -> tuple[int, int]:  # noqa: D102  # see Native, here and below
        return self._timed("sane_init", (), self._native.init, _first)

    def exit(self) -> None:  # noqa: D102
        self._timed("sane_exit", (), self._native.exit, _good)

    def get_devices(self, local_only: bool) -> tuple[int, list[RawDevice]]:  # noqa: D102
        return self._timed("sane_get_devices", (local_only,), lambda: self._native.get_devices(local_only), _first)

    def open(self, name: bytes) -> tuple[int, int]:  # noqa: D102
        return self._timed("sane_open", (name,), lambda: self._native.open(name), _first)

    def close(self, handle: int) -> None:  # noqa: D102
        self._timed("sane_close", (), lambda: self._native.close(handle), _good)

    def get_option_descriptor(self, handle: int, index: int) -> COptionDescriptor | None:  # noqa: D102
        function = self._native.get_option_descriptor
        return self._timed("sane_get_option_descriptor", (index,), lambda: function(handle, index), _good)

    def control_option(  # noqa: D102
        self, handle: int, index: int, action: int, value: bytearray | None
    ) -> tuple[int, int]:
        size = None if value is None else len(value)
        function = self._native.control_option
        return self._timed(
            "sane_control_option", (index, action, size), lambda: function(handle, index, action, value), _first
        )

    def get_parameters(self, handle: int) -> tuple[int, Parameters]:  # noqa: D102
        return self._timed("sane_get_parameters", (), lambda: self._native.get_parameters(handle), _first)

    def start(self, handle: int) -> int:  # noqa: D102
        return self._timed("sane_start", (), lambda: self._native.start(handle), int)

    def read(self, handle: int, buffer: bytearray, max_length: int) -> tuple[int, int]:  # noqa: D102
        return self._timed("sane_read", (max_length,), lambda: self._native.read(handle, buffer, max_length), _first)

    def cancel(self, handle: int) -> None:  # noqa: D102
        self._timed("sane_cancel", (), lambda: self._native.cancel(handle), _good)

    def set_io_mode(self, handle: int, non_blocking: bool) -> int:  # noqa: D102
        function = self._native.set_io_mode
        return self._timed("sane_set_io_mode", (non_blocking,), lambda: function(handle, non_blocking), int)

    def get_select_fd(self, handle: int) -> tuple[int, int]:  # noqa: D102
        return self._timed("sane_get_select_fd", (), lambda: self._native.get_select_fd(handle), _first)

    def strstatus(self, status: int) -> bytes:  # noqa: D102
        return self._native.strstatus(status)


class TraceFile:
    """A hook that appends one JSON object a line: time since the start, call, arguments, status name, seconds.

    Written at once, so that the last line before a hang or a crash is the last call that returned.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)  # as long as the process
        self._began = perf_counter()

    def __call__(self, call: str, arguments: tuple[object, ...], status: int, seconds: float) -> None:
        """Write a line."""
        record = {
            "at": round(perf_counter() - self._began, 6),
            "call": call,
            "arguments": [decode(item) if isinstance(item, bytes) else item for item in arguments],
            "status": status_name(status),
            "seconds": round(seconds, 6),
        }
        os.write(self._file, json.dumps(record).encode() + b"\n")


def _first(result: tuple[int, object]) -> int:
    return result[0]


def _good(_result: object) -> int:
    return 0
