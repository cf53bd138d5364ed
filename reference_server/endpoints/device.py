"""``/jobs/{jobuid}/scanner``: what the open device of a pending job says of itself (rest-api.md 5.3)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from device_protocol import DeviceError
from device_protocol.vocabularies.rest import DeviceType, RestCode
from reference_server.capabilities import describe, look, parse_list
from reference_server.capabilities.models import SettingsAnswer
from reference_server.endpoints.call import Call, json_answer
from reference_server.errors import RestError, bad_parameter
from reference_server.jobs.job import Job, OpenDevice
from reference_server.jobs.settings_blob import save
from reference_server.jobs.states import Request, admit
from reference_server.wire.delivery import Answer

log = structlog.get_logger("job")

T = TypeVar("T")

TWAIN_TYPES = frozenset({DeviceType.TWAIN, DeviceType.TWAIN_X64})
"""Types as which a device must have been shown to its client, for that to ask for a settings blob."""

FLAGS = {"true": True, "1": True, "false": False, "0": False}


async def get_capabilities(call: Call) -> Answer:
    """GET capabilities; waits until the device of a pending job is open."""
    job = call.job()
    wanted = parse_list(call.exchange.query.get("caps"), names=call.service.rules.capability_names)
    dsdata = has_dsdata(job)
    view = await _with_device(job, Request.CAPABILITIES, lambda it: look(job.request.device, it, dsdata=dsdata))
    described = describe(view, wanted)
    if not call.service.rules.both_default_names:  # D-11
        described = [{key: value for key, value in item.items() if key != "defValue"} for item in described]
    return json_answer(described)


async def get_settings(call: Call) -> Answer:
    """GET settings: those of a TWAIN device, as a text that a later job takes.

    The driver's window, in which a person would edit them first, is not there: no device here has one, and the wish is written down (S-093).
    """
    job = call.job()
    text = (call.exchange.query.get("showui") or "true").lower()
    show = FLAGS.get(text)
    if show is None or (text.isdigit() and not call.service.rules.loose_types):
        raise bad_parameter("showui: true or false.")
    admit(Request.SETTINGS, job.state)
    if not has_dsdata(job):
        raise RestError(400, RestCode.UNSUPPORTED, "Only TWAIN scanners give out their settings.")
    blob = await _with_device(job, Request.SETTINGS, lambda it: save(job.request.device, it.session))
    log.info("settings given out", job=job.uid, show_ui=show, characters=len(blob))
    return json_answer(SettingsAnswer(settings=blob))


def has_dsdata(job: Job) -> bool:
    """Whether the client of *job* sees the device as a TWAIN one (CAP_CUSTOMDSDATA); a device of another type is none, whatever its client wrote."""
    own = job.request.device.rest_type
    return job.request.scanner.type in TWAIN_TYPES and (own == 0 or any(own & bit for bit in TWAIN_TYPES))


async def _with_device(job: Job, request: Request, ask: Callable[[OpenDevice], Awaitable[T]]) -> T:
    """What the open device of *job* says.

    Raises:
        RestError: 404, 409, 410: the job is not pending, or is no more when the device has answered.
        DeviceError: what the device said.
    """
    admit(request, job.state)
    await job.opened.wait()
    admit(request, job.state)
    if job.device is None:
        raise RestError(409, RestCode.WRONG_STATE, "The scanner of this job is not open.")
    try:
        return await ask(job.device)
    except DeviceError:
        admit(request, job.state)  # the job may have ended meanwhile, and its device with it
        raise
