"""Any device and any wish: whatever options a driver has under the names that count, and whatever a client wants of them, there is an answer."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from device_protocol import (
    Choice,
    Colour,
    DeviceCaps,
    DeviceKind,
    FeederState,
    Mode,
    Option,
    Pattern,
    Range,
    SourceKind,
    Value,
    ValueType,
)
from device_protocol.aio import Session
from device_protocol.options import AREA_NAMES, READ_WRITE, Access
from device_protocol.vocabularies.twain import CAP_KEYS, OPTION_NAMES, SERIAL_OPTIONS
from reference_server.capabilities import View, describe
from reference_server.capabilities.models import CapabilityDetails
from reference_server.compat import rules_for
from reference_server.errors import RestError
from reference_server.jobs.job import OpenDevice
from reference_server.jobs.plan import Present, choose, make_plan
from reference_server.jobs.wishes import KEYS, collect
from reference_server.models import CapabilityWishes
from reference_server.modes import Compat
from tests.reference_server.fakes import FEEDER_INFO, source

NAMES = sorted(
    {"source", "mode", "depth", "resolution", "x-resolution", "y-resolution", *AREA_NAMES, *SERIAL_OPTIONS}.union(
        *OPTION_NAMES.values()
    )
)
NUMBERS = st.integers(-10, 1200) | st.floats(-10, 1200, allow_nan=False)
RANGES = st.tuples(st.integers(-100, 600), st.integers(0, 600), st.sampled_from([0, 1, 25])).map(
    lambda it: Range(it[0], it[0] + it[1], it[2])
)
NUMBER_CHOICES = st.lists(st.integers(0, 1200), min_size=1, max_size=5, unique=True).map(lambda it: Choice(tuple(it)))
WORD_CHOICES = st.lists(st.sampled_from(["Gray", "Color", "stop", "ignore", "x"]), min_size=1, max_size=4, unique=True)
WORDS = st.sampled_from(["Gray", "Color", "stop", "ignore", "x", ""])


@st.composite
def options(draw: st.DrawFn) -> tuple[Option, Value]:
    """An option under one of the names that count, of any type, and its value."""
    name = draw(st.sampled_from(NAMES))
    kind = draw(
        st.sampled_from([ValueType.BOOL, ValueType.INT, ValueType.FIXED, ValueType.STRING, ValueType.INT_ARRAY])
    )
    access = draw(st.sampled_from([READ_WRITE, READ_WRITE | Access.AUTO, Access.READ, READ_WRITE | Access.INACTIVE]))
    value: Value
    match kind:
        case ValueType.BOOL:
            return Option(name, kind, default=draw(st.booleans() | st.none()), access=access), draw(st.booleans())
        case ValueType.STRING:
            words = draw(st.just(None) | st.just(Pattern(40)) | WORD_CHOICES.map(lambda it: Choice(tuple(it))))
            return Option(name, kind, constraint=words, default=draw(WORDS), access=access), draw(WORDS)
        case ValueType.INT_ARRAY:
            return Option(name, kind, constraint=draw(RANGES), default=(1, 2), access=access), (3, 4)
        case _:
            limits = draw(st.just(None) | RANGES | NUMBER_CHOICES)
            value = draw(NUMBERS)
            default = draw(NUMBERS | st.none())
            if kind is ValueType.INT:
                value, default = int(value), None if default is None else int(default)
            return Option(name, kind, constraint=limits, default=default, access=access), value


SOURCES = st.lists(
    st.sampled_from([SourceKind.FLATBED, SourceKind.FEEDER, SourceKind.FEEDER_DUPLEX, SourceKind.CAMERA]),
    min_size=1,
    max_size=3,
    unique=True,
)
MODES = st.lists(
    st.sampled_from(
        [Mode("Gray", Colour.GRAY, (1, 8)), Mode("Color", Colour.COLOR, (8, 16)), Mode("L", Colour.LINEART, (1,))]
    ),
    min_size=1,
    max_size=3,
    unique=True,
)


@st.composite
def devices(draw: st.DrawFn) -> Present:
    """A device."""
    modes = tuple(draw(MODES))
    limits = draw(RANGES.filter(lambda it: it.minimum > 0) | st.just(Choice((100, 300))))
    made = tuple(replace(source(kind.value, kind), modes=modes, resolutions=limits) for kind in draw(SOURCES))
    found = draw(st.lists(options(), max_size=12, unique_by=lambda it: it[0].name))
    caps = DeviceCaps(made, made[0].name, scan_ahead=draw(st.integers(0, 3)))
    values = {option.name: value for option, value in found if option.readable}
    return Present(caps, tuple(option for option, _ in found), values)


SCALARS = st.none() | st.booleans() | NUMBERS | st.sampled_from(["1", "200", "A4", "TWPT_GRAY", "?", ""])
FRAMES = st.fixed_dictionaries({"left": SCALARS, "top": NUMBERS, "right": NUMBERS, "bottom": NUMBERS})
ITEMS = st.fixed_dictionaries(
    {"capability": st.sampled_from([*CAP_KEYS, 4101, 9999, "icap_frames"]), "curValue": SCALARS | FRAMES},
    optional={"exception": st.sampled_from(["fail", "ignore", ""]), "values": st.lists(SCALARS, max_size=2)},
)
CAPS = st.fixed_dictionaries(
    {"capabilities": st.lists(ITEMS, max_size=8)}, optional={"exception": st.sampled_from(["fail", ""])}
)
CONFIG = st.dictionaries(st.sampled_from(sorted(KEYS)), SCALARS, max_size=6)


@given(devices(), CAPS, CONFIG)
def test_any_wish_of_any_device(present: Present, caps: dict[str, Any], config: dict[str, Any]) -> None:
    """There is a plan within what the device has, or a typed refusal; and the device can be described afterwards in the declared shape."""
    rules = rules_for(Compat.LENIENT)
    asked = CapabilityWishes.model_validate(caps)
    wishes = collect(None, asked, rules)
    with suppress(RestError):
        wishes = collect(config, asked, rules)
    plan = make_plan(wishes, present)
    assert plan.source in present.caps.sources
    assert plan.settings.mode is None or plan.settings.mode in {mode.value for mode in plan.source.modes}
    settable = {option.name for option in present.options if option.writable}
    assert {name for name, _ in plan.settings.as_options()} <= settable
    area = plan.settings.area
    assert area is None or (area.width >= 1 and area.height >= 1 and area.right <= plan.source.width_mm)
    assert all(note.message for note in plan.notes)
    for wish in plan.steps:
        for option in present.options:
            if option.name in OPTION_NAMES[wish.key] and option.writable:
                choose(wish, option)
    _describe(present, plan)


def _describe(present: Present, plan: Any) -> None:
    opened = OpenDevice(cast("Session", None), present.caps, plan)
    view = View(FEEDER_INFO, opened, present.options, dict(present.values), FeederState.UNKNOWN)
    found = describe(view)
    numbers = [item["capability"]["value"] for item in found]
    assert numbers == next(item["values"] for item in found if item["capability"]["value"] == 4101)
    for item in found:
        CapabilityDetails.model_validate(item)
        if "enums" in item:
            assert item["enums"][item["curIndex"]] == item["curValue"]
            assert item["enums"][item["defIndex"]] == item["defaultValue"]


def test_a_camera() -> None:
    """A camera is told by its preview (S-112), and has nothing of a feeder."""
    caps = DeviceCaps((source("Cam", SourceKind.CAMERA),), "Cam")
    plan = make_plan((), Present(caps))
    info = replace(FEEDER_INFO, kind=DeviceKind.CAMERA)
    view = View(info, OpenDevice(cast("Session", None), caps, plan), (), {}, FeederState.NONE)
    found = {item["capability"]["value"]: item for item in describe(view)}
    assert found[4129]["curValue"] == 1
    assert not {4098, 4099, 4103, 4115, 4436} & set(found)
    assert 4129 not in {item["capability"]["value"] for item in describe(replace(view, info=FEEDER_INFO))}
