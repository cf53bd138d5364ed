"""Methods, media types and odd addresses, over the table of endpoints."""

from __future__ import annotations

from conformance.outcomes import NotApplicable
from conformance.service.checks.registry import check
from conformance.service.desk import UNKNOWN_JOB, Desk, short
from conformance.service.endpoints import endpoints
from conformance.service.rest_client import JSON, MISSING, Reply

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
SERVER = "/api/server"


@check("REST-04")
async def other_methods_are_refused(desk: Desk) -> None:
    """Every path refuses what it does not have."""
    async with desk.job() as job:
        document = await desk.document() if "documents" not in desk.facts.missing else None
        for endpoint in endpoints(desk.facts, job.path, document):
            for method in METHODS:
                if method in endpoint.methods or method in endpoint.tolerated:
                    continue
                reply = await desk.rest.ask(method, endpoint.path)
                desk.refused(reply, 405, -2112, point=f"{method} {endpoint.name}")


@check("REST-05")
async def refusals_list_methods(desk: Desk) -> None:
    """``Allow`` has what there is."""
    for path, methods in ((f"{SERVER}/version", {"GET"}), (SERVER, {"GET", "PATCH"})):
        reply = desk.prerequisite(await desk.rest.ask("DELETE", path), 405)
        listed = {word.strip() for word in (reply.get("allow") or "").split(",")}
        desk.require(methods <= listed, f"{reply}: Allow is {reply.get('allow')!r}", "allow")


async def some_errors(desk: Desk) -> list[Reply]:
    """Errors of each sort that every service has."""
    return [
        await desk.rest.ask("DELETE", f"{SERVER}/version"),
        await desk.rest.ask("GET", f"/api/device/scanners/jobs/{UNKNOWN_JOB}"),
        await desk.rest.ask("PATCH", SERVER, b"{"),
        await desk.rest.ask("GET", "/api/device/scanners?type=many"),
    ]


@check("REST-06")
async def errors_have_a_form(desk: Desk) -> None:
    """Code, message and status stand in every error."""
    seen = 0
    for reply in await some_errors(desk):
        if reply.status < 400:
            continue
        seen += 1
        body = desk.an_object(reply, "body")
        code, message, status = (body.get(key) for key in ("code", "message", "statusCode"))
        desk.require(type(code) is int and code < 0, f"{reply}: code is {code!r}", "code")
        desk.require(isinstance(message, str) and message, f"{reply}: message is {message!r}", "message")
        desk.require(status == reply.status, f"{reply}: statusCode is {status!r}", "statusCode")
    desk.require(seen, "none of four wrong requests was answered with an error", "no error")


@check("REST-07")
async def json_is_called_json(desk: Desk) -> None:
    """The media type of JSON is exactly application/json."""
    job = await desk.ended()
    replies = [
        await desk.rest.ask("GET", f"{SERVER}/version"),
        await desk.rest.ask("GET", SERVER),
        await desk.rest.ask("GET", "/api/device/scanners"),
        job.made,
        await job.get(),
        await job.info(),
        *await some_errors(desk),
    ]
    for reply in replies:
        if reply.body and reply.json is not MISSING:
            desk.require(reply.content_type == JSON, f"{reply}: JSON is sent as {reply.content_type!r}", "type")


@check("REST-08")
async def bodies_are_json_whatever_they_are_called(desk: Desk) -> None:
    """A job that was asked for under any media type is the job that was asked for."""
    for kind in ("text/plain;charset=UTF-8", "application/text", "application/x-www-form-urlencoded", None):
        reply = await desk.post_job(desk.keys(), content_type=kind)
        shown = kind or "none"
        desk.status(reply, 201, point=shown, why=f"with Content-Type {shown}")
        said = reply.object.get("status")
        desk.require(said == "pending", f"{reply}: autoRun false under Content-Type {shown} gave {said!r}", shown)
        await desk.job_of(reply).delete()


@check("REST-09")
async def bodies_that_are_none_are_refused(desk: Desk) -> None:
    """Neither broken JSON nor anything but an object does anything."""
    for body in (b"{", b"[]", b"scan please", b'"running"', b"17"):
        reply = await desk.post_job(body)
        desk.refused(reply, 400, -2113, point="POST jobs", why=f"for {body.decode()}")
    async with desk.job() as job:
        for body in (b'{"status": "running"', b'["running"]'):
            reply = await job.ask("PATCH", "", body)
            desk.refused(reply, 400, -2113, point="PATCH job", why=f"for {body.decode()}")
        state = await job.state()
        desk.require(state == "pending", f"a refused PATCH left the job {state}", "effect")


@check("REST-10")
async def unknown_keys_are_ignored(desk: Desk) -> None:
    """What clients put into the body beside what is known."""
    surplus = {"license": "any-text", "password": "any", "name": "mine", "somethingNew": {"a": [1, None]}}
    reply = await desk.post_job(desk.keys(config={"SomethingNew": 1}) | surplus)
    desk.status(reply, 201, point="POST jobs", why="with unknown keys")
    job = desk.job_of(reply)
    changed = await job.ask("PATCH", "", {"status": "running", "somethingNew": True})
    desk.status(changed, 200, point="PATCH job", why="with an unknown key")
    await job.delete()
    if "documents" not in desk.facts.missing:
        made = await desk.post_document({"name": "mine", "description": "of mine", "scope": "private"})
        desk.status(made, 201, point="POST documents", why="with unknown keys")


@check("REST-11")
async def numbers_may_be_texts(desk: Desk) -> None:
    """As the .NET client writes them."""
    keys = desk.keys(jobTimeout="60")
    keys["config"] = {key: str(value) if type(value) is int else value for key, value in keys["config"].items()}
    reply = await desk.post_job(keys)
    desk.status(reply, 201, point="POST jobs", why="with numbers as texts")


@check("REST-12")
async def paths_that_are_none(desk: Desk) -> None:
    """A misspelled path is 404, at every depth."""
    async with desk.job() as job:
        for path in ("/api/nothing-of-that-name", f"{SERVER}/versions", f"{job.path}/next-pages"):
            desk.status(await desk.rest.ask("GET", path), 404, point="path")


@check("REST-13")
async def slashes(desk: Desk) -> None:
    """What a user's trailing slash makes of an address."""
    for path in ("//api/server/version", "/api//server///version"):
        desk.status(await desk.rest.ask("GET", path), 200, point="slashes")


@check("REST-14")
async def no_redirects(desk: Desk) -> None:
    """Wherever one knocks, nobody is sent elsewhere."""
    for path in ("/", "/api", "/api/", "/api/server/version/", "/api/server/", "/api/device/scanners/", "/DWTAPI"):
        reply = await desk.rest.ask("GET", path)
        desk.require(not 300 <= reply.status < 400, f"{reply}, to {reply.get('location')!r}", "redirect")


@check("REST-15")
async def nothing_is_nothing(desk: Desk) -> None:
    """A 204 is followed by nothing, and says so of nothing."""
    job = await desk.ended()
    replies = [*(await job.rest_of_pages())[-1:], await job.delete(), await desk.rest.ask("OPTIONS", SERVER)]
    if "documents" not in desk.facts.missing:
        replies.append(await desk.rest.ask("DELETE", await desk.document()))
    empty = [reply for reply in replies if reply.status == 204]
    if not empty:
        raise NotApplicable(f"no answer is 204: {'; '.join(map(str, replies))}")
    for reply in empty:
        kind, length = reply.get("content-type"), reply.get("content-length")
        desk.require(kind is None, f"{reply} has the Content-Type {kind!r}", "type")
        desk.require(length in {None, "0"} and not reply.body, f"{reply} has a body: {short(reply.body)}", "body")
