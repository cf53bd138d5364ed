"""Calls under way to a worker, seen from the host."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import trio

from device_host.messages import outcome
from device_protocol.aio import hold
from device_protocol.errors import DeviceError


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer.

    Attributes:
        value: of the contract.
        handle: number of the object that was made, 0 if none.
        blob: bytes.
        abandoned: the call was given up, since its caller had gone.
    """

    value: Any
    handle: int = 0
    blob: bytes = b""
    abandoned: bool = False


class Call:
    """A call that was sent; it is answered once, by a reply or by the worker's death.

    Attributes:
        number: its id.
        verb: what was called.
        late: what to do with a reply that nobody waits for any more; None: drop it.
        on_progress: called when the worker says that it is getting somewhere.
    """

    def __init__(self, number: int, verb: str, *, waits_for_device: bool) -> None:
        self.number = number
        self.verb = verb
        self.late: Callable[[Reply], None] | None = None
        self.on_progress: Callable[[], None] | None = None
        self.abandoned = False
        self._holds = not waits_for_device
        self._event = trio.Event()
        self._reply: Reply | None = None
        self._error: DeviceError | None = None

    @property
    def answered(self) -> bool:
        """Whether the answer is there."""
        return self._event.is_set()

    async def wait(self) -> Reply:
        """Wait for the answer; virtual clocks stand still meanwhile, except where the wait is for something that the caller causes itself.

        Raises:
            DeviceError: what the driver raised, or what became of the worker.
        """
        if self._holds:
            with hold():
                await self._event.wait()
        else:
            await self._event.wait()
        if self._error is not None:
            raise self._error
        assert self._reply is not None, "an answered call has a reply or an error"
        return self._reply

    def settle(self, header: dict[str, Any], blob: bytes) -> None:
        """The worker's answer has come.

        Raises:
            PlainError: it is none.
        """
        try:
            value = outcome(header)
        except DeviceError as error:
            self.fail(error)
            return
        handle = header.get("handle", 0)
        self._reply = Reply(value, handle if type(handle) is int else 0, blob, header.get("abandoned") is True)
        self._event.set()
        if self.abandoned and self.late is not None and not self._reply.abandoned:
            self.late(self._reply)

    def fail(self, error: DeviceError) -> None:
        """There will be no reply."""
        if not self._event.is_set():
            self._error = error
            self._event.set()
