"""The lab's door: a Unix socket through which sessions in other processes use the machines."""

from __future__ import annotations

import math
import os
import socket
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import trio

from device_protocol import Code, DeviceError, Phase
from device_protocol.aio import hold
from device_protocol.plain import PlainError, error_to_plain, from_plain, to_plain
from simulators.channel import Channel
from simulators.duties import Duty
from simulators.lab import Lab
from simulators.messages import CrashError, Notice
from simulators.seat import Seat
from simulators.times import Time
from simulators.wire import (
    WIRE_VERSION,
    lease_to_plain,
    notice_to_plain,
    plan_to_plain,
    request_from_plain,
    stop_from_plain,
)

HEARD_WITHIN_S = 2.0
"""How long a control action waits until a session has taken its notices."""

BACKLOG = 16


def listen(path: Path) -> trio.SocketListener:
    """A Unix socket at *path* that only this user can reach.

    Raises:
        DeviceError: INTERNAL, it cannot be made there.
    """
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if path.exists() and stat.S_ISSOCK(path.stat().st_mode):
            path.unlink()
        sock.bind(os.fspath(path))
        path.chmod(0o600)
        sock.listen(BACKLOG)
    except OSError as error:
        sock.close()
        raise DeviceError(
            Code.INTERNAL, f"The lab cannot listen at {path}: {error.strerror or error}.", phase=Phase.DISCOVER
        ) from None
    return trio.SocketListener(trio.socket.from_stdlib_socket(sock))


class Door:
    """Serves *lab*.

    Args:
        lab: the lab.
        time: how fast it runs; clients are told, so that their pages come at the same speed.
    """

    def __init__(self, lab: Lab, time: Time) -> None:
        self._lab = lab
        self._time = time

    async def serve(self, listener: trio.SocketListener) -> None:
        """Serve clients for ever."""
        await trio.serve_listeners(self.client, [listener])

    async def client(self, stream: trio.SocketStream) -> None:
        """Serve one connection until it is gone; what it held goes back to the lab."""
        guest = _Guest(self._lab, self._time, stream)
        await guest.run()


class _Guest:
    """One connection: at most one seat."""

    def __init__(self, lab: Lab, time: Time, stream: trio.SocketStream) -> None:
        self._lab = lab
        self._time = time
        self._channel = Channel(stream, self._take)
        self._seat: Seat | None = None
        self._opened = False
        self._sent = 0
        self._heard = 0
        self._hearing = trio.Event()
        self._nursery: trio.Nursery | None = None
        self._sleeps: dict[int, trio.CancelScope] = {}
        self._settled: dict[int, trio.Event] = {}
        self._calls = 0
        self.traffic = 0
        self.device = ""

    async def run(self) -> None:
        """Until the connection is gone."""
        try:
            async with trio.open_nursery() as self._nursery:
                await self._channel.run()
                self._nursery.cancel_scope.cancel()
        finally:
            if self._lab.time is not None:
                self._lab.time.guests.discard(self)
            for event in self._settled.values():
                event.set()
            self._hearing.set()
            if self._seat is not None:
                self._seat.drop()

    # -- Listener

    def tell(self, notice: Notice) -> None:
        """Pass a notice on to the session."""
        self._sent += 1
        self._channel.post({"notice": notice_to_plain(notice), "number": self._sent})

    async def heard(self) -> None:
        """Wait until the session has taken all notices so far, or is gone, or is too slow."""
        with hold(), trio.move_on_after(HEARD_WITHIN_S):
            while self._heard < self._sent and not self._channel.gone.is_set():
                await self._hearing.wait()

    # -- Guest of a lab whose time is manual

    @property
    def waiting(self) -> bool:
        """Whether its session waits for the lab."""
        return self._calls > 0

    def moved(self, moment: float) -> None:
        """Tell the session the time."""
        self._channel.post({"now": moment})

    async def settle(self) -> None:
        """Return when the session's process has done what it can do now, or is gone."""
        number = len(self._settled) + 1
        while number in self._settled:
            number += 1
        event = self._settled[number] = trio.Event()
        self._channel.post({"settle": number})
        try:
            if not self._channel.gone.is_set():
                await event.wait()
        finally:
            del self._settled[number]

    # -- calls

    def _take(self, header: dict[str, Any]) -> None:
        if "settled" in header:
            settled = self._settled.get(int(header["settled"]))
            if settled is not None:
                settled.set()
            return
        if "wake" in header:
            scope = self._sleeps.get(int(header["wake"]))
            if scope is not None:
                scope.cancel()
            return
        if "heard" in header:
            self._heard = int(header["heard"])
            self._hearing.set()
            self._hearing = trio.Event()
            return
        if not isinstance(header.get("call"), str) or not isinstance(header.get("with"), dict):
            raise PlainError("not a call")
        assert self._nursery is not None
        self.traffic += 1
        self._calls += 1
        self._nursery.start_soon(self._answer, header)

    async def _answer(self, header: dict[str, Any]) -> None:
        answer: dict[str, Any] = {"n": header.get("n")}
        try:
            answer["ok"] = await self._call(header["call"], header["with"])
        except DeviceError as error:
            answer["error"] = error_to_plain(error)
        except CrashError as crash:
            answer["crash"] = str(crash)
        except Exception as error:  # noqa: BLE001  # whatever a client sends, the lab and its other clients go on
            answer["error"] = error_to_plain(
                DeviceError(Code.INTERNAL, f"{header['call']}: {type(error).__name__}: {error}")
            )
        self._calls -= 1
        self.traffic += 1
        self._channel.post(answer)

    async def _call(self, name: str, given: Mapping[str, Any]) -> Any:
        match name:
            case "hello":
                if given["version"] != WIRE_VERSION:
                    raise DeviceError(Code.UNSUPPORTED, f"The lab speaks version {WIRE_VERSION}.", phase=Phase.DISCOVER)
                return {"time": None if math.isinf(self._time) else self._time}
            case "devices":
                return to_plain(await self._lab.devices())
            case "watch":
                async for change in self._lab.watch():
                    self._channel.post({"change": to_plain(change)})
            case "control_caps":
                return to_plain(await self._lab.control_caps(given["device"]))
            case "perform":
                arguments = from_plain(given["arguments"])
                return to_plain(await self._lab.perform(given["device"], given["action"], arguments))
            case "open":
                return await self._open(given["device"])
            case _ if self._seat is not None:
                return await self._use(self._seat, name, given)
        raise PlainError("this connection has no machine")

    async def _open(self, device_id: str) -> Any:
        if self._opened:
            raise PlainError("this connection has opened a machine already")
        self._opened = True
        self.device = device_id
        time = self._lab.time
        if time is not None:
            self.moved(self._lab.clock.now())
            time.guests.add(self)
        self._seat, lease = await self._lab.open(device_id, self)
        return lease_to_plain(lease)

    async def _use(self, seat: Seat, name: str, given: Mapping[str, Any]) -> Any:
        match name:
            case "start":
                return await seat.start(request_from_plain(given["request"]))
            case "feed":
                return plan_to_plain(await seat.feed(int(given["number"])))
            case "reach":
                return await seat.reach(int(given["number"]), stop_from_plain(given["stop"]))
            case "sleep":
                return await self._sleep(int(given["id"]), float(given["seconds"]))
            case "stop":
                return await seat.stop()
            case "calibrate":
                return await seat.calibrate()
            case "remember":
                return await seat.remember(from_plain(given["values"]))
            case "note":
                return await seat.note(Duty(given["duty"]), str(given["detail"]))
            case "release":
                return await seat.release()
        raise PlainError(f"no such call: {name}")

    async def _sleep(self, number: int, seconds: float) -> None:
        """Let a session sleep on the lab's clock, until it says that it does not want to any more."""
        if not seconds < math.inf or number in self._sleeps:
            raise PlainError("no such sleep")
        try:
            with trio.CancelScope() as self._sleeps[number]:
                await self._lab.clock.sleep(seconds)
        finally:
            del self._sleeps[number]
