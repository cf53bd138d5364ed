"""The event hub and the event stream: order, resumption, who sees what, slow readers, and the published schema (design 6, decision 0022)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from device_protocol.testing import Jumper, run
from reference_server.config import Limits
from reference_server.events.hub import EventHub, HubClosedError, LostError, Reader, of_origin
from reference_server.events.models import AnyEvent, BufferFull, Event, event_schema
from reference_server.events.watching import tell_buffer, tell_devices
from tests.reference_server.client import JOBS, Lab, lab
from tests.reference_server.fakes import FEEDER_INFO, GLASS_INFO, REAL_INFO, FakeHost, Script
from tests.reference_server.socket_client import EVENTS, Talk, talk

OURS, THEIRS = "http://localhost:3000", "http://localhost:4000"
ANY: TypeAdapter[Any] = TypeAdapter(AnyEvent)


def told(number: int) -> BufferFull:
    """Some event."""
    return BufferFull(message=str(number))


def origin(name: str | None) -> dict[str, str]:
    """The header of an origin."""
    return {} if name is None else {"Origin": name}


async def until(it: Talk, kind: str) -> list[dict[str, Any]]:
    """All messages up to the first of that type."""
    found = [await it.frame()]
    while found[-1]["type"] != kind:
        found.append(await it.frame())
    return found


async def listen(it: Talk, seen: list[int], count: int) -> None:
    """Note the numbers of so many messages."""
    while count:
        seen.append((await it.frame())["seq"])
        count -= 1


async def scan(it: Lab, name: str | None = None, **keys: Any) -> str:
    """A job, drained and deleted; its UID."""
    reply = await it.client.request("POST", JOBS, keys, origin(name))
    uid = str(reply.json()["jobuid"])
    while (await it.client.get(f"{JOBS}/{uid}/next-page", headers=origin(name))).status == 200:
        pass
    await it.client.request("DELETE", f"{JOBS}/{uid}", headers=origin(name))
    return uid


def test_the_ring_is_bounded_and_numbers_grow_by_one() -> None:
    """The hub keeps the latest events and no more; a reader gets every number once and in order, or is told that some are lost."""

    async def main() -> None:
        hub = EventHub(size=8, wall=lambda: 1000.0)
        assert (hub.head, hub.oldest) == (1_000_000, 1_000_001)
        late = Reader(hub, since=hub.head)
        for number in range(8):
            hub.tell(told(number))
        seqs = [(await late.next()).event.seq for _ in range(8)]
        assert seqs == list(range(1_000_001, 1_000_009))
        slow = Reader(hub, since=1_000_000)
        hub.tell(told(8))
        assert hub.oldest == 1_000_002
        with pytest.raises(LostError):
            await slow.next()
        assert hub.has_all_since(1_000_001)
        assert not hub.has_all_since(1_000_000)
        assert not hub.has_all_since(hub.head + 1), "a number that was never told"
        hub.close()
        assert (await late.next()).event.seq == 1_000_009, "what was told before the end is given"
        with pytest.raises(HubClosedError):
            await late.next()

    run(main)


def test_a_number_from_an_earlier_run_is_a_gap() -> None:
    """Numbers start with the time of the start, so that one that a client kept over a restart is not mistaken for one of now."""
    first, second = EventHub(wall=lambda: 1000.0), EventHub(wall=lambda: 1060.0)
    for number in range(1000):
        first.tell(told(number))
    assert not second.has_all_since(first.head)


def test_a_job_from_start_to_end(tmp_path: Path) -> None:
    """A snapshot, then everything about a job in the order in which it happens, each message valid by the models and the numbers strictly growing."""

    async def main() -> None:
        async with (
            lab(tmp_path, FakeHost({"virtual:feeder": Script(pages=2)})) as it,
            talk(it.client, EVENTS) as stream,
        ):
            assert (stream.status, stream.subprotocol) == (101, None)
            uid = await scan(it)
            events = await until(stream, "job.removed")
            for event in events:
                assert ANY.validate_python(event).model_dump(mode="json") == event
            first, *rest = events
            assert first["type"] == "snapshot"
            assert first["devices"][0]["id"] == "virtual:feeder"
            assert first["jobs"] == []
            assert [event["seq"] for event in rest] == list(range(first["seq"] + 1, first["seq"] + 1 + len(rest)))
            kinds = [event["type"] for event in rest]
            assert kinds[:2] == ["job.created", "job.started"]
            assert kinds.count("page.arrived") == kinds.count("page.taken") == 2
            assert kinds[-1] == "job.removed"
            assert kinds.index("job.ended") > kinds.index("page.arrived")
            assert {event["jobuid"] for event in rest} == {uid}
            arrived = [event for event in rest if event["type"] == "page.arrived"]
            assert [event["index"] for event in arrived] == [0, 1]
            ended = next(event for event in rest if event["type"] == "job.ended")
            assert (ended["status"], ended["code"], ended["pages"]) == ("completed", 0, 2)

    run(main, clock=Jumper())


def test_the_path_of_a_page_is_its_path(tmp_path: Path) -> None:
    """A page can be fetched under the path that its event names."""

    async def main() -> None:
        async with (
            lab(tmp_path, FakeHost({"virtual:feeder": Script(pages=1)})) as it,
            talk(it.client, EVENTS) as stream,
        ):
            job = await it.client.create()
            event = (await until(stream, "page.arrived"))[-1]
            page = await it.client.get(event["path"])
            assert page.status == 200
            assert len(page.body) == event["size"]
            assert page.headers["Content-Type"] == event["media_type"]
            assert event["path"].startswith(job)

    run(main, clock=Jumper())


def test_how_jobs_end(tmp_path: Path) -> None:
    """Faulted and canceled jobs tell so once, with code and message; a job whose pages have no room says that the buffer is full too."""

    async def main() -> None:
        script = Script(pages=3, fail_at=2)
        async with lab(tmp_path, FakeHost({"virtual:feeder": script})) as it, talk(it.client, EVENTS) as stream:
            await it.client.create()
            ended = (await until(stream, "job.ended"))[-1]
            assert (ended["status"], ended["code"]) == ("faulted", -1020)
            assert ended["message"]
            job = await it.client.create(device="virtual:flatbed", autoRun=False)
            await it.client.request("PATCH", job, {"status": "canceled"})
            kinds = [event["type"] for event in await until(stream, "job.ended")]
            assert kinds == ["job.created", "job.ended"]
        async with (
            lab(tmp_path, FakeHost({"virtual:feeder": Script()}), buffer_bytes=0, disk_floor_bytes=1 << 62) as it,
            talk(it.client, EVENTS) as stream,
        ):
            await it.client.request("POST", JOBS, {})
            with trio.fail_after(5):
                events = await until(stream, "job.ended")
            assert "buffer.full" in [event["type"] for event in events]
            assert events[-1]["status"] == "faulted"

    run(main, clock=Jumper())


def test_each_origin_sees_its_own(tmp_path: Path) -> None:
    """Two origins and a client without one work at the same time: each hears of its own jobs only, live, resumed and in the snapshot; all hear of devices."""

    async def main() -> None:
        host = FakeHost({"virtual:feeder": Script(pages=2), "virtual:flatbed": Script(pages=2)})
        async with lab(tmp_path, host) as it, trio.open_nursery() as nursery:
            start = it.registry.events.head
            nursery.start_soon(tell_devices, it.registry.events, host, it.service.devices)
            names = (OURS, THEIRS, None)
            uids: dict[str | None, str] = {}
            async with (
                talk(it.client, EVENTS, headers=origin(OURS)) as one,
                talk(it.client, EVENTS, headers=origin(THEIRS)) as two,
                talk(it.client, EVENTS) as three,
            ):
                uids[OURS] = await scan(it, OURS)
                uids[THEIRS] = await scan(it, THEIRS, device="virtual:flatbed")
                uids[None] = await scan(it, None)
                kept = await it.client.request("POST", JOBS, {"autoRun": False}, origin(OURS))
                live = dict(zip(names, (one, two, three), strict=True))
                for name, stream in live.items():
                    events = await until(stream, "job.removed")
                    assert {event["jobuid"] for event in events if "jobuid" in event} == {uids[name]}
                    assert {event["origin"] for event in events if "jobuid" in event} == {name}
            for name in names:
                async with talk(it.client, f"{EVENTS}?since={start}", headers=origin(name)) as again:
                    events = await until(again, "job.removed")
                    assert "device.arrived" in [event["type"] for event in events]
                    assert {event["jobuid"] for event in events if "jobuid" in event} == {uids[name]}
                async with talk(it.client, EVENTS, headers=origin(name)) as fresh:
                    jobs = [job["jobuid"] for job in (await fresh.frame())["jobs"]]
                    assert jobs == ([kept.json()["jobuid"]] if name == OURS else [])
            nursery.cancel_scope.cancel()

    run(main, clock=Jumper())


@settings(max_examples=15)
@given(drops=st.lists(st.integers(1, 12), min_size=1, max_size=8), seed=st.integers(0, 1000))
def test_resumed_streams_lose_and_repeat_nothing(
    drops: list[int], seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A client that loses its connection after any number of messages, and comes again with the last number it saw, gets each event once and in order."""

    async def main() -> None:
        script = Script(pages=6, step_s=0.1)
        async with lab(tmp_path_factory.mktemp("lab"), FakeHost({"virtual:feeder": script})) as it:
            hub = it.registry.events
            start = hub.head
            seen: list[int] = []
            async with trio.open_nursery() as nursery:
                nursery.start_soon(scan, it)
                for count in drops:
                    async with talk(it.client, f"{EVENTS}?since={seen[-1] if seen else start}") as stream:
                        with trio.move_on_after(3):
                            await listen(stream, seen, count)
            async with talk(it.client, f"{EVENTS}?since={seen[-1] if seen else start}") as stream:
                with trio.move_on_after(3):
                    await listen(stream, seen, 1000)
            assert seen == list(range(start + 1, hub.head + 1))

    run(main, seed=seed, clock=Jumper())


def test_a_gap_is_said(tmp_path: Path) -> None:
    """Numbers that are gone, or never were, are answered by a gap that names both ends, then by a snapshot; from there the stream goes on."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            hub = it.registry.events
            for number in range(5000):
                hub.tell(told(number))
            for far in (-hub.head, 1 - hub.head, -5000, 1, 10**15):
                wanted = hub.head + far
                async with talk(it.client, f"{EVENTS}?since={wanted}") as stream:
                    gap, snapshot = await stream.frame(), await stream.frame()
                    assert gap == {
                        "seq": hub.head,
                        "time": gap["time"],
                        "type": "gap",
                        "since": wanted,
                        "oldest": hub.oldest,
                    }
                    assert (snapshot["type"], snapshot["seq"]) == ("snapshot", hub.head)
                    hub.tell(told(0))
                    assert (await stream.frame())["seq"] == snapshot["seq"] + 1
            async with talk(it.client, f"{EVENTS}?since={hub.oldest - 1}") as stream:
                assert (await stream.frame())["seq"] == hub.oldest, "the oldest that is there is no gap"

    run(main, clock=Jumper())


@pytest.mark.parametrize("text", ["-1", "x", "1.5", "1" * 19, "%C2%B2", "0x10"])
def test_bad_since(text: str, tmp_path: Path) -> None:
    """What is no number is refused with 400 before the upgrade, in words that say what is wanted."""

    async def main() -> None:
        async with lab(tmp_path) as it, talk(it.client, f"{EVENTS}?since={text}") as stream:
            assert stream.status == 400
            body = json.loads(stream.body)
            assert body["code"] == -2113
            assert "since" in body["message"]

    run(main, clock=Jumper())


def test_a_slow_reader_is_dropped_with_a_reason(tmp_path: Path) -> None:
    """A reader that takes one message while the ring goes round is closed with 1013 and told how to go on; a fast one beside it misses nothing."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            hub = it.registry.events
            gate = trio.Semaphore(1)
            async with talk(it.client, EVENTS, gate=gate) as slow, talk(it.client, EVENTS) as fast:
                first = (await slow.frame())["seq"]
                got = [(await fast.frame())["seq"]]
                for number in range(5000):
                    hub.tell(told(number))
                    got.append((await fast.frame())["seq"])
                for _ in range(3):
                    gate.release()
                await slow.ended.wait()
                assert slow.close is not None
                assert slow.close[0] == 1013
                assert "since=SEQ" in slow.close[1]
                assert len(slow.frames_now()) <= 3
                assert got == list(range(first, first + 5001))

    run(main, clock=Jumper())


def test_limits_of_connections(tmp_path: Path) -> None:
    """More WebSockets than allowed, altogether or of one origin, are refused with 503 before they are accepted; a place that is free again is given."""

    async def main() -> None:
        async with lab(tmp_path, limits=Limits(sockets=3, sockets_per_origin=2)) as it:
            async with talk(it.client, EVENTS, headers=origin(OURS)), talk(it.client, EVENTS, headers=origin(OURS)):
                async with talk(it.client, EVENTS, headers=origin(OURS)) as third:
                    assert (third.status, third.headers["retry-after"]) == (503, "2")
                async with talk(it.client, EVENTS) as other:
                    assert other.status == 101
                    async with talk(it.client, EVENTS, headers=origin(THEIRS)) as fourth:
                        assert fourth.status == 503
            for number in range(5):
                for name in (OURS, f"dynamic-web-twain.net://{number}"):
                    async with talk(it.client, EVENTS, headers=origin(name)) as again:
                        assert again.status == 101
            assert it.client.application._upgrades._open == {}, "origins that have left are forgotten"
            assert it.client.application.open_requests == 0

    run(main, clock=Jumper())


def test_devices(tmp_path: Path) -> None:
    """Devices that come, go and change are told once each, those that clients may not use are not; a change of nothing tells nothing."""

    async def main() -> None:
        host = FakeHost(infos=(FEEDER_INFO, REAL_INFO))
        async with lab(tmp_path, host) as it, trio.open_nursery() as nursery, talk(it.client, EVENTS) as stream:
            await stream.frame()
            nursery.start_soon(tell_devices, it.registry.events, host, it.service.devices)
            assert (await stream.frame())["device"]["id"] == "virtual:feeder"
            changed = type(FEEDER_INFO)(FEEDER_INFO.id, "Renamed", "Flatbed", virtual=True)
            for infos, kinds in (
                ((FEEDER_INFO, GLASS_INFO), ["device.arrived"]),
                ((FEEDER_INFO, GLASS_INFO), []),
                ((changed, GLASS_INFO), ["device.changed"]),
                ((GLASS_INFO, REAL_INFO), ["device.gone"]),
                ((FEEDER_INFO,), ["device.gone", "device.arrived"]),
            ):
                host.list_now(*infos)
                await trio.sleep(1)
                assert [event["type"] for event in stream.frames_now()] == kinds
            nursery.cancel_scope.cancel()

    run(main, clock=Jumper())


def test_buffer_figures(tmp_path: Path) -> None:
    """The figures of the page buffer follow what happens to it within a second, and thirty pages in a second are one event."""

    async def main() -> None:
        host = FakeHost({"virtual:feeder": Script(pages=30)})
        async with lab(tmp_path, host) as it, trio.open_nursery() as nursery, talk(it.client, EVENTS) as stream:
            nursery.start_soon(tell_buffer, it.registry.events, it.service.buffer)
            job = await it.client.create()
            events = await until(stream, "buffer.changed")
            figures = events[-1]["buffer"]
            assert (figures["pages"], figures["memory"]) == (30, 30_000)
            assert figures["memory_limit"] == it.config.buffer_bytes
            await it.client.request("DELETE", job)
            assert (await until(stream, "buffer.changed"))[-1]["buffer"]["pages"] == 0
            await trio.sleep(10)
            assert "buffer.changed" not in [event["type"] for event in stream.frames_now()]
            it.registry.close()

    run(main, clock=Jumper())


def test_going_down(tmp_path: Path) -> None:
    """At shutdown a reader gets the events that were told before, then 1001; who comes later is refused with 503."""

    async def main() -> None:
        host = FakeHost({"virtual:feeder": Script(pages=1, hang_at=1)})
        async with lab(tmp_path, host) as it, talk(it.client, EVENTS) as stream:
            await it.client.create()
            await until(stream, "job.started")
            it.registry.close()
            await stream.ended.wait()
            assert [event["type"] for event in stream.frames_now()] == ["job.ended"]
            assert stream.close == (1001, "The service is going down.")
            async with talk(it.client, EVENTS) as late:
                assert late.status == 503

    run(main, clock=Jumper())


def test_the_schema_is_published(tmp_path: Path) -> None:
    """The schema is served where the stream is, names every type of event once, and requires number, time and type of all of them."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            reply = await it.client.get(f"{EVENTS}/schema.json")
            assert reply.status == 200
            schema = reply.json()
            assert schema == json.loads(json.dumps(event_schema()))
            assert set(schema["discriminator"]["mapping"]) == {kind(model) for model in all_models(Event)}
            for reference in schema["discriminator"]["mapping"].values():
                assert {"seq", "time", "type"} <= set(schema["$defs"][reference.rpartition("/")[2]]["required"])
            for path in (EVENTS, "/api/flatbed/jobs"):
                plain = await it.client.get(path)
                assert (plain.status, plain.headers["Upgrade"]) == (426, "websocket")

    run(main, clock=Jumper())


def all_models(model: type[Event]) -> list[type[Event]]:
    """The models below *model* that are told."""
    below = [item for child in model.__subclasses__() for item in all_models(child)]
    return below or [model]


def kind(model: type[Event]) -> str:
    """The type that a model is told as."""
    return str(model.model_fields["type"].default)


def test_of_origin() -> None:
    """An event of an origin is seen by that origin alone, byte for byte."""
    hub = EventHub()
    hub.tell(told(1), owner=b"https://a.example")
    hub.tell(told(2), owner=None)
    hub.tell(told(3))
    entries = [hub.get(hub.head - 2 + index) for index in range(3)]
    for viewer, seen in ((b"https://a.example", "13"), (b"https://A.example", "3"), (None, "23"), (b"", "3")):
        sees = of_origin(viewer)
        assert "".join(entry.event.message for entry in entries if sees(entry)) == seen  # type: ignore[attr-defined]  # all are of one kind
