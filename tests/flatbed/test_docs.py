"""The documentation's examples are accepted as they stand, and its lists are complete."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from device_protocol import FaultKind
from flatbed.cli import VERBS
from flatbed.docs_generated import PAGES, main
from flatbed.exits import Exit
from simulators.devices_file import load_lab
from simulators.fixture_files import fixture_names
from simulators.profile import load_profile
from simulators.scenario import load_scenario

ROOT = Path(__file__).parents[2]
DEVICES = (ROOT / "docs/reference/devices-file.md").read_text()
SCENARIOS = (ROOT / "docs/reference/scenarios.md").read_text()
PROFILES = (ROOT / "docs/reference/profiles.md").read_text()


def example(name: str) -> str:
    """The TOML block of the page that begins with the file's name."""
    (text,) = re.findall(rf"```toml\n# {name}\n(.*?)```", DEVICES, re.DOTALL)
    return str(text)


def test_the_devices_file_is_accepted(tmp_path: Path) -> None:
    """Who copies the example gets its two machines."""
    path = tmp_path / "my-lab.toml"
    path.write_text(example("my-lab.toml"))
    lab = load_lab(path)
    assert [device.id for device in lab.devices] == ["feeder", "glass"]
    assert lab.devices[0].scenario.faults[0].sheet == 3


def test_the_scenario_is_accepted(tmp_path: Path) -> None:
    """Who copies the example gets a jam and what else it says."""
    path = tmp_path / "my-scenario.toml"
    path.write_text(example("my-scenario.toml"))
    lab = load_lab(ROOT / "fixtures/devices/lab.toml")
    scenario = load_scenario(path, lab.devices[0].profile, 0)
    assert {fault.kind for fault in scenario.faults} >= {FaultKind.JAM, FaultKind.TRUNCATED}
    assert scenario.timed[0].action == "open-cover"


def test_the_smallest_profile_is_accepted(tmp_path: Path) -> None:
    """Who copies the example gets a machine."""
    (text,) = re.findall(r"```toml\n# smallest.toml\n(.*?)```", PROFILES, re.DOTALL)
    path = tmp_path / "smallest.toml"
    path.write_text(text)
    assert load_profile(path).model == "Smallest"


@pytest.mark.parametrize(("folder", "page"), [("profiles", PROFILES), ("scenarios", SCENARIOS)])
def test_every_shipped_file_is_named(folder: str, page: str) -> None:
    """The pages name each shipped profile and scenario, and each profile loads."""
    for name in fixture_names(folder):
        assert f"`{name}`" in page, name
    for name in fixture_names("profiles"):
        load_profile(ROOT / f"fixtures/profiles/{name}.toml")


def test_every_fault_is_named() -> None:
    """The page names each kind of fault."""
    assert all(kind.value in DEVICES for kind in FaultKind)


def test_every_verb_and_exit_code_is_named() -> None:
    """The page of the command line has each verb and each exit code."""
    page = (ROOT / "docs/reference/command-line.md").read_text()
    assert all(f"`flatbed {verb}" in page for verb in VERBS)
    assert all(f"| {code.value} |" in page for code in Exit)


def test_decisions_are_numbered_and_whole() -> None:
    """Decision records are numbered without a gap, and say context, decision and consequences."""
    files = sorted((ROOT / "docs/decisions").glob("*.md"))
    numbers = [int(path.name[:4]) for path in files]
    assert numbers == list(range(1, len(files) + 1))
    for path in files:
        text = path.read_text()
        assert all(f"**{part}.**" in text for part in ("Context", "Decision", "Consequences")), path.name


def test_links_lead_somewhere() -> None:
    """No relative link in the documentation is broken."""
    for path in [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text()):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_generated_pages(capsys: pytest.CaptureFixture[str]) -> None:
    """`make docs` has been run: nothing generated is stale."""
    assert main() == 0
    assert capsys.readouterr().out == ""
    assert PAGES
