"""A raw page checked: parameters that agree with each other and with the length of the data. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass

from device_host.encoding.errors import BadPage, CannotEncode
from device_host.encoding.limits import check_size
from device_protocol.capabilities import RAW
from device_protocol.pages import ByteOrder, PageParams, Polarity

Buffer = bytes | bytearray | memoryview


@dataclass(frozen=True, slots=True)
class Layout:
    """How the pixels of a page lie in its bytes, with nothing left open.

    Attributes:
        width, height: pixels.
        stride: bytes from row to row.
        row: bytes of a row that carry pixels (DATA-05).
        depth: 1, 8 or 16.
        channels: 1 or 3.
        one_is_white: of 1-bit pixels (DATA-08).
        big_endian: of 16-bit samples (DATA-07).
        dpi: x and y, or None.
    """

    width: int
    height: int
    stride: int
    row: int
    depth: int
    channels: int
    one_is_white: bool
    big_endian: bool
    dpi: tuple[float, float] | None


def layout_of(params: PageParams, data_bytes: int) -> Layout:
    """Check *params* against each other and against the length of the data.

    The last row may end with its pixels, without padding. An unknown height is what the data has of whole rows (DATA-06).

    Raises:
        CannotEncode: the page is no raw page.
        BadPage: parameters that the protocol excludes, or data too short or too long for them.
        TooLarge: see :mod:`device_host.encoding.limits`.
    """
    if params.format != RAW:
        raise CannotEncode(f"the page is already {params.format}")
    if params.depth not in {1, 8, 16} or params.channels not in {1, 3}:
        raise BadPage(f"{params.channels} channels of {params.depth} bits")
    if params.width < 1:
        raise BadPage(f"a width of {params.width} pixels")
    row = params.packed_row
    if params.stride < row:
        raise BadPage(f"a stride of {params.stride} bytes for rows of {row}")
    height = rows_in(params, data_bytes) if params.height is None else params.height
    if height < 1:
        raise BadPage(f"a height of {height} rows ({data_bytes} bytes, stride {params.stride})")
    check_size(params.width, height, max(data_bytes, height * params.stride))
    needed = (height - 1) * params.stride + row
    if data_bytes < needed or (params.height is not None and data_bytes > height * params.stride):
        raise BadPage(f"{data_bytes} bytes for {height} rows of {params.stride}")
    return Layout(
        width=params.width,
        height=height,
        stride=params.stride,
        row=row,
        depth=params.depth,
        channels=params.channels,
        one_is_white=params.polarity is Polarity.ONE_IS_WHITE,
        big_endian=params.byte_order is ByteOrder.BIG,
        dpi=_dpi(params),
    )


def rows_in(params: PageParams, data_bytes: int) -> int:
    """How many whole rows *data_bytes* hold; a last row without padding counts."""
    rows, rest = divmod(data_bytes, params.stride) if params.stride > 0 else (0, 0)
    return rows + (rest >= params.packed_row > 0)


def _dpi(params: PageParams) -> tuple[float, float] | None:
    if params.dpi_x is None and params.dpi_y is None:
        return None
    x = params.dpi_y if params.dpi_x is None else params.dpi_x
    y = params.dpi_x if params.dpi_y is None else params.dpi_y
    assert x is not None
    assert y is not None
    if not (0 < x < float("inf") and 0 < y < float("inf")):
        raise BadPage(f"a resolution of {x} x {y} dpi")
    return x, y
