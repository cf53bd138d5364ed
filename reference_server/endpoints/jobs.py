"""``/device/scanners/jobs``: making, watching, starting, stopping and deleting jobs (rest-api.md 5.1 to 5.5)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from device_protocol import DeviceInfo
from device_protocol.vocabularies.rest import RestCode
from reference_server.access.licence import check_licence
from reference_server.compat import Rules
from reference_server.endpoints.call import Call, json_answer
from reference_server.errors import RestError
from reference_server.jobs.job import Job, JobRequest
from reference_server.jobs.settings_blob import check_model, unpack
from reference_server.jobs.states import Request, admit
from reference_server.jobs.wishes import Wish, collect, latest
from reference_server.models import (
    JobCreate,
    JobCreated,
    JobInfo,
    JobPatch,
    JobStatusAnswer,
    Scanner,
    UnmetCapabilities,
    UnmetCapability,
)
from reference_server.pages.info import job_url
from reference_server.protocol_block import protocol_block
from reference_server.scanners import ALL_TYPES, find, listing
from reference_server.wire.delivery import Answer


async def create_job(call: Call) -> Answer:
    """POST jobs."""
    body = await call.body(JobCreate)
    check_licence(call.service.licence, call.exchange, body.license, call.service.rules)
    job = await make_job(call, body, call.service.rules)
    base, url = call.exchange.base_url, job_url(call.exchange.base_url, job)
    block = protocol_block(job.uid, url, base) if body.requireWebsocket else None
    answer = JobCreated(jobuid=job.uid, status=str(job.state), scanner=job.request.scanner, protocol=block)
    return json_answer(answer.model_dump(exclude_none=True), 201, {"Location": url})


async def make_job(call: Call, body: JobCreate, rules: Rules) -> Job:
    """A new job as *body* wants it, bound to the client's origin.

    Raises:
        RestError: 400, 423, 503, 507.
    """
    wishes = collect(body.config, body.caps, rules)
    saved = unpack(body.settings) if body.settings else None
    by_key = latest(wishes)
    device, scanner = await _choose(call, body.device, by_key.get("selectsourcebyindex"))
    if saved is not None:
        check_model(saved, device)
    origin = call.origin
    await call.consent()
    audit = call.service.audit
    asker = await audit.asker(call.exchange)
    job = await call.service.registry.create(
        JobRequest(
            device=device,
            scanner=scanner,
            wishes=wishes,
            auto_run=body.autoRun,
            step_seconds=body.scannerFailureTimeout,
            life_seconds=body.jobTimeout,
            check_feeder=body.checkFeederLoaded or _flag(by_key.get("checkfeederloaded")),
            extended_info=_flag(by_key.get("ifgetextimageinfo")),
            info_level=_index(by_key.get("extendedimageinfoquerylevel")),
            saved=saved,
            show_ui=_flag(by_key.get("ifshowui")),
            focus=body.requestFocusForScanningUI,
            origin=origin,
            on_end=partial(audit.ended, asker),
        )
    )
    audit.started(job, asker)
    call.exchange.made = job.uid
    return job


async def get_job(call: Call) -> Answer:
    """GET job."""
    job = call.job()
    admit(Request.GET, job.state)
    return json_answer(job_info(job).model_dump(exclude_none=True))


def job_info(job: Job) -> JobInfo:
    """The state of *job*, with the capabilities that it could not have, if there are any."""
    info = JobInfo(status=str(job.state), code=job.code, message=job.message)
    unmet = [note for note in job.unmet if note.wish.from_caps]
    if unmet:
        info.caps = UnmetCapabilities(
            capabilities=[
                UnmetCapability(capability=note.wish.capability, errorCode=int(note.code), errorString=note.message)
                for note in unmet
            ]
        )
    return info


async def patch_job(call: Call) -> Answer:
    """PATCH job: start it, or cancel it."""
    call.job()  # an unknown job goes before a bad body
    wanted = (await call.body(JobPatch)).status
    job = call.job()  # it may have been deleted while the body was on its way
    if wanted == "running":
        admit(Request.START, job.state)
        job.start()
    else:
        admit(
            Request.CANCEL if call.service.rules.pending_can_be_canceled else Request.CANCEL_STRICT, job.state
        )  # D-02
        job.cancel()
    return json_answer(JobStatusAnswer(status=str(job.state)))


async def delete_job(call: Call) -> Answer:
    """DELETE job; 204, where the legacy API says 200 (D-15)."""
    job = call.job()
    admit(Request.DELETE, job.state)
    await call.service.registry.remove(job)
    return Answer(204)


async def _choose(call: Call, text: str | None, index: Wish | None) -> tuple[DeviceInfo, Scanner]:
    """The device that the client means; without any word from it the one used last, or else the first (rest-api.md 5.1)."""
    service = call.service
    try:
        return _pick(service.devices(), text, index, service.registry.last_device)
    except RestError:
        await service.host.first_answers(service.config.limits.first_answers_seconds)
        return _pick(service.devices(), text, index, service.registry.last_device)


def _pick(
    devices: Sequence[DeviceInfo], text: str | None, index: Wish | None, last: str | None
) -> tuple[DeviceInfo, Scanner]:
    if text:
        return find(devices, text)
    position = _index(index)
    if index is None and last is not None and any(device.id == last for device in devices):
        return find(devices, last)
    shown = listing(devices, ALL_TYPES)
    if not 0 <= position < len(shown):
        raise RestError(400, RestCode.UNKNOWN_DEVICE, "There is no such scanner now; list the scanners again.")
    return find(devices, shown[position].device)


def _flag(wish: Wish | None) -> bool:
    return wish is not None and bool(wish.value)


def _index(wish: Wish | None) -> int:
    return int(wish.value) if wish is not None and isinstance(wish.value, int | float) else 0
