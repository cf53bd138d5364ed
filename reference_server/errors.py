"""What a client is told when something is refused (rest-api.md 1.6). The words are our own (D-17)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from device_protocol.vocabularies.rest import RestCode


@dataclass
class RestError(Exception):
    """An answer with an error body.

    Attributes:
        status: HTTP status.
        code: negative number of rest-api.md 1.6.
        message: for people; clients must not match on it.
        headers: further headers of the answer.
        miss: the client named a job, page or document that is not there (:mod:`reference_server.access.guesses`).
        cause: the error of the operating system that lies behind it.
    """

    status: int
    code: int
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)
    miss: bool = False
    cause: OSError | None = None

    def body(self) -> dict[str, object]:
        """The error body."""
        body: dict[str, object] = {"code": int(self.code), "message": self.message, "statusCode": self.status}
        if self.cause is not None:
            body["cause"] = {"code": self.cause.errno or 0, "message": self.cause.strerror or "unknown"}
        return body


def system_error(error: BaseException) -> OSError | None:
    """The error of the operating system that *error* is, or came of."""
    found: BaseException | None = error
    while found is not None and not isinstance(found, OSError):
        found = found.__cause__ or found.__context__
    return found


def bad_parameter(message: str) -> RestError:
    """400: a parameter, a body or a key of it is not valid."""
    return RestError(400, RestCode.PARAMETER, message)


def bad_method(allowed: tuple[str, ...]) -> RestError:
    """405, with the methods that there are."""
    listed = ", ".join(allowed)
    return RestError(405, RestCode.METHOD, f"This method is not supported here; there are {listed}.", {"Allow": listed})


def unknown_path(path: str) -> RestError:
    """404 for what is no endpoint."""
    return RestError(404, RestCode.PARAMETER, f"There is nothing at {path[:200]}.")


def unknown_job() -> RestError:
    """404: nobody knows this job (rest-api.md 1.6: also after a restart)."""
    return RestError(404, RestCode.UNKNOWN_JOB, "There is no job with this UID.", miss=True)


def deleted_job() -> RestError:
    """410: the job was deleted, or its time ran out. No miss: who is told so knew the UID."""
    return RestError(410, RestCode.UNKNOWN_JOB, "This job has been removed.")


def unknown_page() -> RestError:
    """404: the job has no page with this UID (rest-api.md 5.7)."""
    return RestError(404, RestCode.UNKNOWN_JOB, "The job has no page with this UID.", miss=True)


def wrong_state(request: str, state: str) -> RestError:
    """409: not in this state of the job (rest-api.md 5.5)."""
    return RestError(409, RestCode.WRONG_STATE, f"{request} is not possible while the job is {state}.")


def locked(scanner: str) -> RestError:
    """423: another job has the scanner."""
    return RestError(423, RestCode.LOCKED, f"The scanner {scanner!r} is in use by another job.")


def overloaded(what: str) -> RestError:
    """503: a limit of the service is reached; waiting helps."""
    return RestError(503, RestCode.OVERLOAD, what, {"Retry-After": "2"})


def no_space(what: str) -> RestError:
    """507: neither memory nor disk has room for pages (S-096)."""
    return RestError(507, RestCode.NO_SPACE, what)


def too_large(limit: int) -> RestError:
    """413: the body is longer than any request needs."""
    return RestError(413, RestCode.PARAMETER, f"The body is larger than {limit} bytes.")


class StartError(Exception):
    """The service cannot start; the message says why, and nothing was left behind."""
