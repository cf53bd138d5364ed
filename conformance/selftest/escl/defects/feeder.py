"""Defects of how a feeder's trouble is told (ESCL-58 to ESCL-61)."""

from __future__ import annotations

import trio

from conformance.selftest.escl.defects.defect import defect
from conformance.selftest.escl.edits import swapped, texts
from conformance.selftest.escl.proof import FEED, NEXT, STATUS, act, post
from simulators.escl.points import Answer
from simulators.escl.scanner import Scanner

GHOST = "waits"


class EmptyIs500(Scanner):
    """Breaks down at an empty feeder."""

    async def post(self, body: bytes, base: str, root: str, client: str = "") -> Answer:
        """See :class:`Scanner`."""
        answer = await super().post(body, base, root, client)
        return answer.but(status=500) if answer.status == 409 else answer


class EmptyIsAccepted(Scanner):
    """Takes a job for an empty feeder, and waits for paper for ever."""

    async def post(self, body: bytes, base: str, root: str, client: str = "") -> Answer:
        """See :class:`Scanner`."""
        answer = await super().post(body, base, root, client)
        if answer.status != 409:
            return answer
        return Answer(201, headers=(("Location", f"{base}{root}/ScanJobs/{GHOST}"),))

    async def next_document(self, uid: str, client: str = "") -> Answer:
        """See :class:`Scanner`."""
        if uid == GHOST:
            await trio.sleep_forever()
        return await super().next_document(uid, client)


class JamLosesPages(Scanner):
    """Tells the jam at once, instead of the page before it."""

    ahead: Answer | None = None

    async def next_document(self, uid: str, client: str = "") -> Answer:
        """See :class:`Scanner`."""
        page = self.ahead or await super().next_document(uid, client)
        self.ahead = None
        if page.status != 200 or page.done is None:
            return page
        page.done(True)  # as the door says it: written whole
        following = await super().next_document(uid, client)
        if following.status >= 500:
            return following
        self.ahead = following
        return page.but(done=None)


class JammedForEver(Scanner):
    """Says that there is a jam from the first one on."""

    jammed = False

    async def status(self, root: str) -> Answer:
        """See :class:`Scanner`."""
        answer = await super().status(root)
        self.jammed = self.jammed or b"ScannerAdfJam" in answer.body
        if not self.jammed:
            return answer
        return answer.but(body=answer.body.replace(b"ScannerAdfLoaded", b"ScannerAdfJam"))


DEFECTS = (
    defect("empty-is-500", "ESCL-58", "says 500 for an empty feeder", act("load", 0), post(FEED), scanner=EmptyIs500),
    defect(
        "empty-is-accepted-for-ever",
        "ESCL-58",
        "takes a job for an empty feeder and lets its client wait for ever",
        act("load", 0),
        post(FEED),
        NEXT,
        scanner=EmptyIsAccepted,
    ),
    defect(
        "jam-is-not-told",
        "ESCL-59",
        "says ScannerAdfLoaded while a sheet is jammed",
        act("jam", 1),
        post(FEED),
        NEXT,
        STATUS,
        changes=texts("scan:AdfState", swapped(ScannerAdfJam="ScannerAdfLoaded")),
    ),
    defect(
        "jam-loses-pages",
        "ESCL-59",
        "does not give the page before a jam",
        act("jam", 2),
        post(FEED),
        NEXT,
        scanner=JamLosesPages,
    ),
    defect(
        "open-cover-is-not-told",
        "ESCL-60",
        "says ScannerAdfLoaded while the cover is open",
        act("open_cover"),
        STATUS,
        changes=texts("scan:AdfState", swapped(ScannerAdfDoorOpen="ScannerAdfLoaded")),
    ),
    defect(
        "jammed-for-ever",
        "ESCL-61",
        "goes on saying ScannerAdfJam when the jam was cleared",
        act("jam", 1),
        post(FEED),
        NEXT,
        STATUS,
        act("clear_jam"),
        STATUS,
        scanner=JammedForEver,
    ),
)
