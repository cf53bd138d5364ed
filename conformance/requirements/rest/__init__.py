"""REST: what a scanning service owes its clients (rest-api.md), one module for each part of its API.

For whom: ``flatbed check service`` and its zoo. What may come in: rows, the facts of a service and gates over them. What may not: code that talks to a service.
Where the published sources contradict each other (rest-api.md 10) a MUST takes every position of the register; what only our own choice demands is a SHOULD.
"""

from conformance.requirements.rest import (
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
)

REQUIREMENTS = (
    *server.REQUIREMENTS,
    *transport.REQUIREMENTS,
    *scanners.REQUIREMENTS,
    *jobs.REQUIREMENTS,
    *states.REQUIREMENTS,
    *timers.REQUIREMENTS,
    *cursors.REQUIREMENTS,
    *pages.REQUIREMENTS,
    *capabilities.REQUIREMENTS,
    *documents.REQUIREMENTS,
    *processing.REQUIREMENTS,
    *browsers.REQUIREMENTS,
    *sockets.REQUIREMENTS,
    *legacy.REQUIREMENTS,
    *weak_points.REQUIREMENTS,
)
"""All of them, in the order of their numbers."""
