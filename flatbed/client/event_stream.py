"""The event stream as an application wants it: one sequence without loss, whatever happens to the connection."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

import trio
from trio_websocket import ConnectionClosed

from flatbed.client.errors import ClientError, RestError, UnreachableError
from flatbed.client.link import Link
from flatbed.client.results import Event

PATH = "/api/flatbed/events"
PROTOCOL = "flatbed.events.v1"
WAITING = 256
"""Events that are held for an application that is slow; then the service holds them, and drops the connection when it has too many."""
PAUSES = (0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0)
"""Seconds before each attempt to connect again; the last one counts for ever."""
PASSING = frozenset({429, 503})
"""Refusals that pass."""


class EventStream:
    """Events in order; made by :func:`open_events`.

    Attributes:
        last: number of the last event that was given; None before the first.
        reconnects: how often the connection was lost and had again.
    """

    def __init__(self, inbox: trio.MemoryReceiveChannel[Event]) -> None:
        self._inbox = inbox
        self.last: int | None = None
        self.reconnects = 0
        self.failure: ClientError | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        """The next event; waits for it.

        Raises:
            RestError: the service lets this client in no more.
        """
        try:
            event = await self._inbox.receive()
        except trio.EndOfChannel:
            raise self.failure or StopAsyncIteration from None
        self.last = event.seq
        return event


@asynccontextmanager
async def open_events(link: Link, since: int | None) -> AsyncIterator[EventStream]:
    """The events of a service from now on, or all after the number *since*.

    Without *since* the first is a ``snapshot``. A lost connection is had again, and what happened meanwhile is given; if the service cannot (it was
    restarted, or it was too long), a ``gap`` says so, and a ``snapshot`` follows.

    Raises:
        RestError: the service refuses the stream.
        UnreachableError: the service does not answer at the first attempt.
    """
    outbox, inbox = trio.open_memory_channel[Event](WAITING)
    stream = EventStream(inbox)
    failures: list[Exception] = []
    async with trio.open_nursery() as nursery:
        pump = _Pump(link, outbox, stream, since)
        try:
            await pump.connected_once(nursery)
            yield stream
        except Exception as error:  # noqa: BLE001  # raised again below, without the group that the nursery would make of it
            failures.append(error)
        nursery.cancel_scope.cancel()
    if failures:
        raise failures[0]


class _Pump:
    def __init__(
        self, link: Link, outbox: trio.MemorySendChannel[Event], stream: EventStream, since: int | None
    ) -> None:
        self._link = link
        self._outbox = outbox
        self._stream = stream
        self._since = since
        self._connected = trio.Event()

    async def connected_once(self, nursery: trio.Nursery) -> None:
        """Start, and wait for the first connection."""
        nursery.start_soon(self._run)
        await self._connected.wait()
        if self._stream.failure is not None:
            raise self._stream.failure

    async def _run(self) -> None:
        attempts = 0
        async with self._outbox:
            while True:
                before = self._since
                try:
                    await self._receive()
                except ConnectionClosed:
                    pass  # whatever the reason: it is had again from where it was
                except ClientError as error:
                    if not (self._connected.is_set() and _passes(error)):
                        self._fail(error)
                        return
                attempts = 0 if self._since != before else min(attempts + 1, len(PAUSES) - 1)
                await trio.sleep(PAUSES[attempts])
                self._stream.reconnects += 1

    async def _receive(self) -> None:
        path = PATH if self._since is None else f"{PATH}?since={self._since}"
        async with self._link.web_socket(path, PROTOCOL) as socket:
            self._connected.set()
            while True:
                event = understood(await socket.get_message())
                await self._outbox.send(event)
                self._since = event.seq

    def _fail(self, error: ClientError) -> None:
        self._stream.failure = error
        self._connected.set()


def understood(message: str | bytes) -> Event:
    """The event that a message is.

    Raises:
        ClientError: it is none.
    """
    try:
        return Event.of(json.loads(message))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ClientError(f"A message of the event stream is not understood: {error!r}.") from error


def _passes(error: ClientError) -> bool:
    """Whether trying again makes sense."""
    return isinstance(error, UnreachableError) or (isinstance(error, RestError) and error.status in PASSING)
