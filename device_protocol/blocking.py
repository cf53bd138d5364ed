"""The blocking form of the contract, for native code. Standard library only.

The driver owns its main loop: the host calls ``run(inbox, wake)`` on the worker's main thread, and ``run`` executes the calls that it takes from the
inbox, between whatever else its loop must do (a Windows message pump, an NSRunLoop). Every verb is executed on that thread; only ``cancel`` may come from
another one. Semantics, states and errors are those of the trio form (:mod:`device_protocol.states`).
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from device_protocol.capabilities import DeviceCaps
from device_protocol.control import ControlCaps
from device_protocol.devices import DeviceList
from device_protocol.options import ApplyResult, Option, SetResult
from device_protocol.pages import PageEnd, PageInfo, PageParams
from device_protocol.settings import Settings
from device_protocol.states import JobState
from device_protocol.status import Event, Status
from device_protocol.values import Auto, Value

Call = Callable[[], None]


class Inbox:
    """The calls that wait for the driver's main thread. ``None`` from :meth:`get` means that the host is going away."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Call | None] = queue.SimpleQueue()
        self._wake: Callable[[], None] | None = None
        self.closed = False

    def put(self, call: Call) -> None:
        """Hand in a call; from any thread. Wakes the driver's loop if it asked for that."""
        self._queue.put(call)
        self._poke()

    def close(self) -> None:
        """Tell the driver to leave its loop; from any thread."""
        self.closed = True
        self._queue.put(None)
        self._poke()

    def get(self, timeout: float | None = None) -> Call | None:
        """The next call; waits for it.

        Raises:
            TimeoutError: none came within *timeout* seconds (0: do not wait).
        """
        try:
            return self._queue.get(timeout=timeout) if timeout != 0 else self._queue.get_nowait()
        except queue.Empty:
            raise TimeoutError from None

    def on_wake(self, wake: Callable[[], None]) -> None:
        """Have *wake* called, from the host's thread, after each call that is put in (for example to post a Windows message)."""
        self._wake = wake

    def _poke(self) -> None:
        if self._wake is not None:
            self._wake()


def run_queue(inbox: Inbox, idle: Callable[[], None] | None = None, interval: float = 0.05) -> None:
    """The main loop of a driver that needs none of its own: execute calls until the host goes away.

    Args:
        inbox: where the calls come from.
        idle: called when there was nothing to do for *interval* seconds (to poll a device).
        interval: seconds.
    """
    while True:
        try:
            call = inbox.get(interval if idle is not None else None)
        except TimeoutError:
            assert idle is not None
            idle()
            continue
        if call is None:
            return
        call()


class BlockingPage(Protocol):
    """A page whose bytes are pulled."""

    info: PageInfo

    def read(self, max_bytes: int) -> bytes:
        """1 to *max_bytes* bytes, or ``b""`` once at the end (DATA-01, DATA-03)."""
        ...

    def end(self) -> PageEnd:
        """Leave the page; what was not read is lost."""
        ...


class BlockingJob(Protocol):
    """A scan under way."""

    def next_page(self) -> BlockingPage | None:
        """The next page, or None at the end."""
        ...

    def cancel(self) -> None:
        """Initiate a cancellation; from any thread, at any time, without raising."""
        ...

    def settled(self) -> JobState:
        """Bring a cancellation to its end and give the job's terminal state."""
        ...


class BlockingSession(Protocol):
    """An open device."""

    def caps(self) -> DeviceCaps:
        """What the device can do."""
        ...

    def options(self) -> tuple[Option, ...]:
        """All options as they are now."""
        ...

    def get(self, name: str) -> Value:
        """The value of an option."""
        ...

    def set(self, name: str, value: Value | Auto) -> SetResult:
        """Set one option."""
        ...

    def apply(self, settings: Settings) -> ApplyResult:
        """Set all that *settings* names, or nothing."""
        ...

    def reset(self, names: tuple[str, ...] | None = None) -> ApplyResult:
        """Restore defaults."""
        ...

    def params(self) -> PageParams:
        """An estimate of the next page's parameters."""
        ...

    def start(self, settings: Settings, pages: int | str) -> BlockingJob:
        """Start a job of at most *pages* pages; the settings are to be applied first."""
        ...

    def status(self) -> Status:
        """A snapshot."""
        ...

    def poll_events(self) -> tuple[Event, ...]:
        """The events since the last call, in order."""
        ...

    def cancel(self) -> None:
        """Cancel the current job, if any; from any thread."""
        ...

    def close(self) -> None:
        """End any job and give the device back; idempotent."""
        ...


class BlockingBackend(Protocol):
    """A driver in its blocking form."""

    def devices(self) -> DeviceList:
        """A new enumeration, with native ids."""
        ...

    def open(self, device_id: str) -> BlockingSession:
        """Open a device by its native id."""
        ...

    def control_caps(self, device_id: str) -> ControlCaps:
        """What can be controlled; empty for real devices."""
        ...

    def control(self, device_id: str, action: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """Do an action of :mod:`device_protocol.control`."""
        ...

    def run(self, inbox: Inbox) -> None:
        """Own the main loop until the inbox says that the host goes away; :func:`run_queue` is enough for most."""
        ...

    def close(self) -> None:
        """Give everything back."""
        ...
