"""Y4M: a line of text about the film, and for each frame the word FRAME and three planes (YUV 4:2:0, BT.601, video range)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import BinaryIO

import numpy as np
from PIL import Image

from simulators.cameras.optics import Picture

MAGIC = b"YUV4MPEG2"
MAX_HEAD = 256
MAX_SIDE = 8192
_BLACK, _LUMA, _CHROMA = 16.0, 219 / 255, 224 / 255
_MIDDLE = 128.0


class FootageError(Exception):
    """What was to be watched is no film, damaged, or cannot be had."""


@dataclass(frozen=True, slots=True)
class Head:
    """What the first line says. *rate* is in frames a second."""

    width: int
    height: int
    rate: Fraction

    def line(self) -> bytes:
        """As it stands in the file."""
        rate = f"{self.rate.numerator}:{self.rate.denominator}"
        return MAGIC + f" W{self.width} H{self.height} F{rate} Ip A1:1 C420jpeg\n".encode()

    @property
    def frame_bytes(self) -> int:
        """Of the planes of a frame."""
        return self.width * self.height + 2 * ((self.width + 1) // 2) * ((self.height + 1) // 2)


def planes(picture: Picture) -> bytes:
    """The three planes of *picture* (RGB)."""
    bands = [np.asarray(band) for band in Image.fromarray(picture).convert("YCbCr").split()]
    tables = [_LUMA_TABLE[bands[0]], *(_CHROMA_TABLE[_halve(band)] for band in bands[1:])]
    return b"".join(table.tobytes() for table in tables)


def read(file: BinaryIO, name: str) -> Iterator[tuple[Head, Picture]]:
    """The frames of a file, as RGB.

    Raises:
        FootageError: it is no Y4M of 4:2:0, or ends within a frame.
    """
    head = _head(file.readline(MAX_HEAD), name)
    while line := file.readline(MAX_HEAD):
        if not line.startswith(b"FRAME"):
            raise FootageError(f"{name}: {line[:20]!r} stands where a frame should begin.")
        data = file.read(head.frame_bytes)
        if len(data) < head.frame_bytes:
            raise FootageError(f"{name} ends in the middle of a frame.")
        yield head, _picture(head, data)


def _head(line: bytes, name: str) -> Head:
    found = re.match(rb"YUV4MPEG2 (.*)\n$", line)
    words = {word[:1]: word[1:].decode("ascii", "replace") for word in (found[1].split() if found else ())}
    try:
        head = Head(int(words[b"W"]), int(words[b"H"]), Fraction(words.get(b"F", "25:1").replace(":", "/")))
    except (KeyError, ValueError, ZeroDivisionError):
        raise FootageError(f"{name} is no Y4M file.") from None
    if not (1 <= head.width <= MAX_SIDE and 1 <= head.height <= MAX_SIDE):
        raise FootageError(f"{name}: {head.width} x {head.height} pixels are no size.")
    if not words.get(b"C", "420").startswith("420"):
        raise FootageError(f"{name} is of the sort {words[b'C']}; only 4:2:0 can be read.")
    return head


def _picture(head: Head, data: bytes) -> Picture:
    half = ((head.height + 1) // 2, (head.width + 1) // 2)
    size, part = head.width * head.height, half[0] * half[1]
    samples = np.frombuffer(data, np.uint8)
    luma = _FULL_LUMA[samples[:size].reshape(head.height, head.width)]
    chroma = [_FULL_CHROMA[samples[start : start + part].reshape(half)] for start in (size, size + part)]
    whole = [np.repeat(np.repeat(band, 2, 0), 2, 1)[: head.height, : head.width] for band in chroma]
    return np.asarray(Image.merge("YCbCr", [Image.fromarray(band) for band in (luma, *whole)]).convert("RGB"))


def _halve(band: Picture) -> Picture:
    padded = np.pad(band, ((0, band.shape[0] % 2), (0, band.shape[1] % 2)), mode="edge").astype(np.uint16)
    mean = (padded[::2, ::2] + padded[1::2, ::2] + padded[::2, 1::2] + padded[1::2, 1::2] + 2) // 4
    return mean.astype(np.uint8)


def _to_table(scale: float, zero: float, target: float) -> Picture:
    table: Picture = np.clip(np.round((np.arange(256) - zero) * scale + target), 0, 255).astype(np.uint8)
    return table


_LUMA_TABLE = _to_table(_LUMA, 0, _BLACK)
_CHROMA_TABLE = _to_table(_CHROMA, _MIDDLE, _MIDDLE)
_FULL_LUMA = _to_table(1 / _LUMA, _BLACK, 0)
_FULL_CHROMA = _to_table(1 / _CHROMA, _MIDDLE, _MIDDLE)
