"""A file as a plan: bytes of its own, and images that come when it is their turn."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeAlias

from device_protocol.vocabularies.rest_documents import Coding


@dataclass(frozen=True, slots=True)
class Image:
    """A page, coded for the file that it goes into.

    Attributes:
        coding: see there.
        width, height: pixels.
        channels: 1 grey or black and white, 3 colour.
        bits: of a sample, 1 or 8.
        dpi: x and y; 0 where nobody knows.
        size: bytes of the coded picture.
        chunks: gives them.
        sampling: of a colour JPEG, how many luminance samples there are to a chrominance sample, across and down.
        ycc: whether a colour JPEG is luminance and chrominance.
    """

    coding: Coding
    width: int
    height: int
    channels: int
    bits: int
    dpi: tuple[float, float]
    size: int
    chunks: Callable[[], AsyncGenerator[bytes, None]]
    sampling: tuple[int, int] = (1, 1)
    ycc: bool = True


@dataclass(frozen=True, slots=True)
class Stream:
    """The bytes of an image in a plan; *size* is theirs after whatever the file does to them."""

    size: int
    chunks: Callable[[], AsyncGenerator[bytes, None]]


Plan: TypeAlias = Sequence[bytes | Stream]


def size_of(plan: Plan) -> int:
    """Bytes of the whole file."""
    return sum(len(part) if isinstance(part, bytes) else part.size for part in plan)


async def chunks_of(plan: Plan) -> AsyncGenerator[bytes, None]:
    """The file, piece by piece; small pieces of its own go out together."""
    own: list[bytes] = []
    for part in plan:
        if isinstance(part, bytes):
            own.append(part)
            continue
        async with aclosing(part.chunks()) as chunks:
            async for chunk in chunks:
                yield b"".join([*own, chunk])
                own.clear()
    if own:
        yield b"".join(own)
