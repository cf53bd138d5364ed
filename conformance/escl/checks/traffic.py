"""Checks of many at once, and of too much: ESCL-08, WIRE-16."""

from __future__ import annotations

import trio

from conformance.escl import markup
from conformance.escl.desk import Desk
from conformance.escl.registry import check
from conformance.wire import Answer, Connection, Request, WireFault

AT_ONCE = 16
BLANKS = b" " * (64 << 10)
MOST_BODY = 16 << 20
"""Bytes of a body after which a scanner has had its chance; settings of known clients have about 1500."""
MOST_HEAD = 4 << 20
REFUSAL_S = 30.0


@check("ESCL-08")
async def many_at_once(desk: Desk) -> None:
    """Sixteen connections stand before the first request is sent."""
    names = [("ScannerCapabilities", "ScannerStatus")[number % 2] for number in range(AT_ONCE)]
    answers: list[Answer | None] = [None] * AT_ONCE
    ready = 0
    all_ready = trio.Event()

    async def one(number: int) -> None:
        nonlocal ready
        with desk.wire("not answered"):
            async with desk.client.connection() as connection:
                ready += 1
                if ready == AT_ONCE:
                    all_ready.set()
                await all_ready.wait()
                request = Request("GET", desk.path(names[number]))
                answers[number] = await desk.client.exchange(connection, request)

    async with trio.open_nursery() as nursery:
        for number in range(AT_ONCE):
            nursery.start_soon(one, number)
    for name, answer in zip(names, answers, strict=True):
        assert answer is not None
        desk.require(answer.status == 200, f"one of {AT_ONCE} requests at once was answered {answer.status}", "refused")
        try:
            root = markup.local(markup.read(answer.body))
        except markup.MarkupError as error:
            raise desk.broken(f"one of {AT_ONCE} requests at once: {error}", "unreadable") from None
        desk.require(root == name, f"one of {AT_ONCE} requests at once for {name} got <{root}>", "mixed up")


@check("WIRE-16")
async def limits_are_enforced(desk: Desk) -> None:
    """A body without an end and a head without an end: refused, or the connection closed, before much of them was taken."""
    start = f"POST {desk.path('ScanJobs')} HTTP/1.1\r\nHost: {desk.host}\r\nContent-Type: text/xml\r\n"
    chunk = b"%x\r\n%b\r\n" % (len(BLANKS), BLANKS)
    bodies = {
        "endless body": (f"{start}Content-Length: {1 << 40}\r\n\r\n".encode(), BLANKS, MOST_BODY),
        "endless chunks": (f"{start}Transfer-Encoding: chunked\r\n\r\n".encode(), chunk, MOST_BODY),
        "endless head": (start.encode(), b"X-Blank: " + b"x" * 8000 + b"\r\n", MOST_HEAD),
    }
    for name, (first, piece, most) in bodies.items():
        said = await _refusal(desk, name, first, piece, most)
        desk.require(said is not None, f"{name}: {most >> 20} MiB were taken, and neither refused nor cut off", name)
        desk.require(said == 0 or (said or 0) >= 400, f"{name}: it was answered {said}", name)
        with desk.wire(f"after an {name}"):
            status = await desk.ask("GET", "ScannerStatus")
        desk.require(status.status == 200, f"after an {name}, ScannerStatus was answered {status.status}", "afterwards")


async def _refusal(desk: Desk, name: str, first: bytes, piece: bytes, most: int) -> int | None:
    """The status of the refusal; 0: the connection was closed; None: all was taken."""
    command = desk.log.begin("http", "POST", f"{desk.path('ScanJobs')}, an {name}")
    said: int | None = None
    try:
        async with desk.client.connection() as connection, trio.open_nursery() as nursery:

            async def flood() -> None:
                sent = 0
                try:
                    await connection.stream.send_all(first)
                    while sent < most:
                        await connection.stream.send_all(piece)
                        sent += len(piece)
                except (trio.BrokenResourceError, trio.ClosedResourceError):
                    return  # whoever reads learns what was said before

            nursery.start_soon(flood)
            said = await _status_line(connection)
            nursery.cancel_scope.cancel()
    except WireFault:
        desk.log.finish(command, error="no connection")
        raise
    desk.log.finish(command, {None: "all was taken", 0: "closed"}.get(said, str(said)))
    return said


async def _status_line(connection: Connection) -> int | None:
    """The status that comes back, 0 for an end, None for silence."""
    line = b""
    with trio.move_on_after(REFUSAL_S):
        while b"\r\n" not in line and len(line) < 100:
            try:
                data = await connection.stream.receive_some(100)
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                return 0
            if not data:
                return 0
            line += bytes(data)
        parts = line.split()
        return int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0
    return None
