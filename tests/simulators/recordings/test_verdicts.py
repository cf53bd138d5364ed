"""The suite comes to the same verdicts about a recording as about the device that was recorded."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance import Unreachable
from conformance.selftest import DEFECTS, LEGAL
from conformance.selftest.defects import Defect
from simulators.recordings import Recorder, save
from tests.simulators.recordings.tapes import play, recording_of, verdicts

BEYOND_PLAIN_DATA = frozenset({"shared-list", "lossy-field"})
"""Defects that no file can hold: their driver returns objects of the contract with parts of wrong types, of which only the text is kept. The replay says so."""


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_a_defect_is_replayed(defect: Defect, tmp_path: Path) -> None:
    """What the suite finds in a faulty device by the requirement that it breaks, it finds in the recording too."""
    file, recorder = tmp_path / "defect.recording", Recorder()
    recorded = verdicts(defect.build, [defect.requirement], recorder)
    save(recording_of(recorder), file)
    if defect.name in BEYOND_PLAIN_DATA:
        with pytest.raises(Unreachable, match="unreadable in the recording"):
            verdicts(lambda: play(file), [defect.requirement])
        return
    assert verdicts(lambda: play(file), [defect.requirement]) == recorded


def test_a_whole_run_is_replayed(tmp_path: Path) -> None:
    """A correct device passes all checks, and so does its recording, twice in one process."""
    file, recorder = tmp_path / "legal.recording", Recorder()
    recorded = verdicts(LEGAL, recorder=recorder)
    assert "fail" not in recorded.values()
    assert len(set(recorded)) > 90
    save(recording_of(recorder), file)
    assert verdicts(lambda: play(file)) == recorded
    assert verdicts(lambda: play(file)) == recorded
