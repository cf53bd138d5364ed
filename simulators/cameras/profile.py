"""Reads a profile of ``kind = "camera"``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from device_protocol import RAW, Choice, Code, Colour, FrameMode, Mode, SourceCaps, SourceKind, ValueType
from sheets.test_card.layout import LEAST_HEIGHT, LEAST_WIDTH
from simulators.cameras.controls import KINDS
from simulators.cameras.model import FORMATS, MJPG, Camera, Control, Habits
from simulators.cameras.picture import JPEG_TYPE
from simulators.cameras.tables import CONTROL, HABITS
from simulators.fields import Table
from simulators.profiles import tables
from simulators.profiles.keys import read_keys
from simulators.profiles.model import Profile, Timing, Traits

KIND = "camera"
MAX_WIDTH, MAX_HEIGHT = 4096, 3072
MAX_RATE = 240.0
MAX_MODES = 40
NOMINAL_DPI = 96
"""For applications that want one; frames say none."""

MM_PER_INCH = 25.4


def read_camera(table: Table) -> Profile:
    """The profile of a camera in *table*.

    Raises:
        ConfigError: as the table makes it.
    """
    table.has("schema")
    table.choice("kind", (KIND,))
    camera = Camera(
        modes=_modes(table),
        controls=_controls(table.table("controls", {})),
        habits=Habits(**read_keys(table.table("camera", {}), HABITS, Habits())),
    )
    name = tables.NAME.pattern
    profile = Profile(
        maker=table.text("maker", "flatbed", pattern=name, limit=40),
        model=table.text("model", pattern=name, limit=80),
        sources=(_source(camera),),
        default_source=KIND,
        timing=Timing(**read_keys(table.table("timing", {}), _TIMING, Timing())),
        traits=Traits(cover=False, options=()),
        camera=camera,
        description=table.text("description", "", limit=2000),
        data=table.plain(),
    )
    table.done()
    return profile


_TIMING = tuple(key for key in tables.TIMING if key.name in {"open_s", "cancel_s", "option_s"})


def _source(camera: Camera) -> SourceCaps:
    width = max((mode.width for mode in camera.modes), default=LEAST_WIDTH)
    height = max((mode.height for mode in camera.modes), default=LEAST_HEIGHT)
    formats = {JPEG_TYPE if mode.fourcc == MJPG else RAW for mode in camera.modes}
    return SourceCaps(
        name=KIND,
        kind=SourceKind.CAMERA,
        width_mm=width / NOMINAL_DPI * MM_PER_INCH,
        height_mm=height / NOMINAL_DPI * MM_PER_INCH,
        modes=(Mode("color", Colour.COLOR),),
        resolutions=Choice((NOMINAL_DPI,)),
        formats=tuple(sorted(formats, reverse=True)),
        detectable=frozenset({Code.ACCESS_DENIED}),
        frames=camera.modes,
    )


def _modes(table: Table) -> tuple[FrameMode, ...]:
    modes: list[FrameMode] = []
    for entry in table.tables("mode", most=MAX_MODES):
        mode = FrameMode(
            fourcc=entry.choice("format", FORMATS),
            width=entry.integer("width", low=LEAST_WIDTH, high=MAX_WIDTH),
            height=entry.integer("height", low=LEAST_HEIGHT, high=MAX_HEIGHT),
            rates=entry.items("rates", _rate, f"numbers, over 0 and up to {MAX_RATE:g}", (30.0,)),
        )
        entry.done()
        if (mode.fourcc, mode.size) in {(other.fourcc, other.size) for other in modes}:
            entry.refuse("format", f"{mode.fourcc} of {mode.size} is there already")
        modes.append(mode)
    if not modes:
        table.refuse("mode", "is missing; there must be at least one [[mode]]")
    return tuple(modes)


def _rate(value: Any) -> float | None:
    fits = isinstance(value, int | float) and not isinstance(value, bool) and 0.01 <= value <= MAX_RATE
    return float(value) if fits else None


def _controls(table: Table) -> dict[str, Control]:
    found = {}
    for name, kind in KINDS.items():
        if not table.has(name):
            continue
        below = table.table(name)
        control = Control(**read_keys(below, CONTROL, kind.usual))
        if not kind.low <= control.minimum < control.maximum <= kind.high:
            below.refuse(
                "minimum", f"and maximum must lie within {kind.low:g} to {kind.high:g}, the one below the other"
            )
            control = kind.usual
        if not control.minimum <= control.default <= control.maximum:
            below.refuse("default", f"must lie within {control.minimum:g} to {control.maximum:g}")
            control = kind.usual
        if kind.type is ValueType.INT:
            control = replace(control, step=max(1.0, round(control.step)))
        found[name] = control
    table.done()
    return found
