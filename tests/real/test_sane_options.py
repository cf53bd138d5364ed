"""Options of the real `test` back end through our binding: all 57 of them."""

from __future__ import annotations

import pytest

from device_drivers.sane.descriptors import Range, StringList, WordList
from device_drivers.sane.errors import SaneUsageError, SaneValueError
from device_protocol.vocabularies.sane_abi import Cap, Info, Unit, ValueType
from tests.device_drivers.sane_child import Lab, Scanner, in_sane_process

pytestmark = pytest.mark.real

TYPES = {
    ValueType.GROUP: 8,
    ValueType.BUTTON: 2,
    ValueType.BOOL: 15,
    ValueType.INT: 16,
    ValueType.FIXED: 8,
    ValueType.STRING: 8,
}


@in_sane_process
def test_devices_and_version_are_told(lab: Lab) -> None:
    """Enumeration gives the lab's devices under their native names, again and again the same, and nothing else."""
    devices = lab.sane.get_devices()
    assert [device.name for device in devices] == [f"test:{number}" for number in range(len(devices))]
    assert {(device.vendor, device.model, device.type) for device in devices} == {
        ("Noname", "frontend-tester", "virtual device")
    }
    assert lab.sane.get_devices(local_only=True) == devices
    assert lab.sane.version.major == 1


@in_sane_process
def test_every_descriptor_is_read(lab: Lab) -> None:
    """All 57 options arrive with their types, units and constraints."""
    scanner = lab.open()
    options = scanner.handle.option_descriptors()
    assert len(options) == 57
    assert {kind: sum(option.type is kind for option in options) for kind in ValueType} == TYPES
    assert scanner.get("") == 57  # option 0
    assert scanner.option("resolution").constraint == Range(1.0, 1200.0, 1.0)
    assert scanner.option("resolution").unit is Unit.DPI
    assert scanner.option("depth").constraint == WordList((1, 8, 16))
    assert scanner.option("source").constraint.values == ("Flatbed", "Automatic Document Feeder")
    assert scanner.option("br-y").constraint == Range(0.0, 300.0, 0.0)
    assert scanner.option("fixed-constraint-word-list").constraint == WordList((-32.7, 12.1, 42.0, 129.5))
    assert len(scanner.option("string-constraint-long-string-list").constraint.values) == 46
    assert scanner.option("gamma-table").length == 4096


@in_sane_process
def test_every_option_does_what_its_descriptor_says(lab: Lab) -> None:
    """With everything switched on, each option obeys its own descriptor.

    Readable ones are read, settable ones take every listed value and both ends of a range and read back equal, automatic
    ones take AUTO, and what is forbidden raises before it reaches C.
    """
    scanner = lab.open(mode="Color", enable_test_options=True)
    seen = 0
    left_out = {"", "mode", "enable-test-options", "hand-scanner"}  # these change what others are; tests of their own
    for option in scanner.handle.option_descriptors():
        if option.name in left_out or not option.has_value:
            continue
        seen += 1
        calls = len(lab.calls)
        if not option.readable:
            with pytest.raises(SaneValueError, match="cannot be read now"):
                scanner.handle.get_option(option.index)
            assert len(lab.calls) == calls
        if not option.settable:
            calls = len(lab.calls)
            with pytest.raises(SaneValueError, match="cannot be set now"):
                scanner.handle.set_option(option.index, False)
            assert len(lab.calls) == calls
        elif option.readable:
            _take_all_values(scanner, option.name)
        if option.automatic:
            assert scanner.handle.set_auto(option.index).info == Info(0)
            assert scanner.get(option.name) is True
        else:
            with pytest.raises(SaneValueError, match="no automatic value"):
                scanner.handle.set_auto(option.index)
    assert seen == 57 - TYPES[ValueType.GROUP] - TYPES[ValueType.BUTTON] - len(left_out)


def _take_all_values(scanner: Scanner, name: str) -> None:
    option = scanner.option(name)
    before = scanner.get(name)
    candidates: list[object] = [before]
    match option.constraint:
        case Range(minimum, maximum, _) if not option.is_array:
            candidates += [minimum, maximum]
        case WordList(values) | StringList(values) if not option.is_array:
            candidates += list(values)
        case None if option.type is ValueType.BOOL:
            candidates += [not before]
    for value in [*candidates, before]:
        outcome = scanner.set(name, value)
        if name in {"int-inexact", "fixed-constraint-range"}:  # the second starts beside its own grid
            assert scanner.get(name) == outcome.value
            continue
        assert (outcome.value, scanner.get(name)) == (value, value), name
        assert Info.INEXACT not in outcome.info, name
    assert scanner.option(name).constraint == option.constraint


@in_sane_process
def test_arrays_make_the_round_trip(lab: Lab) -> None:
    """Gamma tables and other arrays go in and out whole (python-sane: element 0, and uninitialised memory)."""
    scanner = lab.open(enable_test_options=True)
    for name, length in (("red-gamma-table", 256), ("green-gamma-table", 256), ("gamma-table", 4096)):
        table = tuple((number * 7 + 3) % 256 for number in range(length))
        assert scanner.set(name, table).value == table
        assert scanner.get(name) == table
        assert scanner.set(name, list(reversed(table))).value == table[::-1]
    assert scanner.get("int-constraint-array") == (-17, 0, -5, 42, 91, 2**30)
    wild = (2**31 - 1, -(2**31), 0, 1, -1, 5)
    assert scanner.set("int-constraint-array", wild).value == wild
    outcome = scanner.set("int-constraint-array-constraint-range", (3, 5, 193, 192, 4, 100))
    assert outcome.info == Info.INEXACT
    assert outcome.value == scanner.get("int-constraint-array-constraint-range") == (4, 6, 192, 192, 4, 100)
    for wrong in ((1, 2, 3), 5, "abcdef", (1, 2, 3, 4, 5, 2**31), (1, 2, 3, 4, 5, 6.0), (1, 2, 3, 4, 5, True)):
        with pytest.raises(SaneValueError):
            scanner.set("int-constraint-array", wrong)
    assert scanner.get("int-constraint-array") == wild


@in_sane_process
def test_inexact_values_come_back_as_they_are(lab: Lab) -> None:
    """A rounded value carries INEXACT and the value that was taken, and reads back as that."""
    scanner = lab.open(enable_test_options=True)
    outcome = scanner.set("int-inexact", 5)
    assert (outcome.value, outcome.info) == (6, Info.INEXACT)
    assert scanner.get("int-inexact") == 6
    outcome = scanner.set("resolution", 100.4)
    assert (outcome.value, Info.INEXACT in outcome.info) == (100.0, True)
    outcome = scanner.set("depth", 9)
    assert (outcome.value, Info.INEXACT in outcome.info) == (8, True)
    outcome = scanner.set("br-y", 5000.0)
    assert (outcome.value, Info.INEXACT in outcome.info) == (300.0, True)
    outcome = scanner.set("br-x", 215.9)
    assert (outcome.value, scanner.get("br-x"), outcome.info) == (215.9, 215.9, Info.RELOAD_PARAMS)


@in_sane_process
def test_abbreviations_are_completed_without_notice(lab: Lab) -> None:
    """`test` completes a unique beginning of a listed text and changes its case, without INEXACT.

    So the buffer must have room for the whole entry, and the value that comes back is the one to believe.
    """
    scanner = lab.open(enable_test_options=True)
    outcome = scanner.set("string-constraint-string-list", "this is")
    assert outcome.info == Info(0)
    assert outcome.value == scanner.option("string-constraint-string-list").constraint.values[2]


@in_sane_process
def test_reload_makes_the_next_set_legal(lab: Lab) -> None:
    """After RELOAD_OPTIONS the descriptors are read again by themselves; without that `test` refuses the next set."""
    scanner = lab.open()
    assert not scanner.option("three-pass").active
    outcome = scanner.set("mode", "Color")
    assert outcome.info == Info.RELOAD_OPTIONS | Info.RELOAD_PARAMS
    assert scanner.option("three-pass").active
    assert not scanner.option("three-pass-order").active
    assert scanner.set("three-pass", True).info == Info.RELOAD_OPTIONS | Info.RELOAD_PARAMS
    assert scanner.set("three-pass-order", "BGR").info == Info.RELOAD_PARAMS
    scanner.set("mode", "Gray")
    with pytest.raises(SaneValueError, match="cannot be set now"):
        scanner.set("three-pass-order", "RGB")
    scanner.set("hand-scanner", True)
    assert not scanner.option("br-x").active


@in_sane_process
def test_wrong_types_and_overflows_stop_before_c(lab: Lab) -> None:
    """No coercion, no wrapping, nothing sent: 2**40+8 is not depth 8, "300" is not 300, a text is not cut off."""
    scanner = lab.open(enable_test_options=True)
    wrong: dict[str, tuple[object, ...]] = {
        "depth": (2**40 + 8, 2**70, 8.0, "8", True, None, (8,)),
        "resolution": ("300", 32768.0, float("nan"), float("inf"), True, None, -(10**30)),
        "read-limit": (1, 0, "true", None),
        "mode": (1, None, b"Gray", "Gr\0ay", "G" * 6, "\udc80"),
        "string": ("x" * 97, "\u20ac" * 33),
        "button": (True, 0, ""),
    }
    for name, values in wrong.items():
        before = None if name == "button" else scanner.get(name)
        for value in values:
            calls = len(lab.calls)
            with pytest.raises(SaneValueError):
                scanner.set(name, value)
            assert len(lab.calls) == calls, (name, value)
        assert name == "button" or scanner.get(name) == before
    assert scanner.set("string", "x" * 96).value == "x" * 96
    assert scanner.set("string", "\u20acuro \xe4").value == scanner.get("string") == "\u20acuro \xe4"
    for index in (-1, 57, 58, "mode", True, 2.0):
        with pytest.raises(SaneValueError, match="no option number"):
            scanner.handle.get_option(index)


@in_sane_process
def test_buttons_are_pressed(lab: Lab) -> None:
    """A button takes None and has no value; groups take nothing."""
    scanner = lab.open(enable_test_options=True)
    assert (scanner.set("button", None).value, scanner.set("button", None).info) == (None, Info(0))
    with pytest.raises(SaneValueError, match="cannot be read"):
        scanner.get("button")
    group = next(option for option in scanner.handle.option_descriptors() if option.type is ValueType.GROUP)
    with pytest.raises(SaneValueError, match="cannot be set"):
        scanner.handle.set_option(group.index, None)


@in_sane_process
def test_capabilities_are_kept(lab: Lab) -> None:
    """EMULATED, ADVANCED, HARD_SELECT arrive; option 31 is not readable, which python-sane learns from an error."""
    scanner = lab.open(enable_test_options=True)
    assert Cap.EMULATED in scanner.option("bool-soft-select-soft-detect-emulated").cap
    assert Cap.HARD_SELECT in scanner.option("bool-hard-select").cap
    assert not scanner.option("bool-hard-select").readable
    assert Cap.ADVANCED in scanner.option("int").cap


@in_sane_process
def test_values_survive_close_and_open_in_one_process(lab: Lab) -> None:
    """`test` remembers option values over close and open; the driver above has to know that."""
    scanner = lab.open(resolution=42.0)
    name = scanner.handle.name
    scanner.handle.close()
    again = Scanner(lab.sane.open(name))
    assert again.get("resolution") == 42.0
    with pytest.raises(SaneUsageError, match="closed"):
        scanner.get("resolution")


@in_sane_process
def test_switching_test_options_off_takes_the_gamma_tables_along(lab: Lab) -> None:
    """A defect of `test` 1.2.1 (docs/findings.md): tables that were active before test options were switched on are not after they were switched off."""
    scanner = lab.open()

    def active() -> int:
        return sum(option.active and "gamma" in option.name for option in scanner.handle.option_descriptors())

    assert active() == 4
    scanner.set("enable-test-options", True)
    scanner.set("enable-test-options", False)
    assert active() == 0
