"""What the tests of the eSCL door share: a door over a small lab, and a client that speaks to it through memory."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import h11
import trio
import trio.testing

from device_protocol.testing import Jumper, run
from simulators.escl import Door, DoorConfig, open_door

DEVICES = """
schema = 1

[[device]]
id = "feeder"
profile = "office-duplex-feeder"
sheets = 3
refill = "never"

[[device]]
id = "flatbed"
profile = "flatbed"
"""

SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<scan:ScanSettings xmlns:scan="http://schemas.hp.com/imaging/escl/2011/05/03" xmlns:pwg="http://www.pwg.org/schemas/2010/12/sm">
  <pwg:Version>2.0</pwg:Version>
  <pwg:ScanRegions><pwg:ScanRegion>
    <pwg:ContentRegionUnits>escl:ThreeHundredthsOfInches</pwg:ContentRegionUnits>
    <pwg:XOffset>0</pwg:XOffset><pwg:YOffset>0</pwg:YOffset><pwg:Width>{width}</pwg:Width><pwg:Height>{height}</pwg:Height>
  </pwg:ScanRegion></pwg:ScanRegions>
  <pwg:InputSource>{source}</pwg:InputSource>
  <scan:ColorMode>{mode}</scan:ColorMode>
  <pwg:DocumentFormat>{format}</pwg:DocumentFormat>
  <scan:DocumentFormatExt>{format}</scan:DocumentFormatExt>
  <scan:XResolution>{dpi}</scan:XResolution><scan:YResolution>{dpi}</scan:YResolution>
  <scan:Duplex>{duplex}</scan:Duplex>
</scan:ScanSettings>
"""


def settings(**changes: Any) -> bytes:
    """The settings of a client that behaves like sane-airscan."""
    usual = {
        "width": 2480,
        "height": 3507,
        "source": "Feeder",
        "mode": "Grayscale8",
        "format": "image/jpeg",
        "dpi": 75,
        "duplex": "false",
    }
    return SETTINGS.format(**{**usual, **changes}).encode()


@asynccontextmanager
async def door(folder: Path, devices: str = DEVICES, **options: Any) -> AsyncIterator[Door]:
    """An open door over a lab that takes no time."""
    file = folder / "devices.toml"
    await trio.Path(file).write_text(devices)
    async with open_door(DoorConfig(devices_file=file, driver={"time": "instant"}, **options)) as opened:
        yield opened


@dataclass(frozen=True)
class Reply:
    """An answer as it came.

    Attributes:
        headers: in the case in which they came.
        whole: whether the message had its end.
    """

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    whole: bool = True

    def xml(self) -> Element:
        """The document."""
        return fromstring(self.body)

    def text(self, name: str) -> str | None:
        """The text of the first element of that local name."""
        return next((item.text for item in self.xml().iter() if item.tag.rpartition("}")[2] == name), None)

    def texts(self, name: str) -> list[str]:
        """The texts of all of them."""
        return [item.text or "" for item in self.xml().iter() if item.tag.rpartition("}")[2] == name]


def jumping(function: Callable[[Path], Awaitable[None]]) -> Callable[[Path], None]:
    """A test that runs on a clock which jumps when nobody has anything to do."""

    @functools.wraps(function)
    def test(tmp_path: Path) -> None:
        run(lambda: function(tmp_path), clock=Jumper())

    del test.__wrapped__  # else it would be taken for an async test
    return test


class Client:
    """A connection to a door, without a socket."""

    def __init__(self, opened: Door, nursery: trio.Nursery) -> None:
        self._door = opened
        self._nursery = nursery
        self._stream: trio.abc.Stream | None = None
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=1 << 20)

    async def ask(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        headers: Iterable[tuple[str, str]] = (),
        *,
        host: str | None = "localhost:8290",
    ) -> Reply:
        """One request on this connection, which is opened if it is not open."""
        if self._stream is None:
            self._stream, theirs = trio.testing.memory_stream_pair()
            self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=1 << 20)
            self._nursery.start_soon(self._door.server.serve, theirs)
        fields = list(headers) + ([("Host", host)] if host is not None else [])
        if body or method == "POST":
            fields.append(("Content-Length", str(len(body))))
        data = self._http.send(h11.Request(method=method, target=target, headers=fields)) or b""
        if body:
            data += self._http.send(h11.Data(body)) or b""
        data += self._http.send(h11.EndOfMessage()) or b""
        with contextlib.suppress(trio.BrokenResourceError):  # refused before it was read; the answer is there
            await self._stream.send_all(data)
        return await self._reply()

    async def raw(self, data: bytes) -> bytes:
        """Send bytes on a new connection, and read until the door closes it."""
        ours, theirs = trio.testing.memory_stream_pair()
        self._nursery.start_soon(self._door.server.serve, theirs)
        await ours.send_all(data)
        answer = b""
        while strip := await ours.receive_some(65536):
            answer += strip
        return answer

    async def leave(self) -> None:
        """Close the connection."""
        if self._stream is not None:
            await self._stream.aclose()
            self._stream = None

    async def _reply(self) -> Reply:
        assert self._stream is not None
        reply, body = Reply(0), b""
        while True:
            try:
                event = self._http.next_event()
            except h11.RemoteProtocolError:
                await self.leave()
                return Reply(reply.status, reply.headers, body, whole=False)
            if event is h11.NEED_DATA:
                self._http.receive_data(bytes(await self._stream.receive_some(65536)))
            elif isinstance(event, h11.InformationalResponse):
                continue
            elif isinstance(event, h11.Response):
                names = {key.decode(): value.decode() for key, value in event.headers.raw_items()}
                reply = Reply(event.status_code, names)
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
                    self._http.start_next_cycle()
                else:
                    await self.leave()
                return Reply(reply.status, reply.headers, body)
            else:
                await self.leave()
                return Reply(reply.status, reply.headers, body, whole=False)

    async def start(self, root: str = "/eSCL", **changes: Any) -> str:
        """Start a job; gives the path of its Location."""
        reply = await self.ask("POST", f"{root}/ScanJobs", settings(**changes), [("Content-Type", "text/xml")])
        assert reply.status == 201, reply.body
        return reply.headers["Location"].removeprefix("http://localhost:8290")

    async def pages(self, job: str) -> list[bytes]:
        """All further documents of a job."""
        found = []
        while (reply := await self.ask("GET", f"{job}/NextDocument")).status == 200:
            found.append(reply.body)
        assert reply.status == 404, reply.body
        return found


@asynccontextmanager
async def client(folder: Path, devices: str = DEVICES, **options: Any) -> AsyncIterator[Client]:
    """A client of a door that is open for the length of the block."""
    async with door(folder, devices, **options) as opened, trio.open_nursery() as nursery:
        yield Client(opened, nursery)
        nursery.cancel_scope.cancel()


async def control(one: Client, device: str, action: str, **arguments: object) -> Any:
    """Do something to a machine, as somebody who stands before it."""
    panel = await one._door.backend.control(device)  # the test's own helper
    return await panel.perform(action, arguments)
