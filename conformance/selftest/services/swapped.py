"""The endpoints of the service with one handler replaced, for defects that need its insides."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import TypeAlias

from reference_server.endpoints.call import Call, Handler
from reference_server.endpoints.operation import Endpoint
from reference_server.endpoints.table import ENDPOINTS
from reference_server.wire.delivery import Answer

Instead: TypeAlias = Callable[[Handler, Call], Awaitable[Answer]]
"""Does something instead of a handler, which it is given."""


def swapped(method: str, path: str, instead: Instead) -> tuple[Endpoint, ...]:
    """All endpoints; *instead* handles *method* of *path*, a path of the table."""
    found = False
    endpoints = []
    for endpoint in ENDPOINTS:
        operation = endpoint.operation(method) if endpoint.path == path else None
        if operation is not None:
            found = True
            other = replace(operation, handler=partial(instead, operation.handler))
            rest = (other if item is operation else item for item in endpoint.operations)
            endpoints.append(replace(endpoint, operations=tuple(rest)))
        else:
            endpoints.append(endpoint)
    assert found, f"there is no {method} {path}"
    return tuple(endpoints)


JOB = "/api/device/scanners/jobs/{jobuid}"
