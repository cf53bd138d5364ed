"""Defects of the bytes of a page."""

from __future__ import annotations

import itertools
from dataclasses import replace

import trio

from conformance.selftest.defects.defect import (
    END,
    NEXT,
    OPEN,
    PAGE,
    READ_ALL,
    Defect,
    defect,
    fault,
    put,
    read,
    start,
    steps,
)
from conformance.selftest.family import FAMILY
from conformance.selftest.page import ZooPage
from conformance.selftest.picture import jpeg
from conformance.selftest.store import Store
from device_protocol import Colour, PageEnd, PageParams
from device_protocol.pages import packed_row
from device_protocol.states import PageHandle, Verb

_NOISE = itertools.count(1)
"""A clock that never stands still."""


class OneByteMore(ZooPage):
    """read gives one byte more than was asked for."""

    def strip(self, max_bytes: int) -> bytes:
        """See the contract."""
        return super().strip(max_bytes + 1)


class LosesByte(ZooPage):
    """Between two reads a byte is lost, and made up for at the end."""

    def strip(self, max_bytes: int) -> bytes:
        """See the contract."""
        found = super().strip(max_bytes)
        rest = self.position < len(self.data)
        return found[:-1] + b"\x55" if rest and len(found) > 1 else found


class SecondEnd(ZooPage):
    """The end marker comes as often as one asks."""

    def at_end(self) -> None:
        """See the contract."""

    async def end(self) -> PageEnd:
        """See the contract."""
        if self.own is PageHandle.READING and self.position >= len(self.data):
            self.own = PageHandle.AT_END
        return await super().end()


class DataAfterEnd(ZooPage):
    """After the end marker the page comes again."""

    def at_end(self) -> None:
        """See the contract."""
        if self.position:
            self.position = 0
        else:
            super().at_end()

    def finals(self, *, early: bool) -> PageEnd:
        """See the contract."""
        return replace(super().finals(early=early), incomplete=False, bytes=len(self.data))


class RowShort(ZooPage):
    """The last row does not come."""

    def render(self) -> bytes:
        """See the contract."""
        found = super().render()
        return found[: -self.params.stride] if self.params.stride else found


class StrideTooSmall(Store):
    """Declares rows that are shorter than their pixels."""

    def params(self, paper_mm: float | None = None) -> PageParams:
        """See the contract."""
        params = super().params(paper_mm)
        return replace(params, stride=packed_row(params.width, params.channels, params.depth) - 1)


class StridePage(ZooPage):
    """The rows of StrideTooSmall."""

    def render(self) -> bytes:
        """See the contract."""
        stride, height = self.params.stride, self.params.height or 0
        return bytes(stride * height)


class HeightNeverGiven(ZooPage):
    """The height stays unknown to the end."""

    def finals(self, *, early: bool) -> PageEnd:
        """See the contract."""
        final = super().finals(early=early)
        return replace(final, params=replace(final.params, height=None))


class HeightUndeclared(ZooPage):
    """Pages come with an unknown height, which nobody declared."""

    def announced(self) -> PageParams:
        """See the contract."""
        return replace(self.params, height=None, final=False)


class Swapped(ZooPage):
    """16-bit samples come in the other byte order."""

    def render(self) -> bytes:
        """See the contract."""
        found = super().render()
        if self.params.depth != 16:
            return found
        swapped = bytearray(found)
        swapped[0::2], swapped[1::2] = found[1::2], found[0::2]
        return bytes(swapped)


class Inverted(ZooPage):
    """1-bit pixels are the other way round."""

    def render(self) -> bytes:
        """See the contract."""
        found = super().render()
        return bytes(255 - byte for byte in found) if self.params.depth == 1 else found


class PlaneOrder(ZooPage):
    """Three passes are put together in the wrong order."""

    def render(self) -> bytes:
        """See the contract."""
        found = super().render()
        values = self.job.session.store.values
        if not values.get("three-pass") or self.params.colour is not Colour.COLOR:
            return found
        swapped = bytearray(found)
        swapped[0::3], swapped[2::3] = found[2::3], found[0::3]
        return bytes(swapped)


class WrongDpiTag(ZooPage):
    """The device's own JPEG says 300 dpi, always."""

    def render(self) -> bytes:
        """See the contract."""
        return jpeg(self.view, replace(self.params, final=True), 0, 300)


class SilentTruncation(ZooPage):
    """A cut transfer looks like a short page."""

    def finals(self, *, early: bool) -> PageEnd:
        """See the contract."""
        return replace(super().finals(early=early), incomplete=early)


class WaitIsEnd(ZooPage):
    """When data is not there yet, read says that this is the end."""

    waited = False

    async def read(self, max_bytes: int) -> bytes:
        """See the contract."""
        if self.position and not self.waited and self.own is PageHandle.READING and max_bytes > 0:
            self.waited = True
            await trio.lowlevel.checkpoint()
            self.refuse(Verb.READ)
            self.at_end()
            return b""
        return await super().read(max_bytes)


class Noise(ZooPage):
    """The picture is another one each time."""

    def render(self) -> bytes:
        """See the contract."""
        found = super().render()
        return bytes([(found[0] + next(_NOISE)) % 256]) + found[1:]


DEFECTS: tuple[Defect, ...] = (
    defect(
        "one-byte-more", "DATA-01", "gives one byte too many", steps(OPEN, start(), NEXT, read(10)), page=OneByteMore
    ),
    defect(
        "loses-byte",
        "DATA-02",
        "loses a byte between two reads",
        steps(OPEN, start(), NEXT, read(10), READ_ALL),
        page=LosesByte,
    ),
    defect(
        "second-end", "DATA-03", "the end comes twice", steps(OPEN, start(), NEXT, READ_ALL, read(10)), page=SecondEnd
    ),
    defect(
        "data-after-end",
        "DATA-03",
        "after the end the page comes again",
        steps(OPEN, start(), NEXT, READ_ALL, read(10)),
        page=DataAfterEnd,
    ),
    defect("row-short", "DATA-04", "the last row is missing", steps(OPEN, start(), NEXT, READ_ALL), page=RowShort),
    defect(
        "stride-too-small",
        "DATA-05",
        "the stride is smaller than a row",
        steps(OPEN, start(), NEXT),
        store=StrideTooSmall,
        page=StridePage,
    ),
    defect(
        "height-never-given",
        "DATA-06",
        "an unknown height stays unknown",
        steps(OPEN, start(), PAGE),
        FAMILY["unknown-height"],
        page=HeightNeverGiven,
    ),
    defect(
        "height-undeclared",
        "DATA-06",
        "the height is unknown, undeclared",
        steps(OPEN, start(), NEXT),
        page=HeightUndeclared,
    ),
    defect(
        "swapped",
        "DATA-07",
        "the byte order is not as declared",
        steps(OPEN, put("depth", 16), start(), NEXT, READ_ALL),
        page=Swapped,
    ),
    defect(
        "inverted",
        "DATA-08",
        "the polarity is not as declared",
        steps(OPEN, put("mode", "Lineart"), start(), NEXT, READ_ALL),
        page=Inverted,
    ),
    defect(
        "plane-order",
        "DATA-09",
        "three passes are put together in the wrong order",
        steps(OPEN, put("three-pass", True), start(), NEXT, READ_ALL),
        FAMILY["three-pass"],
        page=PlaneOrder,
    ),
    defect(
        "wrong-dpi-tag",
        "DATA-10",
        "its JPEG says another resolution",
        steps(OPEN, start(), NEXT, READ_ALL),
        FAMILY["own-jpeg"],
        page=WrongDpiTag,
    ),
    defect(
        "silent-truncation",
        "DATA-11",
        "a cut transfer looks whole",
        steps(fault("truncated", at=0.5), OPEN, start(), NEXT, read(100000), PAGE[1], END),
        page=SilentTruncation,
    ),
    defect(
        "wait-is-end",
        "DATA-12",
        "says that waiting for data is the end",
        steps(OPEN, start(), NEXT, read(10), read(10)),
        page=WaitIsEnd,
    ),
    defect("noise", "DATA-13", "the picture is never the same", steps(OPEN, start(), NEXT, READ_ALL), page=Noise),
)
