"""What a machine is, for whoever draws it: data of its profile that no state has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from device_protocol import Choice, SourceCaps, Value
from sheets import PAPER_SIZES
from simulators.profile import Profile

COMMON_DPI = (75, 100, 150, 200, 300, 400, 600, 1200, 2400)
"""Of a range of resolutions, those that people ask for."""


def describe(profile: Profile) -> dict[str, Any]:
    """The machine as plain data, sizes in mm."""
    return {
        "maker": profile.maker,
        "model": profile.model,
        "description": profile.description,
        "capacity": 0 if profile.feeder is None else profile.feeder.capacity,
        "flatbed": profile.flatbed,
        "cover": profile.cover,
        "buttons": list(profile.buttons),
        "default_source": profile.default_source,
        "sources": [_source(source) for source in profile.shown_sources],
        "papers": {name: [size.width_mm, size.height_mm] for name, size in PAPER_SIZES.items()},
    }


def _source(source: SourceCaps) -> dict[str, Any]:
    limits = source.resolutions
    within: Sequence[Value] = (
        limits.values
        if isinstance(limits, Choice)
        else [dpi for dpi in COMMON_DPI if limits.minimum <= dpi <= limits.maximum] or [limits.minimum]
    )
    return {
        "name": source.name,
        "kind": source.kind.value,
        "width": source.width_mm,
        "height": source.height_mm,
        "sides": list(source.sides),
        "modes": [mode.colour.value for mode in source.modes],
        "resolutions": list(within),
    }
