"""The seeded defects of services: one small thing each, the requirement it must die by, and a few requests on which it differs from the legal service."""

from conformance.selftest.services.defects import (
    browsers,
    capabilities,
    cursors,
    documents,
    jobs,
    legacy,
    pages,
    processing,
    scanners,
    server,
    sockets,
    states,
    timers,
    transport,
    weak_points,
    wire,
)
from conformance.selftest.services.defects.defect import Defect

DEFECTS: tuple[Defect, ...] = (
    *server.DEFECTS,
    *transport.DEFECTS,
    *scanners.DEFECTS,
    *jobs.DEFECTS,
    *states.DEFECTS,
    *timers.DEFECTS,
    *cursors.DEFECTS,
    *pages.DEFECTS,
    *capabilities.DEFECTS,
    *documents.DEFECTS,
    *processing.DEFECTS,
    *browsers.DEFECTS,
    *sockets.DEFECTS,
    *legacy.DEFECTS,
    *weak_points.DEFECTS,
    *wire.DEFECTS,
)
"""All of them, in the order of their requirements."""

__all__ = ["DEFECTS", "Defect"]
