"""Checks of ScannerStatus: ESCL-24 to ESCL-30 and ESCL-33."""

from __future__ import annotations

from urllib.parse import urlsplit

import trio

from conformance.escl.desk import Desk, EsclJob
from conformance.escl.reading import JobInfo, number
from conformance.escl.registry import check
from conformance.outcomes import NotApplicable, Untestable
from device_protocol.vocabularies.escl import AdfState, ScannerState

STATES, ADF_STATES = {state.value for state in ScannerState}, {state.value for state in AdfState}
AGEING_S = 3.0


@check("ESCL-24", sheets=1)
async def state_is_a_known_word(desk: Desk) -> None:
    """At rest and during a job."""
    at_rest = (await desk.status()).state
    desk.require(at_rest in STATES, f"State is {at_rest[:40]!r}", "at rest")
    await desk.start()
    during = (await desk.status()).state
    desk.require(during in STATES, f"State is {during[:40]!r} during a job", "during a job")


@check("ESCL-25", sheets=1)
async def idle_takes_a_job(desk: Desk) -> None:
    """503 is tried again for half a minute, as drivers do."""
    order = desk.order()
    await desk.supply(order)
    state = (await desk.settled()).state
    if state != ScannerState.IDLE:
        raise Untestable(f"State is {state[:40]!r} at rest (ESCL-27)")
    answer = await desk.post_patiently(order)
    desk.require(200 <= answer.status < 300, f"State is Idle, and a job was answered {answer.status}", "refused")


@check("ESCL-26", sheets=2)
async def processing_while_pages_remain(desk: Desk) -> None:
    """Before the first page, and between two where somebody has loaded as many."""
    source = desk.feeder_or_none() if desk.operator.controls else None
    job = await desk.start(desk.order(source), sheets=2)
    before = (await desk.status()).state
    desk.require(
        before == ScannerState.PROCESSING, f"State is {before[:40]!r} before the first page was fetched", "first"
    )
    if source is not None:
        await desk.page(job)
        between = (await desk.status()).state
        desk.require(between == ScannerState.PROCESSING, f"State is {between[:40]!r} between two pages", "between")


@check("ESCL-27", sheets=1)
async def idle_at_rest(desk: Desk) -> None:
    """Before a job, and after its end was told."""
    before = (await desk.settled()).state
    desk.require(before == ScannerState.IDLE, f"State is {before[:40]!r} at rest", "before a job")
    await desk.scan()
    after = (await desk.settled()).state
    desk.require(after == ScannerState.IDLE, f"State is {after[:40]!r} after all pages were fetched", "after a job")


@check("ESCL-28")
async def adf_state(desk: Desk) -> None:
    """Said, and known."""
    said = (await desk.status()).adf
    desk.require(said, "there is a feeder, and ScannerStatus has no AdfState", "none")
    desk.require(said in ADF_STATES, f"AdfState is {said[:40]!r}", "unknown")


@check("ESCL-29", sheets=1)
async def jobs_are_listed(desk: Desk) -> None:
    """At once, by the path of the Location."""
    job = await desk.start()
    infos = (await desk.status()).jobs
    desk.require(infos, "ScannerStatus lists no job while one runs", "not listed")
    uris = [info.uri for info in infos]
    desk.require(
        any(urlsplit(uri).path.rstrip("/") == job.path for uri in uris),
        f"the job at {job.path} is not among the JobUris, of which the first is {uris[0][:100]!r}",
        "JobUri",
    )


@check("ESCL-30", sheets=1)
async def job_uuid(desk: Desk) -> None:
    """The last part of the Location."""
    job = await desk.start()
    info = await _info(desk, job)
    said = info.uuid.removeprefix("urn:uuid:")
    desk.require(said == job.uid, f"JobUuid is {info.uuid[:80]!r}, the job is at {job.path}", "JobUuid")


@check("ESCL-33", sheets=1)
async def age(desk: Desk) -> None:
    """Two looks at a job with some seconds between them."""
    job = await desk.scan()
    await desk.settled()
    first = (await _info(desk, job)).age
    if not first:
        raise NotApplicable("ScannerStatus: no Age")
    await trio.sleep(AGEING_S)
    second = (await _info(desk, job)).age
    young, old = number(first), number(second)
    if young is None or old is None:
        raise desk.broken(f"Age is {first[:40]!r}, then {second[:40]!r}", "no number")
    desk.require(old > young, f"Age was {young}, and {old} after {AGEING_S:g} s", "stands still")


async def _info(desk: Desk, job: EsclJob) -> JobInfo:
    info = await desk.listed(job)
    if info is None:
        raise Untestable(f"ScannerStatus does not list the job at {job.path} (ESCL-29)")
    return info
