"""Checks of what the status says of jobs when they are over: ESCL-31, ESCL-32, WIRE-12."""

from __future__ import annotations

from conformance.escl.desk import Desk, EsclJob
from conformance.escl.reading import JobInfo, number
from conformance.escl.registry import check
from conformance.escl.words import REASONS
from conformance.outcomes import NotApplicable, Untestable
from device_protocol.vocabularies.escl import JOB_REASONS, EsclJobState

STATES = {state.value for state in EsclJobState}
COMPLETED, CANCELED, ABORTED = (
    EsclJobState.COMPLETED.value,
    EsclJobState.CANCELED.value,
    EsclJobState.ABORTED.value,
)


@check("ESCL-31", sheets=2)
async def states_are_true(desk: Desk) -> None:
    """A job that was fetched to its end, and one that was deleted."""
    job = await desk.scan()
    await desk.settled()
    info = await desk.listed(job)
    if info is None:
        raise Untestable("ScannerStatus does not list a job whose pages were all fetched (WIRE-12)")
    _known(desk, info)
    desk.require(info.state == COMPLETED, f"all pages were fetched, and JobState is {info.state}", "completed")
    desk.require(
        JOB_REASONS[EsclJobState.COMPLETED] in info.reasons,
        f"all pages were fetched, and JobStateReason is {', '.join(info.reasons) or 'not there'}",
        "reason",
    )
    job = await desk.start()
    await desk.delete(job.path)
    await desk.settled()
    info = await desk.listed(job)
    if info is not None:
        _known(desk, info)
        desk.require(info.state in {CANCELED, ABORTED}, f"the job was deleted, and JobState is {info.state}", "deleted")


def _known(desk: Desk, info: JobInfo) -> None:
    desk.require(info.state in STATES, f"JobState is {info.state[:40]!r}", "state")
    unknown = [reason for reason in info.reasons if reason not in REASONS]
    desk.require(not unknown, f"JobStateReason {unknown[:1]} is none of the standard", "unknown reason")


@check("ESCL-32", sheets=3)
async def images_are_counted(desk: Desk) -> None:
    """Over a job of several pages, where somebody has loaded them."""
    source = desk.feeder_or_none() if desk.operator.controls else None
    job = await desk.start(desk.order(source), sheets=3)
    before = await _images(desk, job)
    while (await desk.next(job)).status == 200:
        now = await _images(desk, job)
        desk.require(now >= before, f"ImagesCompleted went from {before} to {now}", "goes down")
        before = now
        if len(job.pages) > 10:
            break
    await desk.settled()
    end = await _images(desk, job)
    desk.require(
        end == len(job.pages), f"{len(job.pages)} images were fetched, and ImagesCompleted is {end}", "at the end"
    )


async def _images(desk: Desk, job: EsclJob) -> int:
    info = await desk.listed(job)
    if info is None:
        raise Untestable("ScannerStatus does not list the job (ESCL-29)")
    if not info.images:
        raise NotApplicable("ScannerStatus: no ImagesCompleted")
    found = number(info.images)
    if found is None:
        raise desk.broken(f"ImagesCompleted is {info.images[:40]!r}", "no number")
    return found


@check("WIRE-12", sheets=3)
async def history_is_kept(desk: Desk) -> None:
    """Two jobs that were fetched and one that was deleted, looked at after all of them."""
    jobs = [(await desk.scan(), {COMPLETED}) for _ in range(2)]
    deleted = await desk.start()
    await desk.delete(deleted.path)
    jobs.append((deleted, {CANCELED, ABORTED}))
    await desk.settled()
    for number_, (job, states) in enumerate(jobs, 1):
        info = await desk.listed(job)
        if info is None:
            raise desk.broken(f"job {number_} of the last {len(jobs)} is not listed any more", f"job {number_}")
        desk.require(info.state in states, f"job {number_} is {info.state}, not {' or '.join(sorted(states))}", "state")
