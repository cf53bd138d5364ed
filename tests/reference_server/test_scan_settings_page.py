"""The page about the settings of a scan names everything that there is."""

from __future__ import annotations

from pathlib import Path

from device_protocol.vocabularies.twain import CAP_KEYS, Cap
from reference_server.jobs.wishes import KEYS

PAGE = (Path(__file__).parents[2] / "docs/reference/scan-settings.md").read_text()


def test_every_key_and_capability_is_described() -> None:
    """Each key of config and each capability is on the page, the settable ones among the settable ones, and none that is not."""
    assert {key for key in KEYS if f"`{key}`" not in PAGE.lower()} == set()
    assert {cap.label for cap in Cap if cap.label not in PAGE} == set()
    settable, _, read_only = PAGE.partition("Only to be read:")
    assert {Cap(number).label for number in CAP_KEYS if Cap(number).label not in settable} == set()
    assert {cap.label for cap in Cap if cap not in CAP_KEYS and cap.label not in read_only} == set()
