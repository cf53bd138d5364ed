"""Checks of services: small modules, one for each part of the API, one async function for each requirement.

For whom: the suite of services. What may come in: functions that take a desk and register themselves in :data:`CHECKS`. What may not: anything that knows which
service it is, a clock other than trio's, and checks that cannot fail.
"""

from conformance.service.checks import (
    browsers,
    capabilities,
    cells,
    configuration,
    creating,
    cursors,
    document_content,
    documents,
    fetching,
    forms,
    jobs,
    legacy,
    limits,
    pages,
    processing,
    scanners,
    server,
    sockets,
    strangers,
    timers,
    transport,
    vanished,
    weak_points,
)
from conformance.service.checks.registry import CHECKS, check

MODULES = (
    browsers,
    capabilities,
    cells,
    configuration,
    creating,
    cursors,
    document_content,
    documents,
    fetching,
    forms,
    jobs,
    legacy,
    limits,
    pages,
    processing,
    scanners,
    server,
    sockets,
    strangers,
    timers,
    transport,
    vanished,
    weak_points,
)

__all__ = ["CHECKS", "check"]
