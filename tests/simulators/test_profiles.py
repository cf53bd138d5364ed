"""Profiles: the keys, what the reader makes of them, every mistake with its line, and bad input that changes nothing."""

from __future__ import annotations

import contextlib
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device_host.toml_text import MAX_BYTES
from device_protocol import Choice
from simulators import files
from simulators.fields import Table
from simulators.files import Sort, check, find_file, recognise
from simulators.fixture_files import fixture, fixture_names
from simulators.profile import load_profile, profile_from_data, read_profile
from simulators.profiles import tables
from simulators.profiles.describe import facts, lines
from simulators.profiles.keys import default_of
from simulators.profiles.model import Profile
from simulators.toml_files import ConfigError

SMALL = """\
schema = 1
model = "Small"

[[mode]]
colour = "gray"

[[source]]
kind = "flatbed"
width_mm = 210.0
height_mm = 297.0
"""

FULL = """\
schema = 1
maker = "a"
model = "b"
description = "c"
default_source = "Glass"

[machine]
scan_ahead = 3
option_policy = "remembered"
early_end = "ends-job"
row_padding = 4
byte_order = "big"
cover = false
buttons = ["go"]
options = ["brightness"]
vanishing_options = true
read_limit = 512
three_pass = true

[timing]
open_s = 1
warm_up_s = 2.5
full_speed_dpi = 200
option_s = 0.5

[feeder]
capacity = 7
multifeed_sensor = false
length_sensor = true
blank_detection = true
unknown_height = true

[rounding]
area_mm = 1.5

[defaults]
resolution = 100
area_mm = [0, 0, 50, 60]

[defects]
option_names = { mode = "Mode_X" }
forgets_values = true
end_code = "JAM"
real_dpi = 50

[optics]
noise = 1.0

[escl]
make_and_model = "d"
manufacturer = "e"
server_header = "f"
note = "g"

[[mode]]
name = "Graustufen"
colour = "gray"
depths = [8, 16]

[[mode]]
colour = "color"

[[source]]
name = "Glass"
kind = "flatbed"
width_mm = 210
height_mm = 297
modes = ["Graustufen"]
resolutions = [100, 200]
length_sensor = true
unknown_height = true

[[source]]
kind = "feeder-duplex"
width_mm = 220
height_mm = 300
resolutions = { minimum = 50, maximum = 100, step = 25 }
paper_sensor = false
conditions_at = "first-page"

[[source]]
name = "Auto"
kind = "automatic"
width_mm = 210
height_mm = 297
"""


def write(folder: Path, text: str | bytes, name: str = "machine.toml") -> Path:
    """A file with that content."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def mistakes(folder: Path, text: str | bytes, sort: Sort | None = Sort.PROFILE) -> list[tuple[int | None, str]]:
    """Line and words of every mistake in a file."""
    return [(error.line, error.message) for error in check(write(folder, text), sort)[1]]


def test_every_key_arrives(tmp_path: Path) -> None:
    """A file with every sort of key becomes the machine that it describes, the same on the other side of a socket."""
    made = load_profile(write(tmp_path, FULL))
    assert profile_from_data(made.data) == made
    assert (made.maker, made.model, made.description, made.default_source) == ("a", "b", "c", "Glass")
    assert (made.scan_ahead, made.row_padding, made.byte_order.value, made.cover) == (3, 4, "big", False)
    assert (made.traits.options, made.traits.read_limit, made.traits.three_pass) == (("brightness",), 512, True)
    assert (made.timing.open_s, made.timing.full_speed_dpi, made.timing.option_s) == (1, 200, 0.5)
    assert made.feeder is not None
    assert (made.feeder.capacity, made.feeder.unknown_height) == (7, True)
    assert (made.rounding.step("tl-x"), made.rounding.step("resolution"), made.defaults.area_mm) == (
        1.5,
        0,
        (0, 0, 50, 60),
    )
    assert (made.defects.option_names, made.defects.end_code, made.lawful) == ({"mode": "Mode_X"}, "JAM", False)
    assert (made.escl.make_and_model, made.escl.server_header, made.escl.note) == ("d", "f", "g")
    glass, feeder, auto = made.sources
    assert (glass.resolutions, glass.unknown_height, [mode.value for mode in glass.modes]) == (
        Choice((100, 200)),
        True,
        ["Graustufen"],
    )
    assert (feeder.paper_detectable, feeder.conditions_at.value, auto.kind.value) == (False, "first-page", "vendor")
    assert made.measuring == {"Glass", "feeder-duplex"}
    assert made.caps().default_source == "Glass"


def test_a_small_profile_is_enough(tmp_path: Path) -> None:
    """What is not said is as the documentation says: nothing is wrong, everything happens at once."""
    made = load_profile(write(tmp_path, SMALL))
    assert made.lawful
    assert (made.maker, made.feeder, made.timing.page_s) == ("flatbed", None, 0)


def _read(data: dict[str, Any]) -> dict[str, set[str]]:
    """Which keys the reader asks for in each table of *data*."""
    asked: dict[str, set[str]] = {}

    class Spy(Table):
        def done(self) -> None:
            name = str(self.path[0]) if self.path else ""
            if len(self.path) < 2 or isinstance(self.path[-1], int):
                asked.setdefault(name, set()).update(self.known)
            super().done()

        def table(self, key: str, default: Any = None) -> Table:
            return Spy(super().table(key, default).plain(), self._fail, (*self.path, key))

        def tables(self, key: str, *, most: int = 1000) -> list[Table]:
            found = super().tables(key, most=most)
            return [Spy(entry.plain(), self._fail, entry.path) for entry in found]

    read_profile(Spy(data, lambda path, why: ConfigError(why, file="test", key=str(path))))
    return asked


def test_the_documentation_has_every_key() -> None:
    """The keys that the reader knows are those of the tables that the page is made from, and their standards have all of them."""
    asked = _read(tomllib.loads(FULL))
    below = {table.name.strip("[]") for table in tables.TABLES[1:]}
    for table in tables.TABLES:
        known = asked[table.name.strip("[]")] - (below if not table.name else set())
        assert known == {key.name for key in table.keys}, table.name
        if table.standard is not None:
            assert {item.name for item in fields(table.standard)} == known  # type: ignore[arg-type]  # a dataclass
    for table in tables.TABLES:
        for key in table.keys:
            assert key.kind.words
            assert default_of(key, table.standard)


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ('model = "Small"', "", 1, "model is missing"),
        ('model = "Small"', 'modle = "Small"', 1, "is 'modle' meant to be it?"),
        ('model = "Small"', 'model = "a\\nb"', 2, "must match"),
        ('model = "Small"', "model = 3", 2, "must be a text, not an integer"),
        ('colour = "gray"', 'colour = "grey"', 5, "did you mean 'gray'?"),
        ('colour = "gray"', 'colour = "gray"\ndepths = [1]', 6, "of gray must be among 8, 16"),
        ('colour = "gray"', 'colour = "gray"\ndepths = [8, 8]', 6, "must not repeat a value"),
        ('colour = "gray"', 'colour = "gray"\ndepths = []', 6, "must be a non-empty array of integers"),
        ('kind = "flatbed"', 'kind = "feeder"', 8, "needs a [feeder] table"),
        ('kind = "flatbed"', 'kind = "automatic"', 7, "needs a flatbed and a feeder beside it"),
        ("width_mm = 210.0", "width_mm = nan", 9, "must be a finite number"),
        ("width_mm = 210.0", "width_mm = inf", 9, "must be a finite number"),
        ("width_mm = 210.0", f"width_mm = 1{'0' * 400}", 9, "not a number of over 300 digits"),
        ("width_mm = 210.0", "width_mm = true", 9, "must be a number, not true or false"),
        ("height_mm = 297.0", "height_mm = 297.0\nresolutions = [0]", 11, "must lie in 1 to 9600"),
        ("height_mm = 297.0", "height_mm = 297.0\nresolutions = { minimum = 9, maximum = 3 }", 11, "must be from 9 to"),
        ("height_mm = 297.0", 'height_mm = 297.0\nmodes = ["colour"]', 11, "names no [[mode]]: colour"),
        ("height_mm = 297.0", "height_mm = 297.0\nunknown_height = true", 11, "needs length_sensor = true"),
        ("[[mode]]", "[machine]\nscan_ahaed = 1\n[[mode]]", 5, "did you mean 'scan_ahead'?"),
        ("[[mode]]", "[machine]\nscan_ahead = 101\n[[mode]]", 5, "must be from 0 to 100"),
        ("[[mode]]", '[machine]\noptions = ["brihgtness"]\n[[mode]]', 5, "must be a non-empty array of brightness"),
        ("[[mode]]", "[defects]\nhides_real_sources = true\n[[mode]]", 5, "needs a [[source]]"),
        ("[[mode]]", "[defects]\nforgets_values = true\n[[mode]]", 5, 'needs option_policy = "remembered"'),
        ("[[mode]]", "[defects]\nignores_page_count = true\n[[mode]]", 5, "needs a [[source]] that is a feeder"),
        ("[[mode]]", '[defects]\noption_names = { mode = "depth" }\n[[mode]]', 5, "a name that no other option has"),
        ("[[mode]]", "[defects]\noption_names = { mood = 1 }\n[[mode]]", 5, "did you mean 'mode'?"),
        ("[[mode]]", "[defaults]\narea_mm = [0, 0, 300, 10]\n[[mode]]", 5, "must lie within the area of every source"),
        ("[[mode]]", "[defaults]\narea_mm = [0, 0, 0, 10]\n[[mode]]", 5, "at least 1 mm wide"),
        ("[[mode]]", "[defaults]\narea_mm = [0, 0, nan, 10]\n[[mode]]", 5, "must be a list of 4 numbers"),
        ("[[mode]]", '[escl]\nserver_header = "a\\r\\nb"\n[[mode]]', 5, "must match"),
        ("schema = 1", "schema = 2", 1, "was made for a newer version"),
        ("schema = 1", f"schema = 1{'0' * 400}", 1, "was made for a newer version"),
        ("schema = 1", "schema = true", 1, "must be an integer"),
        ("schema = 1", "schema 1", 1, "is not TOML"),
        ("[[mode]]", "[mode]", 4, "must be an array of tables, not a table"),
    ],
)
def test_a_mistake_has_its_line(tmp_path: Path, old: str, new: str, line: int, says: str) -> None:
    """One mistake is one error with file, line and what is allowed, whether the file is loaded or checked."""
    text = SMALL.replace(old, new, 1)
    with pytest.raises(ConfigError) as caught:
        load_profile(write(tmp_path, text))
    found = mistakes(tmp_path, text)
    assert says in caught.value.message
    assert any(item[0] == line and says in item[1] for item in found), found
    assert str(tmp_path / "machine.toml") in caught.value.message


def test_all_mistakes_are_found(tmp_path: Path) -> None:
    """A file with many mistakes is told of all of them, in the order of its lines, and none is told twice."""
    text = SMALL.replace('model = "Small"', 'modle = "x"').replace('"gray"', '"grey"').replace("210.0", '"wide"')
    text += 'colour = 3\n\n[[source]]\nkind = "feedr"\nwidth_mm = 1e9\n\n[timing]\nopen_s = -1\npage_s = nan\n'
    found = mistakes(tmp_path, text)
    lines = [line for line, _ in found]
    assert lines == sorted(line for line in lines if line is not None)
    told = "\n".join(words for _, words in found)
    for part in (
        "model is missing",
        "modle is not known here",
        "mode[1].colour must be one of",
        "source[1].width_mm must be a number",
        "source[1].colour is not known here",
        "source[2].kind must be one of",
        "source[2].width_mm must be from",
        "source[2].height_mm is missing",
        "timing.open_s must be from",
        "timing.page_s must be a finite number",
    ):
        assert told.count(part) == 1, (part, told)


def test_one_slip_is_one_mistake(tmp_path: Path) -> None:
    """What follows from a mistake is not told beside it: a misspelt word stands for the one that it resembles."""
    text = SMALL.replace('colour = "gray"', 'colour = "grey"\ndepths = [8, 16]')
    assert [line for line, _ in mistakes(tmp_path, text)] == [5]
    twice = '[[device]]\nid = 5\nprofile = "flatbed"\n'
    assert [line for line, _ in mistakes(tmp_path, f"schema = 1\n{twice}{twice}", Sort.DEVICES)] == [3, 6]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'schema = 1\nmodel = "\xff"\n', "machine.toml:2: is not UTF-8"),
        (b"x = " + b"[" * 50_000, "is nested too deeply"),
        (b"#" * (50 << 20), f"is larger than {MAX_BYTES} bytes"),
        (b"", "schema is missing"),
        (b"\x00", "is not TOML"),
    ],
)
def test_what_is_no_profile(tmp_path: Path, content: bytes, says: str) -> None:
    """Garbage, 50 MB and depth are one clear error each, and quick."""
    ((_, words),) = mistakes(tmp_path, content)[:1]
    assert says in words


def test_a_missing_file(tmp_path: Path) -> None:
    """A file that cannot be read says why."""
    ((_, (error,)),) = [check(tmp_path / "nowhere.toml")]
    assert error.message.endswith("cannot be read: No such file or directory")


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=10**400, max_value=10**400 + 3),
    st.floats(),
    st.text(max_size=8),
    st.lists(
        st.one_of(st.integers(), st.text(max_size=4), st.dictionaries(st.text(max_size=3), st.integers())), max_size=3
    ),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_value_anywhere_is_a_clear_error(data: st.DataObject) -> None:
    """Whatever stands at a key, the reader takes it or says so in its own words, and the data stays as it was."""
    plain = tomllib.loads(FULL)
    table = data.draw(st.sampled_from([item for item in tables.TABLES if item.name]))
    name = table.name.strip("[]")
    target = plain[name][0] if isinstance(plain[name], list) else plain[name]
    target[data.draw(st.sampled_from([key.name for key in table.keys]))] = data.draw(VALUES)
    before = repr(plain)
    made: Profile | None = None
    with contextlib.suppress(ConfigError):
        made = profile_from_data(plain)
    assert repr(plain) == before
    assert made is None or lines(made)


def test_files_are_told_apart(tmp_path: Path) -> None:
    """By their keys; shipped ones are found by name, and a slip of the pen gets a hint."""
    for sort in Sort:
        for name in fixture_names(sort.folder):
            assert recognise(fixture(f"{sort.folder}/{name}.toml")) is sort
            assert check(fixture(f"{sort.folder}/{name}.toml")) == (sort, [])
    assert find_file("flatbed")[1] is Sort.PROFILE
    with pytest.raises(ConfigError, match="did you mean 'book-scanner'"):
        find_file("book-scaner")
    with pytest.raises(ConfigError, match="nothing in it that tells"):
        recognise(write(tmp_path, "schema = 1\n"))


def test_mistakes_of_each_device(tmp_path: Path) -> None:
    """A devices file is checked device by device: a mistake in one hides none in another, nor in the profile that a third one names."""
    write(tmp_path, SMALL.replace("210.0", "2"), "bad.toml")
    text = 'schema = 1\n[[device]]\nid = "a"\nprofile = "flatbad"\n[[device]]\nid = "a b"\nprofile = "flatbed"\n'
    text += '[[device]]\nid = "c"\nprofile = "bad.toml"\n'
    found = mistakes(tmp_path, text, None)
    assert len(found) == 3
    told = "\n".join(words for _, words in found)
    assert "did you mean 'flatbed'" in told
    assert "device[2].id must match" in told
    assert f"{tmp_path / 'bad.toml'}:9: source[1].width_mm must be from 20 to 3000, not 2" in told


def test_a_machine_is_described(tmp_path: Path) -> None:
    """For people and as data: sources, modes, timing, and each trait and defect that is not the usual one."""
    made = load_profile(write(tmp_path, FULL))
    told = "\n".join(lines(made))
    for part in (
        "Graustufen",
        "220 x 300 mm",
        "50 to 100 by 25 dpi",
        "scan_ahead = 3",
        "real_dpi = 50",
        "Fails SCAN-08",
    ):
        assert part in told
    plain = facts(made)
    assert plain["lawful"] is False
    assert [defect["key"] for defect in plain["defects"]] == ["option_names", "forgets_values", "end_code", "real_dpi"]
    assert plain["sources"][1]["resolutions"] == {"minimum": 50, "maximum": 100, "step": 25}


def test_the_trial_machine_has_everything() -> None:
    """Scenarios are tried on a machine to which everything can happen."""
    trial = load_profile(fixture(f"profiles/{files.TRIAL}.toml"))
    assert trial.feeder is not None
    assert trial.flatbed
    assert trial.cover
    assert trial.buttons
