"""A scan job as clients see it: state, code and message, pages, cursors. What drives it is :mod:`reference_server.jobs.scanning`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

import trio

from device_protocol import DeviceCaps, DeviceInfo, PageEnd, PageInfo
from device_protocol.aio import Session
from device_protocol.vocabularies.rest import RestCode
from reference_server.events.models import (
    Event,
    JobCreated,
    JobEnded,
    JobEvent,
    JobRemoved,
    JobStarted,
    PageArrived,
    PageTaken,
    Status,
)
from reference_server.jobs.plan import Note, Plan
from reference_server.jobs.settings_blob import SavedSettings
from reference_server.jobs.states import State
from reference_server.jobs.wishes import Wish
from reference_server.models import Scanner
from reference_server.pages.buffer import JobPages, StoredPage
from reference_server.pages.cursors import Cursor

SUCCESS = "Successful"
JOBS_PATH = "/api/device/scanners/jobs"


@dataclass(frozen=True, slots=True)
class JobRequest:
    """What a job was asked to do.

    Attributes:
        device, scanner: the device and how the client's list showed it.
        wishes: see :mod:`reference_server.jobs.wishes`.
        auto_run: False leaves it pending.
        step_seconds: ``scannerFailureTimeout``.
        life_seconds: ``jobTimeout``; 0 is for ever.
        check_feeder: look for paper first.
        extended_info: fill ``extendedImageInfo``.
        info_level: how much of it (rest-api.md 5.8).
        saved: a settings blob that is applied before the wishes.
        show_ui, focus: the client asked for the driver's window, and for it to come to the front (S-093). No device here has one; it is written down.
        origin: of the client that asked; None when it sent none.
        on_end: told when the scan is over, whatever its outcome.
    """

    device: DeviceInfo
    scanner: Scanner
    wishes: tuple[Wish, ...] = ()
    auto_run: bool = True
    step_seconds: float = 15
    life_seconds: float = 0
    check_feeder: bool = False
    extended_info: bool = False
    info_level: int = 0
    saved: SavedSettings | None = None
    show_ui: bool = False
    focus: bool = True
    origin: bytes | None = None
    on_end: Callable[[Job], None] = lambda _job: None


@dataclass(slots=True)
class OpenDevice:
    """The device of a pending job, ready to be asked about itself."""

    session: Session
    caps: DeviceCaps
    plan: Plan


@dataclass(eq=False)
class Job:
    """One job.

    Attributes:
        images, infos: the two cursors; independent of each other (rest-api.md 5.7).
        polls: requests that wait for a page now.
        scope: cancelling it ends the scan and closes the device.
        started: set when the job shall run.
        opened: set when *device* is there, or the job has ended without it.
        released: set when the scanner is free again.
        ended: set when the scan is over, whatever the reason.
        removed: set when the job was deleted or its time ran out.
        unmet: wishes that were met by something else.
        ends_told: ends of pages answered in a row.
        pages_made: pages that came from the scanner; they count after the job was deleted, too.
        readers_changed, reader_served: tell the running scan who waits (:class:`reference_server.pages.readers.Preference`).
        tell: takes the events of this job (:mod:`reference_server.events`).
    """

    uid: str
    request: JobRequest
    pages: JobPages
    state: State = State.PENDING
    code: int = int(RestCode.SUCCESS)
    message: str = SUCCESS
    device: OpenDevice | None = None
    unmet: tuple[Note, ...] = ()
    polls: int = 0
    ends_told: int = 0
    pages_made: int = 0
    scope: trio.CancelScope = field(default_factory=trio.CancelScope)
    started: trio.Event = field(default_factory=trio.Event)
    opened: trio.Event = field(default_factory=trio.Event)
    released: trio.Event = field(default_factory=trio.Event)
    ended: trio.Event = field(default_factory=trio.Event)
    removed: trio.Event = field(default_factory=trio.Event)
    readers_changed: Callable[[], None] = lambda: None
    reader_served: Callable[[str], None] = lambda _media_type: None
    tell: Callable[[JobEvent], Event | None] = lambda _event: None

    def __post_init__(self) -> None:
        self.images = Cursor(self._tell_scan)
        self.infos = Cursor()
        scanner, device = self.request.scanner, self.request.device.id
        self.tell(JobCreated(jobuid=self.uid, origin=self.origin, scanner=scanner, device=device))
        if self.request.auto_run:
            self.start()

    @property
    def origin(self) -> str | None:
        """Of the client that made it, as text."""
        return None if self.request.origin is None else self.request.origin.decode("latin-1")

    @property
    def path(self) -> str:
        """Where it is, below scheme and host."""
        return f"{JOBS_PATH}/{self.uid}"

    def page_path(self, page: StoredPage) -> str:
        """Where *page* is."""
        return f"{self.path}/next-page?page={page.uid}"

    def start(self) -> None:
        """Let it run."""
        self.state = State.RUNNING
        self.started.set()
        self.tell(JobStarted(jobuid=self.uid, origin=self.origin))

    def complete(self) -> None:
        """All pages are there."""
        self._end(State.COMPLETED)

    def cancel(self) -> None:
        """Stop it; pages that came stay readable."""
        self._end(State.CANCELED)
        self.scope.cancel()

    def fault(self, code: int, message: str) -> None:
        """Something went wrong. A job that has ended stays as it ended."""
        if not self.state.ended and self.state is not State.DELETED:
            self.code, self.message = int(code), message
            self._end(State.FAULTED)

    def remove(self) -> None:
        """It was deleted, or its time ran out."""
        self._end(State.DELETED)
        self.removed.set()
        self.scope.cancel()

    async def add_page(self, uid: str, data: bytes, info: PageInfo, end: PageEnd) -> StoredPage:
        """Keep a page and tell the readers.

        Raises:
            NoSpaceError: there is no room for more; this page is kept.
        """
        known = len(self.pages)
        try:
            return await self.pages.add(uid, data, info.params.format, info, end)
        finally:
            if len(self.pages) > known:
                self.pages_made += 1
                self.images.arrived()
                self.infos.arrived()
                self._tell_page(self.pages.list[known])

    def taken(self, page: StoredPage) -> None:
        """A client has the whole of *page*."""
        self.tell(PageTaken(jobuid=self.uid, origin=self.origin, imageuid=page.uid, index=page.index))

    def _tell_scan(self) -> None:
        self.readers_changed()  # looked up each time: the scan puts its own there when it begins

    def _tell_page(self, page: StoredPage) -> None:
        self.tell(
            PageArrived(
                jobuid=self.uid,
                origin=self.origin,
                imageuid=page.uid,
                index=page.index,
                path=self.page_path(page),
                media_type=page.media_type,
                size=page.size,
            )
        )

    def _end(self, state: State) -> None:
        self.state = state
        self.ended.set()
        self.opened.set()
        self.images.end()
        self.infos.end()
        if state is State.DELETED:
            self.tell(JobRemoved(jobuid=self.uid, origin=self.origin))
        else:
            self.tell(
                JobEnded(
                    jobuid=self.uid,
                    origin=self.origin,
                    status=cast("Status", state.value),
                    code=self.code,
                    message=self.message,
                    pages=len(self.pages),
                )
            )
