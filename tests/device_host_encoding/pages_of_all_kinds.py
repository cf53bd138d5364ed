"""Raw pages of every kind that the protocol can describe, made by hypothesis beside the picture that they carry."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from device_protocol.capabilities import Colour
from device_protocol.pages import ByteOrder, PageParams, Polarity, packed_row

ANY_SPEED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For every property here: the clock of a busy machine says nothing about right and wrong."""


@dataclass(frozen=True)
class RawPage:
    """A page as a driver would deliver it.

    Attributes:
        params: of the page; the height may be unknown.
        data: its bytes, with junk in padding and in stray bits.
        truth: the samples, ``(height, width, channels)``: 0 or 1 (1 = white), 8 or 16 bits.
    """

    params: PageParams
    data: bytes
    truth: npt.NDArray[np.uint16]


def pack(truth: npt.NDArray[np.uint16], params: PageParams, junk: int = 0xA5, *, last_padding: bool = True) -> bytes:
    """The bytes of the page whose samples are *truth*, written sample by sample, apart from the code under test.

    Args:
        truth: ``(height, width, channels)``; at depth 1, 1 = white.
        params: how the bytes lie.
        junk: fills the padding and the bits after the last pixel.
        last_padding: whether the last row is padded too.
    """
    rows = []
    for line in truth.tolist():
        samples = [sample for pixel in line for sample in pixel]
        if params.depth == 8:
            row = bytes(samples)
        elif params.depth == 16:
            order = "big" if params.byte_order is ByteOrder.BIG else "little"
            row = b"".join(sample.to_bytes(2, order) for sample in samples)
        else:
            bits = [bit if params.polarity is Polarity.ONE_IS_WHITE else 1 - bit for bit in samples]
            junk_bits = [(junk >> shift) & 1 for shift in range(7, -1, -1)]
            bits += junk_bits[: -len(bits) % 8]
            row = bytes(
                sum(bit << (7 - place) for place, bit in enumerate(bits[at : at + 8])) for at in range(0, len(bits), 8)
            )
        rows.append(row + bytes([junk]) * (params.stride - len(row)))
    if not last_padding:
        rows[-1] = rows[-1][: params.packed_row]
    return b"".join(rows)


@st.composite
def raw_pages(draw: st.DrawFn, depths: tuple[int, ...] = (1, 8, 16), max_side: int = 40) -> RawPage:
    """Any raw page, up to *max_side* pixels wide and high."""
    depth = draw(st.sampled_from(depths))
    channels = draw(st.sampled_from([1, 3]))
    width, height = draw(st.integers(1, max_side)), draw(st.integers(1, max_side))
    dpi = st.one_of(st.sampled_from([75.0, 150.0, 200.0, 300.0, 600.0, 1200.0]), st.floats(1, 10000))
    known_dpi = draw(st.booleans())
    params = PageParams(
        width=width,
        height=height,
        stride=packed_row(width, channels, depth) + draw(st.integers(0, 9)),
        depth=depth,
        channels=channels,
        colour=Colour.COLOR if channels == 3 else Colour.LINEART if depth == 1 else Colour.GRAY,
        dpi_x=draw(dpi) if known_dpi else None,
        dpi_y=draw(dpi) if known_dpi else None,
        polarity=draw(st.sampled_from(Polarity)),
        byte_order=draw(st.sampled_from(ByteOrder)),
    )
    seed = draw(st.integers(0, 2**32 - 1))
    truth = np.random.default_rng(seed).integers(0, 2**depth, (height, width, channels), np.uint16)
    data = pack(truth, params, draw(st.integers(0, 255)), last_padding=draw(st.booleans()))
    return RawPage(replace(params, height=None) if draw(st.booleans()) else params, data, truth)
