"""A machine as it left the factory: the values that a profile becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from device_protocol import (
    ByteOrder,
    DeviceCaps,
    EarlyEnd,
    OptionPolicy,
    SourceCaps,
    SourceKind,
)
from device_protocol.pages import NATIVE_ORDER
from simulators.cameras.model import Camera
from simulators.profiles.defects import Defects
from simulators.profiles.escl import EsclIdentity
from simulators.stacks.optics import NO_OPTICS, Optics

OPTIONAL = ("brightness", "threshold", "detect-size", "discard-blank", "multifeed", "serial", "calibrate")
"""Options beside source, mode, depth, resolution and area; some of them depend on the hardware too."""

PASSES = 3
"""Exposures of a colour page where each takes one colour (SANE 3.2.1, three-pass)."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long things take, in seconds of the device clock. :data:`simulators.profiles.tables.TIMING` says what each means."""

    open_s: float = 0.0
    warm_up_s: float = 0.0
    cool_down_s: float = 600.0
    feed_s: float = 0.0
    page_s: float = 0.0
    full_speed_dpi: int = 300
    cancel_s: float = 0.0
    calibrate_s: float = 0.0
    option_s: float = 0.0

    def page(self, dpi: float) -> float:
        """Seconds from the first row of a page to the last at that resolution."""
        return self.page_s * max(1.0, dpi / self.full_speed_dpi)

    @property
    def sheets_per_minute(self) -> float:
        """The rate of a feeder up to ``full_speed_dpi``; 0 if it takes no time."""
        seconds = self.feed_s + self.page_s
        return 60.0 / seconds if seconds else 0.0


@dataclass(frozen=True, slots=True)
class Feeder:
    """What the feeder is like. :data:`simulators.profiles.tables.FEEDER` says what each means."""

    capacity: int = 100
    multifeed_sensor: bool = True
    length_sensor: bool = False
    blank_detection: bool = False
    unknown_height: bool = False


@dataclass(frozen=True, slots=True)
class Traits:
    """What is odd about a machine that keeps the contract. :data:`simulators.profiles.tables.MACHINE` says what each means."""

    scan_ahead: int = 0
    option_policy: str = OptionPolicy.DEFAULTS.value
    early_end: str = EarlyEnd.NEXT_PAGE.value
    row_padding: int = 0
    byte_order: str = NATIVE_ORDER.value
    cover: bool = True
    buttons: tuple[str, ...] = ()
    options: tuple[str, ...] = OPTIONAL
    vanishing_options: bool = False
    read_limit: int = 0
    three_pass: bool = False


@dataclass(frozen=True, slots=True)
class Rounding:
    """The steps in which the firmware takes values that its constraints allow; 0: as they are."""

    area_mm: float = 0.0
    resolution: float = 0.0
    brightness: float = 0.0
    threshold: float = 0.0

    def step(self, option: str) -> float:
        """The step of an option, 0 for none."""
        if option in {"tl-x", "tl-y", "br-x", "br-y"}:
            return self.area_mm
        return float(getattr(self, option, 0.0))


@dataclass(frozen=True, slots=True)
class Defaults:
    """Defaults that differ from the usual ones: 300 dpi or what is nearest, and the whole area."""

    resolution: int = 0
    area_mm: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """A machine as it left the factory.

    Attributes:
        description: what is special about it, in a sentence or two.
        sources: as they are, hidden ones included; :meth:`caps` says what the machine declares.
        measuring: names of the sources that can end a page where its sheet ends.
        optics: what it does to each page: dirt on the glass, a cast, noise.
        camera: modes, controls and habits of a camera; None for a scanner.
        row_padding: zero bytes after each row (DATA-05).
        byte_order: that it declares for 16-bit samples (DATA-07).
        cover: whether it has one that can be opened, and notices.
        data: the tables it was made from; :func:`simulators.profile.profile_from_data` makes it again on the other side of a socket.
    """

    maker: str
    model: str
    sources: tuple[SourceCaps, ...]
    default_source: str
    timing: Timing = Timing()
    feeder: Feeder | None = None
    traits: Traits = Traits()
    rounding: Rounding = Rounding()
    defaults: Defaults = Defaults()
    defects: Defects = field(default_factory=Defects)
    escl: EsclIdentity = field(default_factory=EsclIdentity)
    measuring: frozenset[str] = frozenset()
    optics: Optics = NO_OPTICS
    camera: Camera | None = None
    description: str = ""
    data: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def scan_ahead(self) -> int:
        """Pages that the machine feeds ahead of the reader."""
        return self.traits.scan_ahead

    @property
    def early_end(self) -> EarlyEnd:
        """What ending a page early does."""
        return EarlyEnd(self.traits.early_end)

    @property
    def row_padding(self) -> int:
        """Zero bytes after each row."""
        return self.traits.row_padding

    @property
    def byte_order(self) -> ByteOrder:
        """Of 16-bit samples, as declared."""
        return ByteOrder(self.traits.byte_order)

    @property
    def cover(self) -> bool:
        """Whether it has a cover."""
        return self.traits.cover

    @property
    def buttons(self) -> tuple[str, ...]:
        """Names of its buttons."""
        return self.traits.buttons

    @property
    def flatbed(self) -> bool:
        """Whether it has a glass to lay a sheet on."""
        return any(source.kind is SourceKind.FLATBED for source in self.sources)

    @property
    def lawful(self) -> bool:
        """Whether nothing is wrong with it, so that it keeps the contract."""
        return self.defects == Defects() and (self.camera is None or self.camera.habits.lawful)

    def source(self, name: str) -> SourceCaps | None:
        """The source called *name*, hidden or not."""
        return next((source for source in self.sources if source.name == name), None)

    def used_source(self, source: SourceCaps, *, paper: bool) -> SourceCaps:
        """The source from which a job for *source* is fed: an automatic one takes the feeder if there is *paper*, else the glass."""
        if source.kind is not SourceKind.VENDOR:
            return source
        kinds = (SourceKind.FEEDER_DUPLEX, SourceKind.FEEDER, SourceKind.FLATBED)
        wanted = kinds if paper or not self.flatbed else (SourceKind.FLATBED,)
        return next(item for kind in wanted for item in self.sources if item.kind is kind)

    def real_height(self, source: SourceCaps) -> float:
        """Where the area of *source* really ends, in mm; what it claims may lie beyond."""
        real = self.source(source.name)
        return source.height_mm if real is None else real.height_mm

    @property
    def shown_sources(self) -> tuple[SourceCaps, ...]:
        """The sources that it names."""
        if self.defects.hides_sources:
            return ()
        shown = [s for s in self.sources if not self.defects.hides_real_sources or s.kind is SourceKind.VENDOR]
        claimed = self.defects.claimed_height_mm
        return tuple(replace(s, height_mm=claimed) if claimed and s.kind.feeds else s for s in shown)

    def caps(self) -> DeviceCaps:
        """The capabilities that the machine declares."""
        return DeviceCaps(
            sources=self.shown_sources,
            default_source="" if self.defects.hides_sources else self.default_source,
            option_policy=OptionPolicy(self.traits.option_policy),
            early_end=self.early_end,
            deterministic=self.camera is None,
            scan_ahead=self.scan_ahead,
            close_deadline_s=5.0 + self.timing.cancel_s,
            cancel_deadline_s=5.0 + self.timing.cancel_s,
        )
