"""A libsane in plain Python: a scripted device behind the `Native` interface. Also a driver made of it, for hosts."""

from __future__ import annotations

import ctypes
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from device_drivers.sane.driver import SaneBackend
from device_drivers.sane.library import Sane
from device_protocol.driver import Driver, Form
from device_protocol.vocabularies.sane_abi import (
    Cap,
    ConstraintType,
    COptionDescriptor,
    CRange,
    Frame,
    Info,
    Parameters,
    Status,
    ValueType,
)

READ_WRITE = Cap.SOFT_SELECT | Cap.SOFT_DETECT
GREY = Parameters(Frame.GRAY, True, 4, 4, 3, 8)


@dataclass
class FakeOption:
    """An option: its descriptor's fields, its bytes, and what a set does beyond storing them."""

    name: str
    type: int = ValueType.INT
    size: int = 4
    cap: int = READ_WRITE
    value: bytes = struct.pack("=i", 0)
    words: tuple[int, ...] | None = None
    strings: tuple[bytes, ...] | None = None
    range: tuple[int, int, int] | None = None
    on_set: Callable[[FakeNative, bytearray], int] | None = None
    kept: list[Any] = field(default_factory=list)

    def descriptor(self) -> COptionDescriptor:
        """The C structure; what it points to stays in `kept`."""
        raw = COptionDescriptor(
            name=self.name.encode(), title=b"T", desc=b"D", type=self.type, size=self.size, cap=self.cap
        )
        if self.words is not None:
            array = (ctypes.c_int * (len(self.words) + 1))(len(self.words), *self.words)
            raw.constraint_type = ConstraintType.WORD_LIST
            raw.constraint.word_list = ctypes.cast(array, ctypes.POINTER(ctypes.c_int))
            self.kept.append(array)
        if self.strings is not None:
            texts = (ctypes.c_char_p * (len(self.strings) + 1))(*self.strings, None)
            raw.constraint_type = ConstraintType.STRING_LIST
            raw.constraint.string_list = ctypes.cast(texts, ctypes.POINTER(ctypes.c_char_p))
            self.kept.append(texts)
        if self.range is not None:
            limits = CRange(*self.range)
            raw.constraint_type = ConstraintType.RANGE
            raw.constraint.range = ctypes.pointer(limits)
            self.kept.append(limits)
        self.kept.append(raw)
        return raw


Portion = bytes | int | Callable[["FakeNative"], "tuple[int, bytes]"]
"""What one sane_read gives: bytes, a status, or whatever a function says."""


class FakeNative:
    """One device called `fake:0`.

    Args:
        options: After the count, which is made here.
        frames: For each sane_start: parameters and what the reads give; a status instead lets the start fail.
    """

    def __init__(
        self, *options: FakeOption, frames: list[tuple[Parameters, list[Portion]] | int] | None = None
    ) -> None:
        self.options = [FakeOption("", value=b""), *options]
        self.frames = frames if frames is not None else [(GREY, [b"abcdefghijkl"])]
        self.calls: list[str] = []
        self.version = 0x01000003
        self.names: list[bytes] = [b"fake:0"]
        self.on_cancel: Callable[[], None] = lambda: None
        self.cancelled = threading.Event()
        self._place = -1
        self._reads: list[Portion] = []
        self._parameters = GREY

    def init(self) -> tuple[int, int]:
        """See `Native`, here and below."""
        self.calls.append("init")
        return 0, self.version

    def exit(self) -> None:
        self.calls.append("exit")

    def get_devices(self, local_only: bool) -> tuple[int, list[tuple[bytes, bytes, bytes, bytes]]]:
        return 0, [(name, b"Maker", b"Model \xe4", b"flatbed scanner") for name in self.names]

    def open(self, name: bytes) -> tuple[int, int]:
        self.calls.append(f"open {name.decode('latin-1')}")
        return (0, 1) if name in self.names else (Status.INVAL, 0)

    def close(self, handle: int) -> None:
        self.calls.append("close")

    def get_option_descriptor(self, handle: int, index: int) -> COptionDescriptor | None:
        return self.options[index].descriptor() if 0 <= index < len(self.options) else None

    def control_option(self, handle: int, index: int, action: int, value: bytearray | None) -> tuple[int, int]:
        option = self.options[index]
        if index == 0 and value is not None:
            value[:4] = struct.pack("=i", len(self.options))
            return 0, 0
        if action == 0 and value is not None:
            value[: len(option.value)] = option.value
            return 0, 0
        self.calls.append(f"set {option.name}")
        info = 0
        if value is not None:
            info = option.on_set(self, value) if option.on_set is not None else 0
            if info >= 0:
                option.value = bytes(value[: option.size])
        return (0, info) if info >= 0 else (-info, 0)

    def get_parameters(self, handle: int) -> tuple[int, Parameters]:
        return 0, self._parameters

    def start(self, handle: int) -> int:
        self.calls.append("start")
        self._place += 1
        frame = self.frames[self._place % len(self.frames)]
        if isinstance(frame, int):
            return frame
        self._parameters, reads = frame
        self._reads = list(reads)
        return 0

    def read(self, handle: int, buffer: bytearray, max_length: int) -> tuple[int, int]:
        if not self._reads:
            return Status.EOF, 0
        portion = self._reads.pop(0)
        if isinstance(portion, int):
            return portion, 0
        status, data = portion(self) if callable(portion) else (0, portion)
        if len(data) > max_length and not callable(portion):
            self._reads.insert(0, data[max_length:])
            data = data[:max_length]
        buffer[: len(data)] = data
        return status, len(data)

    def cancel(self, handle: int) -> None:
        self.calls.append("cancel")
        self.cancelled.set()
        self.on_cancel()

    def set_io_mode(self, handle: int, non_blocking: bool) -> int:
        return Status.UNSUPPORTED

    def get_select_fd(self, handle: int) -> tuple[int, int]:
        return Status.UNSUPPORTED, -1

    def strstatus(self, status: int) -> bytes:
        return f"status {status}".encode()


def mode_option() -> FakeOption:
    """A `mode` with one value that makes the options reload."""
    return FakeOption(
        "mode",
        ValueType.STRING,
        8,
        value=b"Gray\0\0\0\0",
        strings=(b"Gray",),
        on_set=lambda _native, _value: int(Info.RELOAD_OPTIONS),
    )


def make_hanging(config: Mapping[str, Any]) -> SaneBackend:
    """A backend whose sane_cancel does not return: what the reader thread of `test` does once in ten thousand times.

    It happens once: as long as the file config["flag"] is there, which it removes.
    """
    flag = Path(config["flag"])

    def cancel() -> None:
        if flag.exists():
            flag.unlink()
            threading.Event().wait()

    native = FakeNative(mode_option(), frames=[(Parameters(Frame.GRAY, True, 4, 4, 50, 8), [b"abcd"] * 50)])
    native.on_cancel = cancel
    return SaneBackend(lambda: Sane(native))


hanging = Driver(name="hanging", form=Form.BLOCKING, factory=make_hanging)
