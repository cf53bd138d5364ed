"""What the service tells, as models; the JSON Schema that is published, and its page in the documentation, are made from them.

Every event has ``seq``, which grows from event to event, ``time`` in Unix seconds, and ``type``. A reader sees gaps in ``seq`` where an event was somebody
else's.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from reference_server.models import Scanner

Status = Literal["pending", "running", "completed", "faulted", "canceled"]


class Event(BaseModel):
    """What all events have.

    Attributes:
        seq: number of the event; with it a reader resumes. Counts up from the Unix milliseconds of the service's start.
        time: Unix time in seconds.
    """

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)

    seq: int = 0
    time: float = 0.0
    type: str


class Device(BaseModel):
    """A device.

    Attributes:
        id: by which a job can name it.
        name: for people.
        virtual: no hardware is behind it.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    virtual: bool


class DeviceArrived(Event):
    """A device can be used from now on. At the start of the service every device arrives once."""

    type: Literal["device.arrived"] = "device.arrived"
    device: Device


class DeviceGone(Event):
    """A device cannot be used any more."""

    type: Literal["device.gone"] = "device.gone"
    device: Device


class DeviceChanged(Event):
    """A device describes itself in another way than before."""

    type: Literal["device.changed"] = "device.changed"
    device: Device


class JobEvent(Event):
    """What is told of a job to the origin that made it.

    Attributes:
        jobuid: of the job.
        origin: of the client that made it; null when it sent none.
    """

    jobuid: str
    origin: str | None = None


class JobCreated(JobEvent):
    """A job was made; it has its scanner from now on.

    Attributes:
        scanner: as the list showed it.
        device: its id.
    """

    type: Literal["job.created"] = "job.created"
    scanner: Scanner
    device: str


class JobStarted(JobEvent):
    """A job runs."""

    type: Literal["job.started"] = "job.started"


class JobEnded(JobEvent):
    """The scan of a job is over, whatever the reason; its pages stay readable.

    Attributes:
        code, message: 0 and words of success, or what went wrong.
        pages: how many came.
    """

    type: Literal["job.ended"] = "job.ended"
    status: Status
    code: int
    message: str
    pages: int


class JobRemoved(JobEvent):
    """A job was deleted or its time ran out; its pages are gone. One that is deleted while it scans does not end before."""

    type: Literal["job.removed"] = "job.removed"


class PageArrived(JobEvent):
    """A page can be read.

    Attributes:
        imageuid, index: names of the page; the index counts from 0.
        path: where it is; scheme and host are those of the reader's own connection.
        media_type, size: of the file as it was encoded first.
    """

    type: Literal["page.arrived"] = "page.arrived"
    imageuid: str
    index: int
    path: str
    media_type: str
    size: int


class PageTaken(JobEvent):
    """A client took a page in its turn: it has the last chunk.

    Attributes:
        imageuid, index: names of the page.
    """

    type: Literal["page.taken"] = "page.taken"
    imageuid: str
    index: int


class Buffer(BaseModel):
    """Figures of the page buffer; sizes in bytes.

    Attributes:
        pages: that are kept, of all clients.
        memory, memory_limit: pages in memory, and how much may be there.
        spilled_pages, disk: pages on disk.
        full: neither memory nor disk has room; new jobs are refused until that changes.
    """

    model_config = ConfigDict(frozen=True)

    pages: int
    memory: int
    memory_limit: int
    spilled_pages: int
    disk: int
    full: bool


class BufferChanged(Event):
    """The page buffer has other figures; told at most once a second."""

    type: Literal["buffer.changed"] = "buffer.changed"
    buffer: Buffer


class BufferFull(Event):
    """A limit of the page buffer was reached: a job was ended because its pages have no room.

    Attributes:
        message: which limit, in words.
    """

    type: Literal["buffer.full"] = "buffer.full"
    message: str


class JobState(BaseModel):
    """A job in a snapshot.

    Attributes:
        code, message: 0 and words of success, or what went wrong.
        pages: how many came so far.
        device: id of its scanner.
    """

    model_config = ConfigDict(frozen=True)

    jobuid: str
    status: Status
    code: int
    message: str
    pages: int
    device: str


class Snapshot(Event):
    """Everything as it is now: the first message of a connection that does not resume, and the message after a gap.

    Attributes:
        devices: that can be used.
        jobs: of the reader's origin.
        buffer: figures of the page buffer.
    """

    type: Literal["snapshot"] = "snapshot"
    devices: tuple[Device, ...]
    jobs: tuple[JobState, ...]
    buffer: Buffer


class Gap(Event):
    """The events after *since* are not there any more, or never were; a snapshot follows.

    Attributes:
        since: what the reader asked for.
        oldest: number of the oldest event that is still there.
    """

    type: Literal["gap"] = "gap"
    since: int
    oldest: int


AnyEvent = Annotated[
    DeviceArrived
    | DeviceGone
    | DeviceChanged
    | JobCreated
    | JobStarted
    | JobEnded
    | JobRemoved
    | PageArrived
    | PageTaken
    | BufferChanged
    | BufferFull
    | Snapshot
    | Gap,
    Field(discriminator="type"),
]
"""Each message of the stream is one of these."""


def event_schema() -> dict[str, Any]:
    """The JSON Schema of a message."""
    adapter: TypeAdapter[Any] = TypeAdapter(AnyEvent)
    schema = adapter.json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Event", **schema}
