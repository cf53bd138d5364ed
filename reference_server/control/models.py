"""Bodies of the control API, as pydantic models. Unlike the contract's they refuse unknown keys: a mistyped one in a test's set-up shall be seen."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt

from reference_server.models import Body


class _Strict(Body):
    model_config = ConfigDict(extra="forbid")


class ActionArguments(Body):
    """Arguments of a device's action, as :data:`device_protocol.control.ACTIONS` names them; the device itself checks them."""

    model_config = ConfigDict(extra="allow")


class ConsentAnswer(_Strict):
    """What the person says."""

    allow: StrictBool


class LogLevelBody(_Strict):
    """The level, as clients read and set it, too (rest-api.md 3)."""

    level: StrictInt = Field(ge=0, le=30)


class ControlledDevice(BaseModel):
    """A device in the list; *kind* is ``scanner`` or ``camera``, *there* is false while its plug is pulled."""

    id: str
    name: str
    kind: str
    virtual: bool
    there: bool


class DevicePanel(ControlledDevice):
    """What can be done to a device, and what can be seen of it. *state* is null where it cannot be looked at."""

    actions: list[str]
    faults: list[str]
    state: dict[str, Any] | None


class ActionDone(BaseModel):
    """What can be seen of a device after an action."""

    device: str
    action: str
    state: dict[str, Any]


class ProfileInfo(BaseModel):
    """A fault that the service can be told to have."""

    name: str
    does: str
    takes: list[str]
    source: str


class FaultsAnswer(BaseModel):
    """The faults that the service has now, and those that there are."""

    active: list[dict[str, Any]]
    profiles: list[ProfileInfo]


class PendingConsent(BaseModel):
    """A decision that nobody has made yet; *origin* is null for a client without one."""

    number: int
    origin: str | None
    waiting: int
    seconds: float


class DecidedConsent(BaseModel):
    """A decision that holds until it is forgotten."""

    origin: str | None
    allow: bool


class ConsentList(BaseModel):
    """The rule for everybody, what is pending and what was decided."""

    rule: str
    pending: list[PendingConsent]
    decided: list[DecidedConsent]


class RecordedRequest(BaseModel):
    """A request to the API. Secrets are hidden; *status* is null while there is no answer, *ms* while it is under way."""

    number: int
    time: str
    method: str
    path: str
    query: str
    status: int | None
    ms: float | None
    peer: str | None
    request: str
    headers: dict[str, str]


class RequestList(BaseModel):
    """The last requests, oldest first; *next* is the number to ask from next time."""

    requests: list[RecordedRequest]
    next: int


class ScanWish(_Strict):
    """A scan that somebody takes on the front panel. *feeder* chooses between feeder and glass where there are both; *seconds* is for each step of it."""

    device: str = Field(max_length=400)
    mode: Literal["color", "gray", "lineart"] = "color"
    resolution: StrictInt = Field(default=150, ge=1, le=9600)
    feeder: StrictBool | None = None
    duplex: StrictBool = False
    pages: StrictInt | None = Field(default=None, ge=1, le=1000)
    seconds: StrictInt = Field(default=60, ge=1, le=3600)


class JobPage(BaseModel):
    """A page of a job; *bytes* of its file, *width* and *height* in pixels."""

    index: int
    type: str
    bytes: int
    width: int
    height: int | None
    dpi: int | None
    mode: str
    depth: int
    side: str
    sheet: int | None


class JobView(BaseModel):
    """A job of any client; *origin* is null for a client without one, *count* is of all its pages, *pages* are the last 200."""

    job: str
    device: str
    scanner: str
    origin: str | None
    status: str
    code: int
    message: str
    count: int
    pages: list[JobPage]


class NewsAnswer(BaseModel):
    """What has changed: ``device:ID``, ``devices``, ``jobs``, ``service``; *next* is the number to ask with next time."""

    topics: list[str]
    next: int


class ControlIndex(BaseModel):
    """Where things are."""

    paths: dict[str, str]


class ResetDone(BaseModel):
    """What was put back: how many jobs were removed, and which devices are as at their start. Documents stay."""

    jobs: int
    devices: list[str]


class TimeSpan(_Strict):
    """How long virtual machines shall live in one go."""

    seconds: float = Field(ge=0, le=366 * 86_400, allow_inf_nan=False, strict=True)


class TimeAnswer(BaseModel):
    """What time it is for virtual machines.

    Attributes:
        now: seconds since their start.
        left: seconds that have not passed yet; ask again for them.
        woken: who had waited and has run.
    """

    now: float
    left: float
    woken: int


class ClientDuties(BaseModel):
    """What one client did wrong; *neglected* counts by the duty's name."""

    address: str | None
    origin: str | None
    program: str | None
    requests: int
    jobs: int
    clean: bool
    neglected: dict[str, int]
    details: list[str]


class DutyInfo(BaseModel):
    """A duty of clients, and where it is written."""

    name: str
    text: str
    source: str


class ClientList(BaseModel):
    """Clients since the last reset, the one that was heard last at the end."""

    clients: list[ClientDuties]
    duties: list[DutyInfo]
