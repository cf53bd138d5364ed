"""One model: a scenario in a file, over HTTP and in Python is the same one, and the same things happen at the same virtual times."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_protocol import Fault, FaultKind
from device_protocol.testing import run
from simulators.fixture_files import fixture, fixture_names
from simulators.scenario import load_scenario, read_scenario
from simulators.scenarios.generate import generate
from simulators.scenarios.writing import to_keys, to_toml
from simulators.spec import Scenario, Timed
from simulators.toml_files import parse_toml, plain_table
from tests.simulators.scenarios.plays import COMBI, Story, machine, tell

SHIPPED = fixture_names("scenarios")


def shipped(name: str) -> Scenario:
    """A shipped scenario for the machine of these tests."""
    return load_scenario(fixture(f"scenarios/{name}.toml"), COMBI, machine().seed)


def comparable(story: Story) -> object:
    """What must be equal: everything but the numbers of entries, since being told a scenario is one, too."""
    state = {key: value for key, value in story.state.items() if key != "client"}
    return story.seen, [{**entry, "number": 0} for entry in story.journal], state, story.progress


@pytest.mark.parametrize("name", SHIPPED)
def test_round_trip(name: str) -> None:
    """File, model, JSON, model, TOML, model: nothing is lost on the way, and TOML says what JSON says."""
    scenario = shipped(name)
    keys = json.loads(json.dumps(to_keys(scenario)))
    assert read_scenario(plain_table(keys, "http"), COMBI) == scenario
    text = to_toml(scenario)
    assert read_scenario(parse_toml(text.encode(), "again"), COMBI) == scenario
    assert tomllib.loads(text) == keys


@pytest.mark.parametrize("name", SHIPPED)
def test_same_story(name: str, tmp_path: Path) -> None:
    """By file, by the control's action and behind a socket, a client and the journal tell the same story."""
    scenario = shipped(name)
    story = comparable(run(lambda: tell(machine(scenario))))
    assert comparable(run(lambda: tell(machine(), setup=to_keys(scenario)))) == story
    assert comparable(run(lambda: tell(machine(scenario), socket=tmp_path / "lab"))) == story


@given(st.integers(0, 2**63 - 1), st.integers(1, 20))
def test_generated_ones_make_the_round_trip(seed: int, faults: int) -> None:
    """What comes from a seed is a plain scenario, and the same each time."""
    scenario = generate(COMBI, seed, faults=faults)
    assert scenario == generate(COMBI, seed, faults=faults)
    assert len(scenario.faults) == faults
    assert str(seed) in scenario.description
    assert read_scenario(parse_toml(to_toml(scenario).encode(), "again"), COMBI) == scenario


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=50), st.text('abc-_ ."é', min_size=1, max_size=9))
def test_any_text_can_be_written(text: str, key: str) -> None:
    """Descriptions, messages and arguments may have any characters, quotes and controls too."""
    fault = Fault(FaultKind.ERROR, message=text)
    scenario = Scenario((fault,), (Timed(1.0, "load", {key: text}),), text)
    assert tomllib.loads(to_toml(scenario)) == json.loads(json.dumps(to_keys(scenario)))
