"""Profiles: which machine it is. TOML in ``fixtures/profiles/``, or anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from device_protocol import (
    ByteOrder,
    Choice,
    Code,
    Colour,
    DeviceCaps,
    EarlyEnd,
    Mode,
    OptionPolicy,
    Range,
    ReportPoint,
    SourceCaps,
    SourceKind,
)
from device_protocol.pages import NATIVE_ORDER
from simulators.fields import Table
from simulators.toml_files import load_toml, plain_table

MAX_DPI = 2400
MAX_MM = 3000.0
MAX_SECONDS = 3600.0
MAX_CAPACITY = 10_000
DEPTHS = {Colour.LINEART: (1,), Colour.GRAY: (8, 16), Colour.COLOR: (8, 16)}
_WORD = r"[A-Za-z][A-Za-z0-9 _-]*"


@dataclass(frozen=True, slots=True)
class Timing:
    """How long things take, in seconds of the device clock.

    Attributes:
        open_s: until the firmware has a session ready.
        warm_up_s: until a cold lamp is warm, before the first page after a pause of *cool_down_s*.
        feed_s: from the pick until a sheet is at the scan bar, or until the bar of a flatbed is at its start.
        page_s: from the first row to the last, up to *full_speed_dpi*; beyond, in proportion.
        cancel_s: until a cancelled machine has come to rest.
        calibrate_s: of the calibration.
    """

    open_s: float = 0.0
    warm_up_s: float = 0.0
    cool_down_s: float = 600.0
    feed_s: float = 0.0
    page_s: float = 0.0
    full_speed_dpi: int = 300
    cancel_s: float = 0.0
    calibrate_s: float = 0.0

    def page(self, dpi: float) -> float:
        """Seconds from the first row of a page to the last at that resolution."""
        return self.page_s * max(1.0, dpi / self.full_speed_dpi)


@dataclass(frozen=True, slots=True)
class Feeder:
    """What the feeder is like.

    Attributes:
        capacity: sheets that the hopper holds.
        multifeed_sensor: whether it notices that two sheets were picked.
        length_sensor: whether it can deliver pages of the sheet's own size.
        blank_detection: whether it can drop blank sides by itself.
        unknown_height: whether the height of such pages is known at their end only.
    """

    capacity: int = 100
    multifeed_sensor: bool = True
    length_sensor: bool = False
    blank_detection: bool = False
    unknown_height: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """A machine as it left the factory.

    Attributes:
        description: what is special about it, in a sentence or two.
        row_padding: zero bytes after each row (DATA-05).
        byte_order: of 16-bit samples (DATA-07).
        cover: whether it has one that can be opened, and notices.
        data: the tables it was made from; :func:`profile_from_data` makes it again on the other side of a socket.
    """

    maker: str
    model: str
    sources: tuple[SourceCaps, ...]
    default_source: str
    timing: Timing = Timing()
    feeder: Feeder | None = None
    scan_ahead: int = 0
    option_policy: OptionPolicy = OptionPolicy.DEFAULTS
    early_end: EarlyEnd = EarlyEnd.NEXT_PAGE
    row_padding: int = 0
    byte_order: ByteOrder = NATIVE_ORDER
    cover: bool = True
    buttons: tuple[str, ...] = ()
    description: str = ""
    data: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def flatbed(self) -> bool:
        """Whether it has a glass to lay a sheet on."""
        return any(source.kind is SourceKind.FLATBED for source in self.sources)

    def caps(self) -> DeviceCaps:
        """The capabilities that the machine declares."""
        return DeviceCaps(
            sources=self.sources,
            default_source=self.default_source,
            option_policy=self.option_policy,
            early_end=self.early_end,
            deterministic=True,
            scan_ahead=self.scan_ahead,
            close_deadline_s=5.0 + self.timing.cancel_s,
            cancel_deadline_s=5.0 + self.timing.cancel_s,
        )


def load_profile(file: Path) -> Profile:
    """The profile in a TOML file.

    Raises:
        ConfigError: with file and line.
    """
    return read_profile(load_toml(file))


def profile_from_data(data: Mapping[str, Any], name: str = "profile") -> Profile:
    """The profile in *data*, as TOML would give it.

    Raises:
        ConfigError: without a line.
    """
    return read_profile(plain_table(data, name))


def read_profile(table: Table) -> Profile:
    """The profile in *table*.

    Raises:
        ConfigError: as the table makes it.
    """
    table.has("schema")
    machine = table.table("machine", {})
    feeder = _feeder(table.table("feeder")) if table.has("feeder") else None
    cover = machine.flag("cover", True)
    modes = _modes(table)
    sources = _sources(table, modes, feeder, cover=cover)
    profile = Profile(
        maker=table.text("maker", "flatbed"),
        model=table.text("model"),
        sources=sources,
        default_source=table.choice("default_source", [source.name for source in sources], sources[0].name),
        timing=_timing(table.table("timing", {})),
        feeder=feeder,
        scan_ahead=machine.integer("scan_ahead", 0, low=0, high=100),
        option_policy=OptionPolicy(machine.choice("option_policy", OptionPolicy, OptionPolicy.DEFAULTS)),
        early_end=EarlyEnd(machine.choice("early_end", EarlyEnd, EarlyEnd.NEXT_PAGE)),
        row_padding=machine.integer("row_padding", 0, low=0, high=4096),
        byte_order=ByteOrder(machine.choice("byte_order", ByteOrder, NATIVE_ORDER)),
        cover=cover,
        buttons=machine.items("buttons", _word, "texts", ()),
        description=table.text("description", "", limit=2000),
        data=table.plain(),
    )
    machine.done()
    table.done()
    return profile


def _word(value: Any) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= 40 else None


def _integer(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _timing(table: Table) -> Timing:
    standard = Timing()
    timing = Timing(
        full_speed_dpi=table.integer("full_speed_dpi", standard.full_speed_dpi, low=1, high=MAX_DPI),
        **{
            name: table.number(name, getattr(standard, name), low=0, high=MAX_SECONDS)
            for name in ("open_s", "warm_up_s", "cool_down_s", "feed_s", "page_s", "cancel_s", "calibrate_s")
        },
    )
    table.done()
    return timing


def _feeder(table: Table) -> Feeder:
    standard = Feeder()
    feeder = Feeder(
        capacity=table.integer("capacity", standard.capacity, low=1, high=MAX_CAPACITY),
        multifeed_sensor=table.flag("multifeed_sensor", standard.multifeed_sensor),
        length_sensor=table.flag("length_sensor", standard.length_sensor),
        blank_detection=table.flag("blank_detection", standard.blank_detection),
        unknown_height=table.flag("unknown_height", standard.unknown_height),
    )
    if feeder.unknown_height and not feeder.length_sensor:
        raise table.error("unknown_height", "needs length_sensor = true")
    table.done()
    return feeder


def _modes(table: Table) -> tuple[Mode, ...]:
    modes = []
    for entry in table.tables("mode", most=20):
        colour = Colour(entry.choice("colour", Colour))
        allowed = DEPTHS[colour]
        depths = entry.items("depths", _integer, "integers", allowed[:1])
        if not set(depths) <= set(allowed):
            raise entry.error("depths", f"of {colour} must be among {', '.join(map(str, allowed))}")
        modes.append(Mode(entry.text("name", colour.value, pattern=_WORD, limit=40), colour, depths))
        entry.done()
    if not modes:
        raise table.error("mode", "is missing; there must be at least one [[mode]]")
    _unique(table, "mode", [mode.value for mode in modes])
    return tuple(modes)


def _sources(table: Table, modes: tuple[Mode, ...], feeder: Feeder | None, *, cover: bool) -> tuple[SourceCaps, ...]:
    sources = []
    for entry in table.tables("source", most=20):
        kinds = (SourceKind.FLATBED, SourceKind.FEEDER, SourceKind.FEEDER_DUPLEX)
        kind = SourceKind(entry.choice("kind", kinds))
        if kind.feeds and feeder is None:
            raise entry.error("kind", "needs a [feeder] table")
        detectable = {Code.COVER_OPEN} if cover else set()
        if kind.feeds:
            detectable |= {Code.NO_MEDIA, Code.JAM}
        if kind.feeds and feeder is not None and feeder.multifeed_sensor:
            detectable.add(Code.MULTIFEED)
        names = entry.items("modes", _word, "names of modes", [mode.value for mode in modes])
        unknown = set(names) - {mode.value for mode in modes}
        if unknown:
            raise entry.error("modes", f"names no [[mode]]: {', '.join(sorted(unknown))}")
        sources.append(
            SourceCaps(
                name=entry.text("name", kind.value, pattern=_WORD, limit=40),
                kind=kind,
                width_mm=entry.number("width_mm", low=20, high=MAX_MM),
                height_mm=entry.number("height_mm", low=20, high=MAX_MM),
                modes=tuple(mode for mode in modes if mode.value in names),
                resolutions=_resolutions(entry),
                detectable=frozenset(detectable),
                paper_detectable=kind.feeds and entry.flag("paper_sensor", True),
                unknown_height=kind.feeds and feeder is not None and feeder.unknown_height,
                sides=("front", "back") if kind is SourceKind.FEEDER_DUPLEX else ("front",),
                conditions_at=ReportPoint(entry.choice("conditions_at", ReportPoint, ReportPoint.START)),
            )
        )
        entry.done()
    if not sources:
        raise table.error("source", "is missing; there must be at least one [[source]]")
    _unique(table, "source", [source.name for source in sources])
    return tuple(sources)


def _resolutions(entry: Table) -> Range | Choice:
    if isinstance(entry.raw("resolutions"), list):
        values = entry.items("resolutions", _integer, "integers")
        if not all(1 <= value <= MAX_DPI for value in values):
            raise entry.error("resolutions", f"must lie in 1 to {MAX_DPI}")
        return Choice(values)
    limits = entry.table("resolutions", {"minimum": 75, "maximum": 600})
    low = limits.integer("minimum", low=1, high=MAX_DPI)
    high = limits.integer("maximum", low=low, high=MAX_DPI)
    step = limits.integer("step", 1, low=1, high=MAX_DPI)
    limits.done()
    return Range(low, high, step)


def _unique(table: Table, key: str, names: list[str]) -> None:
    for index, name in enumerate(names):
        if name in names[:index]:
            raise table.tables(key)[index].error("name", f"{name!r} is taken already")
