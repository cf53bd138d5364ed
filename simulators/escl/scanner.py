"""One scanner of the door: its documents and its jobs, over any backend of the contract."""

from __future__ import annotations

import logging
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import trio

from device_protocol import Code, DeviceCaps, DeviceError
from device_protocol.aio import Backend, Session
from device_protocol.control import NOTE, REPORT
from device_protocol.vocabularies.escl import EsclJobState
from simulators.duties import Duty
from simulators.escl.capabilities import capabilities
from simulators.escl.identity import Identity
from simulators.escl.job import Document, EsclJob
from simulators.escl.markup import MarkupError, node, write
from simulators.escl.points import XML, Answer, Moment, Point, Quirks, told
from simulators.escl.quirks import quirks_named
from simulators.escl.settings import Refused, choose, read_settings
from simulators.escl.status import status

logger = logging.getLogger("flatbed.escl")

JOBS_KEPT = 10
NEXT_LIMIT_S = 60.0
"""A client that waits for a page gets 503 after that; drivers wait for ever (sane-escl 3.2)."""

IDLE_LIMIT_S = 120.0
"""A job of which nobody wants anything for so long is aborted, as other servers do (sane-escl 3.5)."""

RETRY_S = 2
MAX_DETAIL = 300

REFUSALS: dict[Code, int] = {
    Code.BUSY: 503,
    Code.WARMING_UP: 503,
    Code.DEVICE_LOST: 503,
    Code.TIMED_OUT: 503,
    Code.NOT_FOUND: 503,
    Code.NO_MEDIA: 409,
    Code.JAM: 409,
    Code.COVER_OPEN: 409,
    Code.MULTIFEED: 409,
    Code.INVALID_VALUE: 409,
    Code.UNSUPPORTED: 409,
    Code.ACCESS_DENIED: 403,
}
"""Status of a POST that the device refuses (sane-escl 3.3, 3.5); everything else is 500."""

REFUSING = range(400, 600)

BROKEN: dict[Code, int] = {Code.NO_MEDIA: 404, Code.CANCELLED: 404, Code.BUSY: 503, Code.WARMING_UP: 503}
"""Status of NextDocument when the device has failed; everything else is 500, and AdfState says why (sane-escl 3.3)."""


class Scanner:
    """Answers for one device.

    Args:
        identity: who it says it is.
        caps: what it declares.
        backend: opens it.
        spawn: starts a task that lives as long as the door.
        idle_limit_s: see :data:`IDLE_LIMIT_S`.

    Attributes:
        quirks: what it does differently.
    """

    def __init__(
        self,
        identity: Identity,
        caps: DeviceCaps,
        backend: Backend,
        spawn: Callable[..., None],
        *,
        idle_limit_s: float = IDLE_LIMIT_S,
    ) -> None:
        self.identity = identity
        self.caps = caps
        self.quirks = Quirks()
        self._backend = backend
        self._spawn = spawn
        self._idle_limit_s = idle_limit_s
        self._jobs: deque[EsclJob] = deque(maxlen=JOBS_KEPT)
        self._numbers = 0
        self._posting = trio.Lock()

    @property
    def feeder(self) -> bool:
        """Whether it has a feeder."""
        return any(source.kind.feeds for source in self.caps.sources)

    @property
    def jobs(self) -> list[EsclJob]:
        """The last jobs, the newest first."""
        return list(self._jobs)

    @property
    def current(self) -> EsclJob | None:
        """The job that runs, if any."""
        return next((job for job in self._jobs if not job.over), None)

    def moment(self, job: EsclJob | None = None) -> Moment:
        """What a quirk may know now."""
        if job is None:
            return Moment(self.identity.name)
        return Moment(self.identity.name, job.given, job.feeder, job.ended)

    # -- documents

    async def capabilities(self) -> Answer:
        """GET ScannerCapabilities."""
        await self._seen()
        document = capabilities(self.identity, self.caps, self.identity.formats)
        return Answer(200, write(self.quirks.at(Point.CAPABILITIES, document, self.moment())), XML)

    async def status(self, root: str) -> Answer:
        """GET ScannerStatus."""
        document = status(await self._seen(), list(self._jobs), root, feeder=self.feeder)
        newest = next(iter(self._jobs), None)
        return Answer(200, write(self.quirks.at(Point.STATUS, document, self.moment(newest))), XML)

    async def _seen(self) -> Mapping[str, Any]:
        """What somebody who stands before the machine sees; the quirks that it has now become the scanner's."""
        control = await self._backend.control(self.identity.name)
        seen = await control.perform(REPORT)
        names = seen.get("quirks", [])
        if names != self.quirks.names:
            self.quirks = Quirks(quirks_named(names))
        return seen

    # -- jobs

    async def post(self, body: bytes, base: str, root: str, client: str = "") -> Answer:
        """POST ScanJobs: 201 with a Location.

        Args:
            body: the client's settings.
            base: the door as the client knows it, ``http://host:port``.
            root: path of this scanner.
            client: who asks.
        """
        async with self._posting:
            await self._seen()
            wanted = self._at(Point.POSTED, Answer(201), None)
            if wanted.status in REFUSING:
                return wanted
            answer = await self._post(body, base, root, client)
            if answer.status != 201:
                return answer
            self.quirks.restart()
            return answer.but(status=wanted.status)

    async def _post(self, body: bytes, base: str, root: str, client: str) -> Answer:
        try:
            wish = read_settings(body)
            settings, source, media = choose(wish, self.caps, self.identity.formats)
        except MarkupError as error:
            await self.note(Duty.BAD_SETTINGS, client, str(error))
            return told(400, f"Bad settings: {error}.")
        except Refused as refusal:
            await self.note(Duty.BAD_SETTINGS, client, str(refusal))
            return told(409, f"Refused: {refusal}.")
        if self.current is not None:
            return told(503, "A job is running; delete it, or wait.", ("Retry-After", str(RETRY_S)))
        feeds = source.kind.feeds
        session: Session | None = None
        try:
            session = await self._backend.open(self.identity.name)
            job = EsclJob(
                self._uid(),
                session,
                media=media,
                together=wish.together,
                quality=wish.quality,
                feeder=feeds,
                client=client,
            )
            await job.start(settings, None if feeds else 1)
        except DeviceError as error:
            if session is not None:
                await _give_back(session)
            return self._refusal(error)
        self._jobs.appendleft(job)
        self._spawn(self._run, job)
        self._spawn(self._watch, job)
        location = self.quirks.at(Point.LOCATION, f"{base}{root}/ScanJobs/{job.uid}", self.moment(job))
        return Answer(201, headers=(("Location", location),))

    async def next_document(self, uid: str, client: str = "") -> Answer:
        """GET NextDocument; the page goes away only when it was written whole."""
        job = self._find(uid)
        if job is None or job.state is EsclJobState.CANCELED:
            why = "a job that does not exist" if job is None else "a deleted job"
            await self.note(Duty.WRONG_CALL, client, f"NextDocument of {why}")
        if job is None:
            return told(404, "There is no such job.")
        lock = job.turn()
        await lock.acquire()
        answer: Answer | None = None
        try:
            answer = self._at(Point.NEXT, await self._next(job), job)
        finally:
            if answer is None:
                lock.release()
        said = answer.done

        def done(whole: bool) -> None:
            lock.release()
            if said is not None:
                said(whole)

        return answer.but(done=done)

    async def _next(self, job: EsclJob) -> Answer:
        try:
            document = await job.next(NEXT_LIMIT_S)
        except trio.TooSlowError:
            return told(503, "The page is not ready yet.", ("Retry-After", str(RETRY_S)))
        except DeviceError as error:
            return told(BROKEN.get(error.code, 500), f"The scan failed: {error.message}")
        if document is None:
            return told(404, "There are no more pages.")

        def written(whole: bool) -> None:
            if whole:
                job.written(document)

        return Answer(200, document.data, document.media, done=written)

    async def delete(self, uid: str, client: str = "") -> Answer:
        """DELETE of a job, also while a page is on its way."""
        job = self._find(uid)
        if job is None:
            await self.note(Duty.WRONG_CALL, client, "DELETE of a job that does not exist")
            return told(404, "There is no such job.")
        await job.cancel()
        return Answer(200)

    def image_info(self, uid: str, root: str) -> Answer:
        """GET ScanImageInfo: the size of the page that was given last."""
        job = self._find(uid)
        document: Document | None = None if job is None else job.last
        if job is None or document is None:
            return told(404, "There is no such job, or it has given no page yet.")
        info = node(
            "scan:ScanImageInfo",
            node("pwg:JobUri", f"{root}/ScanJobs/{job.uid}"),
            node("pwg:JobUuid", f"urn:uuid:{job.uid}"),
            node("scan:ActualWidth", document.width),
            node("scan:ActualHeight", document.height or 0),
        )
        return Answer(200, write(info), XML)

    async def end(self) -> None:
        """The door closes: every job is over."""
        for job in list(self._jobs):
            if not job.over:
                await job.cancel(EsclJobState.ABORTED)

    async def note(self, duty: Duty, client: str, detail: str) -> None:
        """Have it in the report on the clients of the device that *client* has neglected a duty."""
        control = await self._backend.control(self.identity.name)
        words = {"duty": duty.value, "client": client, "detail": detail[:MAX_DETAIL]}
        try:
            await control.perform(NOTE, words)
        except DeviceError as error:  # a device that keeps no report
            logger.info("%s: %s: %s: %s", self.identity.name, duty.value, client, error)

    # -- inside

    def _at(self, point: Point, answer: Answer, job: EsclJob | None) -> Answer:
        changed: Answer = self.quirks.at(point, answer, self.moment(job))
        return changed

    def _find(self, uid: str) -> EsclJob | None:
        return next((job for job in self._jobs if job.uid == uid), None)

    def _uid(self) -> str:
        """Names of jobs are the same in every run, and different for each job and device."""
        self._numbers += 1
        return str(uuid.uuid5(uuid.UUID(self.identity.uuid), f"job {self._numbers}"))

    @staticmethod
    def _refusal(error: DeviceError) -> Answer:
        code = REFUSALS.get(error.code, 500)
        headers = (("Retry-After", str(RETRY_S)),) if code == 503 else ()
        return told(code, f"Refused: {error.message}", *headers)

    async def _run(self, job: EsclJob) -> None:
        """Scan; of what ended it, find out whether it stands in the way until somebody takes it away."""
        await job.run()
        if job.error is None:
            return
        try:
            seen = await self._seen()
        except DeviceError as error:
            logger.debug("after a failed job: %s", error)
            return
        job.stood = job.error.code.value in seen["conditions"]

    async def _watch(self, job: EsclJob) -> None:
        """Abort a job that nobody asks for."""
        while not job.over:
            if (
                job.turn().locked()
            ):  # somebody waits for a page, or takes one slowly; connections have limits of their own
                job.touched = trio.current_time()
            left = job.touched + self._idle_limit_s - trio.current_time()
            if left <= 0:
                logger.info("%s: job %s was left behind", self.identity.name, job.uid)
                await job.cancel(EsclJobState.ABORTED)
                await self.note(Duty.JOB_NOT_DELETED, job.client, f"job {job.uid} was left with pages in it")
                return
            await trio.sleep(left)


async def _give_back(session: Session) -> None:
    with trio.CancelScope(shield=True):
        try:
            await session.close()
        except DeviceError as error:
            logger.debug("close after a refused start: %s", error)
