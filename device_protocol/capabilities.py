"""What a device can do: sources, modes, limits and the promises that checks and services rely on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from device_protocol.codes import Code
from device_protocol.constraints import Choice, Range

RAW = "raw"
"""The format of pages that come as rows of pixels."""


class Colour(StrEnum):
    """What a mode delivers."""

    LINEART = "lineart"
    GRAY = "gray"
    COLOR = "color"


class SourceKind(StrEnum):
    """Where the paper lies."""

    FLATBED = "flatbed"
    FEEDER = "feeder"
    FEEDER_DUPLEX = "feeder-duplex"
    CAMERA = "camera"
    VENDOR = "vendor"

    @property
    def feeds(self) -> bool:
        """Whether sheets come from a feeder, so that a job can have many pages and find none."""
        return self in {SourceKind.FEEDER, SourceKind.FEEDER_DUPLEX}


class ReportPoint(StrEnum):
    """At which call a condition that stands before the scan is reported; always the same one (SCAN-03)."""

    START = "start"
    FIRST_PAGE = "first-page"


class OptionPolicy(StrEnum):
    """What option values are after open (LIFE-10)."""

    DEFAULTS = "defaults"
    REMEMBERED = "remembered"


class EarlyEnd(StrEnum):
    """What ending a page before its data is read does (PAGE-08)."""

    NEXT_PAGE = "next-page"
    ENDS_JOB = "ends-job"


@dataclass(frozen=True, slots=True)
class Mode:
    """One value of the ``mode`` option and what it means: *depths* are bits per sample that go with it (CAPS-13)."""

    value: str
    colour: Colour
    depths: tuple[int, ...] = (8,)


@dataclass(frozen=True, slots=True)
class FrameMode:
    """One way in which a camera delivers frames (V4L2 formats, sizes and intervals).

    Attributes:
        fourcc: four-character code: a value of the option ``pixel-format``.
        width, height: in pixels.
        rates: frames a second that go with it, the usual one first.
    """

    fourcc: str
    width: int
    height: int
    rates: tuple[float, ...]

    @property
    def size(self) -> str:
        """The value of the option ``frame-size``."""
        return f"{self.width}x{self.height}"


@dataclass(frozen=True, slots=True)
class SourceCaps:
    """What one source can do.

    Attributes:
        name: the value of the ``source`` option that selects it.
        width_mm, height_mm: the largest area.
        modes, resolutions: what can be set with this source; resolutions in dpi.
        formats: formats in which the device itself delivers (``raw`` or media types); the host can encode whatever comes raw.
        detectable: conditions the device notices and reports by their own code (ERR-02).
        paper_detectable: whether ``status().feeder`` tells if there is paper before a start (PAGE-07).
        unknown_height: whether pages may come with a height that is known only at their end (DATA-06).
        sides: order in which the sides of a sheet are delivered (PAGE-03).
        conditions_at: the call that reports an empty feeder, an open cover and the like (SCAN-03).
        frames: of a camera, its modes; for whoever wants pages of paper, ``width_mm`` and ``height_mm`` are those of the largest one at 96 dpi.
    """

    name: str
    kind: SourceKind
    width_mm: float
    height_mm: float
    modes: tuple[Mode, ...]
    resolutions: Range | Choice
    formats: tuple[str, ...] = (RAW,)
    detectable: frozenset[Code] = frozenset()
    paper_detectable: bool = False
    unknown_height: bool = False
    sides: tuple[str, ...] = ("front",)
    conditions_at: ReportPoint = ReportPoint.START
    frames: tuple[FrameMode, ...] = ()

    @property
    def fed(self) -> bool:
        """Whether it takes sheets out of a feeder: by its kind or, where the kind is the vendor's own, since it notices that there are none."""
        return self.kind.feeds or (self.kind is SourceKind.VENDOR and Code.NO_MEDIA in self.detectable)


@dataclass(frozen=True, slots=True)
class DeviceCaps:
    """What a device can do and how it promises to behave.

    Attributes:
        sources: at least one (CAPS-06).
        default_source: the name of one of them.
        option_policy, early_end: see there.
        exclusive: a second open is refused with BUSY (LIFE-02).
        direct_open: ids of an earlier enumeration can be opened without enumerating again (DISC-06).
        deterministic: same sheet and settings give the same bytes (DATA-13).
        size_tolerance_px: by how much delivered pages may differ from area times resolution, per edge (SCAN-08).
        scan_ahead: how many pages the machine itself feeds ahead of the reader.
        close_deadline_s, cancel_deadline_s: device time within which close returns and a cancellation completes (LIFE-04, CANC-04).
        lossy: pages may have gone through a lossy encoder inside the device.
    """

    sources: tuple[SourceCaps, ...]
    default_source: str
    option_policy: OptionPolicy = OptionPolicy.DEFAULTS
    early_end: EarlyEnd = EarlyEnd.NEXT_PAGE
    exclusive: bool = True
    direct_open: bool = True
    deterministic: bool = False
    size_tolerance_px: int = 1
    scan_ahead: int = 0
    close_deadline_s: float = 5.0
    cancel_deadline_s: float = 5.0
    lossy: bool = False

    def source(self, name: str | None = None) -> SourceCaps | None:
        """The source called *name*, or the default one; None if there is none of that name."""
        wanted = self.default_source if name is None else name
        return next((source for source in self.sources if source.name == wanted), None)

    def first(self, *kinds: SourceKind) -> SourceCaps | None:
        """The first source of the first of *kinds* that the device has."""
        for kind in kinds:
            for source in self.sources:
                if source.kind is kind:
                    return source
        return None


def find_mode(source: SourceCaps, colour: Colour, depth: int | None = None) -> tuple[Mode, int] | None:
    """The mode and depth of *source* for a colour; one-bit pictures may be a GRAY mode of depth 1 (SANE ``test`` has no Lineart).

    Without *depth* the one closest to 8 bits is taken (1 for LINEART).
    """
    for mode in source.modes:
        if mode.colour is colour:
            wanted = depth if depth is not None else (1 if colour is Colour.LINEART else 8)
            if depth is None or depth in mode.depths:
                return mode, min(mode.depths, key=lambda bits: abs(bits - wanted))
    if colour is Colour.LINEART:
        for mode in source.modes:
            if mode.colour is Colour.GRAY and 1 in mode.depths:
                return mode, 1
    return None
