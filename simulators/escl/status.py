"""``ScannerStatus``: what the scanner does now, and its last jobs. State, AdfState and jobs move together (sane-escl 3.6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import trio

from device_protocol import Code, FeederState
from device_protocol.vocabularies.escl import ADF_STATES, JOB_REASONS, VERSION, AdfState, EsclJobState, ScannerState
from simulators.escl.job import EsclJob
from simulators.escl.markup import Node, node

STANDING = (Code.JAM, Code.COVER_OPEN, Code.MULTIFEED)
"""Conditions that the feeder's state can name, the gravest first."""


def scanner_state(seen: Mapping[str, Any], jobs: Iterable[EsclJob]) -> ScannerState:
    """Idle, unless a job runs, or somebody else or the plug is in the way."""
    if not seen["plugged"]:
        return ScannerState.DOWN
    if any(not job.over for job in jobs):
        return ScannerState.PROCESSING
    if seen["in_use"]:
        return ScannerState.PROCESSING
    return ScannerState.STOPPED if Code.COVER_OPEN.value in seen["conditions"] else ScannerState.IDLE


def adf_state(seen: Mapping[str, Any], jobs: Iterable[EsclJob]) -> AdfState:
    """What the feeder shows: what stands in the way, an error of the last job that could not be seen to be mended, then paper."""
    for code in STANDING:
        if code.value in seen["conditions"]:
            return ADF_STATES[code]
    newest = next(iter(jobs), None)
    if newest is not None and newest.feeder:
        if newest.error is not None and newest.error.code in ADF_STATES and not newest.stood:
            return ADF_STATES[newest.error.code]
        if not newest.over and not newest.ended:
            return AdfState.LOADED
        if newest.ended and seen["hopper"] == 0:
            return AdfState.EMPTY
    return AdfState.EMPTY if seen["feeder"] == FeederState.EMPTY.value else AdfState.LOADED


def status(seen: Mapping[str, Any], jobs: list[EsclJob], root: str, *, feeder: bool) -> Node:
    """The document.

    Args:
        seen: what somebody who stands before the machine sees.
        jobs: the newest first.
        root: path under which jobs are.
        feeder: whether the device has one.
    """
    return node(
        "scan:ScannerStatus",
        node("pwg:Version", VERSION),
        node("pwg:State", scanner_state(seen, jobs).value),
        node("scan:AdfState", adf_state(seen, jobs).value) if feeder else None,
        node("scan:Jobs", *(_job(job, root) for job in jobs)) if jobs else None,
    )


def _job(job: EsclJob, root: str) -> Node:
    state = job.state
    return node(
        "scan:JobInfo",
        node("pwg:JobUri", f"{root}/ScanJobs/{job.uid}"),
        node("pwg:JobUuid", f"urn:uuid:{job.uid}"),
        node("scan:Age", int(trio.current_time() - job.began)),
        node("pwg:ImagesCompleted", job.images),
        node("pwg:ImagesToTransfer", 0 if state.over else max(job.buffered, 1)),
        node("pwg:JobState", state.value),
        node("pwg:JobStateReasons", node("pwg:JobStateReason", _reason(job, state))),
    )


def _reason(job: EsclJob, state: EsclJobState) -> str:
    if state is EsclJobState.ABORTED and job.error is None:
        return "JobCanceledAtDevice"
    return JOB_REASONS[state]
