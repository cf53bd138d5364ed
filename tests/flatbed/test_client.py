"""The Python client against a service in the same trio run, over real connections, and against answers that no service of ours gives."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import trio
from trio_websocket import ConnectionClosed, WebSocketRequest, serve_websocket

from device_protocol.testing import Jumper, run
from flatbed.client import (
    JPEG,
    PNG,
    Capability,
    ClientError,
    Event,
    Job,
    JobFailedError,
    PageInfo,
    ReadyFileError,
    RestError,
    ScanClient,
    SyncScanClient,
    UnreachableError,
)
from flatbed.client import calls as all_calls
from flatbed.client.access import Access
from flatbed.client.calls import Call
from flatbed.client.link import Link
from reference_server.config import Limits
from tests.reference_server.fakes import FakeHost, Script
from tests.reference_server.wire import Wire, wire


@asynccontextmanager
async def client_of(it: Wire, **options: Any) -> AsyncIterator[ScanClient]:
    """A client of that service."""
    async with ScanClient(f"http://127.0.0.1:{it.port}/", **options) as client:
        yield client


async def test_a_scan(tmp_path: Path) -> None:
    """What a service can do is there under a name: version, scanners, a job with its pages in order, what is said of them, and each again by name."""
    async with wire(tmp_path, FakeHost({"virtual:feeder": Script(pages=3)})) as it, client_of(it) as client:
        version = await client.version()
        assert version.compatible
        assert "flatbed" in version.modules
        assert await client.set_log_level(0) == await client.log_level() == 0
        scanners = await client.scanners()
        assert scanners[0].name == "Flatbed Virtual Feeder"
        assert [scanner.name for scanner in await client.scanners(256)][-1] == "Noname SANE test"
        async with await client.create_job(scanners[0], {"Resolution": 200}) as job:
            pages = [page async for page in job.pages(JPEG)]
            assert [page.number for page in pages] == [1, 2, 3]
            assert all(page.data.startswith(f"{page.media_type} {page.number}\n".encode()) for page in pages)
            infos = [info async for info in job.page_infos()]
            assert [(info.number, info.width, info.dpi_x) for info in infos] == [
                (1, 1654, 200),
                (2, 1654, 200),
                (3, 1654, 200),
            ]
            by_index, by_uid = await job.page(1, JPEG), await job.page(infos[1].uid, JPEG)
            assert by_index is not None
            assert by_uid is not None
            assert by_index.data == by_uid.data == pages[1].data
            assert await job.page(3) is None
            assert (await job.info()).status == (await job.wait()).status == "completed"
        with pytest.raises(RestError) as caught:
            await job.info()
        assert (caught.value.status, caught.value.code) == (410, -1034)
        assert "Make a new job" in str(caught.value)


async def test_a_pending_job(tmp_path: Path) -> None:
    """A job that is made pending shows its capabilities, starts when told, and can be cancelled; its pages stay readable."""
    host = FakeHost({"virtual:feeder": Script(pages=3, hang_at=3)})
    async with (
        wire(tmp_path, host) as it,
        client_of(it) as client,
        await client.create_job(auto_run=False, jobTimeout=60) as job,
    ):
        assert (await job.info()).status == "pending"
        (resolution,) = await job.capabilities([4376])
        assert isinstance(resolution, Capability)
        assert (resolution.number, resolution.label, resolution.value) == (4376, "ICAP_XRESOLUTION", 200)
        assert resolution.choices == (100, 200, 300)
        assert await job.start() == "running"
        assert await job.next_page() is not None
        assert await job.cancel() == "canceled"
        with pytest.raises(JobFailedError):
            await job.check()
        assert await job.page(0) is not None


async def test_a_jam(tmp_path: Path) -> None:
    """The pages before a jam come first, then an error with the job's code and words."""
    async with (
        wire(tmp_path, FakeHost({"virtual:feeder": Script(pages=3, fail_at=3)})) as it,
        client_of(it) as client,
        await client.create_job() as job,
    ):
        pages = []
        caught: JobFailedError | None = None
        try:
            async for page in job.pages():
                pages.append(page)  # noqa: PERF401  # what came before the error is kept
        except JobFailedError as error:
            caught = error
        assert caught is not None
        assert len(pages) == 2
        assert (caught.status, caught.code) == ("faulted", -1020)


@pytest.mark.parametrize("end", [204, 410])
async def test_both_ends_of_pages(end: int, tmp_path: Path) -> None:
    """Pages end with 204 or with 410 as the service likes (D-05); a job that was deleted meanwhile is an error and no end."""
    host = FakeHost({"virtual:feeder": Script(pages=2)})
    async with wire(tmp_path, host, end_of_pages=end) as it, client_of(it) as client:
        job = await client.create_job()
        assert len([page async for page in job.pages()]) == 2
        assert len([info async for info in job.page_infos()]) == 2
        await job.delete()
        for ask in (job.next_page, job.next_page_info):
            with pytest.raises(RestError):
                await ask()


async def test_refusals_say_what_to_do(tmp_path: Path) -> None:
    """A refusal has status, code, the service's words and a hint; leaving the job's block deletes it even when something else went wrong in it."""
    async with wire(tmp_path, FakeHost({"virtual:feeder": Script(hang_at=1)})) as it, client_of(it) as client:
        with suppress(ZeroDivisionError):
            async with await client.create_job() as job:
                with pytest.raises(RestError) as caught:
                    await client.create_job("virtual:feeder")
                raise ZeroDivisionError
        error = caught.value
        assert (error.status, error.code, error.body["statusCode"]) == (423, -1004, 423)
        assert "Virtual Feeder" in error.message
        assert "Another job has the scanner" in str(error)
        with pytest.raises(RestError):
            await job.info()
        for wrong, code in (
            (client.create_job("no such scanner"), -1003),
            (client.create_job(config={"Resolution": "x"}), -2113),
        ):
            with pytest.raises(RestError) as caught:
                await wrong
            assert caught.value.code == code
            assert caught.value.hint
        async with client_of(it, origin="https://evil.example") as foreign:
            with pytest.raises(RestError, match="--allow-origin"):
                await foreign.version()
            with pytest.raises(RestError, match="--allow-origin"):
                async with foreign.events():
                    pass


async def test_origins(tmp_path: Path) -> None:
    """A client with an origin owns its jobs and hears of them alone."""
    async with (
        wire(tmp_path) as it,
        client_of(it, origin="http://localhost:1") as one,
        client_of(it, origin="http://localhost:2") as two,
        one.events() as mine,
        two.events() as theirs,
    ):
        async with await one.create_job() as job:
            with pytest.raises(RestError) as caught:
                await two._open.do(all_calls.job_info(job.uid))
            assert caught.value.status == 403
        async with await two.create_job("virtual:flatbed") as other:
            pass
        for events, uid in ((mine, job.uid), (theirs, other.uid)):
            seen = await until(events, "job.removed")
            assert {event.jobuid for event in seen} - {None} == {uid}


async def until(events: AsyncIterator[Event], kind: str) -> list[Event]:
    """All events up to the first of that type."""
    seen = []
    with trio.fail_after(10):
        async for event in events:
            seen.append(event)
            if event.type == kind:
                break
    return seen


async def test_notices(tmp_path: Path) -> None:
    """A job with notices tells each page as it arrives and then ends; the pages can be fetched by what was told."""
    host = FakeHost({"virtual:feeder": Script(pages=4), "virtual:flatbed": Script(hang_at=1)})
    async with wire(tmp_path, host) as it, client_of(it) as client:
        async with await client.create_job(notices=True) as job:
            uids = []
            async with job.notices() as notices:
                async for notice in notices:
                    uids.append(notice.uid)  # noqa: PERF401  # an async comprehension would hide what is tested
            assert uids == [info.uid async for info in job.page_infos()]
        async with await client.create_job("virtual:flatbed") as plain:
            with pytest.raises(ClientError, match="notices=True"):
                async with plain.notices():
                    pass
        async with await client.create_job("virtual:flatbed", notices=True) as gone, gone.notices() as notices:
            await gone.delete()
            with pytest.raises(ClientError, match="4410"):
                await anext(notices)


class Proxy:
    """Stands between a client and a service, and cuts."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self._open: set[trio.SocketStream] = set()

    async def run(self, task_status: trio.TaskStatus[None]) -> None:
        """Serve for ever."""
        (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
        self.port = listener.socket.getsockname()[1]
        task_status.started()
        await trio.serve_listeners(self._serve, [listener])

    async def cut(self) -> None:
        """End every connection."""
        for stream in tuple(self._open):
            await stream.aclose()

    async def _serve(self, client: trio.SocketStream) -> None:
        try:
            service = await trio.open_tcp_stream("127.0.0.1", self.target)
        except OSError:
            return
        self._open |= {client, service}
        async with client, service, trio.open_nursery() as nursery:
            nursery.start_soon(self._pass, client, service)
            await self._pass(service, client)
            nursery.cancel_scope.cancel()
        self._open -= {client, service}

    @staticmethod
    async def _pass(source: trio.SocketStream, sink: trio.SocketStream) -> None:
        try:
            async for data in source:
                await sink.send_all(data)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            return


async def test_events_over_a_bad_line(tmp_path: Path) -> None:
    """A connection that is cut again and again costs no event and gives none twice; a restarted service is told as a gap, and the stream goes on with it."""
    host = FakeHost({"virtual:feeder": Script(pages=40, step_s=0.02)})
    with trio.fail_after(30):
        async with trio.open_nursery() as nursery:
            async with wire(tmp_path / "one", host) as it:
                proxy = Proxy(it.port)
                await nursery.start(proxy.run)
                async with (
                    ScanClient(f"http://127.0.0.1:{proxy.port}") as shaky,
                    client_of(it) as client,
                    shaky.events() as events,
                ):
                    snapshot = await anext(events)
                    assert (snapshot.type, events.last) == ("snapshot", snapshot.seq)
                    async with await client.create_job():
                        seen = []
                        async for event in events:
                            seen.append(event.seq)
                            if event.type == "page.arrived" and event["index"] % 5 == 0:
                                await proxy.cut()
                            if event.type == "job.ended":
                                break
                    assert seen == list(range(seen[0], seen[0] + len(seen)))
                    assert len(seen) >= 43
                    assert events.reconnects >= 2
                    proxy.target = 1  # nobody answers there
                    before = events.reconnects
                    await proxy.cut()
                    async with wire(tmp_path / "two", host) as second:
                        while events.reconnects < before + 3:  # noqa: ASYNC110  # another task tries meanwhile
                            await trio.sleep(0.01)
                        proxy.target = second.port
                        assert [event.type for event in await until(events, "snapshot")][-2:] == ["gap", "snapshot"]
                        await second.create()
                        assert (await until(events, "page.arrived"))[-1]["size"] == 1000
            nursery.cancel_scope.cancel()


async def test_events_from_a_number_on(tmp_path: Path) -> None:
    """An application that kept a number goes on from it, also in a new client."""
    async with wire(tmp_path) as it, client_of(it) as client:
        async with client.events() as events:
            start = (await anext(events)).seq
        async with await client.create_job() as job:
            await job.wait()
        async with client.events(since=start) as events:
            seen = await until(events, "job.removed")
        assert seen[0].type in {"job.created", "device.arrived"}
        async with client.events(since=seen[1].seq) as events:
            assert (await anext(events)).seq == seen[2].seq


async def test_a_refusal_in_the_middle_ends_the_stream(tmp_path: Path) -> None:
    """Events end with the refusal when the service lets the client in no more, and not in a loop; a service that is full is asked again."""
    async with trio.open_nursery() as nursery:
        async with wire(tmp_path / "one") as it:
            proxy = Proxy(it.port)
            await nursery.start(proxy.run)
            async with (
                ScanClient(f"http://127.0.0.1:{proxy.port}", origin="http://localhost:1") as client,
                client.events() as events,
            ):
                await anext(events)
                async with wire(tmp_path / "two", access="locked") as strict:
                    proxy.target = strict.port
                    await proxy.cut()
                    with trio.fail_after(10), pytest.raises(RestError) as caught:
                        await until(events, "never")
                    assert caught.value.status == 403
        nursery.cancel_scope.cancel()


async def test_nobody_there(tmp_path: Path) -> None:
    """Where nobody answers is an error that names the address, for requests and for events; so is a service that is none."""
    with trio.socket.socket() as probe:
        await probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    async with ScanClient(f"http://127.0.0.1:{port}") as client:
        for ask in (client.version, client.scanners):
            with pytest.raises(UnreachableError, match=str(port)):
                await ask()
        with pytest.raises(UnreachableError, match=str(port)):
            async with client.events():
                pass
    with pytest.raises(RuntimeError, match="async with"):
        await ScanClient("http://localhost").version()


@pytest.mark.parametrize("text", ["", "127.0.0.1:18622", "ftp://x", "http://"])
def test_addresses_that_are_none(text: str) -> None:
    """What is no address of a service is refused at once, with an example."""
    with pytest.raises(ValueError, match="18622"):
        ScanClient(text)


def answering(answers: list[httpx.Response], seen: list[httpx.Request]) -> Callable[[httpx.Request], httpx.Response]:
    """A transport's handler that gives *answers* in turn."""

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answers.pop(0)

    return handle


def link(answers: list[httpx.Response], seen: list[httpx.Request], **options: Any) -> Link:
    """A link to a service that answers like this."""
    access = Access("http://127.0.0.1:1", **options)
    keywords = access.keywords() | {"transport": httpx.MockTransport(answering(answers, seen))}
    return Link(access, httpx.AsyncClient(**keywords))


def busy(after: str | None = "3") -> httpx.Response:
    """A refusal for now."""
    headers = {} if after is None else {"Retry-After": after}
    return httpx.Response(503, headers=headers, json={"code": -1, "message": "busy", "statusCode": 503})


def test_only_what_is_safe_is_tried_again() -> None:
    """A GET that is refused with 503 is tried again after the time that the service says, a few times; nothing else is, and nothing without that time."""

    async def main() -> None:
        seen: list[httpx.Request] = []
        version = httpx.Response(200, json={"version": "1"})
        it = link([busy(), busy("5"), version], seen)
        begun = trio.current_time()
        assert (await it.do(all_calls.version())).version == "1"
        assert trio.current_time() - begun == pytest.approx(8)
        assert len(seen) == 3
        refused: list[tuple[Call[Any], list[httpx.Response]]] = [
            (all_calls.create_job({}), [busy(), version]),
            (all_calls.delete_job("x"), [busy(), version]),
            (all_calls.set_job_status("x", "running"), [busy(), version]),
            (all_calls.insert_page("x", "", "u", None), [busy(), version]),
            (all_calls.version(), [busy(None), version]),
            (all_calls.version(), [httpx.Response(500), version]),
        ]
        for call, answers in refused:
            seen.clear()
            with pytest.raises(RestError):
                await link(answers, seen).do(call)
            assert len(seen) == 1, call
        seen.clear()
        with pytest.raises(RestError) as caught:
            await link([busy("1e9")] * 9, seen, retries=2).do(all_calls.version())
        assert len(seen) == 3
        assert caught.value.retry_after == 1e9

    run(main, clock=Jumper())


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"x": 1}),
        httpx.Response(200, content=b"\xff"),
    ],
)
async def test_answers_that_are_none(answer: httpx.Response) -> None:
    """Whatever answers 200 with something else is no scanning service, and a typed error says so."""
    with pytest.raises(ClientError):
        await link([answer], []).do(all_calls.version())


@pytest.mark.parametrize(
    "message", ["not json", "[]", "{}", '{"seq": "x", "time": 1, "type": "gap"}', '{"evt": {"name": "x"}}']
)
async def test_messages_that_are_none(message: str) -> None:
    """What is no event and no notice is a typed error and the end of the stream, not a loop and not a group of exceptions."""

    async def serve(request: WebSocketRequest) -> None:
        socket = await request.accept(subprotocol=request.proposed_subprotocols[0])
        with suppress(ConnectionClosed):
            await socket.send_message(message)
            await socket.get_message()
            await socket.get_message()

    async with trio.open_nursery() as nursery:
        server = await nursery.start(serve_websocket, serve, "127.0.0.1", 0, None)
        async with ScanClient(f"http://127.0.0.1:{server.port}") as client:
            with trio.fail_after(10), pytest.raises(ClientError, match="not understood"):
                async with client.events() as events:
                    await anext(events)
            block = {"websocket": {"server": "ws://x/y", "protocol": "p", "response": {}}}
            job = Job(client._open, {"jobuid": "j", "protocol": block})
            with trio.fail_after(10), pytest.raises(ClientError, match="not understood"):
                async with job.notices() as notices:
                    await anext(notices)
        nursery.cancel_scope.cancel()


def test_errors_of_any_shape() -> None:
    """A refusal without a body of ours is an error all the same, with the status and what there is of words."""

    async def main() -> None:
        for answer, message in (
            (httpx.Response(502, text="bad gateway"), "bad gateway"),
            (httpx.Response(404), "no reason"),
            (httpx.Response(400, json=[1]), "[1]"),
            (httpx.Response(301, headers={"Location": "http://evil.example"}), "no reason"),
        ):
            with pytest.raises(RestError, match=message.replace("[", r"\[")) as caught:
                await link([answer], []).do(all_calls.version())
            assert caught.value.status == answer.status_code
            assert caught.value.code == 0

    run(main)


async def test_what_goes_with_requests() -> None:
    """Token and origin go with everything, the licence with jobs and processing only, a document's password with that document; proxies are not asked."""
    seen: list[httpx.Request] = []
    answers = [
        httpx.Response(200, json={"version": "1"}),
        httpx.Response(201, json={"jobuid": "j"}),
        httpx.Response(204),
    ]
    it = link(answers, seen, token="t" * 16, licence="key", origin="https://app.example")
    await it.do(all_calls.version())
    await it.do(all_calls.create_job(all_calls.job_body(None, {"Resolution": 100}, None, None, {"autoRun": True})))
    await it.do(all_calls.delete_document("../x", "s3cret"))
    assert all(request.headers["Authorization"] == f"Bearer {'t' * 16}" for request in seen)
    assert all(request.headers["Origin"] == "https://app.example" for request in seen)
    assert ["DWT-PRODUCT-KEY" in request.headers for request in seen] == [False, True, False]
    assert json.loads(seen[1].content) == {"config": {"Resolution": 100}, "autoRun": True}
    assert seen[2].headers["DWT-DOC-PASSWORD"] == "s3cret"
    assert seen[2].url.raw_path == b"/api/storage/documents/..%2Fx"
    assert Access("http://x").keywords()["trust_env"] is False


def test_page_info_of_both_shapes() -> None:
    """What is said of a page may come as an object or as a list of one (D-01), with more or less in it."""
    data = {"imageuid": "u", "url": "http://x/p", "imageInfo": {"ImageWidth": 3}}
    assert PageInfo.of(data) == PageInfo.of([data])
    assert PageInfo.of({"imageuid": "u", "url": "x"}).width == 0


def test_ready_files(tmp_path: Path) -> None:
    """A ready file is enough; one that is not there, is half written or lacks the address that is wanted is a typed error with its path."""
    path = tmp_path / "ready.json"
    with pytest.raises(ReadyFileError, match="not ready"):
        ScanClient.from_ready_file(path)
    for text in ("", "[]", '{"http": null, "https": null, "token": null, "ca": null}', "{"):
        path.write_text(text)
        with pytest.raises(ReadyFileError, match="ready"):
            ScanClient.from_ready_file(path)
    path.write_text(
        json.dumps({"http": "http://127.0.0.1:9", "https": "https://127.0.0.1:10", "token": "x" * 16, "ca": None})
    )
    assert ScanClient.from_ready_file(path).base_url == "http://127.0.0.1:9"
    assert ScanClient.from_ready_file(path, secure=True, timeout=5).base_url == "https://127.0.0.1:10"


async def test_many_clients_and_a_full_service(tmp_path: Path) -> None:
    """When the service has no place for another event stream, the client that asks first is told so, in a typed error."""
    async with wire(tmp_path, limits=Limits(sockets=1)) as it, client_of(it) as client, client.events() as events:
        assert (await anext(events)).type == "snapshot"
        with pytest.raises(RestError) as caught:
            async with client.events():
                pass
        assert (caught.value.status, caught.value.retry_after) == (503, 2)
        assert PNG == "image/png"


def test_the_plain_client_does_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without async the same calls are tried again, refused and understood in the same way."""
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    seen: list[httpx.Request] = []

    def client(*answers: httpx.Response) -> SyncScanClient:
        it = SyncScanClient("http://127.0.0.1:1", licence="key", retries=1)
        it._line.http = httpx.Client(
            **it._line.access.keywords() | {"transport": httpx.MockTransport(answering(list(answers), seen))}
        )
        return it

    with client(busy(), httpx.Response(200, json={"version": "1"})) as it:
        assert it.version().version == "1"
    assert slept == [3.0]
    with client(busy(), busy()) as it, pytest.raises(RestError):
        it.version()
    with client(busy()) as it, pytest.raises(RestError):
        it.create_job()
    gone = httpx.Response(410, json={"code": -1034, "message": "gone", "statusCode": 410})
    page = httpx.Response(200, headers={"Content-Type": "image/png"}, content=b"page")
    for end, info, outcome in (
        (httpx.Response(204), {"status": "completed", "code": 0}, None),
        (gone, {"status": "completed", "code": "0"}, None),
        (gone, {"status": "faulted", "code": -1020, "message": "Jam"}, JobFailedError),
        (gone, None, RestError),
    ):
        state = gone if info is None else httpx.Response(200, json=info)
        answers = [httpx.Response(201, json={"jobuid": "j"}), page, end, state, state, gone]
        pages: list[bytes] = []
        raised: type[Exception] | None = None
        with client(*answers) as it, it.create_job() as job:
            try:
                pages.extend(item.data for item in job.pages())
            except (JobFailedError, RestError) as error:
                raised = type(error)
        assert (pages, raised) == ([b"page"], outcome)
    assert [request.headers.get("DWT-PRODUCT-KEY") for request in seen if request.method == "POST"] == ["key"] * 5

    with SyncScanClient("http://127.0.0.1:1") as it, pytest.raises(UnreachableError):
        it.version()


def test_what_the_client_needs() -> None:
    """The client imports httpx, trio and trio-websocket, and nothing of ours but itself: it is for any service, and light."""
    code = "import flatbed.client, sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert {"httpx", "trio", "trio_websocket"} <= loaded
    assert not loaded & {"reference_server", "device_protocol", "device_host", "simulators", "sheets", "conformance"}
    assert not loaded & {"pydantic", "starlette", "hypercorn", "structlog", "numpy", "PIL", "typer"}
