"""A machine described: as plain data, and in the words that ``flatbed simulate show`` prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from device_protocol import Choice, Range, SourceCaps
from simulators.cameras import describe as cameras
from simulators.profiles import defects, escl, tables
from simulators.profiles.keys import Key, toml_value
from simulators.profiles.model import Defaults, Profile, Rounding, Timing, Traits


def facts(profile: Profile) -> dict[str, Any]:
    """Everything about *profile* as plain data, defaults included."""
    if profile.camera is not None:
        return cameras.facts(profile, profile.camera)
    return {
        "maker": profile.maker,
        "model": profile.model,
        "description": profile.description,
        "lawful": profile.lawful,
        "default_source": profile.default_source,
        "sources": [_source(profile, source) for source in profile.sources],
        "modes": [{"name": name, "colour": colour, "depths": list(depths)} for name, colour, depths in _modes(profile)],
        "feeder": None if profile.feeder is None else asdict(profile.feeder),
        "timing": asdict(profile.timing),
        "sheets_per_minute": round(profile.timing.sheets_per_minute, 1),
        "machine": asdict(profile.traits),
        "rounding": asdict(profile.rounding),
        "defaults": asdict(profile.defaults),
        "defects": [
            {
                "key": key.name,
                "value": value,
                "words": key.words,
                "source": key.source,
                "breaks": list(key.breaks),
            }
            for key, value in _set(defects.KEYS, profile.defects, defects.Defects())
        ],
        "escl": asdict(profile.escl),
    }


def lines(profile: Profile) -> list[str]:
    """What there is to say about *profile*, for people."""
    if profile.camera is not None:
        return cameras.lines(profile, profile.camera)
    told = [f"{profile.model}, by {profile.maker}", *([f"  {profile.description}"] if profile.description else []), ""]
    told += ["Sources:", *_columns([_source_words(profile, source) for source in profile.sources]), ""]
    told += ["Modes:"]
    told += _columns(
        [(name, colour, " or ".join(map(str, depths)) + " bits a sample") for name, colour, depths in _modes(profile)]
    )
    told += ["", "Timing:", *_timing(profile.timing, feeds=profile.feeder is not None)]
    if profile.feeder is not None:
        told += ["", "Feeder:", *(f"  {words}" for words in _feeder(profile))]
    for head, keys, values, standard in (
        ("Traits:", tables.MACHINE, profile.traits, Traits()),
        ("Rounding:", tables.ROUNDING, profile.rounding, Rounding()),
        ("Defaults:", tables.DEFAULTS, profile.defaults, Defaults()),
        ("On the network:", escl.KEYS, profile.escl, escl.EsclIdentity()),
    ):
        found = _set(keys, values, standard)
        if found:
            told += ["", head, *(f"  {key.name} = {toml_value(value)}" for key, value in found)]
    wrong = _set(defects.KEYS, profile.defects, defects.Defects())
    if wrong:
        told += ["", "Defects:"]
    for key, value in wrong:
        told += [f"  {key.name} = {toml_value(value)}", f"      It {key.words} ({key.source})."]
        if key.breaks:
            told.append(f"      Fails {', '.join(key.breaks)}.")
    if not wrong:
        told += ["", "Nothing is wrong with it: it keeps the contract."]
    return told


def _set(keys: tuple[Key, ...], values: object, standard: object) -> list[tuple[Key, Any]]:
    """The keys whose values are not the standard ones."""
    return [
        (key, getattr(values, key.name)) for key in keys if getattr(values, key.name) != getattr(standard, key.name)
    ]


def _modes(profile: Profile) -> list[tuple[str, str, tuple[int, ...]]]:
    modes = {mode.value: mode for source in profile.sources for mode in source.modes}
    return [(mode.value, mode.colour.value, mode.depths) for mode in modes.values()]


def _source(profile: Profile, source: SourceCaps) -> dict[str, Any]:
    limits = source.resolutions
    values: Mapping[str, Any] | list[Any] = (
        {"minimum": limits.minimum, "maximum": limits.maximum, "step": limits.step}
        if isinstance(limits, Range)
        else list(limits.values)
    )
    return {
        "name": source.name,
        "kind": source.kind.value,
        "width_mm": source.width_mm,
        "height_mm": source.height_mm,
        "modes": [mode.value for mode in source.modes],
        "resolutions": values,
        "sides": list(source.sides),
        "paper_sensor": source.paper_detectable,
        "length_sensor": source.name in profile.measuring,
        "unknown_height": source.unknown_height,
        "conditions_at": source.conditions_at.value,
        "hidden": source.name not in {shown.name for shown in profile.shown_sources},
    }


def _source_words(profile: Profile, source: SourceCaps) -> tuple[str, ...]:
    marks = [] if source.name != profile.default_source else ["default"]
    if source.name not in {shown.name for shown in profile.shown_sources}:
        marks.append("hidden")
    if source.unknown_height:
        marks.append("height known at the end of the page")
    if source.kind.feeds and not source.paper_detectable:
        marks.append("no paper sensor")
    limits = source.resolutions
    if isinstance(limits, Choice):
        dpi = ", ".join(f"{value:g}" for value in limits.values if isinstance(value, int | float))
    else:
        dpi = f"{limits.minimum:g} to {limits.maximum:g}" + (f" by {limits.step:g}" if limits.step > 1 else "")
    size = f"{source.width_mm:g} x {source.height_mm:g} mm"
    return source.name, source.kind.value, size, f"{dpi} dpi", ", ".join(marks)


def _timing(timing: Timing, *, feeds: bool) -> list[str]:
    told = []
    if feeds and timing.sheets_per_minute:
        told.append(f"  {timing.sheets_per_minute:.0f} sheets a minute, up to {timing.full_speed_dpi} dpi")
    standard = Timing()
    for key in tables.TIMING:
        value = getattr(timing, key.name)
        if value != getattr(standard, key.name):
            told.append(f"  {key.name} = {value:g}: {key.words.replace('`', '')}")
    return told or ["  everything happens at once"]


def _feeder(profile: Profile) -> list[str]:
    feeder = profile.feeder
    assert feeder is not None
    return [
        f"holds {feeder.capacity} sheets",
        "notices double feeds" if feeder.multifeed_sensor else "does not notice double feeds",
        *(["can end a page where its sheet ends"] if feeder.length_sensor else []),
        *(["can drop blank sides"] if feeder.blank_detection else []),
    ]


def _columns(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))] if rows else []
    return [
        "  " + "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
