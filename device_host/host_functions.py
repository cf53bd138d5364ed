"""The host of the codec process: functions on the main thread, blobs in and out. Standard library only until the first call."""

from __future__ import annotations

import importlib
from typing import Any

from device_host.frames import Frame, FrameError
from device_host.messages import BYE, CALL, PART, arguments, as_device_error, failure, reply
from device_host.wire import Wire
from device_protocol.codes import Code
from device_protocol.errors import DeviceError


def serve_functions(wire: Wire, load: int) -> int:
    """Run functions until the other side ends it; gives the exit status."""
    wire.send(reply(load))
    parts: dict[Any, list[bytes]] = {}
    while True:
        frame = wire.receive()
        assert frame is not None, "a wait without a limit ends with a frame"
        kind, number = frame.header.get("t"), frame.header.get("id")
        if kind == BYE:
            return 0
        if kind == PART:
            parts.setdefault(number, []).append(frame.blob)
        elif kind == CALL and isinstance(number, int):
            _answer(wire, number, frame, b"".join([*parts.pop(number, []), frame.blob]))
        elif kind not in {"abandon", "release"}:
            raise FrameError(f"a frame of kind {kind!r}")


def _answer(wire: Wire, number: int, frame: Frame, data: bytes) -> None:
    try:
        module, _, name = str(frame.header.get("verb")).partition(":")
        function = getattr(importlib.import_module(module), name)
        made = function(data, *arguments(frame.header))
        value, blob = (None, made) if isinstance(made, bytes) else made
    except ValueError as error:  # EncodingError and its family: the function cannot use what it was given
        wire.send(failure(number, DeviceError(Code.UNSUPPORTED, f"{error}")))
    except Exception as error:  # noqa: BLE001  # whatever a codec raises is an answer
        wire.send(failure(number, as_device_error(error)))
    else:
        wire.send_parts(reply(number, value), blob)
