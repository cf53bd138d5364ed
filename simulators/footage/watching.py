"""Watches films and streams: each frame read back by the oracle, with the time of its arrival."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from urllib.error import URLError
from urllib.parse import urljoin
from urllib.request import urlopen

import simplejpeg

from sheets.test_card import FrameReading, Seen, read_frame
from simulators.cameras.optics import Picture
from simulators.footage.y4m import FootageError, read

MAX_FRAME_BYTES = 64 << 20
MAX_LINE = 8192
ANSWER_S = 10.0
LIST = "cameras.json"


def watch_file(name: str, frames: int) -> list[Seen]:
    """The first frames of a Y4M file.

    Raises:
        FootageError: it cannot be read.
    """
    try:
        with Path(name).open("rb") as file:
            return [Seen(_look(picture)) for _, (_, picture) in zip(range(frames), read(file, name), strict=False)]
    except OSError as error:
        raise FootageError(f"{name}: {error.strerror or error}.") from None


def watch_stream(url: str, frames: int, seconds: float) -> list[Seen]:
    """The next frames of an MJPEG stream; arrivals count from the lab's beginning if the door tells when that was.

    Raises:
        FootageError: there is no such stream, or it breaks its own grammar.
    """
    try:
        epoch = _epoch(url)
        with urlopen(url, timeout=ANSWER_S) as answer:  # noqa: S310  # http or https, as the caller has checked
            kind = answer.headers.get("Content-Type", "")
            if not kind.startswith("multipart/x-mixed-replace"):
                raise FootageError(f"{url} is no MJPEG stream but {kind or 'of no type'}.")
            seen: list[Seen] = []
            begun = time.monotonic()
            for file in parts(answer, url):
                arrived = None if epoch is None else time.time() - epoch
                seen.append(Seen(_look(_decode(file, url)), arrived))
                if len(seen) == frames or time.monotonic() - begun > seconds:
                    break
            return seen
    except (URLError, OSError, ValueError) as error:
        raise FootageError(f"{url}: {getattr(error, 'reason', error)}.") from None


def parts(stream: BinaryIO, name: str) -> Iterator[bytes]:
    """The files in a multipart body whose parts say their length.

    Raises:
        FootageError: one does not, or is too large, or ends early.
    """
    while line := stream.readline(MAX_LINE):
        if not line.startswith(b"--"):
            continue
        if line.rstrip().endswith(b"--"):
            return
        length = _length(stream)
        if length is None or length > MAX_FRAME_BYTES:
            raise FootageError(f"{name}: a part of the stream does not say a length that could be.")
        data = stream.read(length)
        if len(data) < length:
            return
        yield data


def _length(stream: BinaryIO) -> int | None:
    length = None
    while (line := stream.readline(MAX_LINE)).strip():
        key, _, value = line.decode("latin-1").partition(":")
        if key.strip().lower() == "content-length" and value.strip().isdecimal():
            length = int(value)
    return length


def _decode(file: bytes, name: str) -> Picture:
    try:
        picture: Picture = simplejpeg.decode_jpeg(file)
    except ValueError as error:
        raise FootageError(f"{name}: a frame is no JPEG: {error}.") from None
    return picture


def _look(picture: Picture) -> FrameReading:
    try:
        return read_frame(picture)
    except ValueError:
        return FrameReading()  # too small to say anything


def _epoch(url: str) -> float | None:
    """When the lab behind one of our own doors began; None of any other."""
    try:
        with urlopen(urljoin(url, f"/{LIST}"), timeout=ANSWER_S) as answer:  # noqa: S310  # as above
            return float(json.loads(answer.read(MAX_FRAME_BYTES))["epoch"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
