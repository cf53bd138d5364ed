"""Pictures and bodies that are far more than they look: refused before they are unpacked (service-behaviour.md S-073)."""

from __future__ import annotations

import gzip
import io
import json
import struct
import time
import zlib
from pathlib import Path

import pytest

from tests.reference_server.client import Client, Reply, lab

READ = "/api/process/read-barcode"
BOUNDARY = "b0undary"


def png(width: int, height: int, data: bytes) -> bytes:
    """A PNG of a size, with *data* as its compressed rows."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def tiff(width: int, height: int) -> bytes:
    """A TIFF that says it is so large, and has eight bytes."""
    entries = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
    entries += [(273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, height), (279, 4, 1, width * height & 0xFFFFFFFF)]
    body = struct.pack("<H", len(entries))
    for tag, kind, count, value in entries:
        body += struct.pack("<HHI", tag, kind, count) + struct.pack("<I", value)
    return b"II*\0" + struct.pack("<I", 16) + b"\0" * 8 + body + b"\0" * 4


BOMBS = {
    "a PNG of 50,000 by 50,000": png(50_000, 50_000, zlib.compress(b"\0" * 1000)),
    "a PNG of 2^31 - 1 by 2^31 - 1": png(2**31 - 1, 2**31 - 1, b""),
    "a PNG whose rows unpack to a gigabyte": png(30_000, 11_000, zlib.compress(b"\0" * (64 << 20), 9)),
    "a TIFF of 60,000 by 60,000": tiff(60_000, 60_000),
    "a BMP of 100,000 by 100,000": b"BM"
    + struct.pack("<IHHIIiiHH", 54, 0, 0, 54, 40, 100_000, 100_000, 1, 24)
    + b"\0" * 24,
    "no picture": b"GIF89a" + b"\xff" * 1000,
}


async def send(client: Client, picture: bytes) -> Reply:
    """A picture in a form."""
    body = io.BytesIO()
    body.write(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="stream"; filename="p"\r\n\r\n'.encode())
    body.write(picture + f"\r\n--{BOUNDARY}--\r\n".encode())
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return await client.request("POST", READ, body.getvalue(), kind)


@pytest.mark.parametrize("name", BOMBS)
async def test_pictures(name: str, tmp_path: Path) -> None:
    """Each is 400 or 413 in the time of a small request, and takes no memory that a page would not."""
    async with lab(tmp_path) as it:
        await send(it.client, BOMBS["no picture"])  # the libraries are loaded now
        before, begun = _peak(), time.perf_counter()
        reply = await send(it.client, BOMBS[name])
        assert reply.status in {400, 413}, reply.body
        assert reply.json()["code"] < 0
        assert time.perf_counter() - begun < 5
        assert _peak() - before < 200 << 20


async def test_packed_bodies(tmp_path: Path) -> None:
    """A body is never unpacked, whatever Content-Encoding says: a gigabyte of zeros as a megabyte of gzip is no JSON, and that is all."""
    async with lab(tmp_path) as it:
        body = gzip.compress(b'{"config": {}}' + b" " * (8 << 20))
        reply = await it.client.request("POST", "/api/device/scanners/jobs", body, {"Content-Encoding": "gzip"})
        assert (reply.status, reply.json()["code"]) == (400, -2113)


async def test_deep_and_long_json(tmp_path: Path) -> None:
    """JSON that nests a hundred thousand deep, has numbers of a hundred thousand digits, or as many keys, is refused or ignored, and soon."""
    deep = b'{"config":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001
    digits = b'{"jobTimeout":' + b"9" * 100_000 + b"}"
    keys = json.dumps({"config": {f"k{number}": number for number in range(50_000)}}).encode()
    async with lab(tmp_path) as it:
        begun = time.perf_counter()
        for body, statuses in ((deep, {400}), (digits, {400}), (keys, {201, 400, 413})):
            reply = await it.client.request("POST", "/api/device/scanners/jobs", body)
            assert reply.status in statuses, reply.body[:200]
        assert time.perf_counter() - begun < 5


def _peak() -> int:
    """Most memory that this process ever had, in bytes."""
    import resource  # noqa: PLC0415  # Unix only

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
