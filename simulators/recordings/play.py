"""One replayed backend at work: where on its tracks it stands, and how a recorded answer is given again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import trio

from device_protocol import Event
from device_protocol.aio import DeviceClock, EventStream
from device_protocol.plain import PlainError, error_from_plain, from_plain
from simulators.recordings.archive import unpack
from simulators.recordings.likeness import Likeness
from simulators.recordings.log import FOREIGN, SHORT_S, Ending, Entry, PageData, Recording, key_of, plain_or_text
from simulators.recordings.tracks import Follower, tracks_of

SHIELDED = frozenset({"cancel", "close"})
"""What the host carries through even if its caller gives up."""

HAIR_S = 1e-6
"""A call that ended because of another one ends after it, also where both were due at the same time."""
TURNS = 20
"""Turns of the scheduler that a caller has for giving up where the recorded caller gave up at once."""


class Foreign:
    """Stands for something that a faulty driver returned and that no file can hold; it looks the same."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


class ForeignError(Exception):
    """Stands for an exception that is no ``DeviceError``."""


class Tape:
    """A loaded recording, shared by the backends that play it one after the other.

    Args:
        file: where it came from, for messages.
        recording: what is in it.

    Attributes:
        native: the device's id in the log.
        likeness: for what is off the record.
    """

    def __init__(self, file: Path, recording: Recording) -> None:
        self.file = file
        self.recording = recording
        self.native = recording.head.native
        self.likeness = Likeness(recording)
        self._tracks = tracks_of(recording.entries)
        self._pages = {(page.backend, page.page): page for page in recording.pages}
        self._next = 0

    def follower(self) -> Follower:
        """For a new backend: it prefers the track after the one that the last backend began with."""
        first, self._next = self._next, self._next + 1
        return Follower(self._tracks, first)

    def page(self, track: int, handle: str) -> bytes:
        """The bytes that were read of a page.

        Raises:
            RecordingError: they are damaged.
        """
        data = self._pages.get((track, handle))
        return b"" if data is None else self.bytes_of(data)

    def bytes_of(self, data: PageData) -> bytes:
        """The bytes of a page.

        Raises:
            RecordingError: they are damaged.
        """
        return unpack(self.file, data.sha256, self.recording.blobs[data.sha256])


class Play:
    """One backend on its way.

    Args:
        tape: what is played.
        clock: how long things take.
        spawn: starts a task that lives as long as the backend.

    Attributes:
        infos: what pages say of themselves, by handle, where that has changed.
    """

    def __init__(self, tape: Tape, clock: DeviceClock, spawn: Callable[..., None]) -> None:
        self.tape = tape
        self._follower = tape.follower()
        self._clock = clock
        self._spawn = spawn
        self._streams: dict[str, EventStream] = {}
        self.infos: dict[str, Any] = {}

    async def step(self, handle: str, verb: str, *arguments: object, strict: bool = True) -> Entry | None:
        """Do what was recorded for a call that changes something; None: it is off the record.

        Raises:
            DeviceError, ForeignError: what the recorded call ended with.
        """
        key = _key(handle, verb, arguments)
        while (found := self._follower.take(key, strict=strict)) is not None:
            entry, events = found
            if not entry.given_up:
                return await self._again(entry, events)
            if verb in SHIELDED:
                await trio.lowlevel.cancel_shielded_checkpoint()
                return entry
            # The recorded caller gave up at once, perhaps before the driver heard of the call; if this one does not, it means the next call.
            self._tell(entry, events)
            for _ in range(TURNS):
                await trio.lowlevel.checkpoint()
        return None

    async def ask(self, handle: str, verb: str, *arguments: object) -> Entry | None:
        """The recorded answer to a question; None: nobody asked it.

        Raises:
            DeviceError, ForeignError: what the recorded call ended with.
        """
        found = self._follower.ask(_key(handle, verb, arguments))
        return None if found is None else await self._again(*found)

    def stream(self, handle: str) -> EventStream | None:
        """A stream of events; None: no stream was opened on record.

        Raises:
            DeviceError: what the recorded call ended with.
        """
        found = self._follower.ask(_key(handle, "events", ()))
        if found is None:
            return None
        entry, events = found
        _raise(entry)
        stream = self._streams[entry.new] = EventStream()
        self._tell(entry, events)
        return stream

    def skip(self, handle: str, verb: str) -> None:
        """The client does without the recorded calls of that handle and verb."""
        self._follower.skip(handle, verb)

    def page(self, handle: str) -> bytes:
        """The bytes of a page on record."""
        return self.tape.page(self._follower.number, handle)

    async def _again(self, entry: Entry, events: list[Entry]) -> Entry:
        if entry.ending in {Ending.CANCELLED, Ending.OPEN}:
            self._tell(entry, events)
            await trio.sleep_forever()
        if entry.took >= SHORT_S:
            await self._clock.sleep(entry.took + HAIR_S)
        else:
            await trio.lowlevel.cancel_shielded_checkpoint()  # it did answer, whatever its caller was about to do
        self._tell(entry, events)
        _raise(entry)
        return entry

    def _tell(self, entry: Entry, events: list[Entry]) -> None:
        """Put events into their streams: those of the call now, later ones after the same time."""
        end = entry.at + entry.took
        for item in events:
            if item.at <= end + SHORT_S:
                self._happen(item)
            else:
                self._spawn(self._later, item.at - end, item)

    async def _later(self, seconds: float, item: Entry) -> None:
        await self._clock.sleep(seconds)
        self._happen(item)

    def _happen(self, item: Entry) -> None:
        """Let happen what happened without a call."""
        stream = self._streams.get(item.handle)
        if stream is None:
            self.infos[item.handle] = value_of(item.answer)
        elif item.answer is None:
            stream.close()
        else:
            event = value_of(item.answer)
            if isinstance(event, Event):
                stream.put(event)


def value_of(answer: Any) -> Any:
    """What was returned; what no file can hold looks the same and is of a type of its own."""
    if isinstance(answer, dict) and set(answer) == {FOREIGN}:
        return Foreign(str(answer[FOREIGN]))
    try:
        return from_plain(answer)
    except PlainError as error:
        return Foreign(f"<unreadable in the recording: {error}>")


def _raise(entry: Entry) -> None:
    if entry.ending is Ending.ERROR:
        raise error_from_plain(entry.answer)
    if entry.ending is Ending.RAISED:
        raise ForeignError(str(entry.answer))


def _key(handle: str, verb: str, arguments: tuple[object, ...]) -> str:
    return key_of(handle, verb, [plain_or_text(item) for item in arguments])
