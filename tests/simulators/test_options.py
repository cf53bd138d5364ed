"""The firmware's options: constraints, rounding, notices, activity, AUTO, atomic snapshots."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device_protocol import (
    AUTO,
    Access,
    Area,
    Choice,
    Code,
    Colour,
    DeviceError,
    EventKind,
    Option,
    Settings,
    ValueType,
)
from device_protocol.constraints import fits
from device_protocol.options import NAME, find_option
from device_protocol.values import has_type
from simulators.firmware import Firmware
from tests.simulators.benches import code, feeder, flatbed, lab, profile, refusal

MACHINES = {
    "feeder": profile(),
    "flatbed": profile("flatbed"),
    "both": profile(
        source=[
            {"kind": "flatbed", "width_mm": 216, "height_mm": 297, "resolutions": [75, 300, 1200]},
            {"kind": "feeder-duplex", "width_mm": 210, "height_mm": 400, "modes": ["gray", "lineart"]},
        ],
        default_source="flatbed",
        mode=[{"colour": "color", "depths": [8, 16]}, {"colour": "gray"}, {"colour": "lineart"}],
    ),
}


def firmware(name: str = "feeder") -> Firmware:
    """A firmware with its defaults."""
    return Firmware(MACHINES[name], "SN1")


def failure(call: Any) -> DeviceError:
    """The error of a call."""
    with pytest.raises(DeviceError) as caught:
        call()
    return caught.value


@pytest.mark.parametrize("name", MACHINES)
def test_descriptors_are_sound(name: str) -> None:
    """Names, constraints, defaults and access obey CAPS-02 to CAPS-05 and CAPS-10, for every source and mode."""
    unit = firmware(name)
    for source in MACHINES[name].sources:
        unit.set("source", source.name)
        for mode in source.modes:
            unit.set("mode", mode.value)
            options = unit.options()
            assert len({item.name for item in options}) == len(options)
            for item in options:
                assert NAME.fullmatch(item.name)
                assert fits(item.constraint, item.type)
                assert Access.WRITE not in item.access or item.type is ValueType.ACTION or Access.READ in item.access
                if item.type is not ValueType.ACTION:
                    assert item.accepts(item.default), item
                if item.readable:
                    assert item.accepts(unit.get(item.name)), item


@pytest.mark.parametrize("name", MACHINES)
def test_every_advertised_value_can_be_set(name: str) -> None:
    """Each value that a constraint offers is taken exactly and reads back, from the defaults (CAPS-07, SET-01)."""
    unit = firmware(name)
    for option in unit.options():
        if not option.writable or option.type is ValueType.ACTION:
            continue
        samples = (True, False) if option.constraint is None else option.constraint.samples()
        for value in samples:
            unit.reset()
            result = unit.set(option.name, value)
            assert (result.exact, result.actual, unit.get(option.name)) == (True, value, value)


class TestRounding:
    """Numbers are rounded and reported, texts are refused (CAPS-08, SET-02 to SET-05)."""

    @pytest.mark.parametrize(
        ("name", "value", "actual"),
        [
            ("resolution", 300.4, 300),
            ("resolution", 10, 75),
            ("resolution", 1e9, 600),
            ("tl-x", -3.0, 0.0),
            ("br-y", 1000.0, 297.0),
            ("depth", 16, 8),
            ("brightness", 200, 100),
        ],
    )
    def test_numbers(self, name: str, value: float, actual: float) -> None:
        """The nearest accepted value is taken, said to be inexact, reads back, and is exact when set again."""
        unit = firmware()
        result = unit.set(name, value)
        assert (result.actual, result.exact, unit.get(name)) == (actual, False, actual)
        assert unit.set(name, actual).exact

    def test_list_of_resolutions(self) -> None:
        """A list of numbers is rounded to its nearest entry."""
        unit = firmware("flatbed")
        assert unit.set("resolution", 260).actual == 300
        assert unit.set("resolution", 250).actual == 200, "the smaller one if two are as close"

    @pytest.mark.parametrize(
        ("name", "value", "expected"),
        [
            ("mode", "sepia", Code.INVALID_VALUE),
            ("mode", 3, Code.INVALID_VALUE),
            ("resolution", "300", Code.INVALID_VALUE),
            ("resolution", float("nan"), Code.INVALID_VALUE),
            ("depth", True, Code.INVALID_VALUE),
            ("depth", 8.0, Code.INVALID_VALUE),
            ("detect-size", 1, Code.INVALID_VALUE),
            ("calibrate", 1, Code.INVALID_VALUE),
            ("mode", AUTO, Code.INVALID_VALUE),
            ("serial", "X", Code.UNSUPPORTED),
            ("threshold", 10, Code.UNSUPPORTED),
            ("no-such-thing", 1, Code.UNSUPPORTED),
        ],
    )
    def test_refusals(self, name: str, value: Any, expected: Code) -> None:
        """A refusal names option and value, and changes nothing (SET-04, SET-05, SET-10, CAPS-11, CAPS-12)."""
        unit = firmware()
        before = unit.values
        error = failure(lambda: unit.set(name, value))
        assert (error.code, error.option) == (expected, name)
        assert unit.values == before


class TestDependencies:
    """What one option does to others, and that it says so (SET-06, SET-07, CAPS-11)."""

    def test_mode_activates_the_threshold(self) -> None:
        """The inactive threshold becomes active in lineart, with a notice, and takes AUTO."""
        unit = firmware()
        assert not find_option(unit.options(), "threshold").active
        result = unit.set("mode", "lineart")
        assert set(result.changed) == {"depth", "threshold"}
        assert result.params_changed
        assert unit.set("threshold", 77).actual == 77
        auto = unit.set("threshold", AUTO)
        assert (auto.actual, auto.exact, unit.get("threshold")) == (128, True, 128)

    def test_source_changes_what_it_names(self) -> None:
        """Another source has other modes, resolutions and limits; everything that changes is in the notice."""
        unit = firmware("both")
        unit.set("depth", 16)
        unit.set("resolution", 1200)
        result = unit.set("source", "feeder-duplex")
        assert {"mode", "depth", "resolution", "br-x", "br-y", "multifeed"} <= set(result.changed)
        assert [unit.get(name) for name in ("mode", "depth", "resolution")] == ["gray", 8, 600]
        assert unit.get("br-x") == 210

    def test_edges_push_each_other(self) -> None:
        """The area never gets empty: an edge that is moved over the opposite one pushes it along, in the notice (SET-12)."""
        unit = firmware()
        unit.set("tl-x", 100.0)
        result = unit.set("br-x", 50.0)
        assert (result.exact, result.changed, unit.get("tl-x")) == (True, ("tl-x",), 49.0)
        assert unit.set("tl-y", 296.0).changed == ()
        assert unit.set("tl-x", 209.0).changed == ("br-x",)

    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(
                    ["source", "mode", "depth", "resolution", "tl-x", "tl-y", "br-x", "br-y", "brightness"]
                ),
                st.one_of(st.integers(-50, 1500), st.floats(-10, 500), st.sampled_from(["flatbed", "gray", "color"])),
            ),
            max_size=12,
        )
    )
    def test_any_sequence_keeps_the_promises(self, steps: list[tuple[str, Any]]) -> None:
        """Whatever is set, values stay legal, and only named options change."""
        unit = firmware("both")
        for name, value in steps:
            before = {item.name: (item, unit.values.get(item.name)) for item in unit.options()}
            try:
                result = unit.set(name, value)
            except DeviceError:
                assert before == {item.name: (item, unit.values.get(item.name)) for item in unit.options()}
                continue
            after = {item.name: (item, unit.values.get(item.name)) for item in unit.options()}
            differ = {key for key in after if after[key] != before[key]}
            assert differ - {name} == set(result.changed)
            assert unit.get(name) == result.actual
            for item in unit.options():
                if item.type is not ValueType.ACTION:
                    assert item.accepts(unit.values[item.name])
            assert unit.number("br-x") - unit.number("tl-x") >= 1 - 1e-6


class TestSnapshots:
    """apply and reset."""

    def test_apply_sets_all(self) -> None:
        """A snapshot is applied in order, and says what became of each option."""
        unit = firmware("both")
        chosen = Settings("feeder-duplex", "lineart", 1, 200, Area(10, 20, 110, 220), (("threshold", 99),))
        result = unit.apply(chosen)
        assert result.exact
        assert [item.name for item in result.results][:4] == ["source", "mode", "depth", "resolution"]
        assert [unit.get(name) for name in ("mode", "resolution", "tl-x", "br-y", "threshold")] == [
            "lineart",
            200,
            10,
            220,
            99,
        ]

    @pytest.mark.parametrize(
        "wrong",
        [
            Settings(mode="lineart", extra=(("threshold", "dark"),)),
            Settings(mode="gray", resolution=12),
            Settings(mode="gray", area=Area(50, 0, 40, 10)),
            Settings(mode="gray", extra=(("nothing", 1),)),
            Settings(source="tray"),
        ],
    )
    def test_apply_is_atomic(self, wrong: Settings) -> None:
        """A snapshot with one wrong entry changes nothing (SET-11)."""
        unit = firmware()
        unit.set("resolution", 150)
        before = unit.values
        assert failure(lambda: unit.apply(wrong)).code in {Code.INVALID_VALUE, Code.UNSUPPORTED}
        assert unit.values == before

    def test_reset(self) -> None:
        """Reset restores the declared defaults of all options, or of those named (SET-08)."""
        unit = firmware("both")
        defaults = unit.values
        unit.apply(
            Settings("feeder-duplex", "lineart", 1, 100, Area(1, 1, 9, 9), (("threshold", 9), ("brightness", 5)))
        )
        unit.reset(["resolution"])
        assert (unit.get("resolution"), unit.get("brightness")) == (300, 5)
        unit.reset()
        assert unit.values == defaults
        assert failure(lambda: unit.reset(["serial"])).code is Code.UNSUPPORTED


async def test_session_tells_of_changed_options() -> None:
    """A change that touches other options is an event; one that does not is none."""
    async with lab(feeder()) as backend:
        session = await backend.open("feeder")
        events = session.events()
        before = (await session.status()).revision
        await session.set("resolution", 100)
        await session.set("mode", "lineart")
        event = events.receive_nowait()
        assert event.kind is EventKind.OPTIONS_CHANGED
        assert set(event.detail.split()) == {"depth", "threshold"}
        assert (await session.status()).revision >= before + 2


async def test_live_and_action() -> None:
    """The live option can be set while a job runs, others cannot; the action runs and has no value (SET-09)."""
    async with lab(flatbed()) as backend:
        session = await backend.open("flatbed")
        assert (await session.set("calibrate", None)).actual is None
        assert await code(session.get("calibrate")) is Code.UNSUPPORTED
        await session.start(Settings(resolution=75))
        assert (await session.set("brightness", 10)).exact
        assert (await refusal(session.set("resolution", 100))).code is Code.WRONG_STATE


async def test_defaults_after_open() -> None:
    """With policy "defaults" a new session begins with the declared defaults (LIFE-10)."""
    async with lab(feeder()) as backend:
        session = await backend.open("feeder")
        await session.set("mode", "gray")
        await session.close()
        session = await backend.open("feeder")
        for item in await session.options():
            if item.readable:
                assert await session.get(item.name) == item.default


def test_caps_and_options_agree() -> None:
    """What the capabilities say of a source is what the options offer."""
    unit = firmware("both")
    for source in MACHINES["both"].sources:
        unit.set("source", source.name)
        options: dict[str, Option] = {item.name: item for item in unit.options()}
        assert options["mode"].constraint == Choice(tuple(mode.value for mode in source.modes))
        assert options["resolution"].constraint == source.resolutions
        assert options["br-x"].default == source.width_mm
        for mode in source.modes:
            unit.set("mode", mode.value)
            assert find_option(unit.options(), "depth").constraint == Choice(mode.depths)
            assert (mode.depths == (1,)) is (mode.colour is Colour.LINEART)


def test_values_have_their_types() -> None:
    """No value has another type than its option, whatever was set."""
    unit = firmware()
    unit.set("resolution", 200)
    for item in unit.options():
        if item.readable:
            assert has_type(unit.get(item.name), item.type)
