"""The life of one job: open the device, set it up, wait if the job is pending, scan into the page buffer, give the device back, wait for the end of time.

Every step with the device has the job's deadline; whatever goes wrong ends in a faulted job, never in the service (rest-api.md 5.5, 5.6).
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

import structlog
import trio

from device_protocol import Code, DeviceError, Encode, FeederState, Phase
from device_protocol.aio import DeviceClock, EncodingJob, Session, read_all
from device_protocol.vocabularies.rest import RestCode
from reference_server.events.hub import EventHub
from reference_server.events.models import BufferFull
from reference_server.host import Host
from reference_server.jobs.job import Job, OpenDevice
from reference_server.jobs.plan import Plan, PlanError
from reference_server.jobs.setting_up import set_up
from reference_server.jobs.steps import Steps, within
from reference_server.pages.readers import Preference
from reference_server.pages.spill import SpillError
from reference_server.together import beside, unless
from reference_server.uids import job_uid

log = structlog.get_logger("job")


AGAIN_S = 0.02
"""Between two attempts to open a device that is just being given back."""


@dataclass(frozen=True)
class Workshop:
    """What jobs are made with.

    Attributes:
        host: where devices come from.
        clock: of job timers and step deadlines.
        page_uid: makes page UIDs.
        quality: of JPEG.
        close_seconds: real time that closing a device may take.
        events: is told what happens.
        job_uid: makes job UIDs.
        left_opening: devices whose opening was given up half-way, by a client that deleted its job: the host closes such a session when it comes, and until
            then the device is busy.
    """

    host: Host
    clock: DeviceClock
    page_uid: Callable[[], str]
    quality: int
    close_seconds: float
    events: EventHub = field(default_factory=EventHub)
    job_uid: Callable[[], str] = job_uid
    left_opening: set[str] = field(default_factory=set)


async def run_job(job: Job, shop: Workshop, release: Callable[[], None]) -> None:
    """Run *job* until its scan is over and its device is free.

    Args:
        job: new; pending or running.
        shop: see there.
        release: unlocks the scanner; called exactly once.
    """
    try:
        with job.scope:
            if not await _in_time(job, shop.clock, partial(_scan_or_fault, job, shop)):
                job.remove()
    finally:
        job.device = None
        release()
        job.released.set()
        log.info("job ended", job=job.uid, state=str(job.state), code=job.code, pages=job.pages_made)
        job.request.on_end(job)


async def outlive(job: Job, clock: DeviceClock, retain_seconds: float | None) -> None:
    """Return when an ended job was deleted, or when its time is over: the client's, or what the service keeps jobs for."""
    seconds = min(job.request.life_seconds or math.inf, retain_seconds or math.inf)
    if seconds < math.inf:
        with suppress(TimeoutError):
            await within(clock, seconds, job.removed.wait)
    else:
        await job.removed.wait()


async def _in_time(job: Job, clock: DeviceClock, scan: Callable[[], Awaitable[None]]) -> bool:
    """Scan; False when the job stayed pending until its time was over (the timer stops while it runs)."""

    async def too_late() -> None:
        try:
            await within(clock, job.request.life_seconds, job.started.wait)
        except TimeoutError:
            return
        await trio.sleep_forever()

    limited = bool(job.request.life_seconds) and not job.started.is_set()
    return await unless(too_late if limited else trio.sleep_forever, scan) is not None


async def _scan_or_fault(job: Job, shop: Workshop) -> None:
    try:
        await _with_device(job, shop)
    except DeviceError as error:
        log.warning("device error", job=job.uid, error=error.code.value, message=error.message)
        job.fault(error.rest_code, error.message)
    except PlanError as error:
        job.fault(error.code, str(error))
    except SpillError as error:
        log.warning("page buffer", job=job.uid, message=str(error))
        shop.events.tell(BufferFull(message=str(error)))
        job.fault(RestCode.NO_SPACE, str(error))
    except Exception:
        log.exception("job failed", job=job.uid)
        job.fault(RestCode.FAILURE, "The service failed while scanning; its log says more.")


async def _with_device(job: Job, shop: Workshop) -> None:
    step = Steps(shop.clock, job.request.step_seconds)
    opened: list[Session] = []

    async def open_device() -> None:
        opened.append(await _open(shop, job.request.device.id))

    try:
        await step(
            Phase.OPEN, open_device
        )  # kept in a list: a session that came in the moment of a cancellation must be closed too
        session = opened[0]
        plan = await _prepare(job, session, step)
        await job.started.wait()
        preference = Preference(job.images, shop.clock)
        await beside(preference.fade, partial(_scan, job, shop, session, plan, step, preference))
    finally:
        if opened:
            await _close(job, opened[0], shop.close_seconds)


async def _open(shop: Workshop, device_id: str) -> Session:
    """Open a device; one that is busy with an opening that was given up is waited for, since the lock of that job is gone already."""
    until = trio.current_time() + shop.close_seconds
    while True:
        try:
            session = await shop.host.open(device_id)
        except trio.Cancelled:
            shop.left_opening.add(device_id)
            raise
        except DeviceError as error:
            if error.code is not Code.BUSY or device_id not in shop.left_opening or trio.current_time() >= until:
                raise
            await trio.sleep(AGAIN_S)
        else:
            shop.left_opening.discard(device_id)
            return session


async def _prepare(job: Job, session: Session, step: Steps) -> Plan:
    """Set the device up as the client wishes."""
    ready = await set_up(job.uid, job.request, session, step)
    job.unmet = ready.unmet
    if not job.state.ended:
        job.device = OpenDevice(session, ready.caps, ready.plan)
        job.opened.set()
    return ready.plan


async def _scan(job: Job, shop: Workshop, session: Session, plan: Plan, step: Steps, preference: Preference) -> None:
    job.device = None  # from now on the session belongs to the scan
    if job.request.check_feeder and plan.source.kind.feeds:
        status = await step(Phase.START, session.status)
        if status.feeder is FeederState.EMPTY:
            raise DeviceError(Code.NO_MEDIA, phase=Phase.START)
    scan = await step(Phase.START, partial(session.start, None, plan.pages, Encode(None, shop.quality)))
    assert isinstance(scan, EncodingJob)
    preference.attach(scan)
    job.readers_changed, job.reader_served = preference.update, preference.served
    while (page := await step(Phase.PAGE, scan.next_page)) is not None:
        data, end = await step(Phase.READ, partial(read_all, page))
        stored = await job.add_page(shop.page_uid(), data, page.info, end)
        log.debug(
            "page", job=job.uid, page=stored.uid, number=page.info.number, type=stored.media_type, bytes=stored.size
        )
    job.complete()


async def _close(job: Job, session: Session, seconds: float) -> None:
    """Give the device back, whatever happens; the host has a deadline of its own, this one is for a host that fails."""
    with trio.move_on_after(seconds, shield=True) as scope:
        try:
            await session.close()
        except Exception as error:  # noqa: BLE001  # a device that fails at close must not take the job's result with it
            log.warning("device error at close", job=job.uid, error=repr(error))
    if scope.cancelled_caught:
        log.error("device did not close", job=job.uid, device=job.request.device.id)
