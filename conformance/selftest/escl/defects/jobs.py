"""Defects of jobs (ESCL-52 to ESCL-57)."""

from __future__ import annotations

import trio

from conformance.selftest.escl.defects.defect import defect
from conformance.selftest.escl.edits import around
from conformance.selftest.escl.proof import DELETE, NEXT, ask, get, post
from simulators.escl.points import Answer, told
from simulators.escl.routes import Request
from simulators.escl.scanner import Scanner

NOBODYS = "ScanJobs/nobodys"
SLOW_S = 60.0


class SameUriAgain(Scanner):
    """Calls every job the same."""

    def _uid(self) -> str:
        return "job"


class DeletedJobGoesOn(Scanner):
    """Does not end a job that is deleted."""

    async def delete(self, uid: str, client: str = "") -> Answer:
        """See :class:`Scanner`."""
        return Answer(200) if self._find(uid) is not None else await super().delete(uid, client)


class DeleteWaits(Scanner):
    """Ends a job a minute later."""

    async def delete(self, uid: str, client: str = "") -> Answer:
        """See :class:`Scanner`."""
        if self._find(uid) is not None:
            await trio.sleep(SLOW_S)
        return await super().delete(uid, client)


class DeleteLeavesItBusy(Scanner):
    """Takes no job any more when one was deleted."""

    stuck = False

    async def delete(self, uid: str, client: str = "") -> Answer:
        """See :class:`Scanner`."""
        self.stuck = True
        return await super().delete(uid, client)

    async def post(self, body: bytes, base: str, root: str, client: str = "") -> Answer:
        """See :class:`Scanner`."""
        return told(503, "Busy.", ("Retry-After", "2")) if self.stuck else await super().post(body, base, root, client)


class SecondJobEndsFirst(Scanner):
    """Ends the job that runs when another one comes."""

    async def post(self, body: bytes, base: str, root: str, client: str = "") -> Answer:
        """See :class:`Scanner`."""
        if self.current is not None:
            await self.current.cancel()
        return await super().post(body, base, root, client)


class WaitsForDelete(Scanner):
    """Takes no job before the last one was deleted."""

    held = ""

    async def post(self, body: bytes, base: str, root: str, client: str = "") -> Answer:
        """See :class:`Scanner`."""
        if self.held:
            return told(503, "Busy.", ("Retry-After", "2"))
        answer = await super().post(body, base, root, client)
        if answer.status == 201:
            self.held = self.jobs[0].uid
        return answer

    async def delete(self, uid: str, client: str = "") -> Answer:
        """See :class:`Scanner`."""
        if uid == self.held:
            self.held = ""
        return await super().delete(uid, client)


def _unknown_is_fine(request: Request, answer: Answer) -> Answer:
    return Answer(200) if request.method == "DELETE" and answer.status == 404 else answer


def _unknown_is_500(request: Request, answer: Answer) -> Answer:
    unknown = answer.status == 404 and b"no such job" in answer.body
    return answer.but(status=500) if unknown and request.method == "GET" else answer


DEFECTS = (
    defect("same-uri-again", "ESCL-52", "calls every job the same", post(), scanner=SameUriAgain),
    defect(
        "deleted-job-goes-on",
        "ESCL-53",
        "gives the pages of a deleted job",
        post(),
        DELETE,
        NEXT,
        scanner=DeletedJobGoesOn,
    ),
    defect("delete-waits-for-the-page", "ESCL-54", "takes a minute to end a job", post(), DELETE, scanner=DeleteWaits),
    defect(
        "delete-leaves-it-busy",
        "ESCL-54",
        "is busy for ever when a job was deleted",
        post(),
        DELETE,
        post(),
        scanner=DeleteLeavesItBusy,
    ),
    defect(
        "delete-unknown-is-fine",
        "ESCL-55",
        "says 200 to DELETE of a job that is none",
        ask("DELETE", NOBODYS),
        around=around(_unknown_is_fine),
    ),
    defect(
        "unknown-job-is-500",
        "ESCL-55",
        "says 500 to NextDocument of a job that is none",
        get(f"{NOBODYS}/NextDocument"),
        around=around(_unknown_is_500),
    ),
    defect(
        "second-job-ends-first",
        "ESCL-56",
        "ends a job when another one comes",
        post(),
        post(),
        scanner=SecondJobEndsFirst,
    ),
    defect(
        "waits-for-delete",
        "ESCL-57",
        "takes no job before the last one was deleted",
        post(),
        NEXT,
        post(),
        scanner=WaitsForDelete,
    ),
)
