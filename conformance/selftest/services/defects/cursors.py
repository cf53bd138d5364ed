"""Defects of the two cursors (REST-51 to REST-57)."""

from __future__ import annotations

from typing import Any

from conformance.selftest.services.around import JOB, Around, Asked, Reply, error, replies
from conformance.selftest.services.defects.defect import rebuilt, wrapped
from conformance.selftest.services.proof import create, get, leave, together, wait
from conformance.selftest.services.swapped import JOB as JOB_PATH
from conformance.selftest.services.swapped import swapped
from reference_server.endpoints.call import Call, Handler
from reference_server.errors import RestError
from reference_server.jobs.job import Job, JobRequest
from reference_server.jobs.registry import JobRegistry
from reference_server.jobs.states import State
from reference_server.pages.cursors import Cursor, Lease
from reference_server.wire.delivery import Answer

NEXT_PAGE = f"{JOB_PATH}/next-page"


class _Follower:
    """A second name for a cursor, which hears of pages and of the end already."""

    def __init__(self, cursor: Cursor) -> None:
        self.claim = cursor.claim

    def arrived(self) -> None:
        """Nothing."""

    def end(self) -> None:
        """Nothing."""


class SamePageTwice(Cursor):
    """Gives a page to everybody who waits for one."""

    def _serve(self) -> None:
        waiters = list(self._waiters)
        super()._serve()
        served = next((item.lease for item in waiters if item.lease is not None), None)
        while served is not None and self._waiters:
            waiter = self._waiters.popleft()
            waiter.lease = Lease(self, served.index)
            self._out += 1
            waiter.served.set()


class GoneClientEats(Cursor):
    """Counts a page as read when its reader has left before it came."""

    async def claim(self, media_type: str | None = None) -> Lease | None:
        """See :class:`Cursor`."""
        try:
            return await super().claim(media_type)
        except BaseException:
            self._next += 1
            raise


class OtherCursors(JobRegistry):
    """Gives each job other cursors."""

    def cursors(self, job: Job) -> None:
        """Put them there."""

    async def create(self, request: JobRequest) -> Job:
        """See :class:`JobRegistry`."""
        job = await super().create(request)
        self.cursors(job)
        return job


class OneForBoth(OtherCursors):
    """One cursor for pages and for what is told of them."""

    def cursors(self, job: Job) -> None:
        """See :class:`OtherCursors`."""
        follower: Any = _Follower(job.images)
        job.infos = follower


class WithSamePageTwice(OtherCursors):
    """See :class:`SamePageTwice`."""

    def cursors(self, job: Job) -> None:
        """See :class:`OtherCursors`."""
        job.images = SamePageTwice(job._tell_scan)  # noqa: SLF001  # a defect is of the inside


class WithGoneClientEats(OtherCursors):
    """See :class:`GoneClientEats`."""

    def cursors(self, job: Job) -> None:
        """See :class:`OtherCursors`."""
        job.images = GoneClientEats(job._tell_scan)  # noqa: SLF001  # a defect is of the inside


class EndOnlyOnce(Around):
    """Knows nothing of a job any more once it has told the end of its pages."""

    method = "GET"
    path = f"{JOB}/next-page(-info)?"

    def start(self) -> None:
        """See :class:`Around`."""
        self.told: set[str] = set()

    async def meet(self, asked: Asked) -> Reply:
        """See :class:`Around`."""
        reply = await asked.pass_on()
        if reply.status == 204 and asked.path in self.told:
            return error(500, -1001, "No more.")
        if reply.status == 204:
            self.told.add(asked.path)
        return reply


async def _impatient(handler: Handler, call: Call) -> Answer:
    job = call.job()
    read = job.images._next  # noqa: SLF001  # a defect is of the inside
    nothing_yet = job.state is State.RUNNING and read >= len(job.pages)
    return Answer(204) if nothing_yet and "page" not in call.exchange.query else await handler(call)


async def _skip(job: Job) -> None:
    if job.images._next < len(job.pages):  # noqa: SLF001  # a defect is of the inside
        lease = await job.images.claim()
        if lease is not None:
            lease.deliver()


async def _by_uid_moves(handler: Handler, call: Call) -> Answer:
    answer = await handler(call)
    if "page" in call.exchange.query:
        await _skip(call.job())
    return answer


async def _refused_moves(handler: Handler, call: Call) -> Answer:
    try:
        return await handler(call)
    except RestError as refusal:
        if refusal.status == 400:
            await _skip(call.job())
        raise


ALL_PAGES = tuple(get("job/next-page") for _ in range(7))

DEFECTS = (
    rebuilt(
        "one-cursor-for-both",
        "REST-51",
        "Tells of no page that was read.",
        create(),
        get("job/next-page"),
        get("job/next-page-info"),
        registry=OneForBoth,
    ),
    wrapped(
        "end-only-once",
        "REST-52",
        "Fails when somebody asks for a page again after the end.",
        EndOnlyOnce,
        create("virtual:flatbed"),
        *(get("job/next-page") for _ in range(3)),
    ),
    wrapped(
        "end-with-type",
        "REST-52",
        "Sends the type of an image with the end of the pages.",
        replies(
            "GET",
            f"{JOB}/next-page(-info)?",
            lambda reply: reply.but(content_type="image/png") if reply.status == 204 else reply,
        ),
        create("virtual:flatbed"),
        *(get("job/next-page") for _ in range(2)),
    ),
    rebuilt(
        "impatient-end",
        "REST-53",
        "Says that there are no more pages when the next one is not there yet.",
        create(),
        get("job/next-page"),
        endpoints=swapped("GET", NEXT_PAGE, _impatient),
    ),
    rebuilt(
        "page-by-uid-moves-the-cursor",
        "REST-54",
        "Counts a page as read when another one is fetched by its UID.",
        create(),
        wait(30),
        get("job/next-page-info"),
        get("job/next-page?page={page}"),
        get("job/next-page"),
        endpoints=swapped("GET", NEXT_PAGE, _by_uid_moves),
    ),
    rebuilt(
        "same-page-twice",
        "REST-55",
        "Gives a page to everybody who waits for one.",
        create(),
        together(get("job/next-page"), get("job/next-page")),
        registry=WithSamePageTwice,
    ),
    rebuilt(
        "gone-client-eats-a-page",
        "REST-56",
        "Loses a page when the client that waited for it has left.",
        create(),
        leave("job/next-page"),
        *ALL_PAGES,
        registry=WithGoneClientEats,
    ),
    rebuilt(
        "refused-call-moves-the-cursor",
        "REST-57",
        "Loses a page when it refuses to give it.",
        create(),
        wait(30),
        get("job/next-page?type=image/tiff"),
        get("job/next-page"),
        endpoints=swapped("GET", NEXT_PAGE, _refused_moves),
    ),
)
