"""The committed results, survivors and page belong together and to the code as it is."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.selftest.mutants.blind_set import GROUNDS
from conformance.selftest.mutants.candidates import candidates
from conformance.selftest.mutants.results import load
from conformance.selftest.mutants.survivors import SurvivorError, template
from conformance.selftest.mutants.survivors import load as load_judgements
from conformance.selftest.mutants.table import FLOORS, PAGE, page, share

ROOT = Path(__file__).parents[3]
EVERYTHING = [load(name) for name in GROUNDS]
SURVIVORS = [item.mutant for results in EVERYTHING for item in results.survivors]


def test_the_page_is_made_of_the_results() -> None:
    """The page shows what the files say; each survivor is judged; no share has fallen, and there are 300 mutants."""
    assert PAGE.read_text() == page(EVERYTHING, load_judgements(SURVIVORS))
    assert sum(len(results.results) for results in EVERYTHING) >= 300
    assert all(share(results.results.values()) >= FLOORS[results.ground] for results in EVERYTHING)


def test_survivors_and_judgements_belong_together(tmp_path: Path) -> None:
    """One that is missing, one too many, one without a reason and one that speaks of another line are errors, each with its name."""
    one, two = candidates("m", "def f():\n    go()\n    come()\n")
    file = tmp_path / "survivors.toml"
    good = template(one).replace("gap = ''", "gap = 'nobody looks at that'")
    file.write_text(good)
    assert not load_judgements([one], file)[one.id].equivalent
    for text, survivors in (
        (good, [one, two]),
        (good, []),
        (template(one), [one]),
        (good + good, [one]),
        (good.replace("m:f", "m:g"), [one]),
        (good + "equivalent = 'it is the same in every way'", [one]),
    ):
        file.write_text(text)
        with pytest.raises(SurvivorError, match=f"{one.id}|{two.id}"):
            load_judgements(survivors, file)


def test_a_name_is_made_of_what_a_mutant_is() -> None:
    """The names in the results are those of what stands beside them."""
    for results in EVERYTHING:
        for name, item in results.results.items():
            assert name == item.mutant.id == replace(item.mutant, line=0).id


@pytest.mark.slow
def test_a_sample_dies_again() -> None:
    """Mutants that died die again by the check that killed them, and what the results speak of is still there."""
    done = subprocess.run(
        [sys.executable, "-m", "conformance.selftest.mutants", "--sample", "6"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
