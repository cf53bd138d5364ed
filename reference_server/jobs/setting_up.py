"""Sets an open device up as a client wishes: a settings blob, then ``caps``, then ``config`` (rest-api.md 5.1), each wish met as nearly as the device can."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import structlog

from device_protocol import Code, DeviceCaps, DeviceError, Phase
from device_protocol.aio import Session
from device_protocol.options import DEPTH, MODE, RESOLUTION, SOURCE, X_RESOLUTION, Y_RESOLUTION
from device_protocol.vocabularies.rest import RestCode
from device_protocol.vocabularies.twain import OPTION_NAMES
from reference_server.jobs.job import JobRequest
from reference_server.jobs.plan import Note, Plan, PlanError, Present, choose, make_plan
from reference_server.jobs.plan.known import usable
from reference_server.jobs.settings_blob import restore
from reference_server.jobs.steps import Steps
from reference_server.jobs.wishes import Wish

log = structlog.get_logger("job")

_READ = frozenset({SOURCE, MODE, DEPTH, RESOLUTION, X_RESOLUTION, Y_RESOLUTION})


@dataclass(frozen=True, slots=True)
class Ready:
    """A device that is set up.

    Attributes:
        caps: of the device.
        plan: what was done.
        unmet: wishes that were met by something else, in no particular order.
    """

    caps: DeviceCaps
    plan: Plan
    unmet: tuple[Note, ...]


async def set_up(uid: str, request: JobRequest, session: Session, step: Steps) -> Ready:
    """Set *session* up for *request*.

    Args:
        uid: of the job, for the log.
        request: with blob and wishes.
        session: open and idle.
        step: gives each call its deadline.

    Raises:
        PlanError: a strict wish cannot be met exactly; those before it were set.
        DeviceError: what the device said.
    """
    caps = await step(Phase.OPTIONS, session.caps)
    if request.saved is not None:
        left = await restore(request.saved, session, partial(step, Phase.OPTIONS))
        if left:
            log.info("settings were not taken", job=uid, options=left)
    plan = make_plan(request.wishes, await _present(caps, session, step))
    result = await step(Phase.OPTIONS, partial(session.apply, plan.settings))
    notes = list(plan.notes)
    for wish in plan.steps:
        note = await _set_one(wish, session, step)
        if note is not None:
            notes.append(note)
            if wish.strict:
                raise PlanError(note)
    if plan.failure is not None:
        raise plan.failure
    for note in notes:
        log.info("nearest value", job=uid, key=note.wish.label, asked=note.wish.shown, got=str(note.got)[:100])
    for inexact in (item for item in result.results if not item.exact):
        log.info("rounded by the device", job=uid, option=inexact.name, got=str(inexact.actual)[:100])
    return Ready(caps, plan, tuple(notes))


async def _present(caps: DeviceCaps, session: Session, step: Steps) -> Present:
    """The device as it is now."""
    options = tuple(await step(Phase.OPTIONS, session.options))
    values = {
        option.name: await step(Phase.OPTIONS, partial(session.get, option.name))
        for option in options
        if option.readable and option.name in _READ
    }
    return Present(caps, options, values)


async def _set_one(wish: Wish, session: Session, step: Steps) -> Note | None:
    """Set the option that *wish* is about; a note if that could not be done exactly."""
    options = await step(Phase.OPTIONS, session.options)
    option = next(
        (
            item
            for name in OPTION_NAMES[wish.key]
            for item in options
            if item.name == name and item.writable and usable(item)
        ),
        None,
    )
    chosen = None if option is None else choose(wish, option)
    if option is None or chosen is None:
        return Note(wish, "what the device chooses", RestCode.BAD_CAPABILITY)
    if chosen.value is None:
        return None
    try:
        result = await step(Phase.OPTIONS, partial(session.set, option.name, chosen.value))
    except DeviceError as error:
        if error.code not in {Code.UNSUPPORTED, Code.INVALID_VALUE}:
            raise
        return Note(wish, "what the device chooses")
    return None if chosen.exact and result.exact else Note(wish, result.actual)
