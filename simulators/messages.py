"""What a machine and a session say to each other. All of it can cross a socket (:mod:`simulators.wire`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from device_protocol import Code, DeviceError, FeederState, Value
from sheets import Sheet
from simulators.cameras.shot import Shot
from simulators.imaging import Look


class CrashError(Exception):
    """A CRASH fault has struck: the worker shall die, or an unexpected exception come up where there is no worker."""


@dataclass(frozen=True, slots=True)
class Lease:
    """What a session is told when it gets a machine.

    Attributes:
        profile: data of the profile (:func:`simulators.profile.profile_from_data`).
        serial: serial number of the machine.
        values: option values that the firmware remembers.
        view: what its sensors say.
        pressed: buttons that were pressed while nobody was connected.
    """

    profile: Mapping[str, Any]
    serial: str
    view: View
    values: Mapping[str, Value] = field(default_factory=dict)
    pressed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """What the machine shows of itself.

    Attributes:
        feeder: the paper sensor.
        conditions: what stands in the way.
        buffered: pages fed ahead of the reader.
        draining: whether no more paper will be fed, and pages of the job are left in the memory.
    """

    feeder: FeederState = FeederState.NONE
    conditions: frozenset[Code] = frozenset()
    buffered: int = 0
    draining: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """A job as the machine needs to know it.

    Attributes:
        source: name of the source.
        pages: at most that many; None: all.
        dpi: sets the speed.
        on_multifeed: value of the option of that name.
        discard_blank: whether blank sides are dropped.
        passes: exposures of a page.
        rate: of a camera, frames a second.
        look: how pages will be drawn, for the journal; None from a client that does not say.
    """

    source: str
    pages: int | None
    dpi: float
    on_multifeed: str = "stop"
    discard_blank: bool = False
    passes: int = 1
    look: Look | None = None
    rate: float = 0.0


@dataclass(frozen=True, slots=True, order=True)
class Stop:
    """A place within a page: so many bytes behind the start of the row at *share*, 0 to 1, of the page."""

    share: float = 0.0
    byte: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """A page that is at the scan bar, or in the machine's memory.

    Attributes:
        number: of the page in the job, from 1.
        sheet_number: of the sheet in the job, from 1; None on the glass.
        back: whether it is the back of the sheet.
        sheet: what lies there; None for an empty glass.
        duration: device seconds from the first row to the last; 0 from memory.
        stops: where the session must tell the machine that it is there.
        multifeed: whether two sheets passed at once; None where the machine cannot tell.
        wrong_from: how far through the page, 0 to 1, a band of wrong bytes begins; None: there is none.
        half: whether it has half the resolution that it claims.
        shot: of a camera, what it has taken.
    """

    number: int
    sheet_number: int | None
    back: bool
    sheet: Sheet | None
    duration: float = 0.0
    stops: tuple[Stop, ...] = ()
    multifeed: bool | None = None
    wrong_from: float | None = None
    half: bool = False
    shot: Shot | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """The machine's view has changed."""

    view: View


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button was pressed."""

    button: str


@dataclass(frozen=True, slots=True)
class Interrupted:
    """Something has ended the page that is at the scan bar."""

    error: DeviceError


@dataclass(frozen=True, slots=True)
class Lost:
    """The machine is gone."""


Notice: TypeAlias = Changed | Pressed | Interrupted | Lost
Sink: TypeAlias = Callable[[Notice], None]
"""Where a session takes notices; must not wait."""
