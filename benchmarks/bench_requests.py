"""Small requests beside a bare Starlette route on Hypercorn's trio worker: one client after the other, and 64 that poll while four jobs scan."""

from __future__ import annotations

import heapq
import json
import selectors
import socket
import statistics
import time
from contextlib import ExitStack

from benchmarks.bare_route import bare_route
from benchmarks.client import Client
from benchmarks.runner import Figure
from benchmarks.service import DATA, processor_time, service

REQUESTS = 400
ROUNDS = 9
CLIENTS = 64
PERIOD = 0.25
WINDOW_SECONDS = 4.0
WINDOWS = 5
SCANS = 4
BARE = "/api/bare/state"


def run() -> list[Figure]:
    """All of them, against one service and one bare route."""
    with ExitStack() as stack:
        bare_port, bare_pid = stack.enter_context(bare_route())
        running = stack.enter_context(service("--devices", str(DATA / "four-feeders.toml")))
        client = stack.enter_context(Client(running.url))
        port = int(running.url.rsplit(":", 1)[1])
        devices = [client.device(f"virtual:feeder-{number}") for number in range(1, SCANS + 1)]
        job = client.create(devices[0], XferCount=1)
        state = f"/api/device/scanners/jobs/{job}"
        figures = [
            _beside_bare("GET /server/version", (port, running.pid), "/api/server/version", (bare_port, bare_pid)),
            _beside_bare("GET job", (port, running.pid), state, (bare_port, bare_pid)),
        ]
        client.delete(job)
        jobs = [client.create(device, XferCount=500) for device in devices]
        state = f"/api/device/scanners/jobs/{jobs[0]}"
        ours: list[float] = []
        theirs: list[float] = []
        for _ in range(WINDOWS):
            ours += _poll(port, state)
            theirs += _poll(bare_port, BARE)
        scanning = sum(client.state(uid) == "running" for uid in jobs)
        if scanning < SCANS:
            raise RuntimeError(f"only {scanning} of {SCANS} jobs scanned to the end of the measurement")
        figures.append(
            Figure(
                f"{CLIENTS} clients polling, {SCANS} jobs scanning: p99 of GET job",
                _p99(ours) * 1e3,
                "ms",
                "bare route",
                _p99(theirs) * 1e3,
                "> 0.67 x",
                f"medians {statistics.median(ours) * 1e3:.1f} and {statistics.median(theirs) * 1e3:.1f} ms; {len(ours)} requests each",
            )
        )
        return figures


def _beside_bare(what: str, ours: tuple[int, int], path: str, bare: tuple[int, int]) -> Figure:
    """Medians of rounds that take turns, of the seconds for one request on a kept connection.

    Args:
        what: is asked for.
        ours: port and process of the service.
        path: of the request.
        bare: port and process of the bare route.
    """
    times: dict[int, list[float]] = {ours[0]: [], bare[0]: []}
    with _connect(ours[0]) as our_end, _connect(bare[0]) as bare_end:
        turns = ((ours[0], our_end, path), (bare[0], bare_end, BARE))
        before = [processor_time(ours[1]), processor_time(bare[1])]
        for _ in range(ROUNDS):
            for port, sock, asked in turns:
                times[port].append(_seconds(sock, asked))
        spent = [
            (processor_time(pid) - was) / REQUESTS / ROUNDS for (_, pid), was in zip((ours, bare), before, strict=True)
        ]
    medians = [statistics.median(times[port]) * 1e3 for port in (ours[0], bare[0])]
    note = f"processor time of the servers: {spent[0] * 1e6:.0f} and {spent[1] * 1e6:.0f} us a request, {spent[1] / spent[0]:.2f} x"
    return Figure(what, medians[0], "ms", "bare route", medians[1], "> 0.8 x", note)


def _seconds(sock: socket.socket, path: str) -> float:
    request = _request(path)
    begun = time.perf_counter()
    for _ in range(REQUESTS):
        sock.sendall(request)
        _whole_answer(sock)
    return (time.perf_counter() - begun) / REQUESTS


def _poll(port: int, path: str) -> list[float]:
    """Seconds of each answer while all clients poll, each on its own connection and in its own phase."""
    request = _request(path)
    times: list[float] = []
    with ExitStack() as stack, selectors.DefaultSelector() as selector:
        begun = time.perf_counter()
        due = [
            (begun + PERIOD * number / CLIENTS, number, stack.enter_context(_connect(port)))
            for number in range(CLIENTS)
        ]
        asked: dict[socket.socket, tuple[float, int]] = {}
        while (now := time.perf_counter()) < begun + WINDOW_SECONDS or asked:
            while due and due[0][0] <= now < begun + WINDOW_SECONDS:
                at, number, sock = heapq.heappop(due)
                asked[sock] = (time.perf_counter(), number)
                sock.sendall(request)
                selector.register(sock, selectors.EVENT_READ, at)
            for key, _ in selector.select(max(0.0, min(due[0][0] - now, 0.01)) if due else 0.01):
                assert isinstance(key.fileobj, socket.socket)
                _whole_answer(key.fileobj)
                at, number = asked.pop(key.fileobj)
                times.append(time.perf_counter() - at)
                selector.unregister(key.fileobj)
                heapq.heappush(due, (key.data + PERIOD, number, key.fileobj))
    return times


def _request(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\nUser-Agent: bench\r\n\r\n".encode()


def _whole_answer(sock: socket.socket) -> None:
    data = b""
    while b"\r\n\r\n" not in data:
        part = sock.recv(1 << 16)
        if not part:
            raise RuntimeError("the connection was closed")
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    size = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
    if lines[0].split()[1] != b"200":
        raise RuntimeError(f"{lines[0].decode()}: {json.loads(body)}")
    while len(body) < size:
        body += sock.recv(1 << 16)


def _connect(port: int) -> socket.socket:
    sock = socket.create_connection(("127.0.0.1", port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def _p99(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.99)]
