"""One bit per sample in colour: SANE sends it in groups of bytes, everybody else wants pixels.

An RGB frame of depth 1 has, for each eight pixels, a byte of red bits, one of green and one of blue (SANE 3.2.1). The
device protocol has interleaved samples: three bits for each pixel, red first, filled from the left. Both need three
bytes for eight pixels, so a row is changed in place. Done with tables over whole rows, at about 20 ms for 1 MB.
"""

from __future__ import annotations

from typing import Final


def _tables() -> tuple[tuple[bytes, bytes, bytes], ...]:
    """For each channel and each of the three result bytes: what a byte of eight pixels contributes."""
    channels = []
    for channel in range(3):
        spread = []
        for byte in range(256):
            bits = 0
            for pixel in range(8):
                if byte & (0x80 >> pixel):
                    bits |= 1 << (23 - 3 * pixel - channel)
            spread.append(bits.to_bytes(3, "big"))
        channels.append(tuple(bytes(entry[place] for entry in spread) for place in range(3)))
    return tuple((first, second, third) for first, second, third in channels)


_TABLES: Final = _tables()


class BitInterleaver:
    """Changes rows as they come.

    Args:
        width: Pixels of a row.
        stride: Bytes of a row, before and after; what follows the pixels stays as it is.
    """

    def __init__(self, width: int, stride: int) -> None:
        self._stride = stride
        self._packed = 3 * ((width + 7) // 8)
        self._rest = bytearray()

    def feed(self, data: bytes) -> bytes:
        """The rows that *data* completes; the rest waits for the next call."""
        self._rest += data
        whole = len(self._rest) // self._stride * self._stride
        if not whole:
            return b""
        rows = self._rest[:whole]
        del self._rest[:whole]
        if self._stride == self._packed:
            return bytes(interleave(rows))
        for begin in range(0, whole, self._stride):
            rows[begin : begin + self._packed] = interleave(rows[begin : begin + self._packed])
        return bytes(rows)


def interleave(groups: bytes | bytearray) -> bytearray:
    """Groups of three bytes (eight pixels of red, green, blue) to the same pixels, three bits each."""
    planes = [bytes(groups[channel::3]) for channel in range(3)]
    result = bytearray(len(groups))
    for place in range(3):
        parts = (int.from_bytes(plane.translate(table[place])) for plane, table in zip(planes, _TABLES, strict=True))
        together = next(parts) | next(parts) | next(parts)
        result[place::3] = together.to_bytes(len(planes[0]))
    return result
