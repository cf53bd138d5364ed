"""Scenarios that cannot be used: where the mistake is, and what is allowed."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from device_protocol import Fault, FaultKind, Recovery
from simulators.files import check
from simulators.fixture_files import fixture
from simulators.profile import load_profile
from simulators.scenario import load_scenario, read_scenario
from simulators.scenarios.keys import FAULT, GENERATE, LOT, RECOVERY, TIMED
from simulators.scenarios.kinds import KINDS
from simulators.spec import Scenario
from simulators.toml_files import ConfigError, parse_toml
from tests.simulators.scenarios.plays import COMBI

FLATBED = load_profile(fixture("profiles/old-flatbed.toml"))
DOCS = Path(__file__).parents[3] / "docs/reference/scenarios.md"


def read(text: str, machine: object = COMBI) -> Scenario:
    """The scenario in a text."""
    assert machine in (COMBI, FLATBED)
    return read_scenario(
        parse_toml(f"schema = 1\n{text}\n".encode(), "x.toml"), FLATBED if machine is FLATBED else COMBI, 5
    )


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('[[fault]]\nkind = "error"\ncode = "JAMM"', 4, "did you mean 'JAM'?"),
        ('[[fault]]\nkind = "error"\ncode = "CLOSED"', 4, "must be one of NOT_FOUND"),
        ('[[fault]]\nkind = "jam"\ncode = "JAM"', 4, "belongs to the kind error"),
        ('[[fault]]\nkind = "jam"\nmessage = "Oh"', 4, "belongs to the kind error"),
        ('[[fault]]\nkind = "error"\ncode = "NOT_FOUND"\nverb = "read"', 5, "must be one of open"),
        ('[[fault]]\nkind = "error"\ncode = "JAM"\nverb = "open"', 5, "must be one of next_page, start, read"),
        ('[[fault]]\nkind = "error"\nverb = "start"\nbyte = 3', 5, "strikes at start"),
        ('[[fault]]\nkind = "error"\nat = 0.5\nbyte = 3', 5, "two ways to say the same"),
        ('[[fault]]\nkind = "corrupted"\nbyte = 3', 4, "no meaning for corrupted"),
        ('[[fault]]\nkind = "error"\nbyte = -1', 4, "must be from 0"),
        ('[[fault]]\nkind = "busy"\njob = 2', 4, "no job is under way"),
        ('[[fault]]\nkind = "jam"\nevery = 0', 4, "must be from 1"),
        ('[[fault]]\nkind = "jam"\nafter = -1', 4, "must be from 0"),
        ('[[fault]]\nkind = "jam"\nfolows = "x"', 4, "did you mean 'follows'?"),
        ('[[fault]]\nkind = "jam"\nfollows = "x"', 4, "must be the name of a fault before this one"),
        (
            '[[fault]]\nkind = "jam"\nname = "first"\n[[fault]]\nkind = "jam"\nfollows = "frist"',
            7,
            "did you mean 'first'?",
        ),
        ('[[fault]]\nkind = "jam"\nname = "a"\nfollows = "a"', 5, "must be the name of a fault before"),
        ('[[fault]]\nkind = "jam"\nname = "a"\n[[fault]]\nkind = "jam"\nname = "a"', 7, "is taken already"),
        ('[[fault]]\nkind = "jam"\nname = "no spaces"', 4, "must match"),
        ('[[fault]]\nkind = "jam"\n[[fault.recovery]]\naction = "clear-jem"', 5, "did you mean 'clear-jam'?"),
        (
            '[[fault]]\nkind = "jam"\n[[fault.recovery]]\naction = "load"\narguments = { cuont = 1 }',
            6,
            "would be refused",
        ),
        ('[[fault]]\nkind = "jam"\n[[fault.recovery]]\naction = "reset"', 5, "begins or ends a scenario"),
        (
            '[[fault]]\nkind = "jam"\n[[fault.recovery]]\naction = "clear-jam"\ncount = 2',
            6,
            'only with when = "reported"',
        ),
        (
            '[[fault]]\nkind = "hang"\n[[fault.recovery]]\naction = "clear-jam"\nwhen = "reported"',
            6,
            "do not end with a code",
        ),
        ('[[at]]\nseconds = 1\naction = "scenario"', 4, "begins or ends a scenario"),
        ("[generate]\nfaults = 0", 3, "must be from 1 to 100"),
        ('[generate]\nkinds = ["jma"]', 3, "array of kinds of faults"),
        ('[[random]]\nkind = "jam"\nrate = 1\nname = "x"', 5, "is drawn by lot here"),
    ],
)
def test_mistakes(text: str, line: int, says: str) -> None:
    """A mistake names line and key, hints at what was meant, and says what is allowed."""
    with pytest.raises(ConfigError) as caught:
        read(text)
    assert says in caught.value.message
    assert caught.value.line == line


@pytest.mark.parametrize(
    "fault",
    [
        *(f'kind = "{kind.value}"' for kind, facts in KINDS.items() if facts.feeds),
        *(
            f'kind = "error"\ncode = "{code}"'
            for code in ("JAM", "NO_MEDIA", "MULTIFEED", "DAMAGED_SHEET", "COVER_OPEN")
        ),
        'kind = "cover-open"',
    ],
)
def test_what_a_flatbed_cannot_have(fault: str) -> None:
    """A fault or a code that needs a feeder or a cover is refused for a machine without."""
    assert read(f"[[fault]]\n{fault}").faults
    with pytest.raises(ConfigError, match=r"the Old Flatbed has no (feeder|cover)"):
        read(f"[[fault]]\n{fault}", FLATBED)


def test_limits() -> None:
    """Counts are limited, by lot and by hand."""
    with pytest.raises(ConfigError, match="at most 1000 entries"):
        read('[[fault]]\nkind = "jam"\n' * 1001)
    with pytest.raises(ConfigError, match="more than 1000 faults"):
        read('[[random]]\nkind = "slow"\nseconds = 1\nrate = 1\nsheets = 1001')
    with pytest.raises(ConfigError, match="at most 10 entries"):
        read('[[fault]]\nkind = "jam"\n' + '[[fault.recovery]]\naction = "clear-jam"\n' * 11)


def test_the_page_has_every_key() -> None:
    """The documentation names the keys that the reader knows: no more, no less."""
    assert set(FAULT) == {item.name for item in fields(Fault)}
    assert set(RECOVERY) == {item.name for item in fields(Recovery)}
    text = DOCS.read_text()
    for key in (*FAULT, *RECOVERY, *TIMED, *LOT, *GENERATE, *(kind.value for kind in FaultKind)):
        assert f"| `{key}` |" in text
    for table in ("[[at]]\nzzz = 1", '[[random]]\nkind = "jam"\nrate = 1\nzzz = 1', "[generate]\nzzz = 1"):
        with pytest.raises(ConfigError) as caught:
            read(table)
        assert "zzz" in caught.value.message or "missing" in caught.value.message


def test_examples_of_the_page(tmp_path: Path) -> None:
    """Who copies an example gets a scenario, and the Python example prints one."""
    examples = re.findall(r"```toml\n# (\S+)\n(.*?)```", DOCS.read_text(), re.DOTALL)
    assert [name for name, _ in examples] == ["afternoon.toml", "luck.toml"]
    for name, text in examples:
        (tmp_path / name).write_text(text)
        assert load_scenario(tmp_path / name, COMBI).faults
    (python,) = re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)
    printed: list[str] = []
    exec(python, {"print": printed.append})  # our own page
    assert len(read_scenario(parse_toml(printed[0].encode(), "printed"), COMBI).faults) == 2


def test_generate_keeps_to_its_kinds_and_its_seed() -> None:
    """The key makes a plain scenario of the kinds that are asked for; without a seed of its own it is the device's."""
    made = read('[generate]\nfaults = 7\nkinds = ["slow", "error"]')
    assert {fault.kind for fault in made.faults} <= {FaultKind.SLOW, FaultKind.ERROR}
    assert (len(made.faults), made.seed) == (7, 5)
    assert read('[generate]\nseed = 5\nfaults = 7\nkinds = ["slow", "error"]') == made
    assert read('[generate]\nseed = 6\nfaults = 7\nkinds = ["slow", "error"]') != made
    with pytest.raises(ConfigError, match="nothing that this machine can have"):
        read('[generate]\nkinds = ["jam"]', FLATBED)


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    """`flatbed simulate validate` finds the mistakes of every entry of a scenario, and goes on after each."""
    file = tmp_path / "bad.toml"
    file.write_text(
        'schema = 1\n[[fault]]\nkind = "jma"\n[[fault]]\nkind = "busy"\nat = 0.5\n[[fault]]\nkind = "jam"\nfollows = "nobody"\n'
        '[[at]]\nseconds = 1\naction = "load"\n[[at]]\nseconds = -1\naction = "unplug"\n[[random]]\nkind = "jam"\nrate = 2\n'
        "[generate]\nfaults = 0\n"
    )
    assert [error.line for error in check(file)[1]] == [3, 6, 9, 10, 14, 18, 20]
