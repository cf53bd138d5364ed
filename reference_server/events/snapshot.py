"""Everything as it is now, for a reader that has no past."""

from __future__ import annotations

from typing import cast

from reference_server.endpoints.call import Service
from reference_server.events.models import JobState, Snapshot, Status
from reference_server.events.watching import buffer_figures, device
from reference_server.jobs.job import Job


def snapshot(service: Service, origin: bytes | None) -> Snapshot:
    """What *origin* may know: all devices, its own jobs, the figures of the buffer."""
    return Snapshot(
        devices=tuple(device(info) for info in service.devices()),
        jobs=tuple(_state(job) for job in service.registry.jobs() if job.request.origin == origin),
        buffer=buffer_figures(service.buffer),
    )


def _state(job: Job) -> JobState:
    return JobState(
        jobuid=job.uid,
        status=cast("Status", job.state.value),
        code=job.code,
        message=job.message,
        pages=len(job.pages),
        device=job.request.device.id,
    )
