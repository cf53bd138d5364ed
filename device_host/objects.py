"""What a host has handed out: sessions, jobs, pages and controls by number. Standard library only; both worker hosts use it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from device_host import verbs
from device_host.messages import BACKEND
from device_protocol.blocking import BlockingBackend
from device_protocol.codes import Code
from device_protocol.control import ControlCaps
from device_protocol.errors import DeviceError, Phase

_VERBS = {
    "backend": verbs.BACKEND,
    "session": verbs.SESSION,
    "job": verbs.JOB,
    "page": verbs.PAGE,
    "control": verbs.CONTROL,
}


@dataclass(eq=False, slots=True)
class Handle:
    """Something that the other side can name.

    Attributes:
        kind: ``backend``, ``session``, ``job``, ``page`` or ``control``.
        thing: the driver's object, or the host's in its place.
        job: of a session, its current job.
        over: of a job, whether a cancellation was asked for or its end was seen, so that its state can be settled.
        waiters: of a job, the calls that wait for its terminal state.
    """

    kind: str
    thing: Any
    job: Handle | None = None
    over: bool = False
    waiters: list[int] = field(default_factory=list)


class Objects:
    """Handles by number."""

    def __init__(self, backend: object) -> None:
        self._numbers = itertools.count(1)
        self._handles = {BACKEND: Handle("backend", backend)}

    def add(self, handle: Handle) -> int:
        """Give out a number; from any thread."""
        number = next(self._numbers)
        self._handles[number] = handle
        return number

    def find(self, number: object) -> Handle | None:
        """The handle of that number, if it is still known."""
        return self._handles.get(number) if isinstance(number, int) else None

    def get(self, number: object, verb: str) -> Handle:
        """The handle of a call.

        Raises:
            DeviceError: CLOSED, nobody knows the number any more; INTERNAL, it has no such verb.
        """
        handle = self.find(number)
        if handle is None:
            raise DeviceError(Code.CLOSED, f"{verb}: object {number!r} is not known.")
        if verb not in _VERBS[handle.kind]:
            raise DeviceError(Code.INTERNAL, f"A {handle.kind} has no verb {verb!r}.")
        return handle

    def drop(self, numbers: object) -> None:
        """Forget objects; the backend stays."""
        for number in numbers if isinstance(numbers, list) else []:
            if number != BACKEND:
                self._handles.pop(number, None)


class BlockingControl:
    """The control of one device of a blocking backend."""

    def __init__(self, backend: BlockingBackend, device_id: str, caps: ControlCaps) -> None:
        self._backend = backend
        self._device_id = device_id
        self._caps = caps

    @classmethod
    def find(cls, backend: BlockingBackend, device_id: str) -> BlockingControl:
        """Control of *device_id*.

        Raises:
            DeviceError: UNSUPPORTED, it has none; NOT_FOUND.
        """
        caps = backend.control_caps(device_id)
        if not caps.actions and not caps.faults:
            raise DeviceError(Code.UNSUPPORTED, f"{device_id} has nothing to control.", phase=Phase.CONTROL)
        return cls(backend, device_id, caps)

    def caps(self) -> ControlCaps:
        """Which actions and faults there are."""
        return self._caps

    def perform(self, action: str, arguments: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """Do *action*."""
        return self._backend.control(self._device_id, action, arguments or {})
