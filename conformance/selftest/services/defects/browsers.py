"""Defects of preflights, CORS and jobs that belong to an origin (REST-93 to REST-97)."""

from __future__ import annotations

from conformance.selftest.services.around import BELOW_JOB, JOBS, Around, Asked, Reply, error, replies
from conformance.selftest.services.defects.defect import wrapped
from conformance.selftest.services.proof import ask, create, get

ORIGIN, OTHER = "http://localhost:3000", "http://127.0.0.1:8080"
METHODS = "access-control-allow-methods"


def _star(reply: Reply) -> Reply:
    return reply.but(access_control_allow_origin="*") if "access-control-allow-origin" in reply.headers else reply


def _no_patch(reply: Reply) -> Reply:
    methods = reply.headers.get(METHODS)
    return reply if methods is None else reply.but(access_control_allow_methods=methods.replace("PATCH, ", ""))


def _no_cors_on_errors(reply: Reply) -> Reply:
    if reply.status < 400:
        return reply
    return reply.but(access_control_allow_origin=None, access_control_allow_credentials=None)


class BelongToAll(Around):
    """Takes everybody for the origin that made a job."""

    path = f"{JOBS}|{BELOW_JOB}"

    def start(self) -> None:
        """See :class:`Around`."""
        self.makers: dict[str, str] = {}

    async def meet(self, asked: Asked) -> Reply:
        """See :class:`Around`."""
        said = asked.headers.get("origin")
        if asked.path == JOBS:
            reply = await asked.pass_on()
            if reply.status == 201 and said is not None:
                self.makers[reply.json()["jobuid"]] = said
            return reply
        reply = await asked.pass_on()
        maker = self.makers.get(asked.words["job"].lower())
        if reply.status == 403 and maker is not None and "access-control-allow-origin" in reply.headers:
            reply = await asked.pass_on(headers={"origin": maker})
        return reply.but(access_control_allow_origin=said) if "access-control-allow-origin" in reply.headers else reply


def preflight(target: str, origin: str = ORIGIN, method: str = "PATCH") -> tuple[str, str, dict[str, str]]:
    """What a browser asks before it sends a request."""
    wanted = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "content-type"}
    return "OPTIONS", target, {"Origin": origin, **wanted, "Access-Control-Request-Private-Network": "true"}


_METHOD, _TARGET, _FIELDS = preflight("jobs")
ASKS = ask(_METHOD, _TARGET, None, **_FIELDS)

DEFECTS = (
    wrapped(
        "preflight-is-405",
        "REST-93",
        "Does not know OPTIONS.",
        replies("OPTIONS", ".*", lambda reply: error(405, -2112, "GET, POST") if reply.status < 300 else reply),
        ASKS,
    ),
    wrapped(
        "preflight-with-a-star",
        "REST-94",
        "Lets every origin in by *, under which no page may use credentials.",
        replies("OPTIONS", ".*", _star),
        ASKS,
    ),
    wrapped(
        "preflight-without-patch",
        "REST-94",
        "Leaves PATCH out of the methods that a page may use.",
        replies("OPTIONS", ".*", _no_patch),
        ASKS,
    ),
    wrapped(
        "no-private-network",
        "REST-95",
        "Does not grant the private network to who asks for it.",
        replies("OPTIONS", ".*", lambda reply: reply.but(access_control_allow_private_network=None)),
        ASKS,
    ),
    wrapped(
        "no-cors-on-errors",
        "REST-96",
        "Lets no page read its errors.",
        replies("", ".*", _no_cors_on_errors),
        get("/api/device/scanners/jobs/nobody", Origin=ORIGIN),
    ),
    wrapped(
        "jobs-belong-to-all",
        "REST-97",
        "Gives the pages of a job to every origin that it lets in.",
        BelongToAll,
        create(run=False, origin=ORIGIN),
        get("job", Origin=OTHER),
    ),
)
