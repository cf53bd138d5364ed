"""Limits of what a client may send (WIRE-16), and errors that call themselves errors (WIRE-11)."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

import trio

from conformance.service.checks.registry import check
from conformance.service.checks.transport import some_errors
from conformance.service.desk import UNKNOWN_DOCUMENT, Desk, short
from conformance.service.job import JOBS
from conformance.wire import Connection, FaultKind, Head, WireFault

PIECE = 1 << 20
BODY = 96 * PIECE
"""Bytes after which a body that nobody needs must have been refused."""
HEADER = 2 * PIECE
REFUSAL_S = 20.0
TOO_LARGE = 413
HEAD_REFUSALS = frozenset({400, 413, 414, 431})


@check("WIRE-11")
async def errors_are_errors(desk: Desk) -> None:
    """What went wrong does not look as if it had gone right."""
    job = await desk.ended()
    replies = [
        *await some_errors(desk),
        await job.page("?type=text/html"),
        await desk.post_job(b'{"autoRun": "perhaps"}'),
    ]
    if "documents" not in desk.facts.missing:
        replies.append(await desk.rest.ask("GET", f"/api/storage/documents/{UNKNOWN_DOCUMENT}"))
    if "legacy" not in desk.facts.missing:
        replies.append(await desk.rest.ask("GET", "/DWTAPI/ScanJobs/nobody/NextDocument"))
    for reply in replies:
        desk.require(reply.status >= 400, f"{reply} for what cannot be done", "status")
    await desk.tidy()
    pending = await desk.create()
    early = await pending.page()
    desk.prerequisite(await pending.delete(), 204, 200)
    for reply, shown in ((early, "pending"), (await pending.page(), "deleted")):
        desk.require(reply.status != 200, f"{reply} for a job that is {shown}: {short(reply.body)}", shown)


@check("WIRE-16")
async def limits(desk: Desk) -> None:
    """A body or a head without end is refused while it comes, and others are served all the same."""
    head = await _flood(desk, _body(desk), "body")
    if head is not None:
        desk.require(head.status == TOO_LARGE, f"a body of {BODY} bytes: {head.status} instead of 413", "body status")
    head = await _flood(desk, _header(desk), "head")
    if head is not None:
        right = head.status in HEAD_REFUSALS
        desk.require(right, f"a head of {HEADER} bytes: {head.status} instead of 431", "head status")
    reply = await desk.rest.ask("GET", "/api/server/version")
    desk.status(reply, 200, point="afterwards", why="after a body and a head without end")


async def _body(desk: Desk) -> AsyncGenerator[bytes]:
    yield _start(desk, f"Content-Length: {1 << 40}\r\n\r\n") + b'{"name": "'
    for _ in range(BODY // PIECE):
        yield b"x" * PIECE


async def _header(desk: Desk) -> AsyncGenerator[bytes]:
    yield _start(desk, "Content-Length: 0\r\nX-Long: ")
    for _ in range(HEADER // PIECE):
        yield b"x" * PIECE


def _start(desk: Desk, rest: str) -> bytes:
    common = "".join(f"{name}: {value}\r\n" for name, value in desk.rest.fields)
    return f"POST {desk.rest.root}{JOBS} HTTP/1.1\r\nHost: {desk.place.host}\r\n{common}{rest}".encode("latin-1")


async def _flood(desk: Desk, pieces: AsyncGenerator[bytes], what: str) -> Head | None:
    """Send until it is refused; the refusal, or None if the connection was closed instead, which is one too."""
    found: list[Head] = []
    command = desk.log.begin("http", "flood", what)
    async with desk.rest.wire.connection() as connection, trio.open_nursery() as nursery:

        async def listen() -> None:
            found.extend(await _refusal(connection))
            nursery.cancel_scope.cancel()

        nursery.start_soon(listen)
        try:
            async with aclosing(pieces):
                async for piece in pieces:
                    await connection.stream.send_all(piece)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            await trio.sleep(REFUSAL_S)  # what was answered before the end may still be on its way
        with trio.move_on_after(REFUSAL_S) as scope:
            await trio.sleep_forever()
        if scope.cancelled_caught:
            desk.log.finish(command, error="not refused")
            desk.broken(f"a {what} without end is taken, and not refused within {REFUSAL_S:g} s", f"{what} taken")
    desk.log.finish(command, str(found[0].status) if found else "closed")
    return found[0] if found else None


async def _refusal(connection: Connection) -> list[Head]:
    try:
        return [await connection.head(wait=10 * REFUSAL_S)]
    except WireFault as fault:
        if fault.kind in {FaultKind.CLOSED, FaultKind.CUT}:
            return []
        raise
