"""States of a job and what each request answers in them: rest-api.md 5.5 as data.

Rules: everything that decides whether a request fits the state of its job stands in :data:`TABLE`; handlers ask :func:`admit` and nothing else.
``DELETED`` and ``UNKNOWN`` are states of a UID rather than of a job, so that every request has an answer for every UID.
"""

from __future__ import annotations

from enum import StrEnum

from reference_server.errors import RestError, deleted_job, unknown_job, wrong_state

_STRICT = " (strict)"
"""Tells the two rows of a contradiction apart; clients send the same request under either and are not shown it."""


class State(StrEnum):
    """Where a job, or its UID, stands."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAULTED = "faulted"
    CANCELED = "canceled"
    DELETED = "deleted"
    UNKNOWN = "unknown"

    @property
    def ended(self) -> bool:
        """Whether the scan is over and the job still there."""
        return self in {State.COMPLETED, State.FAULTED, State.CANCELED}


class Request(StrEnum):
    """What a client can ask of a job."""

    GET = "GET job"
    START = "PATCH running"
    CANCEL = "PATCH canceled"
    CANCEL_STRICT = f"PATCH canceled{_STRICT}"
    DELETE = "DELETE job"
    CAPABILITIES = "capabilities"
    SETTINGS = "settings"
    NEXT = "next-page"
    CONTENT = "content"


_COLUMNS = (State.PENDING, State.RUNNING, State.COMPLETED, State.FAULTED, State.CANCELED, State.DELETED, State.UNKNOWN)

TABLE: dict[Request, dict[State, int]] = {
    request: dict(zip(_COLUMNS, statuses, strict=True))
    for request, statuses in {
        #                     pending running completed faulted canceled deleted unknown
        Request.GET: (200, 200, 200, 200, 200, 410, 404),
        Request.START: (200, 409, 409, 409, 409, 410, 404),
        Request.CANCEL: (200, 200, 409, 409, 409, 410, 404),  # D-02: a pending job can be canceled; 409: D-03
        Request.CANCEL_STRICT: (409, 200, 409, 409, 409, 410, 404),  # D-02: it cannot
        Request.DELETE: (204, 204, 204, 204, 204, 410, 404),
        Request.CAPABILITIES: (200, 409, 409, 409, 409, 410, 404),
        Request.SETTINGS: (200, 409, 409, 409, 409, 410, 404),
        Request.NEXT: (409, 200, 200, 200, 200, 410, 404),  # D-19; 200 stands for pages first, then the end
        Request.CONTENT: (409, 200, 200, 200, 200, 410, 404),
    }.items()
}
"""HTTP status for each request and state."""


def admit(request: Request, state: State) -> None:
    """Refuse what the table refuses.

    Raises:
        RestError: 404, 409 or 410.
    """
    refusal = refused(request, state)
    if refusal is not None:
        raise refusal


def refused(request: Request, state: State) -> RestError | None:
    """The refusal of *request* in *state*, or None if it is admitted."""
    match TABLE[request][state]:
        case 404:
            return unknown_job()
        case 409:
            return wrong_state(request.value.removesuffix(_STRICT), state.value)
        case 410:
            return deleted_job()
        case _:
            return None
