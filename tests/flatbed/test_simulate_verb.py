"""``flatbed simulate``: what it shows of the virtual machines."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from flatbed.cli import main
from simulators.fixture_files import fixture, fixture_names


def test_list_names_and_describes_all(capsys: pytest.CaptureFixture[str]) -> None:
    """Every shipped profile and scenario is listed with a sentence, for people and for machines."""
    assert main(["simulate", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert main(["simulate", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    for kind, folder in (("profiles", "profiles"), ("cameras", "profiles/cameras"), ("scenarios", "scenarios")):
        assert [item["name"] for item in listed[kind]] == list(fixture_names(folder))
        for item in listed[kind]:
            assert item["description"]
            assert any(line.split(maxsplit=1) == [item["name"], item["description"]] for line in lines)


def test_show_describes_a_machine(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A shipped machine and one in a file, for people and for machines."""
    assert main(["simulate", "show", "resolution-liar"]) == 0
    told = capsys.readouterr().out
    assert "real_dpi = 300" in told
    assert "Fails SCAN-08" in told
    assert main(["simulate", "show", "resolution-liar", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["schema"], shown["name"], shown["lawful"]) == (1, "resolution-liar", False)
    file = tmp_path / "mine.toml"
    file.write_text(fixture("profiles/flatbed.toml").read_text())
    assert main(["simulate", "show", str(file)]) == 0
    assert "keeps the contract" in capsys.readouterr().out


def test_show_prints_a_file_to_start_from(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """What --toml prints is a profile that can be used; of a scenario, the text is what there is to show."""
    assert main(["simulate", "show", "book-scanner", "--toml"]) == 0
    file = tmp_path / "mine.toml"
    file.write_text(capsys.readouterr().out)
    assert main(["simulate", "validate", str(file)]) == 0
    assert main(["simulate", "show", "jam-at-sheet-3"]) == 0
    assert 'kind = "jam"' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["show", "flatbad"], "did you mean 'flatbed'"),
        (["show", "flatbed", "--json", "--toml"], "exclude each other"),
        (["show", "jam-at-sheet-3", "--json"], "is no profile but of the sort scenario"),
        (["show", "nowhere.toml"], "cannot be read"),
        (["validate", "x.toml", "--profile", "nobody"], "neither a shipped profile"),
        (["validate"], "Missing argument"),
    ],
)
def test_mistakes_on_the_command_line(capsys: pytest.CaptureFixture[str], words: list[str], says: str) -> None:
    """They are exit status 2, with a sentence on standard error and nothing on standard output."""
    try:
        code = main(["simulate", *words])
    except SystemExit as ended:
        code = int(ended.code or 0)
    told = capsys.readouterr()
    assert (code, told.out) == (2, "")
    assert says in told.err


def test_validate_finds_every_mistake(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """File by file and line by line; exit status 1 if one of them cannot be used; --json has the same."""
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(fixture("profiles/flatbed.toml").read_text())
    bad.write_text('schema = 1\nmodle = "x"\n\n[[mode]]\ncolour = "grey"\n')
    assert main(["simulate", "validate", str(good)]) == 0
    assert capsys.readouterr().out == f"{good}: a profile file that can be used.\n"
    assert main(["simulate", "validate", str(good), str(bad)]) == 1
    told = capsys.readouterr().out
    assert f"{bad}:2: modle is not known here" in told
    assert f"{bad}:5: mode[1].colour must be one of" in told
    assert main(["simulate", "validate", str(bad), "--json"]) == 1
    (plain,) = json.loads(capsys.readouterr().out)["files"]
    assert plain["sort"] == "profile"
    assert {problem["line"] for problem in plain["problems"]} >= {2, 5}
    assert main(["simulate", "validate", str(good), "--as", "scenario"]) == 1


def test_scenarios_are_tried_on_a_machine(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A jam can happen to the usual trial machine, and not to a flatbed."""
    file = tmp_path / "jam.toml"
    file.write_text('schema = 1\n[[fault]]\nkind = "jam"\n')
    assert main(["simulate", "validate", str(file)]) == 0
    assert main(["simulate", "validate", str(file), "--profile", "flatbed"]) == 1
    assert "has no feeder" in capsys.readouterr().out


def test_generate_prints_a_scenario(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The same seed makes the same file, which can be used; a seed that was drawn is said and is in the file; JSON says the same."""
    make = ["simulate", "generate", "--faults", "4"]
    assert main([*make, "--seed", "42"]) == 0
    text = capsys.readouterr().out
    assert main([*make, "--seed", "42"]) == 0
    assert capsys.readouterr().out == text
    assert (len(tomllib.loads(text)["fault"]), tomllib.loads(text)["seed"]) == (4, 42)
    assert main([*make, "--seed", "42", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == tomllib.loads(text)
    file = tmp_path / "luck.toml"
    file.write_text(text)
    assert main(["simulate", "validate", str(file)]) == 0
    capsys.readouterr()
    assert main(make) == 0
    drawn = capsys.readouterr()
    assert f"Seed {tomllib.loads(drawn.out)['seed']}." in drawn.err
    with pytest.raises(SystemExit) as ended:
        main([*make, "--profile", "busy-twice"])
    assert ended.value.code == 2
    assert "no profile" in capsys.readouterr().err
