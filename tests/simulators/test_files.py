"""Devices files, profiles and scenarios: what they say, and errors with file, line, key and what is allowed."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from device_host.toml_lines import key_lines
from device_host.toml_text import MAX_BYTES
from device_protocol import Code, DeviceError, Fault, FaultKind, control
from device_protocol.plain import from_plain, to_plain
from simulators.devices_file import load_lab
from simulators.driver import factory, read_config
from simulators.fields import Table
from simulators.fixture_files import fixture, fixture_names
from simulators.panel import invalid
from simulators.profile import load_profile, profile_from_data, read_profile
from simulators.scenario import load_scenario, read_scenario
from simulators.scenarios.reading import read_fault
from simulators.spec import Refill, Timed
from simulators.toml_files import ConfigError, load_toml, parse_toml
from tests.simulators.benches import profile

GOOD = """\
schema = 1
time = 4

[[device]]
id = "a"
profile = "office-duplex-feeder"
sheets = { count = 3, size = "A5", noise = 2.0, blank_backs = true }
seed = 7
rest_type = 16
name = "Feeder A"
refill = "when-empty"
scenario = "jam-at-sheet-3"

[[device]]
id = "b"
profile = "flatbed"

[[device.sheets]]
count = 1
size = "Letter"
"""


def write(folder: Path, text: str | bytes, name: str = "lab.toml") -> Path:
    """A file with that content."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def problem(folder: Path, text: str | bytes) -> ConfigError:
    """The error of a devices file."""
    with pytest.raises(ConfigError) as caught:
        load_lab(write(folder, text))
    return caught.value


def test_good_file(tmp_path: Path) -> None:
    """Every key of a devices file arrives."""
    spec = load_lab(write(tmp_path, GOOD))
    a, b = spec.devices
    assert spec.time == 4
    assert (a.id, a.seed, a.rest_type, a.name, a.refill) == ("a", 7, 16, "Feeder A", Refill.WHEN_EMPTY)
    assert (a.batches[0].count, a.batches[0].size.name, a.batches[0].noise, a.batches[0].blank_backs) == (
        3,
        "A5",
        2,
        True,
    )
    assert a.scenario.faults == (Fault(FaultKind.JAM, sheet=3),)
    assert (a.info.model, b.info.model, a.info.rest_type, a.info.virtual) == ("Feeder A", "Flatbed", 16, True)
    assert b.batches[0].size.name == "Letter"


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("schema = 1", "schema = 2", 1, "schema is 2: the file was made for a newer version"),
        ("schema = 1", "", 1, "schema is missing"),
        ("time = 4", 'time = "fast"', 2, 'time must be "real", "instant", "manual" or a number'),
        ("time = 4", "time = -1", 2, "time must be from"),
        (
            "time = 4",
            "tiem = 4",
            2,
            "tiem is not known here; allowed: artwork, device, schema, time; did you mean 'time'?",
        ),
        ('id = "a"', "id = 5", 5, "device[1].id must be a text, not an integer"),
        ('id = "a"', 'id = "a b"', 5, "must match"),
        ('id = "a"', "", 4, "device[1].id is missing"),
        (
            'profile = "office',
            'profil = "office',
            4,
            "device[1].profile is missing; it must be a text; is 'profil' meant",
        ),
        (
            '"office-duplex-feeder"',
            '"office-feeder"',
            6,
            "must be one that `flatbed simulate list` names, or the path of a .toml file, not 'office-feeder'; did you mean",
        ),
        ('"office-duplex-feeder"', '"mine.toml"', 6, "names the file 'mine.toml', which is not there"),
        ("count = 3", "count = 3.5", 7, "device[1].sheets.count must be an integer, not a number"),
        ("count = 3", "count = 1001", 7, "the hopper holds 1000"),
        ('size = "A5"', 'size = "A55"', 7, "device[1].sheets.size must be one of"),
        ("noise = 2.0", "noise = nan", 7, "must be a finite number"),
        ("blank_backs = true", "blank_backs = 1", 7, "must be true or false, not an integer"),
        ("seed = 7", "seed = true", 8, "device[1].seed must be an integer, not true or false"),
        ('refill = "when-empty"', 'refill = "empty"', 11, "must be one of never, when-empty, always"),
        ('"jam-at-sheet-3"', '"jam"', 12, "device[1].scenario must be one that `flatbed simulate list` names"),
        ('id = "b"', 'id = "a"', 15, "device[2].id 'a' is taken already"),
        ("count = 1\n", "count = 1\ncolour = 3\n", 20, "device[2].sheets[1].colour is not known here"),
        ('[[device]]\nid = "a"', '[device]\nid = "a"', 14, "is not TOML"),
        ("rest_type = 16", "rest_type 16", 9, "is not TOML"),
    ],
)
def test_errors_name_the_line(tmp_path: Path, old: str, new: str, line: int, says: str) -> None:
    """A mistake is a typed error with file, line, key and what is allowed."""
    assert old in GOOD
    error = problem(tmp_path, GOOD.replace(old, new, 1))
    assert says in error.message
    assert (error.line, Path(error.file).name, error.code) == (line, "lab.toml", Code.INVALID_VALUE)
    assert f"lab.toml:{line}: " in str(error)


def test_files_that_are_no_files(tmp_path: Path) -> None:
    """A file that is missing, a folder, not UTF-8, too large or nested without end is an error of the same type."""
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(ConfigError):
            load_lab(path)
    assert problem(tmp_path, b'schema = 1\nx = "\xff"').line == 2
    assert "larger" in problem(tmp_path, b"#" * (MAX_BYTES + 1)).message
    assert "nested" in problem(tmp_path, "schema = 1\nx = " + "[" * 5000).message


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
@example(b"schema=1\n[[device]]\n'id'.x=1")
@example(b'schema=1\n"""a"""=1')
def test_garbage_is_an_error(content: bytes) -> None:
    """Whatever bytes a file has, reading it gives a table or a ConfigError."""
    try:
        table = parse_toml(content, "x")
        table.done()
    except ConfigError as error:
        assert error.line is None or error.line >= 1  # noqa: PT017  # any error is fine, of this type


_SCALARS = st.one_of(
    st.integers(-5, 2000), st.floats(), st.booleans(), st.text(max_size=8), st.none().map(lambda _: "jam")
)
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)
_KEYS = st.sampled_from(
    [
        "kind",
        "verb",
        "sheet",
        "page",
        "at",
        "seconds",
        "times",
        "fault",
        "random",
        "rate",
        "sheets",
        "action",
        "arguments",
        "schema",
        "source",
        "mode",
        "machine",
        "timing",
        "feeder",
        "model",
        "name",
        "depths",
        "width_mm",
    ]
)
_TABLES = st.dictionaries(
    _KEYS, st.one_of(_VALUES, st.lists(st.dictionaries(_KEYS, _VALUES, max_size=4), max_size=3)), max_size=6
)


@settings(max_examples=80, deadline=None)
@given(_TABLES)
def test_garbled_tables_are_errors(data: dict[str, object]) -> None:
    """Whatever values the keys have, a scenario, a profile and a fault are read or refused with the typed error."""
    machine = profile()
    for read in (
        lambda: read_scenario(Table(data, _config_error), machine),
        lambda: read_profile(Table(data, _config_error)),
        lambda: read_fault(Table(data, invalid), _any),
    ):
        try:
            read()
        except DeviceError as error:
            assert error.code is Code.INVALID_VALUE  # noqa: PT017  # not raising is fine too


def _config_error(path: object, why: str) -> ConfigError:
    return ConfigError(why, file="x", key=str(path))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_lines_of_keys(data: st.DataObject) -> None:
    """Every key of a file is found at the line on which it was written, whatever stands around it."""
    lines: list[str] = []
    expected: dict[tuple[str | int, ...], int] = {}
    fillers = ["", "# [x] y = 1", "   "]
    counts: dict[str, int] = {}
    prefix: tuple[str | int, ...] = ()
    values = [
        "1",
        '"a = [ # b"',
        "'\\'",
        '"""\nx = 1\n[[y]]\n"""',
        "'''\n#'\n'''",
        "[\n1, # ]\n2 ]",
        '{ a = "}" }',
        '"\\"#"',
        "1979-05-27",
    ]
    for number in range(data.draw(st.integers(1, 8))):
        lines += data.draw(st.lists(st.sampled_from(fillers), max_size=2))
        at = sum(line.count("\n") + 1 for line in lines) + 1
        kind = data.draw(st.sampled_from(["key", "table", "array"]))
        if kind == "key":
            written, name = data.draw(st.sampled_from([(f"k{number}", f"k{number}"), (f'"q {number}"', f"q {number}")]))
            lines.append(f"{written} = {data.draw(st.sampled_from(values))}  # end")
            expected[*prefix, name] = at
        elif kind == "table":
            lines.append(f"[t{number}]")
            prefix = (f"t{number}",)
            expected[prefix] = at
        else:
            name = data.draw(st.sampled_from(["list", "other"]))
            lines.append(f"[[{name}]]")
            prefix = (name, counts.get(name, 0))
            counts[name] = counts.get(name, 0) + 1
            expected[prefix] = at
    text = "\n".join(lines)
    tomllib.loads(text)
    found = key_lines(text)
    assert {path: found.get(path) for path in expected} == expected


def test_shipped_files_are_good() -> None:
    """Every shipped profile and scenario can be read, and the built-in lab has a feeder and a flatbed."""
    assert {"office-duplex-feeder", "flatbed"} <= set(fixture_names("profiles"))
    for name in fixture_names("profiles"):
        made = load_profile(fixture(f"profiles/{name}.toml"))
        assert made.model
        assert profile_from_data(made.data) == made
        assert from_plain(to_plain(made.caps())) == made.caps()
    for name in fixture_names("scenarios"):
        scenario = load_scenario(fixture(f"scenarios/{name}.toml"), profile())
        assert scenario.faults
    built_in = load_lab()
    assert [device.id for device in built_in.devices] == ["feeder", "flatbed"]
    assert built_in.time == float("inf")
    showroom = load_lab(fixture("devices/showroom.toml"))
    assert [device.id for device in showroom.devices] == ["feeder", "combi", "a3", "flatbed", "old"]
    every = load_lab(fixture("devices/every-machine.toml"))
    assert [device.id for device in every.devices] == list(fixture_names("profiles"))


def test_own_files_beside_the_devices_file(tmp_path: Path) -> None:
    """Profiles and scenarios can lie beside the devices file; an error in them names them."""
    write(tmp_path, fixture("profiles/flatbed.toml").read_bytes(), "my.toml")
    write(tmp_path, 'schema = 1\n\n[[fault]]\nkind = "truncated"\nat = 2\n', "bad.toml")
    lab = 'schema = 1\n[[device]]\nid = "x"\nprofile = "my.toml"\n'
    assert load_lab(write(tmp_path, lab)).devices[0].profile.model == "Flatbed"
    error = problem(tmp_path, lab + 'scenario = "bad.toml"\n')
    assert (Path(error.file).name, error.line) == ("bad.toml", 5)
    assert "fault[1].at must be from 0 to 1, not 2" in error.message


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('[[fault]]\nkind = "jma"', 3, "did you mean 'jam'?"),
        ("[[fault]]\nsheet = 1", 2, "fault[1].kind is missing"),
        ('[[fault]]\nkind = "jam"\nsheet = 0', 4, "must be from 1"),
        ('[[fault]]\nkind = "jam"\nsheets = 1', 4, "did you mean 'sheet'?"),
        ('[[fault]]\nkind = "busy"\nverb = "read"', 4, "must be one of open, start"),
        ('[[fault]]\nkind = "busy"\nat = 0.5', 4, "has no meaning for a fault that strikes at open"),
        ('[[fault]]\nkind = "jam"\nseconds = 1', 4, "has no meaning for jam"),
        ('[[fault]]\nkind = "slow"', 2, "how slow shall it be?"),
        ('[[at]]\nseconds = 1\naction = "explode"', 4, "must be one of load"),
        (
            '[[at]]\nseconds = 1\naction = "load"\narguments = { cuont = 1 }',
            5,
            "at[1].arguments would be refused: count",
        ),
        ('[[at]]\nseconds = 1\naction = "place-sheet"', 4, "would be refused: The device has no action"),
        ('[[random]]\nkind = "jam"\nrate = 2', 4, "must be from 0 to 1"),
        ('[[random]]\nkind = "jam"\nrate = 1\nsheet = 2', 5, "is drawn by lot here"),
    ],
)
def test_scenario_errors(tmp_path: Path, text: str, line: int, says: str) -> None:
    """Mistakes in a scenario name line and key, and say what is allowed."""
    with pytest.raises(ConfigError) as caught:
        load_scenario(write(tmp_path, f"schema = 1\n{text}\n"), profile())
    assert says in caught.value.message
    assert caught.value.line == line


def test_flatbed_cannot_jam(tmp_path: Path) -> None:
    """A fault that the machine cannot have is refused when the file is read."""
    path = write(tmp_path, 'schema = 1\n[[fault]]\nkind = "jam"\n')
    with pytest.raises(ConfigError, match="the Flatbed has no feeder"):
        load_scenario(path, profile("flatbed"))


def test_random_faults_follow_the_seed(tmp_path: Path) -> None:
    """Faults by lot are the same for the same seed, and others for another."""
    path = write(tmp_path, 'schema = 1\n[[random]]\nkind = "truncated"\nat = 0.5\nrate = 0.2\nsheets = 50\n')
    one, same, other = (load_scenario(path, profile(), seed) for seed in (1, 1, 2))
    assert one == same != other
    assert 0 < len(one.faults) < 50
    assert all(fault.at == 0.5 and 1 <= (fault.sheet or 0) <= 50 for fault in one.faults)


def test_timed_actions(tmp_path: Path) -> None:
    """Actions at a time keep their arguments."""
    path = write(tmp_path, 'schema = 1\n[[at]]\nseconds = 2.5\naction = "load"\narguments = { count = 3 }\n')
    assert load_scenario(path, profile()).timed == (Timed(2.5, control.LOAD, {"count": 3}),)


def test_one_model_for_faults() -> None:
    """A fault is read back from its own arguments, as Python, HTTP and TOML say them."""
    for fault in (
        Fault(FaultKind.JAM, sheet=3),
        Fault(FaultKind.HANG, verb="start", seconds=2.0, times=0),
        Fault(FaultKind.COVER_OPEN, page=2, at=0.4),
    ):
        assert read_fault(Table(fault.arguments(), invalid), _any) == fault


@pytest.mark.parametrize(
    "config",
    [
        {"devices": "x"},
        {"devices_file": 3},
        {"devices_file": "/nonexistent/lab.toml"},
        {"time": "slow"},
        {"time": 0},
        {"time": True},
        {"clock": 3},
        {"resident": {}},
        {"resident": {"listen": "a", "connect": "b"}},
        {"resident": "x"},
    ],
)
def test_wrong_configuration(config: dict[str, object]) -> None:
    """A wrong configuration of the driver is refused when the backend is made."""
    with pytest.raises(ConfigError):
        factory(config)


def test_configuration() -> None:
    """Every key of the configuration arrives; None means absent."""
    read = read_config({"devices_file": None, "time": "instant", "resident": {"listen": "/run/x"}})
    assert (read.devices_file, read.time, read.listen, read.connect) == (None, float("inf"), Path("/run/x"), None)


def test_fixtures_of_a_wheel_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the wheel ships within the package goes before the checkout, from any working directory."""
    write(tmp_path, "schema = 1\n", "x.toml")
    monkeypatch.setattr("simulators.fixture_files.ROOTS", (tmp_path, fixture("devices").parent))
    monkeypatch.chdir("/")
    assert fixture("x.toml") == tmp_path / "x.toml"
    assert fixture("devices/lab.toml").is_file()


def test_fixtures_stay_in_their_folder() -> None:
    """A name cannot lead out of the fixtures."""
    with pytest.raises(FileNotFoundError):
        fixture("../pyproject.toml")
    assert load_toml(fixture("devices/lab.toml")).has("device")


def _any(action: str, arguments: Mapping[str, object]) -> None:
    """Every action can be done."""
