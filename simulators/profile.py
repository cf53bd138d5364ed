"""Profiles: which machine it is. TOML in ``fixtures/profiles/``, or anywhere; docs/reference/profiles.md has every key."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from device_protocol import Choice, Code, Colour, Mode, OptionPolicy, Range, ReportPoint, SourceCaps, SourceKind
from simulators.cameras.profile import KIND, read_camera
from simulators.fields import Table
from simulators.profiles import defects, escl, tables
from simulators.profiles.defects import Defects
from simulators.profiles.escl import EsclIdentity
from simulators.profiles.keys import read_keys
from simulators.profiles.model import Defaults, Feeder, Profile, Rounding, Timing, Traits
from simulators.profiles.tables import DEPTHS, KINDS, MAX_DPI, MAX_MM
from simulators.stacks.optics import NO_OPTICS, read_optics
from simulators.toml_files import load_toml, plain_table

__all__ = ["Feeder", "Profile", "Timing", "load_profile", "profile_from_data", "read_profile"]

_NAME = tables.NAME.pattern
AUTOMATIC = "automatic"


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
    if table.raw("kind") == KIND:
        return read_camera(table)
    table.choice("kind", tables.DEVICE_KINDS, tables.DEVICE_KINDS[0])
    feeder = _feeder(table.table("feeder")) if table.has("feeder") else None
    traits = Traits(**read_keys(table.table("machine", {}), tables.MACHINE, Traits()))
    modes = _modes(table)
    sources, measuring = _sources(table, modes, feeder, cover=traits.cover)
    names = [source.name for source in sources]
    profile = Profile(
        maker=table.text("maker", "flatbed", pattern=_NAME, limit=40),
        model=table.text("model", pattern=_NAME, limit=80),
        sources=sources,
        default_source=table.choice("default_source", names, names[0] if names else ""),
        timing=Timing(**read_keys(table.table("timing", {}), tables.TIMING, Timing())),
        feeder=feeder,
        traits=traits,
        rounding=Rounding(**read_keys(table.table("rounding", {}), tables.ROUNDING, Rounding())),
        defaults=_defaults(table.table("defaults", {}), sources),
        defects=_defects(table.table("defects", {}), sources, traits),
        escl=EsclIdentity(**read_keys(table.table("escl", {}), escl.KEYS, EsclIdentity())),
        measuring=measuring,
        optics=read_optics(table.table("optics")) if table.has("optics") else NO_OPTICS,
        description=table.text("description", "", limit=2000),
        data=table.plain(),
    )
    if profile.defects.hides_real_sources and profile.source(profile.default_source) not in profile.shown_sources:
        table.refuse("default_source", "must be the automatic source, since the real ones are hidden")
    table.done()
    return profile


def _integer(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _name(value: Any) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= 40 else None


def _feeder(table: Table) -> Feeder:
    feeder = Feeder(**read_keys(table, tables.FEEDER, Feeder()))
    if feeder.unknown_height and not feeder.length_sensor:
        table.refuse("unknown_height", "needs length_sensor = true")
    return feeder


def _defaults(table: Table, sources: tuple[SourceCaps, ...]) -> Defaults:
    defaults = Defaults(**read_keys(table, tables.DEFAULTS, Defaults()))
    if defaults.area_mm:
        left, top, right, bottom = defaults.area_mm
        if right - left < 1 or bottom - top < 1:
            table.refuse("area_mm", "must be left, top, right, bottom, at least 1 mm wide and high")
        elif any(right > source.width_mm or bottom > source.height_mm for source in sources):
            table.refuse("area_mm", "must lie within the area of every source")
    return defaults


def _defects(table: Table, sources: tuple[SourceCaps, ...], traits: Traits) -> Defects:
    found = Defects(**read_keys(table, defects.KEYS, Defects()))
    kinds = {source.kind for source in sources}
    if found.hides_real_sources and SourceKind.VENDOR not in kinds:
        table.refuse("hides_real_sources", 'needs a [[source]] with kind = "automatic"')
    if found.forgets_values and traits.option_policy != OptionPolicy.REMEMBERED:
        table.refuse("forgets_values", 'needs option_policy = "remembered" in [machine]')
    if found.endless_flatbed and SourceKind.FLATBED not in kinds:
        table.refuse("endless_flatbed", "needs a [[source]] that is a flatbed")
    feeds = any(kind.feeds for kind in kinds)
    for key in ("claimed_height_mm", "ignores_page_count", "ignores_blank_discard", "paper_sensor_says"):
        if getattr(found, key) and not feeds:
            table.refuse(key, "needs a [[source]] that is a feeder")
    return found


def _modes(table: Table) -> tuple[Mode, ...]:
    modes = []
    entries = table.tables("mode", most=20)
    for entry in entries:
        colour = Colour(entry.choice("colour", Colour))
        allowed = DEPTHS[colour]
        depths = entry.items("depths", _integer, "integers", allowed[:1])
        if not set(depths) <= set(allowed):
            entry.refuse("depths", f"of {colour} must be among {', '.join(map(str, allowed))}")
            depths = allowed[:1]
        modes.append(Mode(entry.text("name", colour.value, pattern=_NAME, limit=40), colour, depths))
        entry.done()
    if not modes:
        table.refuse("mode", "is missing; there must be at least one [[mode]]")
    _unique(entries, [mode.value for mode in modes])
    return tuple(modes)


def _sources(
    table: Table, modes: tuple[Mode, ...], feeder: Feeder | None, *, cover: bool
) -> tuple[tuple[SourceCaps, ...], frozenset[str]]:
    """The sources, and the names of those that measure their sheets."""
    sources, measuring = [], set()
    entries = table.tables("source", most=20)
    for entry in entries:
        source, measures = _source(entry, modes, feeder, cover=cover)
        sources.append(source)
        if measures:
            measuring.add(source.name)
    if not sources:
        table.refuse("source", "is missing; there must be at least one [[source]]")
    _unique(entries, [source.name for source in sources])
    kinds = {source.kind for source in sources}
    if SourceKind.VENDOR in kinds and not (SourceKind.FLATBED in kinds and any(kind.feeds for kind in kinds)):
        table.refuse("source", "of the kind automatic needs a flatbed and a feeder beside it")
    return tuple(sources), frozenset(measuring)


def _source(entry: Table, modes: tuple[Mode, ...], feeder: Feeder | None, *, cover: bool) -> tuple[SourceCaps, bool]:
    chosen = entry.choice("kind", KINDS)
    kind = SourceKind.VENDOR if chosen == AUTOMATIC else SourceKind(chosen)
    feeds = kind.feeds and feeder is not None
    if kind.feeds and feeder is None:
        entry.refuse("kind", "needs a [feeder] table")
    detectable = {Code.COVER_OPEN} if cover else set()
    if feeds:
        detectable |= {Code.NO_MEDIA, Code.JAM}
    if feeds and feeder is not None and feeder.multifeed_sensor:
        detectable.add(Code.MULTIFEED)
    every = [mode.value for mode in modes]
    names = entry.items("modes", _name, "names of modes", every)
    unknown = set(names) - set(every)
    if unknown:
        entry.refuse("modes", f"names no [[mode]]: {', '.join(sorted(unknown))}")
    own = feeder if feeds and feeder is not None else Feeder()
    measures = entry.flag("length_sensor", own.length_sensor)
    unknown_height = entry.flag("unknown_height", own.unknown_height)
    if unknown_height and not measures:
        entry.refuse("unknown_height", "needs length_sensor = true")
    source = SourceCaps(
        name=entry.text("name", chosen, pattern=_NAME, limit=40),
        kind=kind,
        width_mm=entry.number("width_mm", low=20, high=MAX_MM),
        height_mm=entry.number("height_mm", low=20, high=MAX_MM),
        modes=tuple(mode for mode in modes if mode.value in names),
        resolutions=_resolutions(entry),
        detectable=frozenset(detectable),
        paper_detectable=entry.flag("paper_sensor", True) and kind.feeds,
        unknown_height=unknown_height,
        sides=("front", "back") if kind is SourceKind.FEEDER_DUPLEX else ("front",),
        conditions_at=ReportPoint(entry.choice("conditions_at", ReportPoint, ReportPoint.START)),
    )
    entry.done()
    return source, measures


def _resolutions(entry: Table) -> Range | Choice:
    if isinstance(entry.raw("resolutions"), list):
        values = entry.items("resolutions", _integer, "integers")
        if not all(1 <= value <= MAX_DPI for value in values):
            entry.refuse("resolutions", f"must lie in 1 to {MAX_DPI}")
        return Choice(values)
    limits = entry.table("resolutions", {"minimum": 75, "maximum": 600})
    low = limits.integer("minimum", low=1, high=MAX_DPI)
    high = limits.integer("maximum", low=low, high=MAX_DPI)
    step = limits.integer("step", 1, low=1, high=MAX_DPI)
    limits.done()
    return Range(low, high, step)


def _unique(entries: list[Table], names: list[str]) -> None:
    for index, name in enumerate(names):
        if name in names[:index]:
            entries[index].refuse("name", f"{name!r} is taken already")
