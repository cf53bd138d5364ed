"""Defects of pages (ESCL-43 to ESCL-51)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from conformance.escl.ordering import Order
from conformance.selftest.escl.build import Changes
from conformance.selftest.escl.defects.defect import Defect, defect
from conformance.selftest.escl.edits import pages, pictures
from conformance.selftest.escl.proof import FEED, NEXT, ORDER, get, post
from simulators.escl.points import Answer
from simulators.escl.quirks import CHANGES
from simulators.escl.scanner import Scanner

COLOR = ORDER.but(color_mode="RGB24")
BOTH_SIDES = FEED.but(duplex="true")


class Keeps(Scanner):
    """Remembers the pages that it gave in one job."""

    async def next_document(self, uid: str, client: str = "") -> Answer:
        """See :class:`Scanner`."""
        answer = await super().next_document(uid, client)
        job = self._find(uid)
        if answer.status != 200 or job is None:
            return answer
        return await self.instead(answer, job.given, lambda: super(Keeps, self).next_document(uid, client))

    async def instead(self, answer: Answer, given: int, another: Callable[[], Any]) -> Answer:
        """What is answered instead of *answer*; *another* gives the one after it."""
        raise NotImplementedError


class SamePageAgain(Keeps):
    """Gives the first page of a job once more instead of the second."""

    first: Answer

    async def instead(self, answer: Answer, given: int, another: Callable[[], Any]) -> Answer:  # noqa: ARG002  # see Keeps
        """See :class:`Keeps`."""
        if given == 0:
            self.first = answer
        return answer.but(body=self.first.body) if given == 1 else answer


class SkipsAPage(Keeps):
    """Loses the second page of a job."""

    async def instead(self, answer: Answer, given: int, another: Callable[[], Any]) -> Answer:
        """See :class:`Keeps`."""
        if given != 1 or answer.done is None:
            return answer
        answer.done(True)  # as the door says it: written whole
        found: Answer = await another()
        return found


class BackBeforeFront(Scanner):
    """Gives each second page of a job before the one that precedes it."""

    kept: Answer | None = None

    async def next_document(self, uid: str, client: str = "") -> Answer:
        """See :class:`Scanner`."""
        if self.kept is not None:
            kept, self.kept = self.kept, None
            return kept
        first = await super().next_document(uid, client)
        if first.status != 200 or first.done is None:
            return first
        first.done(True)  # as the door says it: written whole
        second = await super().next_document(uid, client)
        if second.status != 200:
            if second.done is not None:
                second.done(False)  # the same
            return first.but(done=None)
        self.kept = first.but(done=None)
        return second


class BothSidesAreOne(Scanner):
    """Offers both sides and scans one."""

    async def post(self, body: bytes, base: str, root: str, client: str = "") -> Answer:
        """See :class:`Scanner`."""
        return await super().post(body.replace(b"Duplex>true<", b"Duplex>false<"), base, root, client)


class ImageInfoLies(Scanner):
    """Says a larger width than the page has."""

    def image_info(self, uid: str, root: str) -> Answer:
        """See :class:`Scanner`."""
        answer = super().image_info(uid, root)
        return answer.but(body=re.sub(rb"ActualWidth>(\d+)", rb"ActualWidth>9\1", answer.body))


def _elsewhere(answer: Answer) -> Answer:
    return answer.but(headers=(*answer.headers, ("Content-Location", "http://elsewhere.invalid/page")))


def _half(answer: Answer) -> Answer:
    return answer.but(body=answer.body[: len(answer.body) // 2])


def _shrunk(image: Any) -> Any:
    return image.resize((image.width // 2, image.height // 2))


def _page(name: str, requirement: str, what: str, changes: Changes, order: Order = ORDER) -> Defect:
    return defect(name, requirement, what, post(order), NEXT, changes=changes)


DEFECTS = (
    _page("page-octet-stream", "ESCL-43", "calls its pages octet streams", CHANGES["page-octet-stream"]),
    _page("png-called-jpeg", "ESCL-43", "gives PNG and calls it JPEG", pictures(lambda image: image, "PNG")),
    _page("page-truncated", "ESCL-44", "breaks the connection within a page", CHANGES["page-truncated"]),
    _page("page-garbage", "ESCL-44", "gives bytes that are no picture", CHANGES["page-garbage"]),
    _page("page-empty", "ESCL-44", "gives pages without bytes", CHANGES["page-empty"]),
    _page("page-half-a-jpeg", "ESCL-44", "gives the first half of a picture as if it were all", pages(_half)),
    _page("page-wider", "ESCL-45", "gives pages that are too wide", CHANGES["page-wider"]),
    _page("page-narrower", "ESCL-45", "gives pages that are too narrow", CHANGES["page-narrower"]),
    _page("page-taller", "ESCL-45", "gives pages that are too high", CHANGES["page-taller"]),
    _page("page-shorter", "ESCL-45", "gives pages that are too short", CHANGES["page-shorter"]),
    _page("half-resolution", "ESCL-45", "scans at half the resolution", pictures(_shrunk)),
    _page(
        "gray-for-color", "ESCL-46", "gives gray where colour was asked for", pictures(lambda i: i.convert("L")), COLOR
    ),
    _page("color-for-gray", "ESCL-46", "gives colour where gray was asked for", pictures(lambda i: i.convert("RGB"))),
    _page("wrong-dpi-tag", "ESCL-47", "says 72 dpi in every page", pictures(lambda image: image, dpi=72)),
    _page("content-location-elsewhere", "ESCL-48", "names another machine in Content-Location", pages(_elsewhere)),
    defect("same-page-again", "ESCL-49", "gives the first page twice", post(FEED), NEXT, NEXT, scanner=SamePageAgain),
    defect("skips-a-page", "ESCL-49", "loses the second page", post(FEED), NEXT, NEXT, NEXT, scanner=SkipsAPage),
    defect(
        "back-before-front",
        "ESCL-50",
        "gives the back of a sheet first",
        post(BOTH_SIDES),
        NEXT,
        NEXT,
        scanner=BackBeforeFront,
    ),
    defect(
        "both-sides-are-one",
        "ESCL-50",
        "scans one side where both were asked for",
        post(BOTH_SIDES),
        NEXT,
        NEXT,
        scanner=BothSidesAreOne,
    ),
    defect(
        "image-info-lies",
        "ESCL-51",
        "says a larger width than the page has",
        post(),
        NEXT,
        get("job/ScanImageInfo"),
        scanner=ImageInfoLies,
    ),
)
