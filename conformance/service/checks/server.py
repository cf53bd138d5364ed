"""Version and settings of the service (rest-api.md 3)."""

from __future__ import annotations

from conformance.outcomes import NotApplicable
from conformance.service.checks.registry import check
from conformance.service.desk import Desk

SERVER = "/api/server"
QUIET, LOUD = 1, 30


@check("REST-01")
async def version(desk: Desk) -> None:
    """The version is a text, and a client that wants none in particular is compatible."""
    reply = desk.status(await desk.rest.ask("GET", f"{SERVER}/version"), 200, point="status")
    found = desk.an_object(reply, "body")
    text, compatible = found.get("version"), found.get("compatible")
    desk.require(isinstance(text, str) and text, f"{reply}: version is {text!r}", "version")
    desk.require(isinstance(compatible, bool), f"{reply}: compatible is {compatible!r}", "compatible")
    desk.require(compatible, f"{reply}: version {text} says that it is not compatible with anybody", "not compatible")


@check("REST-02")
async def settings_are_kept(desk: Desk) -> None:
    """A log level that was set is answered and then read."""
    before = desk.an_object(desk.prerequisite(await desk.rest.ask("GET", SERVER), 200), "body").get("logLevel")
    desk.require(type(before) is int, f"GET {SERVER}: logLevel is {before!r}", "logLevel")
    wanted = LOUD if before != LOUD else QUIET
    changed = await desk.rest.ask("PATCH", SERVER, {"logLevel": wanted})
    if changed.status in {401, 403}:
        raise NotApplicable(f"{changed}: the log level is not for everybody to change")
    try:
        desk.status(changed, 200, point="status")
        said = changed.object.get("logLevel")
        desk.require(said == wanted, f"{changed}: logLevel {wanted} was set, and {said!r} is answered", "answer")
        read = (await desk.rest.ask("GET", SERVER)).object.get("logLevel")
        desk.require(read == wanted, f"GET {SERVER}: logLevel is {read!r} after {wanted} was set", "kept")
    finally:
        await desk.rest.ask("PATCH", SERVER, {"logLevel": before})


@check("REST-03")
async def bad_settings_are_refused(desk: Desk) -> None:
    """Nonsense is refused, and the level stays."""
    before = (await desk.rest.ask("GET", SERVER)).object.get("logLevel")
    for value in ("loud", -1, 1.5, [1]):
        reply = await desk.rest.ask("PATCH", SERVER, {"logLevel": value})
        after = (await desk.rest.ask("GET", SERVER)).object.get("logLevel")
        if after != before:
            await desk.rest.ask("PATCH", SERVER, {"logLevel": before})
        if reply.status in {401, 403}:
            raise NotApplicable(f"{reply}: the log level is not for everybody to change")
        why = f"for logLevel {value!r}"
        desk.refused(reply, 400, -2113, point="status", why=why)
        desk.require(after == before, f"PATCH {SERVER} {why} was refused, and the level is {after!r}", "changed")
