"""From frames to pages, without libsane."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import pytest

from device_drivers.sane.bitcolor import BitInterleaver, interleave
from device_drivers.sane.frames import FrameError, PageAssembler, layout_of
from device_protocol.vocabularies.sane_abi import Frame, Parameters

PLAIN = Parameters(Frame.GRAY, True, 10, 10, 4, 8)


def _assemble(frames: list[tuple[Parameters, bytes]], portion: int = 7) -> tuple[PageAssembler, bytes, bool]:
    page = PageAssembler(frames[0][0])
    data = bytearray()
    done = False
    for parameters, content in frames:
        page.begin(parameters)
        for begin in range(0, len(content), portion):
            page.feed(content[begin : begin + portion])
            data += page.take(5)
        done = page.end_frame()
    while part := page.take(1000):
        data += part
    return page, bytes(data), done


def test_a_page_passes_through_unchanged() -> None:
    """One frame: the bytes as they came, and a complete account."""
    content = bytes(range(40))
    page, data, done = _assemble([(PLAIN, content)])
    assert (data, done, page.ending().complete, page.ending().layout.height) == (content, True, True, 4)


@pytest.mark.parametrize("depth", [1, 8, 16])
@pytest.mark.parametrize("padding", [0, 2])
@pytest.mark.parametrize("lines", [5, 300, -1])
def test_planes_in_any_order_are_one_picture(depth: int, padding: int, lines: int) -> None:
    """Six orders, every depth, padded rows, known and unknown height: always the same interleaved picture."""
    rows = 5 if lines < 0 else lines
    stride = 6 * max(1, depth // 8) + padding if depth > 1 else 1 + padding
    rng = random.Random(depth)
    planes = {frame: rng.randbytes(rows * stride) for frame in (Frame.RED, Frame.GREEN, Frame.BLUE)}
    results = set()
    for order in itertools.permutations(planes):
        parameters = [Parameters(frame, place == 2, stride, 6, lines, depth) for place, frame in enumerate(order)]
        page, data, done = _assemble([(one, planes[one.format]) for one in parameters], portion=11)  # type: ignore[index]  # int enum
        assert (done, page.ending().complete, page.ending().layout.height) == (True, True, rows)
        assert (page.layout.channels, page.layout.stride) == (3, 3 * stride)
        results.add(data)
    [data] = results
    assert len(data) == rows * 3 * stride
    if depth == 8:
        assert data[:6] == bytes(
            value for pixel in zip(*(planes[f][:2] for f in planes), strict=True) for value in pixel
        )
    if depth == 16:
        assert data[:6] == b"".join(planes[frame][:2] for frame in planes)


def test_short_pages_are_never_complete() -> None:
    """What a cancel or a cut leaves is incomplete in every kind of page; so is a page of no bytes (python-sane: success)."""
    colour = [Parameters(frame, frame is Frame.BLUE, 10, 10, 4, 8) for frame in (Frame.RED, Frame.GREEN, Frame.BLUE)]
    short = [
        [(PLAIN, b"x" * 39)],
        [(PLAIN, b"")],
        [(replace(PLAIN, lines=-1), b"x" * 39)],
        [(replace(PLAIN, lines=-1), b"")],
        [(colour[0], b"x" * 40), (colour[1], b"x" * 40), (colour[2], b"x" * 30)],
        [(colour[0], b"x" * 40)],
    ]
    for frames in short:
        page, _, _ = _assemble(frames)
        assert not page.ending().complete, frames
    unended = PageAssembler(PLAIN)
    unended.begin(PLAIN)
    unended.feed(b"x" * 40)
    assert not unended.ending().complete


def test_unknown_height_is_told_at_the_end() -> None:
    """A hand scanner's page has no height until the end, and then that of its complete rows."""
    page, data, _ = _assemble([(replace(PLAIN, lines=-1), b"x" * 70)])
    assert page.layout.height is None
    assert (page.ending().layout.height, len(data), page.ending().complete) == (7, 70, True)
    page, _, _ = _assemble([(replace(PLAIN, lines=-1), b"x" * 75)])
    assert (page.ending().layout.height, page.ending().ragged) == (7, 5)


@pytest.mark.parametrize(
    "change",
    [
        {"depth": 4},
        {"depth": 12},
        {"bytes_per_line": 9},
        {"pixels_per_line": 0},
        {"lines": 0},
        {"lines": -2},
        {"format": 11},
        {"format": Frame.RGB},
    ],
)
def test_impossible_parameters_make_no_page(change: dict[str, int]) -> None:
    """Parameters that cannot describe pixels are refused before a byte is read."""
    with pytest.raises(FrameError):
        layout_of(replace(PLAIN, **change))  # type: ignore[arg-type]  # last_frame is not among them


def test_frames_that_do_not_fit_together_are_refused() -> None:
    """A repeated colour, another geometry, a grey frame in between, a wrong last_frame, too many bytes, bytes too early."""
    red = Parameters(Frame.RED, False, 10, 10, 4, 8)
    for second in (
        red,
        replace(red, format=Frame.GREEN, lines=5),
        replace(red, format=Frame.GRAY),
        replace(red, format=Frame.GREEN, last_frame=True),
    ):
        page = PageAssembler(red)
        page.begin(red)
        page.feed(b"x" * 40)
        assert not page.end_frame()
        with pytest.raises(FrameError):
            page.begin(second)
    page = PageAssembler(PLAIN)
    with pytest.raises(FrameError):
        page.feed(b"x")
    page.begin(PLAIN)
    with pytest.raises(FrameError, match="announced"):
        page.feed(b"x" * 41)
    with pytest.raises(FrameError, match="several"):
        PageAssembler(PLAIN).begin(replace(PLAIN, last_frame=False))


def test_bits_of_colour_are_interleaved() -> None:
    """Eight pixels in three bytes of one colour each become eight pixels of three bits each."""
    rng = random.Random(3)
    groups = rng.randbytes(3 * 100)
    expected = bytearray()
    for begin in range(0, len(groups), 3):
        red, green, blue = groups[begin : begin + 3]
        bits = "".join(f"{red >> bit & 1}{green >> bit & 1}{blue >> bit & 1}" for bit in range(7, -1, -1))
        expected += int(bits, 2).to_bytes(3)
    assert interleave(groups) == expected


def test_padding_of_one_bit_rows_stays() -> None:
    """Only pixels are changed, whatever the portions; what follows them in a row is left alone."""
    rows = b"".join(bytes([0xFF, 0, 0xFF, 1, 2]) for _ in range(4))
    for portion in (1, 5, 7, 20):
        bits = BitInterleaver(8, 5)
        out = b"".join(bits.feed(rows[begin : begin + portion]) for begin in range(0, len(rows), portion))
        assert out == b"".join(bytes(interleave(rows[:3])) + b"\x01\x02" for _ in range(4))
