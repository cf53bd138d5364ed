"""The trio form of the contract: interfaces, guard, clocks, event streams.

What may come in: what a trio driver or its caller needs to speak the contract. What may not: workers, sockets and processes (device_host), devices of
any kind. Imports trio; the rest of the contract does not.
"""

from device_protocol.aio.clocks import DeviceClock, ManualClock, RealClock, ScaledClock
from device_protocol.aio.events import EventStream
from device_protocol.aio.guard import GuardedBackend, guard
from device_protocol.aio.holds import hold
from device_protocol.aio.interfaces import Backend, Control, EncodingJob, Job, Page, Session, WatchableBackend
from device_protocol.aio.marks import Marks
from device_protocol.aio.reading import pages_of, read_all

__all__ = [
    "Backend",
    "Control",
    "DeviceClock",
    "EncodingJob",
    "EventStream",
    "GuardedBackend",
    "Job",
    "ManualClock",
    "Marks",
    "Page",
    "RealClock",
    "ScaledClock",
    "Session",
    "WatchableBackend",
    "guard",
    "hold",
    "pages_of",
    "read_all",
]
