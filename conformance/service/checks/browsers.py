"""What browsers need (rest-api.md 1.5)."""

from __future__ import annotations

from conformance.service.checks.registry import check
from conformance.service.desk import UNKNOWN_JOB, Desk
from conformance.service.endpoints import endpoints
from conformance.service.job import JOBS
from conformance.service.rest_client import Reply

ALLOW = "access-control-allow-"
WANTED_HEADERS = ("content-type", "dwt-product-key", "dwt-doc-password")


async def preflight(desk: Desk, path: str, origin: str, method: str = "POST", **more: str) -> Reply:
    """What a browser asks before a request."""
    fields = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": ",".join(WANTED_HEADERS),
    }
    return await desk.rest.ask("OPTIONS", path, None, fields | more)


def listed(reply: Reply, name: str) -> set[str]:
    """The words of a list in a header field, in lower case."""
    return {word.strip().lower() for word in (reply.get(ALLOW + name) or "").split(",") if word.strip()}


@check("REST-93")
async def preflights_everywhere(desk: Desk) -> None:
    """Every path answers OPTIONS."""
    origin = next(iter(desk.facts.origins), None)
    async with desk.job() as job:
        document = await desk.document() if "documents" not in desk.facts.missing else None
        for endpoint in endpoints(desk.facts, job.path, document):
            if origin is None:
                reply = await desk.rest.ask("OPTIONS", endpoint.path)
            else:
                reply = await preflight(desk, endpoint.path, origin)
            fits = 200 <= reply.status < 300
            desk.require(fits, f"{reply} instead of an answer to a preflight", f"OPTIONS {endpoint.name}")


@check("REST-94")
async def preflights_allow(desk: Desk) -> None:
    """The origin by its name, and all that was asked for."""
    origin = desk.facts.origins[0]
    reply = await preflight(desk, JOBS, origin)
    said = reply.get(f"{ALLOW}origin")
    desk.require(said == origin, f"{reply}: Access-Control-Allow-Origin is {said!r} for {origin}", "origin")
    credentials = reply.get(f"{ALLOW}credentials")
    desk.require(credentials == "true", f"{reply}: Access-Control-Allow-Credentials is {credentials!r}", "credentials")
    methods = listed(reply, "methods")
    desk.require({"post", "patch", "delete"} <= methods, f"{reply}: allowed methods are {sorted(methods)}", "methods")
    headers = listed(reply, "headers")
    desk.require(set(WANTED_HEADERS) <= headers, f"{reply}: allowed headers are {sorted(headers)}", "headers")


@check("REST-95")
async def private_network(desk: Desk) -> None:
    """A page that may come may come to this machine."""
    asked = {"Access-Control-Request-Private-Network": "true"}
    reply = await preflight(desk, JOBS, desk.facts.origins[0], **asked)
    said = reply.get(f"{ALLOW}private-network")
    desk.require(said == "true", f"{reply}: Access-Control-Allow-Private-Network is {said!r}", "private network")


@check("REST-96")
async def answers_carry_it(desk: Desk) -> None:
    """Good answers, errors and pages can be read by the page that asked."""
    origin = desk.facts.origins[0]
    fields = {"Origin": origin}
    job = await desk.ended(fields=fields)
    replies = {
        "answer": await desk.rest.ask("GET", "/api/server/version", None, fields),
        "created": job.made,
        "page": await job.page(),
        "404": await desk.rest.ask("GET", f"{JOBS}/{UNKNOWN_JOB}", None, fields),
        "405": await desk.rest.ask("DELETE", "/api/server/version", None, fields),
        "400": await desk.rest.ask("POST", JOBS, b"{", fields),
        "end": (await job.rest_of_pages())[-1],
    }
    for name, reply in replies.items():
        said, credentials = reply.get(f"{ALLOW}origin"), reply.get(f"{ALLOW}credentials")
        desk.require(said == origin, f"{reply}: Access-Control-Allow-Origin is {said!r} for {origin}", name)
        right = credentials == "true"
        desk.require(right, f"{reply}: Access-Control-Allow-Credentials is {credentials!r}", f"{name} credentials")
        varies = {word.strip().lower() for field in reply.answer.head.all("vary") for word in field.split(",")}
        desk.require(varies & {"origin", "*"}, f"{reply}: Vary is {reply.get('vary')!r}", f"{name} vary")


@check("REST-97")
async def jobs_belong(desk: Desk) -> None:
    """Another origin gets nothing of a job, and does nothing to it."""
    owner, other = ({"Origin": origin} for origin in desk.facts.origins[:2])
    job = await desk.ended(fields=owner)
    for method, below in (("GET", ""), ("GET", "/next-page"), ("GET", "/next-page-info"), ("DELETE", "")):
        reply = await desk.rest.ask(method, job.path + below, None, other)
        why = "for a job of another origin"
        desk.status(reply, 401, 403, point=f"{method} {below or 'job'}", why=why)
    desk.status(await job.page(), 200, point="effect", why="for its owner, after another origin had asked")
