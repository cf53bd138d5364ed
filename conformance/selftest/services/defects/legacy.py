"""Defects of the legacy API (REST-102 to REST-106)."""

from __future__ import annotations

from conformance.selftest.services.around import LEGACY_JOB, LEGACY_JOBS, Asked, Reply, meets, replies, says
from conformance.selftest.services.defects.defect import rebuilt, wrapped
from conformance.selftest.services.proof import create, delete, get, post
from conformance.selftest.services.swapped import swapped
from reference_server.endpoints.call import Call, Handler
from reference_server.wire.delivery import Answer

JSON = "application/json"
NEXT = f"{LEGACY_JOB}/NextDocument"
GLASS = {"device": "virtual:flatbed", "config": {"Resolution": 75}}


def _in_quotes(reply: Reply) -> Reply:
    return reply.with_body(b'"' + reply.body + b'"', JSON) if reply.status == 201 else reply


def _ends_with_204(reply: Reply) -> Reply:
    return Reply(204) if reply.status == 410 and b"no more" in reply.body else reply


async def _does_nothing(asked: Asked) -> Reply:
    reply = await asked.pass_on(method="GET", path=f"/api/device/scanners/jobs/{asked.words['job']}")
    return Reply(200, {"content-type": "text/plain"}) if reply.status == 200 else await asked.pass_on()


def _error_in_json(reply: Reply) -> Reply:
    if reply.status < 400 or reply.status == 410:
        return reply
    return reply.with_json({"code": -1034, "message": reply.body.decode(), "statusCode": reply.status})


async def _own_locks(handler: Handler, call: Call) -> Answer:
    holders = call.service.registry._holders  # noqa: SLF001  # a defect is of the inside
    others = dict(holders)
    holders.clear()
    try:
        return await handler(call)
    finally:
        for device, job in others.items():
            holders.setdefault(device, job)


DEFECTS = (
    wrapped(
        "legacy-list-in-an-object",
        "REST-102",
        "Puts the list of scanners into an object.",
        says("GET", "/DWTAPI/Scanners", lambda it: {"scanners": it}),
        get("/DWTAPI/Scanners"),
    ),
    wrapped(
        "id-in-quotes",
        "REST-103",
        "Sends the id of a job as JSON.",
        replies("POST", LEGACY_JOBS, _in_quotes),
        post("legacy", GLASS),
    ),
    wrapped(
        "legacy-ends-with-204",
        "REST-104",
        "Ends the pages of a legacy job with 204.",
        replies("GET", NEXT, _ends_with_204),
        post("legacy", GLASS),
        *(get("job/NextDocument") for _ in range(2)),
    ),
    wrapped(
        "legacy-delete-does-nothing",
        "REST-105",
        "Says that a legacy job is deleted, and keeps it.",
        meets("DELETE", LEGACY_JOB, _does_nothing),
        post("legacy", GLASS),
        delete("job"),
        get("job/NextDocument"),
    ),
    wrapped(
        "legacy-error-in-json",
        "REST-105",
        "Writes the errors of the legacy API as JSON.",
        replies("", "/DWTAPI/.*", _error_in_json),
        delete("/DWTAPI/ScanJobs/nobody"),
    ),
    rebuilt(
        "legacy-has-locks-of-its-own",
        "REST-106",
        "Makes a legacy job on a scanner that has a job.",
        create("virtual:flatbed", run=False),
        post("legacy", GLASS),
        endpoints=swapped("POST", "/DWTAPI/ScanJobs", _own_locks),
    ),
)
