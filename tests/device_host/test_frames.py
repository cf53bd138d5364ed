"""The frame protocol: what goes in comes out, and whatever else comes is refused with one kind of error."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device_host.frames import MAX_BLOB, MAX_HEADER, Decoder, Frame, FrameError, encode, encode_head

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
headers = st.dictionaries(st.text(max_size=8), plain, max_size=5)
frames = st.lists(st.tuples(headers, st.binary(max_size=3000)), max_size=6)


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    """*data* in pieces of the given sizes, over and over."""
    pieces, position, turn = [], 0, 0
    while position < len(data):
        size = sizes[turn % len(sizes)]
        pieces.append(data[position : position + size])
        position += size
        turn += 1
    return pieces


@settings(max_examples=60, deadline=None)
@given(frames, st.lists(st.integers(1, 5000), min_size=1, max_size=5))
def test_round_trip(sent: list[tuple[dict[str, Any], bytes]], sizes: list[int]) -> None:
    """Frames come out as they went in, wherever the stream was cut into pieces."""
    decoder = Decoder()
    came: list[Frame] = []
    for piece in cut(b"".join(encode(header, blob) for header, blob in sent), sizes):
        came += decoder.feed(piece)
    decoder.end()
    assert [(frame.header, frame.blob) for frame in came] == sent


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.integers(1, 50))
def test_garbage(data: bytes, size: int) -> None:
    """Random bytes give frames or FrameError, and never anything else, be it at once or at the end."""
    decoder = Decoder()
    with pytest.raises(FrameError) if looks_wrong(data) else NoError():
        for piece in cut(data, [size]):
            decoder.feed(piece)
        decoder.end()


class NoError:
    """In the place of pytest.raises."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        pass


def looks_wrong(data: bytes) -> bool:
    """Whether *data* is no sequence of whole frames; a second reading of the format, without increments."""
    while data:
        if len(data) < 8:
            return True
        size, blob = struct.unpack(">II", data[:8])
        if not 2 <= size <= MAX_HEADER or blob > MAX_BLOB or len(data) < 8 + size + blob:
            return True
        try:
            if not isinstance(json.loads(data[8 : 8 + size]), dict):
                return True
        except ValueError:
            return True
        data = data[8 + size + blob :]
    return False


@settings(max_examples=100, deadline=None)
@given(headers, st.binary(max_size=100), st.data())
def test_one_broken_byte(header: dict[str, Any], blob: bytes, data: st.DataObject) -> None:
    """A frame with one byte changed is another frame or FrameError; memory for what it claims is bounded."""
    frame = bytearray(encode(header, blob))
    place = data.draw(st.integers(0, len(frame) - 1))
    frame[place] ^= data.draw(st.integers(1, 255))
    decoder = Decoder()
    try:
        decoder.feed(bytes(frame))
        decoder.end()
    except FrameError:
        pass


@pytest.mark.parametrize(
    ("prefix", "why"),
    [
        (struct.pack(">II", MAX_HEADER + 1, 0), "header"),
        (struct.pack(">II", 0xFFFFFFFF, 0), "header"),
        (struct.pack(">II", 0, 0), "header"),
        (struct.pack(">II", 2, MAX_BLOB + 1), "blob"),
        (struct.pack(">II", 2, 0xFFFFFFFF), "blob"),
        (struct.pack(">II", 4, 0) + b"null", "object"),
        (struct.pack(">II", 2, 0) + b"[]", "object"),
        (struct.pack(">II", 4, 0) + b"\xff\xfe{}", "JSON"),
        (struct.pack(">II", 200000, 0) + b"[" * 200000, "JSON"),
        (struct.pack(">II", 5010, 0) + b'{"a":' + b"1" * 5004 + b"}", "JSON"),
    ],
)
def test_refused(prefix: bytes, why: str) -> None:
    """A length beyond its limit is refused before its bytes come, a header that is no JSON object when it is there; nothing comes after that."""
    decoder = Decoder()
    with pytest.raises(FrameError, match=why):
        decoder.feed(prefix)
    with pytest.raises(FrameError):
        decoder.feed(encode({}))


@pytest.mark.parametrize("length", [1, 7, 8, 9, 12, 30])
def test_cut_off(length: int) -> None:
    """The end of the stream in the middle of a frame is an error; between two frames it is none."""
    decoder = Decoder()
    assert decoder.feed(encode({"t": 1})) == [Frame({"t": 1})]
    decoder.end()
    decoder.feed(encode({"t": "a frame"}, b"x" * 100)[:length])
    with pytest.raises(FrameError, match="cut off"):
        decoder.end()


def test_what_cannot_be_sent() -> None:
    """A frame beyond a limit, or with a header that is no plain data, is refused by its sender."""
    with pytest.raises(FrameError):
        encode({"t": "x" * MAX_HEADER})
    with pytest.raises(FrameError):
        encode_head({}, MAX_BLOB + 1)
    with pytest.raises(FrameError):
        encode({"t": object()})
    with pytest.raises(FrameError):
        encode({"t": b"bytes"})


def test_the_buffer_is_used_again() -> None:
    """Frame after frame of one size is received into the same memory; a huge one does not stay there."""
    decoder = Decoder()
    strip = encode({"t": "reply"}, b"\x01" * (1 << 20))
    decoder.feed(strip)
    with decoder.space() as space:
        memory = space.obj
    for _ in range(5):
        assert decoder.feed(strip)[0].blob == b"\x01" * (1 << 20)
    with decoder.space() as space:
        assert space.obj is memory
    decoder.feed(encode({}, bytes(16 << 20)))
    with decoder.space() as space:
        assert space.nbytes < 1 << 20
