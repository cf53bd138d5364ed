"""What has changed, for a page that stays current without reloading: a long poll over topics.

A topic is ``device:ID``, ``devices`` (the list), ``jobs`` or ``service``. There is no queue of events: whoever is slow sees the latest state and nothing grows
(:class:`device_protocol.aio.Marks`). Labs of virtual devices are only asked while somebody waits here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
import trio

from device_protocol import Code, DeviceError
from device_protocol.aio import Marks
from reference_server.control.devices import DeviceDesk
from reference_server.control.models import NewsAnswer
from reference_server.errors import RestError, overloaded
from reference_server.events.hub import EventHub, HubClosedError, LostError, Reader

log = structlog.get_logger("news")

WAIT_SECONDS = 20.0
"""How long a request waits for news."""
LAB_SECONDS = 5.0
"""How long one question to a lab waits."""
RETRY_SECONDS = 2.0
WAITING = 32
"""Requests that may wait at the same time."""
TOPICS = {"device": "devices", "job": "jobs", "page": "jobs", "buffer": "service"}
"""Of the service's own events, by the first part of their type."""
SERVICE = "service"


def device_topic(device_id: str) -> str:
    """The topic of one device."""
    return f"device:{device_id}"


class News:
    """See the module.

    Args:
        hub: where the service tells what happens.
        desk: reaches the labs.
    """

    def __init__(self, hub: EventHub, desk: DeviceDesk) -> None:
        self._hub = hub
        self._desk = desk
        self._marks = Marks()
        self._waiting = 0
        self._asked = trio.Event()
        self._followed: set[str] = set()
        self._nursery: trio.Nursery | None = None
        self._closed = False

    def mark(self, topic: str) -> None:
        """*topic* has changed."""
        self._marks.mark(topic)

    def mark_service(self) -> None:
        """Something of the service itself has changed."""
        self._marks.mark(SERVICE)

    async def wait(self, since: int) -> NewsAnswer:
        """What has changed after *since*; waits for it, but not for ever.

        Raises:
            RestError: 503 when too many wait, or the service is going down.
        """
        if self._closed:
            raise overloaded("The service is going down.")
        if self._waiting >= WAITING:
            raise overloaded("Too many requests are waiting for news.")
        with self._count():
            self._follow_labs()
            await self._marks.wait(since, WAIT_SECONDS)
        return NewsAnswer(topics=self._marks.since(since), next=self._marks.head)

    async def run(self) -> None:
        """Runs beside the service."""
        try:
            async with trio.open_nursery() as self._nursery:
                await self._follow_hub()
                self._closed = True
                self._marks.mark(SERVICE)  # whoever waits is told to ask again, and then that it is over
                self._nursery.cancel_scope.cancel()
        finally:
            self._nursery = None

    async def _follow_hub(self) -> None:
        reader = Reader(self._hub)
        while True:
            try:
                told = await reader.next()
            except LostError:
                reader = Reader(self._hub)
                for topic in dict.fromkeys(TOPICS.values()):
                    self._marks.mark(topic)
                continue
            except HubClosedError:
                return
            subject = told.event.type.partition(".")[0]
            if subject in TOPICS:
                self._marks.mark(TOPICS[subject])

    def _follow_labs(self) -> None:
        """Have a task for each driver of virtual devices that does not have one."""
        for device_id in self._desk.virtual():
            driver = device_id.partition(":")[0]
            if driver not in self._followed and self._nursery is not None:
                self._followed.add(driver)
                self._nursery.start_soon(self._follow_lab, driver)

    async def _follow_lab(self, driver: str) -> None:
        since = 0
        while True:
            while not self._waiting:
                await self._asked.wait()
            device_id = next((name for name in self._desk.virtual() if name.partition(":")[0] == driver), None)
            try:
                if device_id is None:
                    raise DeviceError(Code.NOT_FOUND, "It has no devices now.")  # noqa: TRY301  # the same as if it had lost them this moment
                changed, since = await self._desk.watch(device_id, since, LAB_SECONDS)
            except RestError as error:
                log.debug("no news", driver=driver, message=error.message)
                if error.status == 400:
                    return  # it has no such action, and will not get it
                await trio.sleep(RETRY_SECONDS)
            except DeviceError:
                await trio.sleep(RETRY_SECONDS)
            else:
                for name in changed:
                    self._marks.mark(device_topic(name))

    @contextmanager
    def _count(self) -> Iterator[None]:
        self._waiting += 1
        self._asked.set()
        self._asked = trio.Event()
        try:
            yield
        finally:
            self._waiting -= 1
