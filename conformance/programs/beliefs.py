"""What the model believes of a device: for each handle the states it may be in, for each option its value, for the hopper how much is in it.

A belief about a state is a set, since the table leaves a device some freedom (a cancellation may be complete at once or take time); what is seen narrows it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from conformance.programs.calls import Kind, Seen, Snapshot
from conformance.shapes import shown
from device_protocol import (
    AUTO,
    Code,
    DeviceCaps,
    DeviceError,
    DeviceList,
    Event,
    JobStatus,
    Option,
    PageEnd,
    PageInfo,
    PageParams,
    Range,
    SessionState,
    SourceCaps,
    Status,
    Value,
)
from device_protocol.options import SOURCE
from device_protocol.states import JobHandle, PageHandle, State, Verb, refusal

S, J, P = SessionState, JobHandle, PageHandle

RUNNING = frozenset({S.ARMED, S.TRANSFERRING, S.PAGE_GAP, S.DRAINING})
RUNNING_JOB = frozenset({J.ARMED, J.TRANSFERRING, J.PAGE_GAP, J.DRAINING})
GAP = frozenset({J.PAGE_GAP, J.DRAINING})

MOST_STRIKES = 1 << 30
"""So often strikes a fault that strikes always."""

StateT = TypeVar("StateT", bound=State)


class Disagrees(Exception):  # noqa: N818  # it is the device that errs
    """The device did something else than the model expects."""

    def __init__(self, requirement: str, expected: str, got: object) -> None:
        self.requirement = requirement
        self.expected = expected
        self.got = got if isinstance(got, str) else shown(got) if not isinstance(got, Seen | DeviceError) else str(got)
        super().__init__(f"{requirement}: expected {expected}, got {got}")


@dataclass
class Paper:
    """How many sheets lie in the hopper: from *low* to *high*."""

    low: float = 0
    high: float = math.inf
    jammed: bool = False
    cover: bool = False

    @property
    def exact(self) -> bool:
        """Whether the number is known."""
        return self.low == self.high

    def take(self, least: float, most: float) -> None:
        """Sheets have been fed."""
        self.low, self.high = max(0.0, self.low - most), max(0.0, self.high - least)


@dataclass(eq=False)
class DeviceBelief:
    """A device."""

    on: int
    caps: DeviceCaps | None = None
    paper: Paper = field(default_factory=Paper)
    plugged: bool = True
    armed: set[str] = field(default_factory=set)
    """Kinds of faults that may strike."""
    strikes: dict[str, int] = field(default_factory=dict)
    """How often each of them may still."""
    sessions: list[SessionBelief] = field(default_factory=list)
    left: str = ""
    """How the last session or attempt to open ended, as the requirement to blame if the next open fails."""
    refused: bool = False
    """An attempt to open was refused since the last one that worked."""
    remembered: dict[str, Value] | None = None
    pictures: dict[object, tuple[bytes, object]] = field(default_factory=dict)
    glass: int = 0
    """Grows when somebody touches the sheet on the glass."""

    def arm(self, kind: str, times: object) -> None:
        """A fault is armed, to strike so many times; 0 means always."""
        often = times if isinstance(times, int) and times > 0 else MOST_STRIKES
        self.armed.add(kind)
        self.strikes[kind] = self.strikes.get(kind, 0) + often

    def struck(self, kind: str) -> None:
        """A fault has struck."""
        self.strikes[kind] = self.strikes.get(kind, 1) - 1
        if self.strikes[kind] <= 0:
            self.armed.discard(kind)
            del self.strikes[kind]

    def disarm(self) -> None:
        """No fault is armed any more."""
        self.armed.clear()
        self.strikes.clear()

    @property
    def open(self) -> list[SessionBelief]:
        """Sessions that are not closed."""
        return [item for item in self.sessions if item.states != {S.CLOSED}]


@dataclass(eq=False)
class SessionBelief:
    """A session."""

    device: DeviceBelief
    states: frozenset[SessionState] = frozenset({S.IDLE})
    options: tuple[Option, ...] = ()
    values: dict[str, Value] = field(default_factory=dict)
    params: PageParams | None = None
    jobs: list[JobBelief] = field(default_factory=list)
    defined: bool = True
    """False once the device said that the session does not survive, or its caller was cancelled: anything goes but close."""
    pristine: bool = True
    """Nothing was set since open."""
    idle_because: str = "LIFE-01"
    """The requirement to blame if the session is not IDLE although it should be."""
    cancels: int = 0
    status: Status | None = None
    job_seen: JobStatus | None = None
    heard: Event | None = None
    """The last event."""
    silent: bool = False
    """It is closed, and what it had told before was heard: nothing more may come."""
    probed: bool = False
    sound: tuple[Option, ...] | None = None
    """Options that the invariants have looked at, with the values that are in :attr:`values`."""
    illegal: dict[str, str] = field(default_factory=dict)
    """The requirement to blame if the value of an option is illegal now, where it is not CAPS-04."""

    def option(self, name: str) -> Option | None:
        """The descriptor of an option."""
        return next((item for item in self.options if item.name == name), None)

    def learn(self, snapshot: Snapshot) -> None:
        """Take over what a probe found."""
        self.options, self.values, self.params = snapshot.options, dict(snapshot.values), snapshot.params
        self.probed, self.sound = True, None

    def source(self, name: str | None = None) -> SourceCaps | None:
        """The source of a job that starts now."""
        assert self.device.caps is not None
        wanted = name if name is not None else self.values.get(SOURCE)
        return self.device.caps.source(wanted if isinstance(wanted, str) else None)

    @property
    def readable(self) -> bool:
        """Whether options can be read now."""
        return self.defined and not self.states & {S.CLOSED, S.LOST}


@dataclass(eq=False)
class JobBelief:
    """A job."""

    session: SessionBelief
    target: float
    source: SourceCaps
    paper: Paper
    """What lay in the hopper at the start."""
    own: frozenset[JobHandle] = frozenset({J.ARMED})
    begun: int = 0
    ended_early: bool = False
    disturbed: bool = False
    """Somebody touched paper, cover or faults since the start: the number of pages is anybody's guess."""
    error: Code | None = None
    pages: list[PageBelief] = field(default_factory=list)

    @property
    def latest(self) -> bool:
        """Whether it is the last job of its session."""
        return self.session.jobs[-1] is self

    @property
    def states(self) -> frozenset[JobHandle]:
        """The states the handle may be in; an older one may or may not have noticed that its session is gone."""
        for end, mine in ((S.CLOSED, J.CLOSED), (S.LOST, J.LOST)):
            if self.session.states == {end}:
                return frozenset({mine}) if self.latest else self.own | {mine}
        return self.own


@dataclass(eq=False)
class PageBelief:
    """A page."""

    job: JobBelief
    info: PageInfo
    own: frozenset[PageHandle] = frozenset({P.READING})
    read: int = 0
    whole: bool = True
    sizes: object = None
    data: bytes | None = None
    end: PageEnd | None = None
    error: Code | None = None

    @property
    def states(self) -> frozenset[PageHandle]:
        """The states the handle may be in."""
        latest = self.job.pages[-1] is self and self.job.latest
        for end, mine in ((S.CLOSED, P.CLOSED), (S.LOST, P.LOST)):
            if self.job.session.states == {end}:
                return frozenset({mine}) if latest else self.own | {mine}
        return self.own


@dataclass
class World:
    """Everything the model believes."""

    devices: tuple[DeviceBelief, DeviceBelief] = field(default_factory=lambda: (DeviceBelief(0), DeviceBelief(1)))
    lists: list[tuple[DeviceList, tuple[object, ...]]] = field(default_factory=list)


def may_have_ended(session: SessionBelief) -> bool:
    """Whether the running job may have come to an end by itself: somebody has opened the cover, or a fault has struck."""
    if not session.jobs or not session.states & RUNNING:
        return False
    return session.jobs[-1].disturbed or bool(session.device.armed)


def settling(states: Iterable[StateT]) -> frozenset[StateT]:
    """With CANCELLING the end of the cancellation is possible at any moment.

    States of different handles may have the same word and then compare equal, hence the look at the type.
    """
    found: set[State] = set(states)
    for state in tuple(found):
        if state is S.CANCELLING:
            found.add(S.IDLE)
        if state is J.CANCELLING:
            found.add(J.CANCELED)
    return frozenset(found)  # type: ignore[arg-type]  # the same enum went in


def narrow(verb: Verb, states: frozenset[StateT], seen: Seen, blame: str) -> tuple[frozenset[StateT], bool]:
    """Which of *states* fit what was seen, and whether the call was performed (or refused, as the table says).

    Raises:
        Disagrees: none of them.
    """
    answers = {state: refusal(verb, state) for state in states}
    if seen.error is not None and seen.error.code in answers.values():
        return settling(state for state, code in answers.items() if code is seen.error.code), False
    performing = [state for state, code in answers.items() if code is None]
    if performing and seen.kind in {Kind.VALUE, Kind.ERROR}:
        return settling(performing), True
    wanted = " or ".join(sorted({"success" if code is None else code.value for code in answers.values()}))
    raise Disagrees(blame, f"{wanted} while {'/'.join(sorted(state.value for state in states))}", seen)


def same(left: object, right: object) -> bool:
    """Whether two values of options are the same, up to what a device's fixed point numbers can say."""
    if isinstance(left, tuple | list) and isinstance(right, tuple | list):
        return len(left) == len(right) and all(map(same, left, right))
    numbers = (int, float)
    if isinstance(left, numbers) and isinstance(right, numbers) and isinstance(left, bool) == isinstance(right, bool):
        return math.isclose(left, right, rel_tol=1e-6, abs_tol=1e-3)
    return type(left) is type(right) and left == right


def legal(option: Option, value: Value) -> bool:
    """Whether *value* satisfies the option's constraint, up to what a device's fixed point numbers can say."""
    if option.accepts(value):
        return True
    constraint = option.constraint
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and isinstance(constraint, Range) and same(constraint.nearest(value), value)  # type: ignore[arg-type]  # it is a number


__all__ = [
    "AUTO",
    "GAP",
    "RUNNING",
    "RUNNING_JOB",
    "DeviceBelief",
    "Disagrees",
    "J",
    "JobBelief",
    "P",
    "PageBelief",
    "Paper",
    "S",
    "SessionBelief",
    "World",
    "legal",
    "may_have_ended",
    "narrow",
    "same",
    "settling",
]
