"""The registry: 104 requirements as data, each complete, each either checked or planned."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from conformance.checks import CHECKS, check
from conformance.requirements import EVERY, FAMILIES, REQUIREMENTS, Facts, Status
from conformance.requirements.model import ID
from conformance.selftest.defects import DEFECTS
from conformance.selftest.profile import FEEDER, LEGAL_CAPS
from conformance.verdicts import Level
from device_protocol import ControlCaps, DeviceCaps, DeviceInfo, DeviceKind, SourceKind

COUNTS = dict(zip(FAMILIES, (6, 10, 15, 13, 10, 13, 9, 9, 9, 5, 5), strict=True))


def test_counts_per_family() -> None:
    """Nothing was lost or added on the way from the survey."""
    assert Counter(row.family for row in REQUIREMENTS.values()) == COUNTS
    assert len(REQUIREMENTS) == 104


def test_ids_run_without_gaps() -> None:
    """Ids are a family and a number from 01, in order, and the key is the row's own id."""
    expected = [f"{family}-{number:02}" for family in FAMILIES for number in range(1, COUNTS[family] + 1)]
    assert expected == list(REQUIREMENTS)
    assert all(key == row.id and ID.fullmatch(key) for key, row in REQUIREMENTS.items())


def test_shoulds_are_those_of_the_survey() -> None:
    """The level decides between a failure and a warning, so it must not drift."""
    shoulds = {row.id for row in REQUIREMENTS.values() if row.level is Level.SHOULD}
    assert shoulds == {"DISC-04", "DISC-06", "SET-13", "DATA-13", "CANC-09", "ERR-09", "STAT-05"}


@pytest.mark.parametrize("requirement", REQUIREMENTS)
def test_rows_are_complete(requirement: str) -> None:
    """Each row says what is required, where it comes from and what must die by it."""
    row = REQUIREMENTS[requirement]
    assert row.text.endswith(".")
    assert len(row.text) > 20
    assert row.sources
    assert all(row.sources)
    assert row.kills
    assert row.since >= 1
    assert bool(row.why_planned) == (row.status is Status.PLANNED)


def test_active_requirements_name_their_defects() -> None:
    """A requirement is active because it has killed a defect of the zoo: each one is named in the registry, and no other."""
    seeded: dict[str, set[str]] = {}
    for defect in DEFECTS:
        seeded.setdefault(defect.requirement, set()).add(defect.name)
    active = {row.id: set(row.kills) for row in REQUIREMENTS.values() if row.status is Status.ACTIVE}
    assert seeded == active


def test_every_requirement_is_checked() -> None:
    """All 104 are active and have a check."""
    assert {row.status for row in REQUIREMENTS.values()} == {Status.ACTIVE}
    assert set(CHECKS) == set(REQUIREMENTS)


def test_texts_are_all_different() -> None:
    """No row was copied and forgotten."""
    texts = Counter(row.text for row in REQUIREMENTS.values())
    assert [text for text, count in texts.items() if count > 1] == []


def test_checks_register_once_and_for_what_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second check, or one of an unknown or planned requirement, is refused when it is written."""
    with pytest.raises(ValueError, match="unknown"):
        check("SET-99")
    monkeypatch.setitem(EVERY, "SET-02", replace(EVERY["SET-02"], status=Status.PLANNED, why_planned="later"))
    with pytest.raises(ValueError, match="planned"):
        check("SET-02")
    with pytest.raises(ValueError, match="has a check already"):
        check("SET-01")(CHECKS["SET-02"].run)


def _facts(caps: DeviceCaps = LEGAL_CAPS, kind: DeviceKind = DeviceKind.SCANNER) -> Facts:
    return Facts(DeviceInfo("x", "x", kind=kind), caps, (), ControlCaps())


def test_gates_quote_the_declaration() -> None:
    """What excludes a requirement is quoted; what the device declares opens the gate."""
    feeder_only = DeviceCaps((FEEDER,), "Feeder")
    gate = REQUIREMENTS["SCAN-06"].gate
    assert gate is not None
    assert gate.missing(_facts()) is None
    assert gate.missing(_facts(feeder_only)) == "caps.sources: Feeder (feeder)"
    exclusive = REQUIREMENTS["LIFE-02"].gate
    assert exclusive is not None
    assert exclusive.missing(_facts(DeviceCaps((FEEDER,), "Feeder", exclusive=False))) == "caps.exclusive: False"
    camera = REQUIREMENTS["CAM-01"].gate
    assert camera is not None
    assert camera.missing(_facts(kind=DeviceKind.CAMERA)) is None
    assert "kind: scanner" in str(camera.missing(_facts()))


@pytest.mark.parametrize("requirement", [row.id for row in REQUIREMENTS.values() if row.gate is not None])
def test_each_gate_answers_for_a_bare_device(requirement: str) -> None:
    """No gate stumbles over a device that declares next to nothing, and each says what it needs."""
    gate = REQUIREMENTS[requirement].gate
    assert gate is not None
    answer = gate.missing(_facts(DeviceCaps((), "none", direct_open=False, exclusive=False)))
    assert answer
    assert gate.words
    assert SourceKind.CAMERA not in answer
