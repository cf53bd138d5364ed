"""Defects of server control (REST-01 to REST-03)."""

from __future__ import annotations

from conformance.selftest.services.around import SERVER, Asked, Reply, meets, says
from conformance.selftest.services.defects.defect import wrapped
from conformance.selftest.services.proof import get, patch


async def _only_says_so(asked: Asked) -> Reply:
    wanted = asked.json().get("logLevel")
    reply = await asked.pass_on(body={})
    return (
        reply.with_json({"logLevel": wanted})
        if isinstance(wanted, int) and 0 <= wanted <= 30
        else await asked.pass_on()
    )


async def _takes_anything(asked: Asked) -> Reply:
    reply = await asked.pass_on()
    return await asked.pass_on(body={}) if reply.status == 400 else reply


DEFECTS = (
    wrapped(
        "version-is-a-number",
        "REST-01",
        "Gives the version of the API as a number.",
        says("GET", f"{SERVER}/version", lambda it: it | {"version": 1}),
        get("/api/server/version"),
    ),
    wrapped(
        "compatible-with-nobody",
        "REST-01",
        "Says that it is compatible with no client.",
        says("GET", f"{SERVER}/version", lambda it: it | {"compatible": False}),
        get("/api/server/version"),
    ),
    wrapped(
        "log-level-is-forgotten",
        "REST-02",
        "Says that the log level is changed, and keeps the old one.",
        meets("PATCH", SERVER, _only_says_so),
        patch("/api/server", {"logLevel": 5}),
        get("/api/server"),
    ),
    wrapped(
        "log-level-takes-anything",
        "REST-03",
        "Answers 200 to a log level that is none.",
        meets("PATCH", SERVER, _takes_anything),
        patch("/api/server", {"logLevel": "high"}),
    ),
)
