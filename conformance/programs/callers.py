"""Callers: the commands in which more than one task has a part, and those whose caller is cancelled."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import trio

from conformance.programs.actor import Actor, SessionSlot
from conformance.programs.calls import ANYTHING, IS_SESSION, SKIPPED, Interrupted, Kind, Pair, Seen, verb
from conformance.programs.commands import Command, Do, calls_of
from device_protocol import Settings
from device_protocol.options import RESOLUTION
from device_protocol.testing import reseed

PATIENCE = 12
"""Checkpoints after which a call that is to be interrupted is taken to have begun, unless a command says otherwise."""


async def perform(actor: Actor, command: Command) -> Seen:
    """Carry out any command."""
    match command.do:
        case Do.CANCEL_DURING:
            return await cancel_during(actor, command)
        case Do.ABANDON:
            return await abandon(actor, command)
        case Do.TOGETHER:
            return await together(actor, command)
    return await actor.perform(command)


async def together(actor: Actor, command: Command) -> Seen:
    """Two calls at once."""
    calls = calls_of(command.value)
    actor.pinned = {id(call): actor.slot(call) for call in calls}
    seen: list[Seen] = [SKIPPED, SKIPPED]

    async def run(index: int, wait: int) -> None:
        await _pass(wait)
        seen[index] = await actor.perform(calls[index])

    reseed(command.value["seed"])
    async with trio.open_nursery() as nursery:
        nursery.start_soon(run, 0, 0)
        nursery.start_soon(run, 1, command.value["after"])
    if all(item.kind is Kind.SKIPPED for item in seen):
        return SKIPPED
    return Seen(Kind.VALUE, Pair(tuple(zip(calls, seen, strict=True))))


async def cancel_during(actor: Actor, command: Command) -> Seen:
    """A call that waits, and a cancel by the session."""
    slot = actor.session(command.on, command.age)
    if slot is None or not slot.jobs:
        return SKIPPED
    job = slot.jobs[-1]
    inner = Command(Do.NEXT_PAGE if command.name == "next-page" else Do.READ, value=65536)
    if inner.do is Do.READ and not job.pages:
        return SKIPPED
    results: list[Seen] = []

    async def blocked() -> None:
        if inner.do is Do.READ:
            results.append(await actor.on_page(inner, job.pages[-1]))
        else:
            results.append(await actor.on_job(inner, job))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(blocked)
        await _pass(command.value if isinstance(command.value, int) else PATIENCE)
        after = await actor.call(verb(slot.session, "cancel"))
    return Seen(Kind.VALUE, Interrupted(results[0], after))


async def abandon(actor: Actor, command: Command) -> Seen:
    """A call whose caller is cancelled in it, and that closes what it has."""
    slot = actor.session(command.on, command.age)
    opens = command.name == "open"
    function = _opening(actor, command.on) if opens else None if slot is None else _abandoned(command.name, slot)
    if function is None:
        return SKIPPED
    results: list[Seen] = []
    scope = trio.CancelScope()

    async def call() -> None:
        with scope:
            results.append(await actor.call(function, IS_SESSION if opens else ANYTHING))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(call)
        await _pass(command.value if isinstance(command.value, int) else 1)
        scope.cancel()
    result = results[0] if results else Seen(Kind.LATE)
    if opens:
        session = result.value
        return Seen(
            Kind.VALUE, Interrupted(result, SKIPPED if session is None else await actor.call(verb(session, "close")))
        )
    assert slot is not None
    return Seen(Kind.VALUE, Interrupted(result, await actor.call(verb(slot.session, "close"))))


def _opening(actor: Actor, on: int) -> Callable[[], Awaitable[Any]] | None:
    if on >= len(actor.device_ids):
        return None
    return lambda: actor.backend.open(actor.device_ids[on])


def _abandoned(name: str, slot: SessionSlot) -> Callable[[], Awaitable[Any]] | None:
    """The call called *name*; None if there is no such handle."""
    session = slot.session
    match name:
        case "start" | "options" | "params" | "status" | "reset" | "cancel" | "close":
            return verb(session, name)
        case "apply":
            return lambda: session.apply(Settings())
        case "set":

            async def set_again() -> None:
                await session.set(RESOLUTION, await session.get(RESOLUTION))

            return set_again
    job = slot.jobs[-1] if slot.jobs else None
    if job is None:
        return None
    if name in {"next-page", "settled"}:
        return verb(job.job, name.replace("-", "_"))
    if not job.pages:
        return None
    page = job.pages[-1].page
    if name == "end":
        return verb(page, "end")
    return (lambda: page.read(65536)) if name == "read" else None


async def _pass(checkpoints: int) -> None:
    for _ in range(min(max(checkpoints, 0), 1000)):
        await trio.lowlevel.checkpoint()
