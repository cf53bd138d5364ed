"""Commands of one native call each. Arguments and results are plain data; a handle is its address."""

from __future__ import annotations

import ctypes
import sys
from typing import Any, cast

from conformance.sane.worker.binding import Binding
from conformance.sane.worker.guarded import Guarded
from device_protocol.vocabularies.sane_abi import (
    Action,
    Cap,
    CDevice,
    ConstraintType,
    COptionDescriptor,
    CParameters,
    DeviceList,
    ValueType,
)

MAX_DEVICES = 1024
MAX_OPTIONS = 4096
MAX_LIST = 65536
"""Entries of a constraint that are looked at; a longer list is one that does not end."""

_VALUELESS = frozenset({ValueType.BUTTON, ValueType.GROUP})
_BLOCKED = Cap.SOFT_DETECT | Cap.INACTIVE
_FIELDS = ("format", "last_frame", "bytes_per_line", "pixels_per_line", "lines", "depth")


class Calls:
    """The commands. Every buffer that C may write to has guard words; ``hurt`` in an answer says which were written to."""

    def __init__(self, binding: Binding) -> None:
        self.binding = binding
        self._list: Any = None

    def init(self, version: bool) -> dict[str, Any]:
        """``sane_init``, with or without a place for the version."""
        place = Guarded(4)
        pointer = ctypes.cast(place.address, ctypes.POINTER(ctypes.c_int)) if version else None
        status = self.binding.call("sane_init", "&version, NULL" if version else "NULL, NULL", pointer, None)
        return {"status": status, "version": int.from_bytes(place.value, sys.byteorder), "hurt": place.hurt()}

    def exit(self) -> dict[str, Any]:
        """``sane_exit``."""
        self.binding.call("sane_exit", "")
        return {}

    def get_devices(self, local: bool) -> dict[str, Any]:
        """``sane_get_devices``; ``devices`` is null when the list is."""
        found = DeviceList()
        status = self.binding.call("sane_get_devices", f"&list, {int(local)}", ctypes.byref(found), int(local))
        self._list = found
        if status != 0 or not bool(found):  # a null pointer of ctypes is false
            return {"status": status, "devices": None}
        return {"status": status, **self.devices_again()}

    def devices_again(self) -> dict[str, Any]:
        """What stands now at the address of the last device list, without a call."""
        devices: list[list[str | None]] = []
        while len(devices) < MAX_DEVICES and self._list[len(devices)]:
            device = cast("CDevice", self._list[len(devices)].contents)
            devices.append([_text(part) for part in (device.name, device.vendor, device.model, device.type)])
        return {"devices": devices}

    def open(self, name: str) -> dict[str, Any]:
        """``sane_open``."""
        handle = ctypes.c_void_p()
        status = self.binding.call("sane_open", repr(name), name.encode("latin-1"), ctypes.byref(handle))
        return {"status": status, "handle": handle.value or 0}

    def close(self, handle: int) -> dict[str, Any]:
        """``sane_close``."""
        self.binding.call("sane_close", "handle", handle)
        return {}

    def descriptor(self, handle: int, index: int) -> dict[str, Any]:
        """``sane_get_option_descriptor``; ``option`` is null when there is none."""
        pointer = self.binding.call("sane_get_option_descriptor", f"handle, {index}", handle, index)
        return {"option": _option(index, cast("COptionDescriptor", pointer.contents)) if pointer else None}

    def descriptors(self, handle: int, count: int) -> dict[str, Any]:
        """Those of the options 0 to *count* - 1."""
        return {"options": [self.descriptor(handle, index)["option"] for index in range(count)]}

    def snapshot(self, handle: int) -> dict[str, Any]:
        """All descriptors, and the values of those that can be read (``values``: by index, null where the get was refused)."""
        self.descriptor(handle, 0)
        count = int.from_bytes(bytes.fromhex(self.control(handle, 0, 0, "00000000", True)["value"]), sys.byteorder)
        options = self.descriptors(handle, min(count, MAX_OPTIONS))["options"]
        values: dict[str, str | None] = {}
        for option in options:
            if option is None or option["type"] in _VALUELESS or option["cap"] & _BLOCKED != Cap.SOFT_DETECT:
                continue
            answer = self.control(handle, option["index"], 0, "00" * max(0, option["size"]), True)
            values[str(option["index"])] = answer["value"] if answer["status"] == 0 else None
        return {"options": options, "values": values}

    def control(
        self, handle: int, index: int, action: int, value: str | None, info: bool, fill: int = 0xA5
    ) -> dict[str, Any]:
        """``sane_control_option`` with a buffer that begins as *value* (hexadecimal; null: no buffer).

        Args:
            handle: of the device.
            index: of the option.
            action: see ``Action``.
            value: bytes for the buffer.
            info: whether there is a place for the information bits.
            fill: what the place for them is filled with is 0; *fill* is for buffers of a get.
        """
        data = None if value is None else bytes.fromhex(value)
        buffer = None if data is None else Guarded(len(data), fill)
        if buffer is not None and data is not None and action != Action.GET_VALUE:
            buffer.value[:] = data
        bits = Guarded(4, 0)
        said = f"handle, {index}, {_ACTIONS.get(action, str(action))}, {_shown(data, action)}, {'&info' if info else 'NULL'}"
        status = self.binding.call(
            "sane_control_option",
            said,
            handle,
            index,
            action,
            buffer.address if buffer is not None else None,
            ctypes.cast(bits.address, ctypes.POINTER(ctypes.c_int)) if info else None,
            told=lambda: _told(buffer, bits, action),
        )
        hurt = "; ".join(filter(None, (buffer.hurt() if buffer is not None else "", bits.hurt())))
        return {
            "status": status,
            "value": bytes(buffer.value).hex() if buffer is not None else None,
            "info": int.from_bytes(bits.value, sys.byteorder, signed=True),
            "hurt": hurt,
        }

    def get_parameters(self, handle: int) -> dict[str, Any]:
        """``sane_get_parameters``; fields that were not written to are nonsense, on purpose."""
        place = Guarded(ctypes.sizeof(CParameters))
        pointer = ctypes.cast(place.address, ctypes.POINTER(CParameters))

        def told() -> str:
            return ", ".join(f"{name} {getattr(pointer.contents, name)}" for name in _FIELDS)

        status = self.binding.call("sane_get_parameters", "handle, &parameters", handle, pointer, told=told)
        fields = [getattr(pointer.contents, name) for name in _FIELDS]
        return {"status": status, "parameters": fields, "hurt": place.hurt()}

    def start(self, handle: int) -> dict[str, Any]:
        """``sane_start``."""
        return {"status": self.binding.call("sane_start", "handle", handle)}

    def read(self, handle: int, size: int) -> dict[str, Any]:
        """``sane_read`` of at most *size* bytes."""
        buffer, length = Guarded(size), Guarded(4)
        counter = ctypes.cast(length.address, ctypes.POINTER(ctypes.c_int))
        counter.contents.value = -1  # what a back end leaves if it does not set it
        status = self.binding.call(
            "sane_read",
            f"handle, buffer, {size}, &length",
            handle,
            buffer.address,
            size,
            counter,
            told=lambda: f"length {counter.contents.value}",
        )
        hurt = "; ".join(filter(None, (buffer.hurt(), length.hurt())))
        return {"status": status, "length": counter.contents.value, "hurt": hurt}

    def cancel(self, handle: int) -> dict[str, Any]:
        """``sane_cancel``."""
        self.binding.call("sane_cancel", "handle", handle)
        return {}

    def set_io_mode(self, handle: int, non_blocking: bool) -> dict[str, Any]:
        """``sane_set_io_mode``."""
        return {"status": self.binding.call("sane_set_io_mode", f"handle, {non_blocking:d}", handle, int(non_blocking))}

    def get_select_fd(self, handle: int) -> dict[str, Any]:
        """``sane_get_select_fd``."""
        place = Guarded(4)
        pointer = ctypes.cast(place.address, ctypes.POINTER(ctypes.c_int))
        status = self.binding.call("sane_get_select_fd", "handle, &fd", handle, pointer)
        return {"status": status, "descriptor": pointer.contents.value, "hurt": place.hurt()}

    def strstatus(self, status: int) -> dict[str, Any]:
        """``sane_strstatus``."""
        return {"text": _text(self.binding.call("sane_strstatus", str(status), status))}


_ACTIONS: dict[int, str] = {Action.GET_VALUE: "GET", Action.SET_VALUE: "SET", Action.SET_AUTO: "SET_AUTO"}


def _text(raw: bytes | None) -> str | None:
    return None if raw is None else raw.decode("latin-1")


def _shown(data: bytes | None, action: int) -> str:
    if data is None:
        return "NULL"
    if action == Action.GET_VALUE:
        return "value"
    return _value(data)


def _value(data: bytes) -> str:
    """Words or text, as far as a reader of a trace can use it."""
    words = [int.from_bytes(data[at : at + 4], sys.byteorder, signed=True) for at in range(0, min(len(data), 12), 4)]
    text = data.partition(b"\0")[0]
    if text and all(32 <= byte < 127 for byte in text):
        return repr(text.decode("ascii"))
    return "{" + ", ".join(map(str, words)) + (", ...}" if len(data) > 12 else "}")


def _told(buffer: Guarded | None, bits: Guarded, action: int) -> str:
    words = []
    if buffer is not None and action == Action.GET_VALUE:
        words.append(_value(bytes(buffer.value)))
    info = int.from_bytes(bits.value, sys.byteorder, signed=True)
    if info:
        words.append(f"info {info}")
    return " ".join(words)


def _option(index: int, raw: COptionDescriptor) -> dict[str, Any]:
    kind, pointer = raw.constraint_type, raw.constraint
    constraint: dict[str, Any] = {"kind": kind, "null": False}
    if kind == ConstraintType.RANGE:
        constraint["null"] = not pointer.range
        if pointer.range:
            limits = pointer.range.contents
            constraint["range"] = [limits.min, limits.max, limits.quant]
    elif kind == ConstraintType.WORD_LIST:
        constraint["null"] = not pointer.word_list
        if pointer.word_list:
            count = pointer.word_list[0]
            constraint["count"] = count
            constraint["words"] = [pointer.word_list[1 + at] for at in range(max(0, min(count, MAX_LIST)))]
    elif kind == ConstraintType.STRING_LIST:
        constraint["null"] = not pointer.string_list
        if pointer.string_list:
            constraint["texts"] = _texts(pointer.string_list)
    return {
        "index": index,
        "address": ctypes.addressof(raw),
        "name": _text(raw.name),
        "title": _text(raw.title),
        "desc": _text(raw.desc),
        "type": raw.type,
        "unit": raw.unit,
        "size": raw.size,
        "cap": raw.cap,
        "constraint": constraint,
    }


def _texts(pointer: Any) -> list[str]:
    found: list[str] = []
    while len(found) < MAX_LIST and pointer[len(found)] is not None:
        found.append(pointer[len(found)].decode("latin-1"))
    return found
