"""The model of two calls at once: each has its outcome as if one had come after the other, in one order or the other.

Beside that, a call that is under way may be refused or ended by the other one: with BUSY if both are for the same handle (one call at a time), with CANCELLED
or CLOSED by a cancel or a close.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.programs.beliefs import Disagrees, S, SessionBelief
from conformance.programs.calls import ANSWERS, SKIPPED, Kind, Pair, Seen, verb
from conformance.programs.commands import Command, Do
from conformance.programs.judge_options import Change
from device_protocol import Code, Status

if TYPE_CHECKING:
    from conformance.programs.actor import SessionSlot
    from conformance.programs.model import Model

BESIDE = frozenset({Do.STATUS, Do.CANCEL, Do.CANCEL_JOB, Do.SETTLED, Do.CLOSE})
"""Calls that are legal while another is under way on the same handle (device_protocol.states)."""

ENDERS = frozenset({Do.CANCEL, Do.CANCEL_JOB, Do.CLOSE})
"""Calls that end a job, so that one may wait for its end beside them."""

CHANGERS = frozenset({Do.SET, Do.APPLY, Do.RESET, Do.START})


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of a session when both calls had returned."""

    slot: SessionSlot
    probe: Seen
    status: Seen


async def judge_together(model: Model, pair: Pair) -> None:
    """Judge two calls that ran at once.

    Raises:
        Disagrees: no order of the two explains what came; blamed is what breaks in the order in which they began.
    """
    for command, seen in pair.calls:
        await model.first_look(command, seen)
    reads = await _read(model, options=any(command.do in CHANGERS for command, _ in pair.calls))
    before = model.save()
    problems: list[Disagrees] = []
    fitting = []
    for calls in (pair.calls, pair.calls[::-1]):
        model.restore(before)
        try:
            _in_order(model, calls, reads)
        except Disagrees as problem:
            problems.append(problem)
            continue
        fitting.append((_told(model, reads), model.save()))
    if not fitting:
        model.restore(before)
        raise problems[0]
    best = [saved for told, saved in fitting if told] or [saved for _, saved in fitting]
    for other in best[1:]:
        best[0].widen(other)
    model.restore(best[0])


async def _read(model: Model, *, options: bool) -> list[Read]:
    found = []
    for slots in model.actor.sessions.values():
        for slot in slots[-1:]:
            status = await model.actor.call(verb(slot.session, "status"), ANSWERS[Do.STATUS])
            found.append(Read(slot, await model.actor.probe(slot.session) if options else SKIPPED, status))
    return found


def _in_order(model: Model, calls: tuple[tuple[Command, Seen], ...], reads: list[Read]) -> None:
    """Judge the calls as if they had come one after the other, and then what can be read.

    Raises:
        Disagrees: they did not.
    """
    changes: dict[SessionBelief, list[tuple[Command, Change]]] = {}
    several = len([command for command, _ in calls if command.do in CHANGERS]) > 1
    for index, (command, seen) in enumerate(calls):
        session = model.session_of(command)
        overtaken = _overtaken(model, command, seen, calls[1 - index][0])
        change = Change() if overtaken and command.do in CHANGERS else None
        if not overtaken:
            change = model.judge_one(command, seen)
        if change is None or session is None:
            continue
        changes.setdefault(session, []).append((command, change))
        if not several:  # then what was read shows what this call has done, and the other one may have seen it
            _compare(model, session, changes[session], [read for read in reads if read.probe.kind is Kind.VALUE])
    for read in reads:
        believed = model.belief_of(read.slot)
        if believed is None or not believed.probed or read.probe.kind is Kind.SKIPPED:
            continue
        if believed not in changes:
            if read.slot.on not in {command.on for command, _ in calls}:
                model.compare_other(believed, read.probe)
        elif several or read.probe.kind is not Kind.VALUE:
            _compare(model, believed, changes[believed], reads)
    if len({command.do for command, _ in calls} & {Do.CLOSE, *CHANGERS}) > 1:
        model.world.devices[calls[0][0].on].remembered = None  # nobody could read what the last change made of it


def _compare(model: Model, session: SessionBelief, changes: list[tuple[Command, Change]], reads: list[Read]) -> None:
    for read in reads:
        if model.belief_of(read.slot) is session:
            command = (
                changes[0][0] if len(changes) == 1 else Command(Do.GET)
            )  # what a reset restores, the other may have set
            model.compare(command, session, merged([change for _, change in changes]), read.probe)


def _overtaken(model: Model, command: Command, seen: Seen, other: Command) -> bool:
    """Whether the other call explains that this one was refused or ended, and had no effect."""
    error = seen.error
    if error is None or command.on != other.on:
        return False
    mine, theirs = model.actor.slot(command), model.actor.slot(other)
    if error.code is Code.BUSY and mine is theirs and mine is not None:
        return command.do not in BESIDE and other.do not in BESIDE
    if other.do is Do.CLOSE:
        return error.code in {Code.CANCELLED, Code.CLOSED} and model.actor.owner(mine) is theirs
    return other.do in ENDERS and command.do is Do.START and error.code is Code.CANCELLED


def _told(model: Model, reads: list[Read]) -> bool:
    """Whether the states that the sessions told afterwards are among those that this order leads to."""
    for read in reads:
        session = model.belief_of(read.slot)
        if session is None or not session.defined or session.states == {S.CLOSED}:
            continue
        status = read.status.value
        if read.status.kind is not Kind.VALUE or not isinstance(status, Status) or status.state not in session.states:
            return False
    return True


def merged(changes: list[Change]) -> Change:
    """What several calls, one after the other, may have changed."""
    result = changes[0]
    for change in changes[1:]:
        expected = {name: wanted for name, wanted in result.expected.items() if name not in change.allowed}
        result = Change(
            expected | change.expected,
            (result.allowed - set(change.expected)) | change.allowed,
            result.noticed | result.allowed | change.noticed,
            result.blame | change.blame,
            result.others,
            result.params or change.params,
            result.params_blame,
            result.illegal,
            result.anything or change.anything,
        )
    return result
