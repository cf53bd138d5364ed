"""The client that trusts nobody: whatever a peer does becomes an answer or a typed fault, in bounded time and memory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from itertools import repeat

import pytest
import trio

from conformance.bench import Log
from conformance.wire import Answer, Connection, FaultKind, Request, WireClient, WireFault, WireLimits
from device_protocol.testing import Jumper, run

LIMITS = WireLimits(head=2048, interim=4, body=10_000, connect=5, answer=10, silence=10, transfer=60)

Behaviour = Callable[[trio.abc.Stream], Awaitable[None]]


def ask(behaviour: Behaviour, *, close: bool = True, method: str = "GET") -> Answer:
    """One request to a peer that behaves so, on the virtual clock."""

    async def main() -> Answer:
        async with trio.open_nursery() as nursery:

            async def connect() -> trio.abc.Stream:
                ours, theirs = trio.testing.memory_stream_pair()
                nursery.start_soon(serve, theirs)
                return ours

            async def serve(stream: trio.abc.Stream) -> None:
                await stream.receive_some()
                try:
                    await behaviour(stream)
                    if close:
                        await stream.aclose()
                except trio.BrokenResourceError:
                    return

            answer = await WireClient(connect, "peer", Log(), LIMITS).request(method, "/")
            nursery.cancel_scope.cancel()
        return answer

    try:
        return run(main, clock=Jumper())
    except ExceptionGroup as group:
        raise group.exceptions[0] from None


def sends(*pieces: bytes) -> Behaviour:
    """A peer that sends this."""

    async def behaviour(stream: trio.abc.Stream) -> None:
        for piece in pieces:
            await stream.send_all(piece)

    return behaviour


def floods(first: bytes, rest: Iterator[bytes]) -> Behaviour:
    """A peer that never stops."""

    async def behaviour(stream: trio.abc.Stream) -> None:
        await stream.send_all(first)
        for piece in rest:
            await stream.send_all(piece)
            await trio.sleep(0.001)

    return behaviour


async def drips(stream: trio.abc.Stream) -> None:
    """A body that goes on for ever, always just before one gives up."""
    await stream.send_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        await stream.send_all(b"1\r\nx\r\n")
        await trio.sleep(9)


def test_a_good_answer_comes_as_it_was_sent() -> None:
    """Status, fields in their order and repeated, body; an interim answer is counted."""
    answer = ask(sends(b"HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 Fine\r\nA: 1\r\na: 2\r\nContent-Length: 2\r\n\r\nok"))
    assert (answer.status, answer.head.reason, answer.body, answer.head.interim) == (200, "Fine", b"ok", (103,))
    assert (answer.head.get("A"), answer.head.all("a")) == ("1", ("1", "2"))


BAD: dict[str, tuple[Behaviour, FaultKind]] = {
    "nothing": (sends(), FaultKind.CLOSED),
    "half a head": (sends(b"HTTP/1.1 200 OK\r\nA: "), FaultKind.CUT),
    "no http": (sends(b"220 mail.example ESMTP\r\n\r\n"), FaultKind.NO_HTTP),
    "short body": (sends(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"), FaultKind.CUT),
    "bad chunk": (sends(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), FaultKind.NO_HTTP),
    "two lengths": (sends(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx"), FaultKind.NO_HTTP),
    "negative length": (sends(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nx"), FaultKind.NO_HTTP),
    "endless field": (floods(b"HTTP/1.1 200 OK\r\nA: ", repeat(b"x" * 500)), FaultKind.ENDLESS_HEAD),
    "endless fields": (floods(b"HTTP/1.1 200 OK\r\n", repeat(b"A: x\r\n" * 50)), FaultKind.ENDLESS_HEAD),
    "endless interim": (floods(b"", repeat(b"HTTP/1.1 100 Continue\r\n\r\n")), FaultKind.ENDLESS_INTERIM),
    "endless body": (floods(b"HTTP/1.0 200 OK\r\n\r\n", repeat(b"x" * 500)), FaultKind.ENDLESS_BODY),
    "dripping body": (drips, FaultKind.ENDLESS_BODY),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_peer_is_a_fault_with_its_kind(name: str) -> None:
    """None of them hangs, fills the memory or raises anything else; the kind says what the peer did."""
    behaviour, kind = BAD[name]
    with pytest.raises(WireFault) as caught:
        ask(behaviour)
    assert caught.value.kind is kind, caught.value.evidence
    assert caught.value.evidence


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"])
def test_a_silent_peer_is_given_up(start: bytes) -> None:
    """Before the answer and within its body, after the time that the bounds say."""
    with pytest.raises(WireFault) as caught:
        ask(sends(start), close=False)
    assert caught.value.kind is FaultKind.SILENT


def test_a_redirect_is_an_answer() -> None:
    """It is not followed: where it leads is for a check to say."""
    assert ask(sends(b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")).status == 302


def test_nobody_there_is_a_fault() -> None:
    """Not an OSError."""

    async def refused() -> trio.abc.Stream:
        raise ConnectionRefusedError(111, "Connection refused")

    with pytest.raises(WireFault) as caught:
        run(partial(WireClient(refused, "peer", Log()).request, "GET", "/"), clock=Jumper())
    assert caught.value.kind is FaultKind.NO_CONNECTION


def test_a_connection_is_used_again_where_the_peer_keeps_it() -> None:
    """Two exchanges on one connection; after ``Connection: close`` there is none."""

    async def main() -> list[int]:
        ours, theirs = trio.testing.memory_stream_pair()

        async def connect() -> trio.abc.Stream:
            return ours

        async def serve() -> None:
            await theirs.receive_some()
            await theirs.send_all(b"HTTP/1.1 204 None\r\n\r\n")
            await theirs.receive_some()
            await theirs.send_all(b"HTTP/1.1 404 None\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")

        client = WireClient(connect, "peer", Log(), LIMITS)
        seen, kept = [], []
        async with trio.open_nursery() as nursery:
            nursery.start_soon(serve)
            async with client.connection() as connection:
                seen.append((await client.exchange(connection, Request("GET", "/"))).status)
                kept.append(connection.reusable)
                connection.next_exchange()
                seen.append((await client.exchange(connection, Request("GET", "/"))).status)
                kept.append(connection.reusable)
                with pytest.raises(WireFault):
                    connection.next_exchange()
        assert kept == [True, False]
        return seen

    assert run(main, clock=Jumper()) == [204, 404]


async def test_secrets_stay_out_of_the_log() -> None:
    """Steps of a failure and traces go to other people: a token is named in them, and not told."""
    log = Log()

    async def nobody() -> trio.abc.Stream:
        raise OSError("nobody")

    client = WireClient(nobody, "peer", log)
    async with trio.open_nursery() as nursery:
        ours, theirs = trio.testing.memory_stream_pair()
        nursery.start_soon(theirs.send_all, b"HTTP/1.1 204 No Content\r\n\r\n")
        fields = (("Authorization", "Bearer hunter2"), ("Origin", "https://a.example"))
        await client.exchange(Connection(ours, "peer", LIMITS), Request("GET", "/", fields))
    (step,) = log.steps()
    assert "hunter2" not in step
    assert "Authorization: ..." in step
    assert "Origin: https://a.example" in step
