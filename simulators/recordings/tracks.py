"""Matching the calls of a replayed client with those of the recorded one.

The entries of one recorded backend are a *track*. A replayed backend follows the next track that nobody has followed yet, and keeps every other track in
sight that begins with the same calls, for clients that do the same things in another order. A call that no track in sight has next is *off the record*.

Calls that change something are taken in order, but for those that ran beside each other when they were recorded, and those that were given up at once.
Questions may come more or less often than they were recorded: each has the answer of the same moment, else the next one, else the last one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from simulators.recordings.log import EVENT, Entry

AHEAD = 8
"""How many calls ahead the answer to a question may be that was asked beside them, and calls are that a client does without."""


class Track:
    """The entries of one recorded backend.

    Attributes:
        entries: in the order in which calls began.
        events: what the device told after the call at an index and before the next.
    """

    def __init__(self, entries: Sequence[Entry]) -> None:
        calls = [entry for entry in entries if entry.verb != EVENT]
        self.entries: tuple[Entry, ...] = tuple(calls)
        self.events: dict[int, list[Entry]] = defaultdict(list)
        index = -1
        for entry in entries:
            if entry.verb == EVENT:
                self.events[index].append(entry)
            else:
                index += 1
        self.steps = [index for index, entry in enumerate(calls) if not entry.asks]
        self.questions: dict[str, list[int]] = defaultdict(list)
        for index, entry in enumerate(calls):
            if entry.asks:
                self.questions[entry.key].append(index)


def tracks_of(entries: Iterable[Entry]) -> tuple[Track, ...]:
    """The tracks of a recording by the number of their backend; of a backend that was opened for nothing the track is empty."""
    each: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        each[entry.backend].append(entry)
    return tuple(Track(each.get(number, ())) for number in range(max(each, default=-1) + 1))


@dataclass(slots=True)
class _Place:
    """Where a track stands.

    Attributes:
        track: which.
        number: of the track.
        step: index into ``track.steps`` of the first call that was not taken.
        taken: indexes into ``track.steps`` that were taken out of order.
        at: index of the last call that was taken, into ``track.entries``.
        reads: how many of the alike reads of an entry were taken.
        asked: index of the last answer to each question.
        told: events up to this index were given away.
    """

    track: Track
    number: int
    step: int = 0
    taken: set[int] = field(default_factory=set)
    at: int = -1
    reads: dict[int, int] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    told: int = -2

    def find(self, key: str) -> int | None:
        """The step that *key* is, if it is among the next ones."""
        steps, entries = self.track.steps, self.track.entries
        beside = len(entries)
        for step in range(self.step, len(steps)):
            if step in self.taken:
                continue
            entry = entries[steps[step]]
            if steps[step] >= beside:
                return None
            if entry.key == key:
                return step
            if not entry.given_up:
                beside = min(beside, entry.until or beside)
        return None

    def skip(self, handle: str, verb: str) -> None:
        """Do without the steps of that handle and verb that come next."""
        steps, entries = self.track.steps, self.track.entries
        step = self.step
        while step < len(steps) and step < self.step + AHEAD + len(self.taken):
            entry = entries[steps[step]]
            if (entry.handle, entry.verb) == (handle, verb):
                self.taken.add(step)
            step += 1
        self._move()

    def _move(self) -> None:
        while self.step in self.taken:
            self.taken.remove(self.step)
            self.step += 1

    def take(self, step: int) -> Entry:
        """Take a step."""
        index = self.track.steps[step]
        entry = self.track.entries[index]
        self.reads[index] = self.reads.get(index, 0) + 1
        if self.reads[index] >= entry.times:
            self.taken.add(step)
            self._move()
        self.at = max(self.at, index)
        return entry

    def ask(self, key: str) -> tuple[int, Entry] | None:
        """The answer to a question at this moment."""
        there = self.track.questions.get(key)
        if not there:
            return None
        last = self.asked.get(key, -1)
        ahead = bisect_right(there, max(last, self.at))
        unasked = there[ahead] if ahead < len(there) else None
        if unasked is not None and (unasked < self._next_step() or (last <= self.at and self._near(unasked))):
            chosen = unasked
        else:
            chosen = max(last, there[ahead - 1] if ahead else there[0])
        self.asked[key] = chosen
        return chosen, self.track.entries[chosen]

    def _next_step(self) -> int:
        """Index of the first call after this moment that changes something."""
        steps = self.track.steps
        after = bisect_right(steps, self.at)
        return steps[after] if after < len(steps) else len(self.track.entries)

    def _near(self, index: int) -> bool:
        """Whether a question at *index* was asked before the client took many more steps."""
        return bisect_right(self.track.steps, index) <= self.step + AHEAD

    def events(self, index: int) -> list[Entry]:
        """What the device told until the call after *index*, and was not given away yet."""
        found = [
            event for place in range(max(self.told + 1, -1), index + 1) for event in self.track.events.get(place, ())
        ]
        self.told = max(self.told, index)
        return found


class Follower:
    """One replayed backend on its way along the tracks.

    Args:
        tracks: all of them.
        first: number of the one to prefer; the others come behind it in their order, round and round.

    Attributes:
        lost: whether a call was off the record, so that nothing that follows can be on it.
    """

    def __init__(self, tracks: Sequence[Track], first: int) -> None:
        count = len(tracks)
        self._places = [_Place(tracks[(first + offset) % count], (first + offset) % count) for offset in range(count)]
        self.lost = not self._places

    @property
    def number(self) -> int:
        """Of the track that is followed."""
        return self._places[0].number

    def skip(self, handle: str, verb: str) -> None:
        """The client will not make the calls of that handle and verb that come next."""
        for place in self._places:
            place.skip(handle, verb)

    def take(self, key: str, *, strict: bool = True) -> tuple[Entry, list[Entry]] | None:
        """What was recorded for a call that changes something, with the events that came with it; None: it is off the record.

        Unless *strict* what follows may be on it again.
        """
        if self.lost:
            return None
        steps = [(place, step) for place in self._places if (step := place.find(key)) is not None]
        if not steps:
            self.lost = strict
            return None
        found = [(place.take(step), place) for place, step in steps]
        self._places = [place for _, place in found]
        entry, place = found[0]
        return entry, place.events(place.at)

    def ask(self, key: str) -> tuple[Entry, list[Entry]] | None:
        """What was recorded for a question; None: nobody asked it."""
        if self.lost:
            return None
        for place in self._places:
            answer = place.ask(key)
            if answer is not None:
                index, entry = answer
                return entry, place.events(min(index, place.at)) if place is self._places[0] else []
        return None
