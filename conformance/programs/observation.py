"""What is read after every step of a program: reads alone, which disturb nothing, of every session that is open.

The invariants look at nothing else. The options that a picture depends on are read one by one; the others as descriptors only, since a program has many
steps and some devices are slow.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

from conformance.programs.actor import Actor, SessionSlot
from conformance.programs.beliefs import DeviceBelief, P, S, SessionBelief
from conformance.programs.calls import ANSWERS, Kind, Seen, sound, verb
from conformance.programs.commands import Command, Do
from conformance.shapes import shown, stable
from device_protocol import Event, Option, PageParams, Status, Value
from device_protocol.options import MODE, RESOLUTION, SOURCE

CORE = frozenset({SOURCE, MODE, RESOLUTION})
"""Options whose values are read after every step; more of them would make programs twice as slow on a device behind a worker."""


@dataclass(slots=True)
class Observation:
    """What was read of a session.

    Attributes:
        session: what is believed of it.
        after: the command after which it was read.
        own: whether that command was for the device of this session.
        status, options, params: what the verbs of these names gave; None where they may not be called, or were not answered.
        values: what ``get`` gave for the options of :data:`CORE` that can be read.
        unanswered: the read that gave no value, and what it gave; nothing was read after it.
        fresh: options or values may be others than those that were looked at before.
        old: what ``status`` of the session that was open before this one gave; None if there was none.
        infos: what each page of the last job says of itself.
        rest: what a read of a cancelled page gave; None if there is no such page.
        events: those that have come since the last observation.
        astray: what came that is no event, in words.
        late: those of them that a session gave which had been closed before the command.
    """

    session: SessionBelief
    after: Command
    own: bool
    status: Status | None = None
    options: tuple[Option, ...] | None = None
    params: PageParams | None = None
    values: dict[str, Value] = field(default_factory=dict)
    unanswered: tuple[str, Seen] | None = None
    fresh: bool = True
    old: Seen | None = None
    infos: tuple[Seen, ...] = ()
    rest: Seen | None = None
    events: tuple[Event, ...] = ()
    late: tuple[Event, ...] = ()
    astray: str = ""

    def __str__(self) -> str:
        """For a trace."""
        parts = [f"device {self.session.device.on}"]
        named = {"status": self.status, "params": self.params, "values": tuple(sorted(self.values.items()))}
        parts += [f"{name} {shown(value)}" for name, value in named.items() if value]
        parts += [
            f"{len(events)} {name}" for name, events in (("events", self.events), ("late events", self.late)) if events
        ]
        if self.options is not None:
            parts.append(f"options {zlib.crc32(stable(self.options).encode()):08x}")
        parts += [f"{name} {seen}" for name, seen in (("old", self.old), ("rest", self.rest)) if seen is not None]
        return "; ".join(parts)


async def look(
    actor: Actor, slot: SessionSlot, session: SessionBelief, after: Command, seen: Seen, *, own: bool
) -> Observation:
    """Read what may be read of a session that is believed to be open; *seen* is what came of the command before."""
    found = Observation(session, after, own)
    told = own and after.do is Do.STATUS and seen.kind is Kind.VALUE and slot is actor.slot(after)
    reading = ""

    async def read() -> None:
        nonlocal reading
        reading = "status"
        found.status = seen.value if told else sound(await slot.session.status(), ANSWERS[Do.STATUS])
        if session.states & {S.LOST, S.CLOSED}:
            return
        reading = "options"
        found.options = sound(await slot.session.options(), ANSWERS[Do.OPTIONS])
        reading = "params"
        found.params = sound(await slot.session.params(), ANSWERS[Do.PARAMS])
        for option in found.options:
            if option.name in CORE and option.readable:
                reading = f"get {option.name}"
                found.values[option.name] = sound(await slot.session.get(option.name), ANSWERS[Do.GET])

    answer = await actor.call(read, lambda _: None)
    if answer.kind is not Kind.VALUE:
        found.unanswered = (reading, answer)
    elif not session.states & {S.LOST, S.CLOSED}:
        found.fresh = found.options != session.sound
        found.old = await _look_back(actor, slot, session.device)
        found.infos = tuple(actor.info(page.page) for page in slot.jobs[-1].pages) if slot.jobs else ()
        found.rest = await _rest(actor, slot, session)
    found.events, found.astray = actor.drain(slot), slot.astray
    return found


async def _look_back(actor: Actor, slot: SessionSlot, device: DeviceBelief) -> Seen | None:
    """The status of the session before this one, if that is closed."""
    slots = actor.sessions[device.on]
    before = slots.index(slot) - 1
    if before < 0 or len(slots) != len(device.sessions) or device.sessions[before].states != {S.CLOSED}:
        return None
    return await actor.call(verb(slots[before].session, "status"))


async def _rest(actor: Actor, slot: SessionSlot, session: SessionBelief) -> Seen | None:
    """A byte of the last page, if that was cancelled."""
    pages = session.jobs[-1].pages if session.jobs else []
    if not pages or pages[-1].own != {P.CANCELLED} or len(slot.jobs) != len(session.jobs):
        return None
    page = slot.jobs[-1].pages[-1].page
    return await actor.call(lambda: page.read(1), lambda _: None)


def look_at_closed(actor: Actor, slot: SessionSlot, session: SessionBelief, after: Command) -> Observation | None:
    """The events of a session that is closed; None if there are none. They are late if it should have been silent already."""
    events = actor.drain(slot)
    if not events:
        return None
    if session.silent:
        return Observation(session, after, own=True, late=events)
    return Observation(session, after, own=True, events=events)
