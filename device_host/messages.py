"""What the headers of frames say. Standard library only; both sides of the border use it.

A header has a key ``t``. From a host: LOAD, CALL, ABANDON, RELEASE, PREFER, BYE. From a worker: HELLO (always its first frame), REPLY, PART, EVENT, CHANGE,
ENDED, PROGRESS. Calls and replies meet by ``id``; objects (sessions, jobs, pages, controls, streams) by a number that the side that made them gave out:
workers count upwards from 1, hosts give streams negative numbers, and 0 is the backend.
"""

from __future__ import annotations

import os
import platform
import traceback
from typing import Any, Final

from device_protocol.codes import Code
from device_protocol.errors import DeviceError, NativeError, Phase
from device_protocol.plain import PlainError, from_plain, to_plain
from device_protocol.revision import CONTRACT_REVISION, supported

HELLO: Final = "hello"
LOAD: Final = "load"
CALL: Final = "call"
REPLY: Final = "reply"
PART: Final = "part"
"""A piece of a blob that is too large for one frame; the call or reply of the same ``id`` follows and carries the last piece."""
ABANDON: Final = "abandon"
"""The caller of ``id`` has gone; the call may be given up if the driver can."""
RELEASE: Final = "release"
"""Nobody can call these objects any more."""
PREFER: Final = "prefer"
EVENT: Final = "event"
CHANGE: Final = "change"
ENDED: Final = "ended"
"""A stream has ended."""
PROGRESS: Final = "progress"
"""The call of ``id`` is still getting somewhere."""
BYE: Final = "bye"

BACKEND: Final = 0
PART_BYTES: Final = 32 << 20
MAX_READ: Final = 16 << 20
"""The most that one ``read`` brings across; more can be asked for, and the contract allows less."""
FAREWELL: Final = 1.0
"""Seconds for a driver to give its devices back when the host has gone without a goodbye."""


def hello() -> dict[str, Any]:
    """The first frame of a worker that has not been told its driver yet."""
    return {"t": HELLO, "revision": CONTRACT_REVISION, "form": None, "driver": None, "version": None} | {
        "pid": os.getpid(),
        "python": platform.python_version(),
    }


def check_hello(header: dict[str, Any]) -> None:
    """Refuse a first frame that is no hello, or a worker that is built on a newer contract.

    Raises:
        DeviceError: INTERNAL for the former, UNSUPPORTED for the latter.
    """
    revision = header.get("revision")
    if header.get("t") != HELLO or not isinstance(revision, int):
        raise DeviceError(Code.INTERNAL, "The worker did not begin with a hello.")
    check_revision(revision, "The worker")


def check_revision(revision: int, who: str) -> None:
    """Refuse somebody who speaks another revision of the contract.

    Raises:
        DeviceError: UNSUPPORTED, with both revisions.
    """
    if supported(revision):
        return
    what = "newer" if revision > CONTRACT_REVISION else "older"
    raise DeviceError(
        Code.UNSUPPORTED,
        f"{who} speaks revision {revision} of the device contract, which is {what} than revision {CONTRACT_REVISION} of this installation. "
        f"Update {'flatbed' if what == 'newer' else 'the driver'}.",
    )


def reply(call: int, value: object = None, **more: Any) -> dict[str, Any]:
    """The header of an answer; *more* is JSON as it stands (handles)."""
    try:
        return {"t": REPLY, "id": call, "value": to_plain(value)} | more
    except PlainError as error:
        return failure(call, DeviceError(Code.INTERNAL, f"The driver's answer cannot be passed on: {error}."))


def failure(call: int, error: DeviceError) -> dict[str, Any]:
    """The header of a refusal."""
    return {"t": REPLY, "id": call, "error": to_plain(error)}


def outcome(header: dict[str, Any]) -> Any:
    """What a reply says.

    Raises:
        DeviceError: what the other side raised.
        PlainError: it is no reply.
    """
    error = header.get("error")
    if error is None:
        return from_plain(header.get("value"))
    decoded = from_plain(error)
    raise decoded if isinstance(decoded, DeviceError) else PlainError("an error that is none")


def arguments(header: dict[str, Any]) -> list[Any]:
    """The arguments of a call.

    Raises:
        PlainError: they are no values of the contract.
    """
    items = header.get("args", [])
    if not isinstance(items, list):
        raise PlainError("arguments that are no list")
    return [from_plain(item) for item in items]


def as_device_error(error: BaseException, phase: Phase | None = None) -> DeviceError:
    """*error* itself if it is of the contract, else INTERNAL with the traceback as native text (ERR-08)."""
    if isinstance(error, DeviceError):
        return error
    text = "".join(traceback.format_exception(error))[-16384:]
    first = f"{type(error).__name__}: {error}".rstrip(": ")
    return DeviceError(
        Code.INTERNAL,
        f"The driver failed: {first[:500]}",
        phase=phase,
        native=NativeError("python", type(error).__name__, text),
    )
